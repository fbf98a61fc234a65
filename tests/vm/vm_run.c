/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a command with less: vm_run [-t] [-u UID] COMMAND [ARGUMENT ...]; linked statically.
 * -t takes CAP_SYS_TIME from the bounding set, so that even root's next program lacks it. */
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(126);
}

int main(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "+tu:")) != -1) {
        if (option == 't') {
            if (prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0) != 0)
                fail("vm_run: bounding set");
        } else if (option == 'u') {
            uid_t uid = (uid_t)atoi(optarg);

            if (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0)
                fail("vm_run: user");
        } else {
            return 126;
        }
    }
    if (optind >= argc) {
        fprintf(stderr, "usage: vm_run [-t] [-u UID] COMMAND [ARGUMENT ...]\n");
        return 126;
    }
    execvp(argv[optind], argv + optind);
    fail(argv[optind]);
}
