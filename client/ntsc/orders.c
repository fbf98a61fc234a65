/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/orders.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/shared/clocks.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "client/shared/spare_pages.h"

#define SEND_S 5

/* Longer than any pause of the brake. */
#define WAIT_MAX_MS (2 * BRAKE_KE_MAX_NS / NS_PER_MS)

/* False when the engine does not take it, and why is said. One that has ended may still have said
 * what is to be read: that it ended shows there. */
static bool tell(const struct orders *o, const void *msg, size_t len, int fd)
{
    int error = ipc_send(o->socket, msg, len, fd);

    if (error == 0 || error == EPIPE || error == ECONNRESET)
        return true;
    log_warning("the engine takes no message (%s, %zu octets): %s",
                msg_type_name(msg_type(msg, len)), len, strerror(error));
    return false;
}

/* Starts ntsc-ke and returns our end of its socket, the request already in it, or -1 with errno. */
static int start_ke(const struct orders *o, const struct msg_ke_start *m)
{
    struct msg_ke_request request;
    int pair[2];
    int error = ipc_pair(pair);

    if (error != 0) {
        errno = error;
        return -1;
    }
    plan_ke_request(o->plan, m->index, m->timeout_ms, m->plain_aead != 0, &request);
    msg_ke_request_pool(&request, m);
    request.time_floor_s = clock_keeper_date_floor(&o->clock, &o->plan->conf, m);
    error = ipc_send(pair[0], &request, sizeof request, -1);
    if (error == 0)
        error = starter_ke(o->starter, pair[1],
                           ca_files_for(&o->handles->ca, plan_ca(o->plan, m->index)), m->index,
                           m->timeout_ms);
    close(pair[1]);
    if (error == 0)
        return pair[0];
    close(pair[0]);
    errno = error;
    return -1;
}

void orders_ended(struct orders *o, const struct starter_ended *e)
{
    if (e->server >= 0 && WIFEXITED(e->status) && WEXITSTATUS(e->status) == KE_EXIT_UNREACHED)
        brake_ke_unreached(&o->ke[e->server]);
}

static bool ke_start(struct orders *o, const void *buf)
{
    struct msg_ke_start m;
    struct msg_ke_socket answer = {.type = MSG_KE_SOCKET};
    struct mono now = clocks_mono();
    int fd = -1;
    bool told;

    memcpy(&m, buf, sizeof m);
    answer.index = m.index;
    answer.generation = m.generation;
    /* Asked before the engine had read the new plan: its numbers mean other servers now. */
    if (m.generation != o->generation) {
        answer.error = ESTALE;
    } else if (!brake_ke_pass(&o->ke[m.index], now)) {
        answer.wait_ms = mono_ms_until(brake_ke_free(&o->ke[m.index]), now, WAIT_MAX_MS);
    } else {
        fd = start_ke(o, &m);
        answer.error = fd < 0 ? errno : 0;
    }
    told = tell(o, &answer, sizeof answer, fd);
    if (fd >= 0)
        close(fd);
    if (o->plan->options.mode == MODE_DAEMON)
        spare_pages_release(); /* it may be days until the next */
    return told;
}

/* An order that was carried out as it should be needs no answer, for which the engine would wake.
 */
static bool worth_telling(const struct msg_clock *m, const struct clock_answer *r)
{
    return (m->order.what & CLOCK_SET_STEP) != 0 || r->verdict != CLOCK_VERDICT_OK ||
           r->error != 0 || r->by != CLOCK_CHANGED_BY_NOBODY;
}

static bool change_clock(struct orders *o, const void *buf)
{
    struct msg_clock m;
    struct msg_clock_result r = {.type = MSG_CLOCK_RESULT};

    memcpy(&m, buf, sizeof m);
    clock_keeper_order(&o->clock, &m, &r.answer);
    o->state = r.answer.error == EPERM ? ORDERS_DENIED : ORDERS_OPEN;
    return !worth_telling(&m, &r.answer) || tell(o, &r, sizeof r, -1);
}

bool orders_look(struct orders *o)
{
    struct msg_clock_result r = {.type = MSG_CLOCK_RESULT};

    return !clock_keeper_look(&o->clock, &r.answer) || tell(o, &r, sizeof r, -1);
}

bool orders_are_done(const struct orders *o)
{
    return o->state == ORDERS_DONE || o->state == ORDERS_DONE_DENIED;
}

static bool done(struct orders *o, const void *buf)
{
    struct msg_done m;

    memcpy(&m, buf, sizeof m);
    o->status = m.status;
    o->state = o->state == ORDERS_DENIED ? ORDERS_DONE_DENIED : ORDERS_DONE;
    return true;
}

