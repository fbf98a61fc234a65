/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox_compile PROCESS [--arch NAME] [--sanitized] [--musl] [--list] [--with CALL] [--without
 * CALL]: makes of sandbox_table.c the seccomp filter of a process, as C source on standard output.
 * Runs at build time, so that no process has to link libseccomp and to compile its filter at each
 * start.
 *
 * With --list it prints instead what the filter lets pass: a call, the errno that it gives where it
 * is not made, and the bits that an argument has to have ("2&0x4=0x0": argument 2 without 0x4).
 *
 * sandbox_compile names [--arch NAME]: the names of the architecture's system calls, in the order
 * of their numbers and without one where there is none.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/shared/sandbox_table.h"

/* Above all numbers in use (those of MIPS begin at 4000) but those that ARM has for itself. */
#define CALLS_END  8192
#define CALLS_MIPS 4000
/* Of Linux 5.17, the newest that the table has judged; all architectures but MIPS count alike
   there. What came after it is the same whatever libseccomp this is built with. */
#define CALLS_JUDGED 450
#define CALLS_ARM    0x0f0000 /* __ARM_NR_BASE, arch/arm/include/uapi/asm/unistd.h */
#define API_LEVEL    4        /* with SCMP_ACT_KILL_PROCESS: seccomp_api_get(3) */
#define FILTER_MAX   4096     /* the kernel's own limit (BPF_MAXINSNS) */
#define CHANGES_MAX  16

static const struct {
    const char *name;
    unsigned who;
} processes[] = {
    {"ntsc", NTSC}, {"starter", STARTER | ENGINE | KE}, {"engine", ENGINE}, {"ke", KE}};

#define PROCESSES (sizeof processes / sizeof *processes)

struct job {
    const char *name;
    unsigned who;
    uint32_t arch;
    bool sanitized, musl, list;
    const char *with[CHANGES_MAX], *without[CHANGES_MAX];
    unsigned n_with, n_without;
};

static _Noreturn void give_up(const char *what, int error)
{
    fprintf(stderr, "sandbox_compile: %s: %s\n", what, strerror(error));
    exit(1);
}

/* s390 has these arguments elsewhere: clone's flags come second, mmap's lie in memory. */
static bool other_arguments(const struct job *j, const struct sandbox_row *row)
{
    return (j->arch == SCMP_ARCH_S390 || j->arch == SCMP_ARCH_S390X) &&
           (strcmp(row->call, "clone") == 0 || strncmp(row->call, "mmap", 4) == 0);
}

/* Higher halves of 64-bit registers say nothing: the kernel takes an int from the lower one. */
static unsigned make_checks(const struct job *j, const struct sandbox_row *row,
                            struct scmp_arg_cmp checks[SANDBOX_CHECKS])
{
    unsigned n = 0;

    if (other_arguments(j, row))
        return 0;
    for (unsigned i = 0; i < SANDBOX_CHECKS && row->check[i].mask != 0; i++) {
        const struct sandbox_check *c = &row->check[i];

        if (c->unlike)
            checks[n++] =
                (struct scmp_arg_cmp){.arg = c->arg, .op = SCMP_CMP_NE, .datum_a = c->value};
        else
            checks[n++] = SCMP_CMP(c->arg, SCMP_CMP_MASKED_EQ, c->mask, c->value);
    }
    return n;
}

static void list(const struct job *j, const struct sandbox_row *row, bool refuse)
{
    printf("%s %s", j->name, row->call);
    for (unsigned i = 0; !other_arguments(j, row) && i < SANDBOX_CHECKS && row->check[i].mask != 0;
         i++)
        printf(" %u&0x%x%s0x%x", row->check[i].arg, row->check[i].mask,
               row->check[i].unlike ? "!=" : "=", row->check[i].value);
    if (refuse)
        printf(" gives errno %d", row->refuse);
    putchar('\n');
}

static void add(scmp_filter_ctx filter, const struct job *j, const struct sandbox_row *row)
{
    struct scmp_arg_cmp checks[SANDBOX_CHECKS];
    /* What another process inherits it refuses itself. */
    bool inherited = (j->who & STARTER) != 0 && (row->who & STARTER) == 0;
    bool refuse = row->refuse != 0 && !inherited;
    uint32_t action = refuse ? SCMP_ACT_ERRNO((uint16_t)row->refuse) : SCMP_ACT_ALLOW;
    int call = seccomp_syscall_resolve_name_rewrite(j->arch, row->call), error;

    if (call < 0 && seccomp_syscall_resolve_name(row->call) == __NR_SCMP_ERROR)
        give_up(row->call, ENOENT);
    if (call < 0)
        return; /* not on this architecture */
    if (j->list) {
        list(j, row, refuse);
        return;
    }
    error = seccomp_rule_add_array(filter, action, seccomp_syscall_resolve_name(row->call),
                                   make_checks(j, row, checks), checks);
    if (error != 0)
        give_up(row->call, -error);
}

static bool is_among(const char *call, const char *const *calls, unsigned n)
{
    while (n > 0 && strcmp(calls[n - 1], call) != 0)
        n--;
    return n > 0;
}

