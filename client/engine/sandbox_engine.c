/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/sandbox_engine.h"

#include <stddef.h>
#include <time.h>

#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"

void sandbox_engine_enter(int state_dir, int status_dir)
{
    struct sandbox_files f;

    /* Even gmtime_r() reads /etc/localtime when it is called for the first time. */
    tzset();
    sandbox_files_begin(&f);
    sandbox_files_keep(&f, state_dir);
    sandbox_files_keep(&f, status_dir);
    sandbox_files_enforce(&f);
    sandbox_limit(RLIMIT_NPROC, 0);
    (void)sandbox_filter(SANDBOX_ENGINE, SANDBOX_REPORT_FD, sandbox_engine, sandbox_engine_len);
}
