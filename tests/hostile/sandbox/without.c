/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without landlock|both PROGRAM [ARGUMENT...]: executes it as if the kernel had no Landlock, or
 * neither that nor filters of system calls.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool hide(scmp_filter_ctx filter, bool both)
{
    static const int landlock[] = {SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule),
                                   SCMP_SYS(landlock_restrict_self)};

    for (size_t i = 0; i < sizeof landlock / sizeof *landlock; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), landlock[i], 0) != 0)
            return false;
    return !both || seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                     SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) == 0;
}

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    /* Whoever starts it has all rights; the program is to have them too. */
    if (argc < 3 || filter == NULL || seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) != 0 ||
        !hide(filter, strcmp(argv[1], "both") == 0) || seccomp_load(filter) != 0) {
        fprintf(stderr, "without: cannot be\n");
        return 99;
    }
    seccomp_release(filter);
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 99;
}
