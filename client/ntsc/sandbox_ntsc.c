/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/sandbox_ntsc.h"

#include <stddef.h>

#include "client/shared/log.h"
#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"

unsigned sandbox_ntsc_enter(int dir, int report)
{
    enum sandbox_result rules, filter;
    struct sandbox_files f;
    unsigned missing = 0;

    sandbox_close_memory();
    sandbox_files_begin(&f);
    /* The configuration is read again, wherever it is. */
    sandbox_files_read(&f, "/");
    sandbox_files_keep(&f, dir);
    rules = sandbox_files_enforce(&f);
    filter = sandbox_filter(SANDBOX_NTSC, report, sandbox_ntsc, sandbox_ntsc_len);
    if (rules == SANDBOX_ABSENT)
        missing |= SANDBOX_NO_LANDLOCK;
    if (filter == SANDBOX_ABSENT)
        missing |= SANDBOX_NO_FILTERS;
    if (rules == SANDBOX_FAILED || filter == SANDBOX_FAILED)
        missing |= SANDBOX_BROKEN;
    return missing;
}

void sandbox_ntsc_warn(unsigned missing)
{
    static const char *const what[] = {
        [SANDBOX_NO_FILTERS] = "filters of system calls (seccomp)",
        [SANDBOX_NO_LANDLOCK] = "rules for files (Landlock)",
        [SANDBOX_NO_FILTERS | SANDBOX_NO_LANDLOCK] =
            "filters of system calls (seccomp) and rules for files (Landlock)",
    };

    if (missing != 0)
        log_warning("this kernel does not let us have %s: %s hold the "
                    "processes",
                    what[missing],
                    missing == (SANDBOX_NO_FILTERS | SANDBOX_NO_LANDLOCK)
                        ? "the rights of their user alone"
                        : "the rest and the rights of their user");
}
