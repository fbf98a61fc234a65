/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/children.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/shared/clocks.h"

/* The starter gives all others 2 s (starter_place.c), and needs a moment for itself. */
#define BURY_MS 3000

/* How often is looked where no descriptor tells of a child's end. */
#define LOOK_MS 1

static sigset_t held, before;

/* Whether nobody has decided already what becomes of it: our caller, or ntsc for a terminal's ^C.
 */
static bool ends_us(int sig)
{
    struct sigaction now;

    return !sigismember(&before, sig) && sigaction(sig, NULL, &now) == 0 &&
           now.sa_handler == SIG_DFL;
}

void children_expect(bool ends)
{
    static const int ending[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE,
                                 SIGALRM, SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t all;

    /* Those whose starter was killed become ours. */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    /* A caller may have left it ignored, and then nobody is told how a child has ended. */
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, NULL, &before);
    sigemptyset(&held);
    for (size_t i = 0; ends && i < sizeof ending / sizeof *ending; i++)
        if (ends_us(ending[i]))
            sigaddset(&held, ending[i]);
    all = held;
    sigaddset(&all, SIGCHLD);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static int open_for(const sigset_t *set)
{
    return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_ended(void)
{
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    return open_for(&child);
}

struct children_fds children_open(void)
{
    return (struct children_fds){open_ended(), open_for(&held)};
}

static void forget(int ended)
{
    struct signalfd_siginfo info;

    while (ended >= 0 && read(ended, &info, sizeof info) > 0)
        ;
}

/* False when there are no children any more. */
static bool bury_dead(struct starter *s)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (pid == s->pid)
            s->pid = 0;
    return pid == 0;
}

void children_turn(struct starter *s, struct children_fds fds)
{
    forget(fds.ended);
    (void)bury_dead(s);
}

/*
 * Children that are not ours, whom our caller had before it became this program, are not waited
 * for: all others have ended when the starter has. Where that was killed, all are.
 */
void children_bury(struct starter *s)
{
    struct mono end = {clocks_mono().ns + BURY_MS * NS_PER_MS};
    struct pollfd fd = {.fd = open_ended(), .events = POLLIN};
    bool alone = s->pid == 0;
    int left = BURY_MS;

    starter_leave(s, BURY_MS);
    while (left > 0 && bury_dead(s) && (alone || s->pid != 0)) {
        (void)poll(&fd, 1, fd.fd < 0 ? LOOK_MS : left);
        forget(fd.fd);
        left = mono_ms_until(end, clocks_mono(), BURY_MS);
    }
    if (fd.fd >= 0)
        close(fd.fd);
}

void children_take_leave(void)
{
    sigprocmask(SIG_SETMASK, &before, NULL);
}
