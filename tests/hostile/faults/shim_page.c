/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps the page, by functions that have no wrapper; notes by which signal the process dies. */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

int __close(int fd);
int __sigaction(int number, const struct sigaction *new, struct sigaction *old);

struct fault_page *fault_page;
unsigned fault_program;

/* Where the process was when it stumbled; NULL where this is not known. */
static void *place(const ucontext_t *context)
{
#if defined __x86_64__
    return (void *)(uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return (void *)(uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return NULL;
#endif
}

static void crashed(int number, siginfo_t *info, void *context)
{
    Dl_info where;

    (void)info;
    fault_page->crashed = (uint32_t)number;
    fault_page->in_libc = number == SIGSEGV && dladdr(place(context), &where) != 0 &&
                          strstr(where.dli_fname, "/libc.so") != NULL;
}

void *fault_find(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void map_page(void)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    const char *path = secure_getenv("FAULT_PAGE");
    struct sigaction action = {.sa_sigaction = crashed, .sa_flags = (int)SA_RESETHAND | SA_SIGINFO};
    struct fault_page *page;
    int fd = path == NULL ? -1 : open64(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    page = mmap64(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    __close(fd);
    if (page == MAP_FAILED)
        return;
    for (unsigned i = 0; i < FAULT_PROGRAMS; i++) {
        if (strncmp(page->programs[i], program_invocation_short_name, FAULT_NAME - 1) != 0)
            continue;
        fault_program = i;
        fault_page = page;
        for (size_t k = 0; k < sizeof deadly / sizeof *deadly; k++)
            (void)__sigaction(deadly[k], &action, NULL);
    }
}