static bool text(struct orders *o, const void *buf)
{
    struct msg_text m;

    memcpy(&m, buf, sizeof m);
    return relay_text(&o->relay, &m, clocks_mono());
}

/* Whether the n octets are a message that an engine may send. */
static bool makes_sense(const struct orders *o, const void *buf, size_t n)
{
    switch ((enum msg_engine_type)msg_type(buf, n)) {
    case MSG_KE_START:
        return msg_ke_start_valid(buf, n, o->plan->conf.n_servers);
    case MSG_CLOCK:
        return msg_clock_valid(buf, n);
    case MSG_TEXT:
        return msg_text_valid(buf, n);
    case MSG_DONE:
        return msg_done_valid(buf, n);
    case MSG_ALIVE:
        return msg_alive_valid(buf, n);
    case MSG_SETUP: /* what only ntsc says */
    case MSG_SERVER:
    case MSG_KE_SOCKET:
    case MSG_CLOCK_RESULT:
    case MSG_CONTROL:
        break;
    }
    return false;
}

/* False when it cannot be answered. */
static bool obey(struct orders *o, const void *buf, size_t n)
{
    switch ((enum msg_engine_type)msg_type(buf, n)) {
    case MSG_KE_START:
        return ke_start(o, buf);
    case MSG_CLOCK:
        return change_clock(o, buf);
    case MSG_TEXT:
        return text(o, buf);
    case MSG_DONE:
        return done(o, buf);
    case MSG_ALIVE: /* that it was heard is all */
        return true;
    case MSG_SETUP: /* what makes_sense() does not let pass */
    case MSG_SERVER:
    case MSG_KE_SOCKET:
    case MSG_CLOCK_RESULT:
    case MSG_CONTROL:
        break;
    }
    return false;
}

bool orders_handle(struct orders *o)
{
    _Alignas(8) uint8_t buf[sizeof(struct msg_text)]; /* the longest */
    ssize_t got = ipc_receive(o->socket, buf, sizeof buf, NULL);

    /* That it ended without having read all of ours is told once, before what it has said. */
    if (got < 0 && errno == ECONNRESET)
        got = ipc_receive(o->socket, buf, sizeof buf, NULL);
    if (got < 0 && errno != ECONNRESET)
        log_warning("cannot receive from the engine: %s", strerror(errno));
    if (got <= 0)
        return false;
    if (!makes_sense(o, buf, (size_t)got)) {
        log_warning("the engine sent what makes no sense (%s, %zd octets) and is not trusted any "
                    "more",
                    msg_type_name(msg_type(buf, (size_t)got)), got);
        return false;
    }
    return obey(o, buf, (size_t)got);
}

int orders_send_plan(struct orders *o)
{
    struct msg_setup setup;
    struct msg_server server;
    const char *ca = NULL;
    uint64_t trust = 0;
    int error;

    plan_setup(o->plan, &setup);
    setup.has_state = o->handles->state >= 0;
    setup.has_status = o->handles->status >= 0;
    setup.generation = o->generation;
    setup.pid = (uint32_t)getpid();
    clock_keeper_read_leaps(&o->clock);
    clock_keeper_tell(&o->clock, &setup);
    error = ipc_send(o->socket, &setup, sizeof setup, -1);
    for (unsigned i = 0; error == 0 && i < o->plan->conf.n_servers; i++) {
        /* Mostly all have the same. */
        if (ca == NULL || strcmp(ca, plan_ca(o->plan, i)) != 0) {
            ca = plan_ca(o->plan, i);
            trust = ca_files_mark(&o->handles->ca, ca);
        }
        plan_server(o->plan, i, trust, &server);
        error = ipc_send(o->socket, &server, sizeof server, -1);
    }
    return error;
}

/* An engine that does not listen holds us up no longer than this, and then counts as lost. */
static void limit_sending(int fd)
{
    const struct timeval patience = {.tv_sec = SEND_S};

    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

int orders_start(struct orders *o)
{
    int pair[2];
    int error = ipc_pair(pair);

    if (error != 0)
        return error;
    limit_sending(pair[0]);
    o->state = ORDERS_OPEN;
    o->relay.prints = o->plan->options.mode != MODE_DAEMON;
    o->socket = pair[0];
    error = starter_engine(o->starter, pair[1]);
    close(pair[1]);
    if (error == 0)
        error = orders_send_plan(o);
    if (error != 0)
        close(o->socket);
    return error;
}
