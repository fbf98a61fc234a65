/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/msg/msg_engine.h"

#include <string.h>

#include "common/base/octets.h"

#include "common/conf/conf.h"

#define TIMEOUT_MAX_MS (3600 * 1000)

uint32_t msg_type(const void *data, size_t len)
{
    uint32_t type = 0;

    if (len >= sizeof type)
        memcpy(&type, data, sizeof type);
    return type;
}

const char *msg_type_name(uint32_t type)
{
    switch ((enum msg_engine_type)type) {
    case MSG_SETUP:
        return "setup";
    case MSG_SERVER:
        return "server";
    case MSG_KE_START:
        return "request for a key exchange";
    case MSG_KE_SOCKET:
        return "socket of a key exchange";
    case MSG_CLOCK:
        return "clock order";
    case MSG_CLOCK_RESULT:
        return "result of a clock order";
    case MSG_CONTROL:
        return "control";
    case MSG_DONE:
        return "end";
    case MSG_ALIVE:
        return "sign of life";
    case MSG_TEXT:
        return "text";
    }
    return "message of an unknown type";
}

static bool is(const void *data, size_t len, uint32_t type, size_t size)
{
    return len == size && msg_type(data, len) == type;
}

static bool ended(const char *s, size_t size)
{
    return memchr(s, 0, size) != NULL;
}

bool msg_setup_valid(const void *data, size_t len)
{
    struct msg_setup m;

    if (!is(data, len, MSG_SETUP, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    if (m.servers == 0 || m.servers > SERVERS_MAX || m.leaps.n > LEAP_TABLE_MAX)
        return false;
    if (m.mode == RUN_DAEMON)
        return m.step_ns > 0 && m.panic_ns > 0 && m.maxdelay_ns > 0;
    return (m.mode == RUN_CHECK || m.mode == RUN_SET) && m.form < RUN_FORMS && m.samples > 0 &&
           m.samples <= SAMPLES_MAX && m.timeout_ms > 0 && m.timeout_ms <= TIMEOUT_MAX_MS;
}

bool msg_server_valid(const void *data, size_t len)
{
    const struct msg_server *m = data;

    return is(data, len, MSG_SERVER, sizeof *m) && m->index < SERVERS_MAX && m->port > 0 &&
           m->xleave <= 1 && m->host[0] != 0 && ended(m->host, sizeof m->host) && m->id[0] != 0 &&
           ended(m->id, sizeof m->id) && m->minpoll >= CONF_POLL_MIN && m->minpoll <= m->maxpoll &&
           m->maxpoll <= CONF_POLL_MAX;
}

bool msg_ke_start_valid(const void *data, size_t len, unsigned servers)
{
    struct msg_ke_start m;

    if (!is(data, len, MSG_KE_START, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    return m.index < servers && m.timeout_ms > 0 && m.timeout_ms <= KE_TIMEOUT_MAX_MS &&
           m.two_steps <= 1 && m.plain_aead <= 1 && m.zero == 0 && m.last_good_s >= 0 &&
           pool_members_fit(m.taken, m.n_taken);
}

void msg_ke_request_pool(struct msg_ke_request *request, const struct msg_ke_start *m)
{
    if (!request->is_pool)
        return;
    request->n_taken = (uint8_t)m->n_taken;
    request->wanted = m->wanted;
    memcpy(request->taken, m->taken, sizeof request->taken);
}

bool msg_ke_socket_valid(const void *data, size_t len, unsigned servers)
{
    struct msg_ke_socket m;

    if (!is(data, len, MSG_KE_SOCKET, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    return m.index < servers && m.wait_ms >= 0;
}

bool msg_clock_valid(const void *data, size_t len)
{
    /* The order itself is judged by clock_limit_check(). */
    return is(data, len, MSG_CLOCK, sizeof(struct msg_clock));
}

bool msg_clock_result_valid(const void *data, size_t len)
{
    return is(data, len, MSG_CLOCK_RESULT, sizeof(struct msg_clock_result));
}

bool msg_control_valid(const void *data, size_t len)
{
    struct msg_control m;

    if (!is(data, len, MSG_CONTROL, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    return m.what >= CONTROL_STOP && m.what <= CONTROL_SHOW_LIFE;
}

bool msg_done_valid(const void *data, size_t len)
{
    struct msg_done m;

    if (!is(data, len, MSG_DONE, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    return m.status >= 0 && m.status <= 4;
}

bool msg_alive_valid(const void *data, size_t len)
{
    return is(data, len, MSG_ALIVE, sizeof(struct msg_alive));
}

bool msg_text_valid(const void *data, size_t len)
{
    struct msg_text m;

    if (!is(data, len, MSG_TEXT, sizeof m))
        return false;
    memcpy(&m, data, sizeof m);
    return m.kind >= TEXT_OUTPUT && m.kind <= TEXT_DETAIL && m.len <= MSG_TEXT_MAX;
}
