/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a server lie: preloaded, the program takes the time to be SHIFT_CLOCK seconds later than it
 * is, or as many nanoseconds as the file SHIFT_CLOCK_FILE has as an int64_t, which may change. The
 * kernel's receive stamps, which know better, are refused to it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL

static const volatile int64_t *shared;

__attribute__((constructor)) static void share(void)
{
    const char *path = getenv("SHIFT_CLOCK_FILE");
    if (!path)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd >= 0 ? mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (map == MAP_FAILED) {
        perror(path);
        _exit(1);
    }
    close(fd);
    shared = map;
}

static int64_t shift_ns(void)
{
    const char *text = getenv("SHIFT_CLOCK");
    if (shared)
        return *shared;
    return text ? (int64_t)(strtod(text, NULL) * 1e9) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int (*real)(clockid_t, struct timespec *) =
        (int (*)(clockid_t, struct timespec *))(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, t);
    if (result == 0 && clock == CLOCK_REALTIME) {
        int64_t ns = t->tv_sec * NS_PER_S + t->tv_nsec + shift_ns();
        t->tv_sec = ns / NS_PER_S;
        t->tv_nsec = ns % NS_PER_S;
    }
    return result;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    struct timespec t;
    (void)tz;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return -1;
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    int (*real)(int, int, int, const void *, socklen_t) =
        (int (*)(int, int, int, const void *, socklen_t))(uintptr_t)dlsym(RTLD_NEXT, "setsockopt");
    if (level == SOL_SOCKET &&
        (name == SO_TIMESTAMP || name == SO_TIMESTAMPNS || name == SO_TIMESTAMPING)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return real(fd, level, name, value, len);
}
