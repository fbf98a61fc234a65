/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc-onebox [-x] [-v] [-f FILE] [--runtime-dir DIR]: the daemon with all its roles in one process
 * of one user, for simulators that are preloaded into a process and cannot follow a fork. Not for
 * use elsewhere: here nothing stands between the network and the clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/engine/daemon.h"
#include "client/ntsc/state_dir.h"
#include "client/shared/log.h"
#include "client/shared/runtime_path.h"
#include "tests/onebox/roles.h"

static int open_state(const struct plan *p)
{
    static const struct identity nobody_else = {.change = false};
    const char *path = conf_text(&p->conf, p->conf.statedir);
    char why[SAFE_DIR_WHY] = "";
    int fd = p->options.no_state || path[0] == 0 ? -1 : state_dir_open(path, &nobody_else, why);

    if (fd < 0 && path[0] != 0)
        log_warning("%s: %s: cookies are not kept", path, why);
    return fd;
}

/* Only where it is asked for: in a simulator nobody reads it. */
static int open_status(const char *path)
{
    char usual[256];

    runtime_path_default(usual, sizeof usual);
    return strcmp(path, usual) == 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int main(int argc, char **argv)
{
    static struct plan plan;
    static struct daemon daemon;
    struct engine *e = &daemon.engine;

    options_read(&plan.options, argc, argv);
    if (plan.options.mode != MODE_DAEMON || !plan_make(&plan))
        return EXIT_NO_ANSWER;
    plan_log(&plan);
    roles_begin(&plan, open_state(&plan), open_status(plan.options.runtime_dir));
    engine_receive_setup(e);
    engine_prepare(e, &pilot_policy);
    daemon_run(&daemon);
    engine_finish(e);
    return EXIT_FINE;
}
