/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules PROCESS: the files and ports that its sandbox asks Landlock for, and its limits. */
#include <stdio.h>
#include <string.h>

#include "client/engine/sandbox_engine.h"
#include "client/ke/sandbox_ke.h"
#include "client/ntsc/sandbox_ntsc.h"
#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"

#define STATE_FD  4
#define STATUS_FD 5
#define FLAG_FD   6

/* In the place of what would apply it: */

int sandbox_files_version(void)
{
    return 1;
}

void sandbox_files_begin(struct sandbox_files *f)
{
    f->ruleset = 0;
}

void sandbox_files_read(const struct sandbox_files *f, const char *path)
{
    (void)f;
    printf("reads %s\n", path);
}

void sandbox_files_read_links(const struct sandbox_files *f, const char *path,
                              const char *const *known, size_t n)
{
    (void)f;
    (void)known;
    (void)n;
    printf("reads what links in %s lead to\n", path);
}

void sandbox_files_keep(const struct sandbox_files *f, int fd)
{
    static const char *const names[] = {[STATE_FD] = "the state directory",
                                        [STATUS_FD] = "the status directory",
                                        [FLAG_FD] = "/run/systemd/timesync"};

    (void)f;
    if (fd >= 0)
        printf("writes below %s\n", names[fd]);
}

void sandbox_files_connect(const struct sandbox_files *f, uint16_t port)
{
    (void)f;
    printf("connects to TCP port %u\n", port);
}

enum sandbox_result sandbox_files_enforce(struct sandbox_files *f)
{
    (void)f;
    return SANDBOX_HOLDS;
}

void sandbox_end_unless(enum sandbox_process process, int fd, enum sandbox_result rules,
                        enum sandbox_result filter)
{
    (void)process, (void)fd, (void)rules, (void)filter;
}

void sandbox_close_memory(void)
{
}

void sandbox_limit(int resource, rlim_t limit)
{
    static const struct {
        int resource;
        const char *name;
    } names[] = {{RLIMIT_AS, "octets of addresses"},
                 {RLIMIT_CPU, "seconds of CPU time"},
                 {RLIMIT_NOFILE, "descriptors"},
                 {RLIMIT_FSIZE, "octets of a file"},
                 {RLIMIT_NPROC, "new processes"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].resource == resource)
            printf("at most %llu %s\n", (unsigned long long)limit, names[i].name);
}

bool sandbox_watch(enum sandbox_process process, int fd)
{
    (void)process, (void)fd;
    return true;
}

enum sandbox_result sandbox_filter(enum sandbox_process process, int fd,
                                   const struct sock_filter *filter, unsigned short len)
{
    (void)process, (void)fd, (void)filter, (void)len;
    return SANDBOX_HOLDS;
}

int main(int argc, char **argv)
{
    static const struct msg_ke_request request = {.port = 4460, .ca = "(the CA of the request)"};

    if (argc == 2 && strcmp(argv[1], "ntsc") == 0)
        (void)sandbox_ntsc_enter(FLAG_FD, -1);
    else if (argc == 2 && strcmp(argv[1], "ntsc-engine") == 0)
        sandbox_engine_enter(STATE_FD, STATUS_FD);
    else if (argc == 2 && strcmp(argv[1], "ntsc-ke") == 0)
        sandbox_ke_enter(&request);
    return 0;
}
