/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/startup_pages.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int release(struct dl_phdr_info *object, size_t size, void *arg)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

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

void startup_pages_release(void)
{
    (void)dl_iterate_phdr(release, NULL);
}
