/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc: reads the command line and the configuration, starts the engine and, at its request,
 * key exchanges, and sets the clock when the engine orders it within what was asked for. It parses
 * nothing that comes from the network.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/clock_set.h"
#include "client/ipc.h"
#include "client/options.h"
#include "client/plan.h"
#include "client/privilege.h"
#include "client/spawn.h"
#include "client/state_dir.h"
#include "client/supervise.h"

static void check_right(const struct options *o)
{
    int error = privilege_may_set_clock() ? clock_set_allowed() : EPERM;

    if (error == 0)
        return;
    if (o->json)
        puts("{\"schema\":1,\"verdict\":\"no-right\",\"offset_s\":null,\"bound_s\":null,"
             "\"agreeing\":0,\"results\":[]}");
    fprintf(stderr,
            "ntsc: no right to set the clock (%s): run as root, or with CAP_SYS_TIME; in a "
            "container grant it that capability\n",
            strerror(error));
    exit(EXIT_NO_RIGHT);
}

static struct identity find_identity(const struct plan *p)
{
    const char *user = conf_text(&p->conf, p->conf.user);
    struct identity id;

    privilege_identity(user, &id);
    if (id.fallback && p->options.verbose)
        fprintf(stderr, "ntsc: there is no user \"%s\": the engine runs as nobody\n", user);
    return id;
}

static int open_state(const struct plan *p, const struct identity *id)
{
    const char *path = conf_text(&p->conf, p->conf.statedir);
    int fd;

    if (p->options.no_state || path[0] == 0)
        return -1;
    fd = state_dir_open(path, id);
    if (fd < 0)
        fprintf(stderr, "ntsc: %s: %s: cookies are not kept\n", path, strerror(errno));
    return fd;
}

static _Noreturn void cannot(const char *what, int error)
{
    fprintf(stderr, "ntsc: %s: %s\n", what, strerror(error));
    exit(EXIT_NO_ANSWER);
}

int main(int argc, char **argv)
{
    static struct plan plan;
    bool set;
    struct identity id;
    int pair[2], state, error;
    pid_t engine;

    options_read(&plan.options, argc, argv);
    plan_make(&plan);
    set = plan.options.mode == MODE_SET;
    if (set)
        check_right(&plan.options);
    id = find_identity(&plan);
    state = open_state(&plan, &id);
    spawn_prepare();
    /* Children are not waited for: the end of their socket tells. */
    signal(SIGCHLD, SIG_IGN);
    if ((error = ipc_pair(pair)) != 0)
        cannot("socketpair", error);
    engine = spawn("ntsc-engine", &id, pair[1], state);
    if (engine < 0)
        cannot("fork", errno);
    close(pair[1]);
    if ((error = privilege_keep_clock(&id, set)) != 0) {
        kill(engine, SIGKILL);
        cannot("cannot give up rights", error);
    }
    /* From here on we are as weak as the children, but for the clock. */
    id.change = false;
    return supervise(&plan, &id, engine, pair[0], state >= 0);
}
