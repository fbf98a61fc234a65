/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "client/shared/log.h"
#include "client/shared/sandbox.h"
#include "client/shared/sandbox_names.h"

bool sandbox_take_report(int fd, struct sandbox_report *r)
{
    return read(fd, r, sizeof *r) == (ssize_t)sizeof *r && r->process >= 0 &&
           r->process < SANDBOX_PROCESSES;
}

static const char *call_name(int32_t call)
{
    const char *name = sandbox_names;

    if (call < 0 || (unsigned)call >= sandbox_names_count)
        return "";
    for (; call > 0; call--)
        name += strlen(name) + 1;
    return name;
}

void sandbox_log_report(const struct sandbox_report *r)
{
    static const char *const processes[] = {
        [SANDBOX_NTSC] = "ntsc",
        [SANDBOX_STARTER] = "ntsc, the process that starts others,",
        [SANDBOX_ENGINE] = "ntsc-engine",
        [SANDBOX_KE] = "ntsc-ke",
    };
    const char *process = processes[r->process];

    if (r->call == SANDBOX_NO_RULES || r->call == SANDBOX_NO_FILTER) {
        log_warning("%s was ended: it could not confine itself by %s, which this kernel has; too "
                    "many layers of it around us, perhaps",
                    process, r->call == SANDBOX_NO_RULES ? "Landlock" : "seccomp");
        return;
    }
    log_warning("%s was ended: it may not make the system call %d (%s)", process, r->call,
                call_name(r->call));
}
