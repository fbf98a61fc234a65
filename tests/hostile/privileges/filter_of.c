/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_of PID: the system calls that the filters of a running process allow, as the kernel has
 * them: each filter is run for each call. A name followed by * is allowed with certain arguments.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "client/shared/sandbox_names.h"

#define FILTERS_MAX 8
#define CODE_MAX    4096

static struct {
    struct sock_filter code[CODE_MAX];
    long n;
} filters[FILTERS_MAX];

enum answer { NO, ARGUMENTS, YES };

/* The accumulator at a comparison comes from the call's number or its arguments. */
static enum answer run(const struct sock_filter *code, long n, uint32_t arch, uint32_t call)
{
    uint32_t a = 0;

    for (long pc = 0; pc < n; pc++) {
        const struct sock_filter *i = &code[pc];

        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (i->k >= offsetof(struct seccomp_data, args))
                return ARGUMENTS;
            a = i->k == offsetof(struct seccomp_data, nr) ? call : arch;
            break;
        case BPF_JMP | BPF_JA:
            pc += i->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            pc += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            pc += a > i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            pc += a >= i->k ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k == SECCOMP_RET_ALLOW ? YES : NO;
        default:
            fprintf(stderr, "filter_of: instruction 0x%x\n", i->code);
            exit(1);
        }
    }
    exit(1);
}

/* The architecture that the first filter asks for. */
static uint32_t architecture(void)
{
    for (long i = 0; i + 1 < filters[0].n; i++)
        if (filters[0].code[i].code == (BPF_LD | BPF_W | BPF_ABS) &&
            filters[0].code[i].k == offsetof(struct seccomp_data, arch))
            return filters[0].code[i + 1].k;
    exit(1);
}

static unsigned read_filters(pid_t pid)
{
    unsigned n = 0;
    int status;

    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0 ||
        waitpid(pid, &status, 0) != pid) {
        perror("filter_of: ptrace");
        exit(errno == EPERM ? 77 : 1);
    }
    while (n < FILTERS_MAX &&
           (filters[n].n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, n, filters[n].code)) > 0)
        n++;
    if (n == 0) {
        perror("filter_of: PTRACE_SECCOMP_GET_FILTER");
        exit(errno == ENOENT ? 1 : 77); /* a kernel without it */
    }
    (void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return n;
}

int main(int argc, char **argv)
{
    unsigned n = argc == 2 ? read_filters(atoi(argv[1])) : 0;
    uint32_t arch = n > 0 ? architecture() : 0;
    const char *name = sandbox_names;

    for (unsigned call = 0; n > 0 && call < sandbox_names_count; call++) {
        enum answer all = YES;

        for (unsigned i = 0; i < n; i++) {
            enum answer one = run(filters[i].code, filters[i].n, arch, call);

            all = one < all ? one : all;
        }
        if (all != NO && name[0] != 0)
            printf("%s%s\n", name, all == YES ? "" : "*");
        name += strlen(name) + 1;
    }
    return n > 0 ? 0 : 2;
}
