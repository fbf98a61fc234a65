/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc-ke: one key establishment, then exit. It gets a request and gives an answer over the socket
 * at MSG_FD; it has no arguments but one to tell a version, no configuration and no privilege, and
 * all that TLS leaves in memory goes with it. The deadline is a signal, whose handler sends the
 * answer and exits: it ends DNS, TCP and TLS alike, wherever they wait or spin.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "client/ke/ke_proc.h"
#include "client/ke/pool.h"
#include "client/ke/sandbox_ke.h"
#include "client/ke/tls.h"
#include "client/shared/libc.h"
#include "client/shared/sandbox.h"
#include "client/shared/version_word.h"

static struct ke_progress progress = {.stage = STAGE_LOCAL};
static struct msg_ke_request request;
static struct ca_open trusted;
static struct msg_ke_answer late;

static int exit_status(void)
{
    return progress.reached ? 0 : KE_EXIT_UNREACHED;
}

/* Only async-signal-safe calls from here. */
static void on_deadline(int sig)
{
    (void)sig;
    ke_answer_timeout(&progress, &late);
    (void)send(MSG_FD, &late, sizeof(late), MSG_NOSIGNAL | MSG_DONTWAIT);
    _exit(exit_status());
}

static void on_farewell_over(int sig)
{
    (void)sig;
    _exit(exit_status());
}

static void alarm_mask(int how)
{
    sigset_t alarm_only;

    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(how, &alarm_only, NULL);
}

/*
 * When whoever asked is gone, nobody wants the answer: the kernel tells by SIGIO, which ends this
 * process wherever it waits. False when that has happened already.
 */
static bool end_with_asker(void)
{
    struct pollfd fd = {.fd = MSG_FD};
    int flags = fcntl(MSG_FD, F_GETFL);

    return flags >= 0 && fcntl(MSG_FD, F_SETOWN, getpid()) == 0 &&
           fcntl(MSG_FD, F_SETFL, flags | O_ASYNC) == 0 && poll(&fd, 1, 0) == 0;
}

/* From here on no second answer: what is left, the farewell to the server, may just be cut off. */
static void deliver(const struct msg_ke_answer *answer)
{
    struct sigaction action = {.sa_handler = on_farewell_over};

    alarm_mask(SIG_BLOCK);
    /* The farewell goes out even though the asker, content, may go now. */
    (void)signal(SIGIO, SIG_IGN);
    if (send(MSG_FD, answer, sizeof(*answer), MSG_NOSIGNAL) != (ssize_t)sizeof(*answer))
        _exit(1);
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm_mask(SIG_UNBLOCK);
}

static void deadline_set(int32_t ms)
{
    struct sigaction action = {.sa_handler = on_deadline};
    struct itimerval timer = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L}};

    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm_mask(SIG_UNBLOCK);
    /* ITIMER_REAL counts on the monotonic clock. */
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* There is no log here: who asked is told instead, and tells it. */
static void refuse_request(size_t octets)
{
    struct msg_ke_answer answer = {.type = MSG_KE_ANSWER};

    answer.fail = failure_make(STAGE_LOCAL, REASON_NONSENSE, (int32_t)octets);
    (void)send(MSG_FD, &answer, sizeof answer, MSG_NOSIGNAL);
}

static bool socket_is_ours(void)
{
    int type = 0;
    socklen_t len = sizeof(type);

    return getsockopt(MSG_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

static bool request_read(void)
{
    uint8_t buf[sizeof(request) + 1] = {0}; /* one more: a longer message is seen as such */
    ssize_t n;

    do
        n = recv(MSG_FD, buf, sizeof(buf), 0);
    while (n < 0 && errno == EINTR);
    memcpy(&request, buf, sizeof(request));
    if (n == (ssize_t)sizeof(request) && msg_ke_request_valid(&request, sizeof(request)))
        return true;
    if (n > 0)
        refuse_request((size_t)n);
    return false;
}

static int close_others(void)
{
    int error = close_range(MSG_CA_FD + 1, SANDBOX_REPORT_FD - 1, 0);

    return error != 0 ? error : close_range(SANDBOX_REPORT_FD + 1, ~0U, 0);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], VERSION_WORD) == 0)
        return puts(tls_library_version()) < 0 || fflush(stdout) != 0;
    sandbox_close_memory();
    if (!socket_is_ours()) {
        dprintf(STDERR_FILENO,
                "ntsc-ke: descriptor %d is not ntsc's socket; it is started by ntsc "
                "only\n",
                MSG_FD);
        return 1;
    }
    if (close_others() != 0 || !request_read() || !end_with_asker())
        return 1;
    clearenv();
    ca_open(&trusted, request.ca);
    sandbox_ke_enter(&request);
    deadline_set(request.timeout_ms);
    pool_exchange(&request, &trusted, &progress, deliver);
    explicit_bzero(&request, sizeof(request));
    return exit_status();
}
