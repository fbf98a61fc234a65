/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc: reads the command line and the configuration, starts the engine and, at its request, key
 * exchanges, and changes the clock when the engine orders it within what was allowed. It parses
 * nothing that comes from the network.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/ntsc/children.h"
#include "client/ntsc/clock_set.h"
#include "client/ntsc/conf_check.h"
#include "client/ntsc/file_quota.h"
#include "client/ntsc/import_command.h"
#include "client/ntsc/import_file.h"
#include "client/ntsc/notify.h"
#include "client/ntsc/orders.h"
#include "client/ntsc/plan.h"
#include "client/ntsc/plugin_unknown.h"
#include "client/ntsc/runtime_dir.h"
#include "client/ntsc/sandbox_ntsc.h"
#include "client/ntsc/service.h"
#include "client/ntsc/set_note.h"
#include "client/ntsc/standard_fds.h"
#include "client/ntsc/starter.h"
#include "client/ntsc/state_dir.h"
#include "client/ntsc/supervise.h"
#include "client/ntsc/sync_flag.h"
#include "client/shared/log.h"
#include "client/shared/sandbox.h"
#include "client/shared/status_command.h"
#include "client/shared/terminal.h"

#define ALLOWANCE "allowance"

static bool changes_clock(const struct options *o)
{
    return o->mode == MODE_SET || (o->mode == MODE_DAEMON && !o->monitor_only);
}

static void check_right(const struct options *o)
{
    bool missing = clock_set_needs_right() && !privilege_may_set_clock();
    int error = missing ? EPERM : clock_set_allowed();

    if (error == 0)
        return;
    if (o->json)
        puts("{\"schema\":1,\"verdict\":\"no-right\",\"offset_s\":null,\"bound_s\":null,"
             "\"agreeing\":0,\"results\":[]}");
    log_warning("no right to set the clock (%s): run as root, or with CAP_SYS_TIME; in a container "
                "grant it that capability%s",
                strerror(error),
                o->mode == MODE_DAEMON ? "; with -x the clock is only watched" : "");
    exit(EXIT_NO_RIGHT);
}

/* What is less than it could be. Whoever asks once has -v for that. */
static void say_users(const struct plan *p, const struct identity *id)
{
    void (*say)(const char *, ...) __attribute__((format(printf, 1, 2))) =
        p->options.mode == MODE_DAEMON ? log_warning : log_detail;

    if (id->fallback)
        say("there is no user \"%s\": the engine runs as nobody, whom others may run as too",
            conf_text(&p->conf, p->conf.user));
    if (id->alone)
        log_detail("this user namespace has one user only: all processes run as it");
    else if (id->ke == KE_TRANSIENT)
        log_detail("there is no user \"%s\": ntsc-ke runs as user %u, whom nobody else is",
                   PRIVILEGE_KE_USER, (unsigned)id->ke_uid);
    else if (id->ke == KE_AS_ENGINE && changes_clock(&p->options))
        say("we may not become user \"%s\": ntsc-ke runs as the user who sets the clock, apart "
            "from it by filters alone (CAP_SETUID and CAP_SETGID are missing)",
            PRIVILEGE_KE_USER);
}

static struct identity find_identity(const struct plan *p)
{
    const char *user = conf_text(&p->conf, p->conf.user);
    struct identity id;

    privilege_identity(user, &id);
    if (p->options.starter_dir == NULL) /* else the units say so */
        say_users(p, &id);
    return id;
}

static int open_state(const struct plan *p, const struct identity *id)
{
    const char *path = conf_text(&p->conf, p->conf.statedir);
    char why[SAFE_DIR_WHY];
    int fd;

    if (p->options.no_state || path[0] == 0)
        return -1;
    fd = state_dir_open(path, id, why);
    if (fd < 0 && p->options.quiet)
        log_detail("%s: %s: cookies are not kept", path, why); /* all is well without, too */
    else if (fd < 0)
        log_warning("%s: %s: cookies are not kept", path, why);
    return fd;
}

/*
 * Where a manager starts us as the engine's user, the engine could write to our files: what counts
 * is then in memory that the manager holds from one start to the next.
 */
static int kept_allowance(void)
{
    int fd = notify_stored(ALLOWANCE);

    if (fd >= 0)
        return fd;
    fd = memfd_create(ALLOWANCE, MFD_CLOEXEC);
    if (fd < 0 || notify_store(ALLOWANCE, fd))
        return fd;
    close(fd);
    return -1;
}

/* The daemon's place in /run, and what it has used of its allowance since the machine started. */
static void open_runtime(struct orders *o, struct handles *h, const struct identity *id)
{
    const char *path = o->plan->options.runtime_dir;
    char why[SAFE_DIR_WHY];
    gid_t before = 0;
    bool foreign;
    int limit;

    h->status = runtime_dir_open(path, id, &before, why);
    if (h->status < 0) {
        log_warning("%s: %s: no status is shown", path, why);
        return;
    }
    limit = runtime_dir_lock(h->status, id, before, &foreign);
    if (limit < 0) {
        log_warning("%s: %s", path,
                    errno == EWOULDBLOCK ? "another ntsc is running already" : strerror(errno));
        exit(EXIT_NO_ANSWER);
    }
    h->lock = limit;
    clock_keeper_resume(&o->clock, kept_allowance(), limit);
    o->clock.note = h->status;
    if (foreign) {
        clock_limit_spent(&o->clock.limit);
        log_warning("%s: the allowance of steps there was another user's, who may have changed it: "
                    "no more steps until the machine has slept or been started again",
                    path);
    }
}