static scmp_filter_ctx compile(const struct job *j)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int error = filter == NULL ? -ENOMEM : 0;

    if (error == 0 && j->arch != seccomp_arch_native()) {
        /* First, because all architectures of one filter have the same byte order. */
        error = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE);
        if (error == 0)
            error = seccomp_arch_add(filter, j->arch);
    }
    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error != 0)
        give_up(j->name, -error);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (unsigned i = 0; i < sandbox_table_rows; i++) {
        const struct sandbox_row *row = &sandbox_table[i];

        if (((row->who & j->who) != 0 || (j->sanitized && (row->who & SANITIZED) != 0)) &&
            ((row->who & MUSL) == 0 || j->musl) && !is_among(row->call, j->without, j->n_without))
            add(filter, j, row);
    }
    for (unsigned i = 0; i < j->n_with; i++)
        add(filter, j, &(struct sandbox_row){.call = j->with[i]});
    return filter;
}

/* An architecture of the other byte order gets its filter in that: what a load begins with tells.
 */
static void to_this_order(struct sock_filter *code, size_t n)
{
    if (n == 0 || code[0].code == (BPF_LD | BPF_W | BPF_ABS))
        return;
    for (size_t i = 0; i < n; i++) {
        code[i].code = __builtin_bswap16(code[i].code);
        code[i].k = __builtin_bswap32(code[i].k);
    }
}

static void print_code(const struct sock_filter *code, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("    {0x%02x, %u, %u, 0x%08x},\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
}

static unsigned highest_call(uint32_t arch)
{
    unsigned highest = 0;

    for (unsigned i = 0; i < CALLS_END; i++) {
        char *name = seccomp_syscall_resolve_num_arch(arch, (int)i);

        if (name != NULL)
            highest = i;
        free(name);
    }
    return highest > CALLS_JUDGED && highest < CALLS_MIPS ? CALLS_JUDGED : highest;
}

/*
 * Calls that are newer than this build give ENOSYS, as they do on an older kernel: the next libc
 * may try them before it takes what it used to.
 */
static size_t print_newer(const struct job *j)
{
    const struct sock_filter newer[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest_call(j->arch), 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, j->arch == SCMP_ARCH_ARM ? CALLS_ARM : UINT32_MAX, 1,
                 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};
    size_t n = j->arch == SCMP_ARCH_X32 ? 0 : sizeof newer / sizeof *newer;

    print_code(newer, n);
    return n;
}

static void print(const struct job *j, scmp_filter_ctx filter)
{
    static struct sock_filter code[FILTER_MAX];
    FILE *f = tmpfile();
    size_t n_newer, n;

    if (f == NULL)
        give_up("temporary file", errno);
    if (seccomp_export_bpf(filter, fileno(f)) != 0)
        give_up("export", EIO);
    (void)lseek(fileno(f), 0, SEEK_SET);
    n = fread(code, sizeof *code, FILTER_MAX, f);
    fclose(f);
    to_this_order(code, n);
    printf("/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
           "/* Made by sandbox_compile from client/shared/sandbox_table.c. */\n"
           "#include \"client/shared/sandbox.h\"\n\n"
           "const struct sock_filter sandbox_%s[] = {\n",
           j->name);
    n_newer = print_newer(j);
    print_code(code, n);
    printf("};\n\nconst unsigned short sandbox_%s_len = %zu;\n", j->name, n_newer + n);
}

static void print_names(const struct job *j)
{
    unsigned last = 0;

    printf("/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
           "/* Made by sandbox_compile. */\n"
           "#include \"client/shared/sandbox_names.h\"\n\n"
           "const char sandbox_names[] =\n");
    for (unsigned i = 0; i < CALLS_END; i++) {
        char *name = seccomp_syscall_resolve_num_arch(j->arch, (int)i);

        if (name == NULL)
            continue;
        printf("    \"");
        for (; last < i; last++)
            printf("\\0");
        printf("%s\"\n", name);
        free(name);
    }
    printf("    \"\\0\";\n\nconst unsigned sandbox_names_count = %u;\n", last + 1);
}

static void read_options(struct job *j, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        bool has_value = i + 1 < argc;

        if (strcmp(argv[i], "--sanitized") == 0)
            j->sanitized = true;
        else if (strcmp(argv[i], "--musl") == 0)
            j->musl = true;
        else if (strcmp(argv[i], "--list") == 0)
            j->list = true;
        else if (strcmp(argv[i], "--arch") == 0 && has_value)
            j->arch = seccomp_arch_resolve_name(argv[++i]);
        else if (strcmp(argv[i], "--with") == 0 && has_value && j->n_with < CHANGES_MAX)
            j->with[j->n_with++] = argv[++i];
        else if (strcmp(argv[i], "--without") == 0 && has_value && j->n_without < CHANGES_MAX)
            j->without[j->n_without++] = argv[++i];
        else
            give_up(argv[i], EINVAL);
    }
    if (j->arch == 0)
        give_up("--arch", EINVAL);
}

int main(int argc, char **argv)
{
    struct job j;
    scmp_filter_ctx filter;

    /* What libseccomp may use: it would ask this machine's kernel, which may be emulated. */
    if (seccomp_api_set(API_LEVEL) != 0)
        give_up("libseccomp's level", EINVAL);
    j = (struct job){.arch = seccomp_arch_native()};

    if (argc > 1 && strcmp(argv[1], "names") == 0) {
        read_options(&j, argc, argv);
        print_names(&j);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < PROCESSES; i++) {
        if (strcmp(argv[1], processes[i].name) != 0)
            continue;
        j.name = processes[i].name;
        j.who = processes[i].who;
    }
    if (j.name == NULL)
        give_up(argc > 1 ? argv[1] : "no process", EINVAL);
    read_options(&j, argc, argv);
    filter = compile(&j);
    if (!j.list)
        print(&j, filter);
    seccomp_release(filter);
    return 0;
}
