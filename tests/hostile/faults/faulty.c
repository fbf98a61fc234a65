/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of ntsc-engine or ntsc-ke: starts the real one, which lies in real/ beside it, with
 * the shim and the page of this directory. ntsc gives its programs no environment.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char self[PATH_MAX], preload[PATH_MAX + 32], page[PATH_MAX + 32], real[PATH_MAX + 32];
    char *environment[] = {preload, page, "ASAN_OPTIONS=verify_asan_link_order=0", NULL};
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *name;

    (void)argc;
    if (n <= 0)
        return 99;
    self[n] = 0;
    name = strrchr(self, '/');
    *name++ = 0;
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s/shim.so", self);
    snprintf(page, sizeof page, "FAULT_PAGE=%s/page", self);
    snprintf(real, sizeof real, "%s/real/%s", self, name);
    execve(real, argv, environment);
    return 99;
}