/* What only the daemon needs, and gets while it has all rights. */
static void open_daemon(struct orders *o, struct handles *h, const struct identity *id)
{
    notify_open();
    open_runtime(o, h, id);
    other_clocks_open(&o->clock.others);
    sync_flag_open(SYNC_FLAG_DIR);
}

static enum clock_mode clock_mode(const struct options *o)
{
    if (o->mode == MODE_SET)
        return CLOCK_MODE_ONESHOT;
    return changes_clock(o) ? CLOCK_MODE_DAEMON : CLOCK_MODE_NONE;
}

static bool shows_results(const struct options *o)
{
    return !o->json && !o->quiet && !options_plugin(o);
}

/* Said when it failed. */
static bool begin_starter(struct starter *s, const struct options *o, const struct identity *id,
                          const struct handles *h)
{
    int error;

    if (o->starter_dir != NULL) {
        error = starter_connect(s, o->starter_dir, h);
        if (error != 0)
            log_warning("%s: nobody starts a process for us there: %s", o->starter_dir,
                        strerror(error));
        return error == 0;
    }
    error = starter_begin(s, id, h, o->mode == MODE_DAEMON ? STARTER_KE_AT_ONCE : SERVERS_MAX);
    if (error != 0)
        log_warning("cannot start a process: %s", strerror(error));
    return error == 0;
}

/* From here on we are as weak as the children, but for the clock. */
static bool give_up_rights(const struct plan *p, const struct identity *id, const struct handles *h,
                           int report)
{
    bool daemon = p->options.mode == MODE_DAEMON;
    int error = privilege_keep_clock(id, changes_clock(&p->options) && clock_set_needs_right());
    unsigned missing;

    if (error != 0) {
        log_warning("cannot give up rights: %s", strerror(error));
        return false;
    }
    file_quota_open(h->state, h->status);
    missing = sandbox_ntsc_enter(sync_flag_place(), report);
    if ((missing & SANDBOX_BROKEN) != 0) {
        log_warning("cannot confine ourselves by Landlock and seccomp, which this kernel has: too "
                    "many layers of them around us, perhaps");
        return false;
    }
    if (daemon)
        sandbox_ntsc_warn(missing);
    return true;
}

static int run(struct orders *o, struct plan *p)
{
    return p->options.mode == MODE_DAEMON ? service_run(o, p) : supervise(o);
}

/* The status is the engine's word: it is read without the rights that the engine has not. */
static int show_status(const struct options *o)
{
    return privilege_drop_to(CONF_USER_DEFAULT) ? status_command(o) : EXIT_NO_ANSWER;
}

static int import(const struct options *o)
{
    FILE *f = fopen(o->import, "re");
    int status = EXIT_NO_ANSWER;
    unsigned servers;

    if (f == NULL) {
        log_warning("%s: %s", o->import, strerror(errno));
        return status;
    }
    if (o->output != NULL)
        status = import_file(f, o->import, o->output);
    else if (privilege_drop_to(CONF_USER_DEFAULT))
        status = import_command(f, o->import, stdout, &servers);
    fclose(f);
    return status;
}

int main(int argc, char **argv)
{
    static struct plan plan;
    struct handles handles = {.state = -1, .status = -1, .lock = -1};
    struct starter starter;
    struct orders orders = {.plan = &plan, .handles = &handles, .starter = &starter, .status = -1};
    struct identity id;
    int status;

    standard_fds_begin();
    sandbox_exclude_memory();
    options_read(&plan.options, argc, argv);
    if (plan.options.mode == MODE_INFO || plan.options.mode == MODE_WAIT)
        return show_status(&plan.options);
    if (plan.options.mode == MODE_IMPORT)
        return import(&plan.options);
    if (!plan_make(&plan))
        return EXIT_NO_ANSWER;
    if (plan.options.mode == MODE_CONFIGURATION)
        return plan_print(&plan) == EXIT_FINE && conf_check(&plan) ? EXIT_FINE : EXIT_NO_ANSWER;
    plan_log(&plan);
    plan.options.live = isatty(STDOUT_FILENO) == 1;
    plan.options.columns = terminal_width();
    if (changes_clock(&plan.options))
        check_right(&plan.options);
    id = find_identity(&plan);
    clock_keeper_init(&orders.clock, clock_mode(&plan.options), &plan.conf);
    handles.state = open_state(&plan, &id);
    if (plan.options.mode == MODE_DAEMON)
        open_daemon(&orders, &handles, &id);
    if (plan.options.mode == MODE_SET)
        orders.clock.note = set_note_make(plan.options.runtime_dir);
    ca_files_open(&handles.ca, &plan);
    if (plan.options.mode != MODE_DAEMON && plan.options.live && shows_results(&plan.options))
        signal(SIGINT, SIG_IGN); /* the engine, which gets it too, then tells what it knows */
    children_expect(plan.options.mode != MODE_DAEMON);
    if (!begin_starter(&starter, &plan.options, &id, &handles))
        return plan.options.mode == MODE_DAEMON ? EXIT_BROKE : EXIT_NO_ANSWER;
    status =
        give_up_rights(&plan, &id, &handles, starter.report) ? run(&orders, &plan) : EXIT_NO_ANSWER;
    children_bury(&starter);
    ca_files_close(&handles.ca);
    if (!plugin_unknown_is_due())
        children_take_leave();
    return status;
}
