/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client/engine/parent.h and client/shared/ipc.h without sockets: what the engine sends is done
 * here and now, and the answers wait in a queue. A descriptor of /dev/null, which poll(2) always
 * calls readable, stands for a socket with a message in it.
 */
#include "tests/onebox/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/parent.h"
#include "client/ke/ke_proc.h"
#include "client/ke/pool.h"
#include "client/ntsc/clock_keeper.h"
#include "client/shared/ipc.h"
#include "tests/onebox/world.h"

#define QUEUE_MAX (4 * SERVERS_MAX)

struct item {
    size_t len;
    int fd; /* comes with the message; -1: none */
    uint8_t octets[ENGINE_MSG_MAX];
};

static struct {
    const struct plan *plan;
    struct clock_keeper clock;
    int state_dir, status_dir;
    int ready; /* always readable */
    struct item *queue;
    unsigned first, n;
    struct msg_ke_start wanted[SERVERS_MAX];
    unsigned n_wanted;
    struct msg_ke_answer answers[SERVERS_MAX]; /* by server, until the engine has read them */
    int answer_fd[SERVERS_MAX];
    unsigned asking; /* the server of the key exchange under way */
} box;

static volatile sig_atomic_t stop_wanted;

static void on_stop(int sig)
{
    (void)sig;
    stop_wanted = 1;
}

static void push(const void *msg, size_t len, int fd)
{
    struct item *i = &box.queue[(box.first + box.n) % QUEUE_MAX];

    if (box.n == QUEUE_MAX || len > sizeof i->octets)
        abort();
    i->len = len;
    i->fd = fd;
    memcpy(i->octets, msg, len);
    box.n++;
}

void roles_begin(const struct plan *plan, int state_dir, int status_dir)
{
    struct sigaction action = {.sa_handler = on_stop};
    struct msg_setup setup;
    struct msg_server server;

    box.plan = plan;
    box.state_dir = state_dir;
    box.status_dir = status_dir;
    box.ready = open("/dev/null", O_RDWR | O_CLOEXEC);
    box.queue = calloc(QUEUE_MAX, sizeof *box.queue);
    if (box.ready < 0 || box.queue == NULL)
        abort();
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    clock_keeper_init(&box.clock, plan->options.monitor_only ? CLOCK_MODE_NONE : CLOCK_MODE_DAEMON,
                      &plan->conf);
    plan_setup(plan, &setup);
    setup.has_state = state_dir >= 0;
    setup.has_status = status_dir >= 0;
    clock_keeper_tell(&box.clock, &setup);
    push(&setup, sizeof setup, -1);
    for (unsigned i = 0; i < plan->conf.n_servers; i++) {
        plan_server(plan, i, 0, &server);
        push(&server, sizeof server, -1);
        box.answer_fd[i] = -1;
    }
}

static void keep_answer(const struct msg_ke_answer *answer)
{
    box.answers[box.asking] = *answer;
}

static void exchange_keys(const struct msg_ke_start *m)
{
    struct msg_ke_socket socket = {
        .type = MSG_KE_SOCKET, .index = m->index, .generation = m->generation};
    struct ke_progress progress = {.stage = STAGE_LOCAL};
    struct msg_ke_request request;
    struct ca_open trusted;
    int fd = fcntl(box.ready, F_DUPFD_CLOEXEC, 0);

    socket.error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        box.asking = m->index;
        plan_ke_request(box.plan, m->index, m->timeout_ms, m->plain_aead != 0, &request);
        msg_ke_request_pool(&request, m);
        request.time_floor_s = clock_keeper_date_floor(&box.clock, &box.plan->conf, m);
        if (world_deadline_begin(m->timeout_ms) == 0) {
            ca_open(&trusted, request.ca);
            pool_exchange(&request, &trusted, &progress, keep_answer);
            ca_close(&trusted);
            world_deadline_end();
        } else {
            ke_answer_timeout(&progress, &box.answers[m->index]);
        }
        box.answer_fd[m->index] = fd;
    }
    push(&socket, sizeof socket, fd);
}

/*
 * All key exchanges that are wanted, one after the other: no query is under way meanwhile whose
 * answer would have to wait.
 */
static void exchange_all(void)
{
    for (unsigned i = 0; i < box.n_wanted; i++)
        exchange_keys(&box.wanted[i]);
    box.n_wanted = 0;
}

int parent_fd(void)
{
    const struct msg_control stop = {.type = MSG_CONTROL, .what = CONTROL_STOP};

    if (stop_wanted) {
        stop_wanted = 0;
        push(&stop, sizeof stop, -1);
    }
    return box.n > 0 || box.n_wanted > 0 ? box.ready : -1;
}

int parent_state_dir(const struct msg_setup *m)
{
    return m->has_state ? box.state_dir : -1;
}

int parent_status_dir(const struct msg_setup *m)
{
    return m->has_status ? box.status_dir : -1;
}

void parent_send(const void *msg, size_t len)
{
    struct msg_clock_result result = {.type = MSG_CLOCK_RESULT};

    switch (msg_type(msg, len)) {
    case MSG_KE_START:
        if (!msg_ke_start_valid(msg, len, box.plan->conf.n_servers) || box.n_wanted == SERVERS_MAX)
            abort();
        memcpy(&box.wanted[box.n_wanted++], msg, len);
        break;
    case MSG_CLOCK:
        if (!msg_clock_valid(msg, len))
            abort();
        clock_keeper_order(&box.clock, msg, &result.answer);
        push(&result, sizeof result, -1);
        break;
    default:
        abort();
    }
}

size_t parent_receive(void *buf, size_t cap, int *fd)
{
    const struct item *i;

    if (box.n == 0)
        exchange_all();
    if (box.n == 0)
        abort();
    i = &box.queue[box.first];
    box.first = (box.first + 1) % QUEUE_MAX;
    box.n--;
    if (i->len > cap)
        abort();
    memcpy(buf, i->octets, i->len);
    if (fd != NULL)
        *fd = i->fd;
    return i->len;
}

void parent_end(const char *why)
{
    log_warning("%s", why);
    abort();
}

void parent_refuse(const void *msg, size_t len)
{
    log_warning("a message makes no sense: %s, %zu octets", msg_type_name(msg_type(msg, len)), len);
    abort();
}

void parent_done(int status)
{
    exit(status);
}

/* What ntsc-ke says; no other message comes this way here. */
ssize_t ipc_receive(int fd, void *buf, size_t cap, int *pass)
{
    if (pass != NULL)
        *pass = -1;
    for (unsigned i = 0; i < box.plan->conf.n_servers; i++) {
        if (box.answer_fd[i] != fd || cap < sizeof box.answers[i])
            continue;
        box.answer_fd[i] = -1;
        memcpy(buf, &box.answers[i], sizeof box.answers[i]);
        explicit_bzero(&box.answers[i], sizeof box.answers[i]);
        return sizeof box.answers[i];
    }
    errno = EBADF;
    return -1;
}
