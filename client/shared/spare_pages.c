/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/spare_pages.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Deeper than any call here goes; far below a stack nothing else is mapped. */
#define STACK_USED 65536
/* What the calls below still use of the stack. */
#define OWN_FRAMES 1024

static uintptr_t page_size(void)
{
    return (uintptr_t)sysconf(_SC_PAGESIZE);
}

static int release(struct dl_phdr_info *object, size_t size, void *arg)
{
    uintptr_t page = page_size();

    (void)size, (void)arg;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &object->dlpi_phdr[i];
        uintptr_t begin = (object->dlpi_addr + p->p_vaddr) & ~(page - 1);
        uintptr_t end = object->dlpi_addr + p->p_vaddr + p->p_memsz;

        /* What was writable once, for relocations, is no longer what the file has. */
        if (p->p_type == PT_LOAD && (p->p_flags & PF_W) == 0)
            (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

void spare_pages_release(void)
{
    /* Not the address of a variable: what detects its use after return may keep it elsewhere. */
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t end = (here - OWN_FRAMES) & ~(page_size() - 1);

    (void)dl_iterate_phdr(release, NULL);
    (void)madvise((void *)(end - STACK_USED), STACK_USED, MADV_DONTNEED);
}
