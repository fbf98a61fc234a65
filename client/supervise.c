/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/clock_set.h"
#include "client/clocks.h"
#include "client/ipc.h"
#include "client/spawn.h"

/* The engine keeps the deadline itself; this long after it, it is taken for stuck. */
#define GRACE_MS 5000

struct supervisor {
    const struct plan *plan;
    const struct identity *id;
    int socket;
    bool stepped;
    int status; /* -1 until the engine is done */
};

/* Starts ntsc-ke and returns our end of its socket, the request already in it, or -1 with errno. */
static int start_ke(const struct supervisor *s, const struct msg_ke_start *m)
{
    struct msg_ke_request request;
    int pair[2];
    int error = ipc_pair(pair);
    pid_t pid;

    if (error != 0) {
        errno = error;
        return -1;
    }
    pid = spawn("ntsc-ke", s->id, pair[1], -1);
    error = errno;
    close(pair[1]);
    if (pid > 0) {
        plan_ke_request(s->plan, m->index, m->timeout_ms, &request);
        error = ipc_send(pair[0], &request, sizeof request, -1);
        if (error == 0)
            return pair[0];
    }
    close(pair[0]);
    errno = error;
    return -1;
}

static bool ke_start(struct supervisor *s, const void *buf)
{
    struct msg_ke_start m;
    struct msg_ke_socket answer = {.type = MSG_KE_SOCKET};
    int fd, error;

    memcpy(&m, buf, sizeof m);
    if (m.timeout_ms > s->plan->options.timeout_ms)
        m.timeout_ms = s->plan->options.timeout_ms;
    fd = start_ke(s, &m);
    answer.index = m.index;
    answer.error = fd < 0 ? errno : 0;
    error = ipc_send(s->socket, &answer, sizeof answer, fd);
    if (fd >= 0)
        close(fd);
    return error == 0;
}

/* One step in one run, and only when the user asked for it. */
static bool step(struct supervisor *s, const void *buf)
{
    struct msg_step m;
    struct msg_step_result r = {.type = MSG_STEP_RESULT};

    memcpy(&m, buf, sizeof m);
    if (s->plan->options.mode != MODE_SET || s->stepped)
        return false;
    s->stepped = true;
    r.error = clock_set_step(m.offset_ns, m.bound_ns);
    return ipc_send(s->socket, &r, sizeof r, -1) == 0;
}

/* Handles one message; false when the engine is not to be trusted any longer. */
static bool handle(struct supervisor *s, const void *buf, size_t n)
{
    struct msg_done done;

    switch (msg_type(buf, n)) {
    case MSG_KE_START:
        return msg_ke_start_valid(buf, n, s->plan->conf.n_servers) && ke_start(s, buf);
    case MSG_STEP:
        return msg_step_valid(buf, n) && step(s, buf);
    case MSG_DONE:
        if (!msg_done_valid(buf, n))
            return false;
        memcpy(&done, buf, sizeof done);
        s->status = done.status;
        return true;
    default:
        return false;
    }
}

static bool send_plan(const struct supervisor *s, bool has_state)
{
    struct msg_setup setup;
    struct msg_server server;

    plan_setup(s->plan, &setup);
    setup.has_state = has_state;
    if (ipc_send(s->socket, &setup, sizeof setup, -1) != 0)
        return false;
    for (unsigned i = 0; i < s->plan->conf.n_servers; i++) {
        plan_server(s->plan, i, &server);
        if (ipc_send(s->socket, &server, sizeof server, -1) != 0)
            return false;
    }
    return true;
}

static int left_ms(struct mono end)
{
    int64_t ns = end.ns - clocks_mono().ns;

    return ns <= 0 ? 0 : (int)(ns / 1000000) + 1;
}

int supervise(const struct plan *p, const struct identity *id, pid_t engine, int socket,
              bool has_state)
{
    struct supervisor s = {.plan = p, .id = id, .socket = socket, .status = -1};
    struct mono end = {clocks_mono().ns + (p->options.timeout_ms + GRACE_MS) * INT64_C(1000000)};
    bool good = send_plan(&s, has_state);

    while (good && s.status < 0) {
        _Alignas(8) uint8_t buf[64];
        struct pollfd fd = {.fd = socket, .events = POLLIN};
        ssize_t n;

        if (poll(&fd, 1, left_ms(end)) == 0)
            break;
        n = ipc_receive(socket, buf, sizeof buf, NULL);
        good = n > 0 && handle(&s, buf, (size_t)n);
    }
    if (s.status >= 0)
        return s.status;
    kill(engine, SIGKILL);
    fprintf(stderr, "ntsc: the engine %s; the clock was %s\n",
            good ? "did not end in time" : "ended without an answer or sent nonsense",
            s.stepped ? "set before that" : "left alone");
    return EXIT_NO_ANSWER;
}
