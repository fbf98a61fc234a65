/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/other_clocks.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/shared/clocks.h"

/* Nobody has more of them. */
#define CLOCKS_MAX 8

/* clock_gettime(2) of a descriptor, as linux/posix-timers.h makes its number (CLOCKFD is 3). */
#define FD_CLOCK(fd) ((clockid_t)(~(unsigned)(fd) << 3 | 3))

/* The host's time is read through its hypervisor: no slower than this. */
#define HOST_READING_NS 10000000

void other_clocks_none(struct other_clocks *c)
{
    *c = (struct other_clocks){.battery = -1, .host = -1};
}

/* What a small file says, without line end; false: nothing. */
static bool read_text(const char *path, char *buf, size_t n)
{
    FILE *f = fopen(path, "re");
    bool good = f != NULL && fgets(buf, (int)n, f) != NULL;

    if (f != NULL)
        fclose(f);
    if (good)
        buf[strcspn(buf, "\n")] = 0;
    return good;
}

/* Whole seconds since 1970; false: not to be read now. */
static bool read_battery(int fd, int64_t *s)
{
    char text[32], *end;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    if (n <= 0)
        return false;
    text[n] = 0;
    *s = strtoll(text, &end, 10);
    return end != text && *end == '\n' && *s > 0 && *s < INT64_MAX / NS_PER_S - 1;
}

/* The one from which the kernel took its time, else the first that can be read. */
static int open_battery(void)
{
    int found = -1;

    for (int i = 0; i < CLOCKS_MAX; i++) {
        char path[64], word[8];
        int64_t s;
        int fd;

        snprintf(path, sizeof path, "/sys/class/rtc/rtc%d/since_epoch", i);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && !read_battery(fd, &s)) {
            close(fd);
            continue;
        }
        snprintf(path, sizeof path, "/sys/class/rtc/rtc%d/hctosys", i);
        if (fd >= 0 && found >= 0 && !(read_text(path, word, sizeof word) && word[0] == '1')) {
            close(fd);
        } else if (fd >= 0) {
            if (found >= 0)
                close(found);
            found = fd;
        }
    }
    return found;
}

/* Those that show the host's UTC, by the names that their drivers give them. */
static bool is_host(const char *name)
{
    static const char *const names[] = {"KVM virtual PTP", "vmclock", "hyperv"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int open_host(void)
{
    for (int i = 0; i < CLOCKS_MAX; i++) {
        char path[64], name[64];
        int fd;

        snprintf(path, sizeof path, "/sys/class/ptp/ptp%d/clock_name", i);
        if (!read_text(path, name, sizeof name) || !is_host(name))
            continue;
        snprintf(path, sizeof path, "/dev/ptp%d", i);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

/* A processor that says so (x86), or a clock source of a hypervisor's. */
static bool is_virtual(void)
{
    char line[4096];
    FILE *f = fopen("/proc/cpuinfo", "re");
    bool found = false;

    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor") != NULL;
    if (f != NULL)
        fclose(f);
    return found || access("/sys/hypervisor/type", F_OK) == 0 ||
           access("/proc/device-tree/hypervisor", F_OK) == 0;
}

void other_clocks_open(struct other_clocks *c)
{
    c->battery = open_battery();
    c->host = open_host();
    c->may_be_paused = is_virtual() || c->host >= 0;
}

void other_clocks_read(const struct other_clocks *c, struct witness_look *look)
{
    struct timespec t;
    int64_t s;

    look->has_battery = c->battery >= 0 && read_battery(c->battery, &s);
    if (look->has_battery)
        look->battery = (struct witness_span){s * NS_PER_S, (s + 1) * NS_PER_S};
    look->has_host = c->host >= 0 && clock_gettime(FD_CLOCK(c->host), &t) == 0 && t.tv_sec > 0 &&
                     t.tv_sec < INT64_MAX / NS_PER_S - 1;
    if (look->has_host) {
        int64_t ns = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;

        look->host = (struct witness_span){ns - HOST_READING_NS, ns + HOST_READING_NS};
    }
}
