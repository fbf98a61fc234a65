/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/aead_wolfcrypt.h"
#include "client/engine/engine_ke.h"
#include "client/engine/parent.h"
#include "client/engine/pool_engine.h"
#include "client/engine/rand.h"
#include "client/engine/share.h"
#include "client/engine/tell.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"
#include "client/shared/spare_pages.h"
#include "common/base/invariant.h"

/* Longest wait that is asked of poll(2) at once. */
#define WAIT_MAX_MS (24 * 3600 * 1000)

/*
 * How much earlier than planned a server may be asked: this part of the time since it was asked
 * last, and so much at most.
 */
#define TOGETHER_SHARE 16
#define TOGETHER_NS    (4 * NS_PER_S)

/* ntsc's socket, the watch of the clock and that of the network come first. */
#define FIXED_FDS 3

/* Junk is drained in one go, but a flood may not hold the loop: datagrams at once. */
#define DRAINED_AT_ONCE 64

/* Inlined into the loop, buffers of all would be in its frame: 8 kB more of stack that is used. */
#define OWN_FRAME __attribute__((noinline))

void engine_found_way(struct host *h, bool found)
{
    if (h->use != HOST_DONE)
        h->use = found ? HOST_ASKED : HOST_WITHOUT_WAY;
}

static void send_query(struct engine *e, struct host *h, struct source_out *out)
{
    int error =
        out->packet_len == 0 ? EMSGSIZE : udp_send(&h->udp, &out->to, out->packet, out->packet_len);

    h->ntp = out->to;
    h->sent = clocks_mono();
    if (error == 0) {
        h->counts.queries++;
        tell_query(h);
        return;
    }
    log_detail("%s: cannot send: %s", h->server.host, strerror(error));
    source_send_failed(&h->source, clocks_mono(), out);
    engine_perform(e, h, out);
}

void engine_perform(struct engine *e, struct host *h, struct source_out *out)
{
    INVARIANT(h->server.index < e->setup.servers && h == &e->hosts[h->server.index]);
    INVARIANT(out->n <= SOURCE_ACTIONS_MAX && (unsigned)h->source.state < SOURCE_STATES);
    for (unsigned i = 0; i < out->n; i++) {
        switch (out->act[i]) {
        case SOURCE_SAVE:
            share_save(e, h);
            break;
        case SOURCE_SEND:
            send_query(e, h, out);
            return;
        case SOURCE_CLOSE:
            udp_close(&h->udp);
            break;
        case SOURCE_START_KE:
            engine_ke_start(e, h);
            break;
        case SOURCE_SAMPLE:
            engine_found_way(h, true);
            h->answered_at = clocks_mono();
            h->kernel_stamps = h->udp.t1_by_kernel && h->udp.t4_by_kernel;
            h->counts.answers++;
            tell_sample(h, &out->sample);
            h->left.ntp.family = 0;
            e->rule->sample(e, h->server.index, &out->sample);
            break;
        case SOURCE_FAILED:
            h->counts.failures[h->source.fail.stage]++;
            e->rule->failed(e, h->server.index);
            break;
        }
    }
}

/* A cookie may be sent once, so the way to the server is looked for first: where none leads, none
 * is spent. */
static bool has_way(struct engine *e, struct host *h)
{
    bool keeps = !h->source.session.provisional, is_known;
    struct source_out out = {.n = 0};
    struct net_addr to;
    struct failure f;
    int error;

    if (!source_will_ask(&h->source, clocks_mono(), &to))
        return true;
    error = udp_open(&h->udp, &to);
    if (error == 0) {
        is_known = h->source.session.local[net_addr_is_v6(&h->udp.from)].family != 0;
        if (source_moved(&h->source, clocks_mono(), &h->udp.from)) {
            log_detail("%s: our own address is another now: keys are exchanged anew",
                       h->server.host);
            udp_close(&h->udp);
            if (keeps)
                share_forget(e, h);
        } else if (!is_known && h->store == HOST_STORED) {
            h->store = HOST_STORED_NO_ADDRESS;
        }
        return true;
    }
    engine_found_way(h, false);
    log_detail("%s: cannot send: %s", h->server.host, strerror(error));
    if (error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS)
        f = failure_make(STAGE_LOCAL, REASON_SYSTEM, error);
    else
        f = failure_make(STAGE_CONNECT, REASON_UNREACHABLE, error);
    source_name_redirect(&h->source, &to, &f);
    source_no_way(&h->source, clocks_mono(), &f, &out);
    engine_perform(e, h, &out);
    return false;
}

static OWN_FRAME void host_timer(struct engine *e, struct host *h)
{
    struct source_tools tools = {.aead = &aead_wolfcrypt};
    struct source_out out = {.n = 0};
    struct {
        struct nts_request_random request;
        uint32_t random;
    } drawn;

    share_expire(h);
    if (h->source.state == SOURCE_WAITING && h->source.ke_at.ns <= clocks_mono().ns)
        share_look(e, h);
    if (has_way(e, h)) {
        rand_fill(&drawn, sizeof drawn);
        tools.random = drawn.request;
        h->random = drawn.random;
        explicit_bzero(&drawn, sizeof drawn);
        source_timer(&h->source, clocks_mono(), &tools, &out);
        engine_perform(e, h, &out);
    }
    explicit_bzero(&tools, sizeof tools);
}

static OWN_FRAME void host_datagram(struct engine *e, struct host *h)
{
    uint8_t buf[NTS_RESPONSE_MAX + 1];
    struct local_stamps local;
    struct source_out out = {.n = 0};
    ssize_t n;

    for (int i = 0; i < DRAINED_AT_ONCE && h->udp.fd >= 0; i++) {
        n = udp_receive(&h->udp, buf, sizeof buf, &local);
        if (n < 0)
            return;
        if (!source_expects(&h->source, buf, (size_t)n))
            continue;
        source_datagram(&h->source, clocks_mono(), buf, (size_t)n, &local, &aead_wolfcrypt, &out);
        engine_perform(e, h, &out);
    }
}

static void parent_message(struct engine *e)
{
    union {
        struct msg_ke_socket ke_socket;
        uint8_t octets[ENGINE_MSG_MAX];
    } m;
    int fd;
    size_t n = parent_receive(&m, sizeof m, &fd);
    bool sense;

    if (msg_ke_socket_valid(&m, n, e->setup.servers)) {
        sense = engine_ke_socket(e, &m.ke_socket, fd);
    } else {
        if (fd >= 0)
            close(fd);
        sense = e->rule->message(e, &m, n);
    }
    if (!sense)
        parent_refuse(&m, n);
}

static bool rests(const struct engine *e, const struct host *h)
{
    return h->use == HOST_DONE || engine_waits_for_network(e, h) || pool_waits(e, h);
}

/*
 * Who would be asked a moment later is asked now, so that the daemon wakes up once for all of them.
 * Only with short intervals: after long ones answers from different times tell more.
 */
static void ask_together(struct engine *e)
{
    struct mono now = clocks_mono();
    struct net_addr to;
    bool asking = false;

    for (unsigned i = 0; i < e->setup.servers && !asking; i++)
        asking = !rests(e, &e->hosts[i]) && source_will_ask(&e->hosts[i].source, now, &to);
    for (unsigned i = 0; i < e->setup.servers && asking; i++) {
        struct host *h = &e->hosts[i];
        int64_t early_ns = ns_sub_sat(h->source.poll_at.ns, h->sent.ns) / TOGETHER_SHARE;
        struct mono later = {now.ns + (early_ns < TOGETHER_NS ? early_ns : TOGETHER_NS)};

        if (!rests(e, h) && h->sent.ns != 0 && h->source.poll_at.ns > now.ns &&
            source_will_ask(&h->source, later, &to))
            source_poll_at(&h->source, now);
    }
}

/* The timers that are due; returns when the next one is. */
static struct mono run_timers(struct engine *e)
{
    struct mono next = e->deadline;

    if (e->setup.mode == RUN_DAEMON)
        ask_together(e);
    if (e->wake.ns < next.ns)
        next = e->wake;
    if (net_watch_next(&e->net).ns < next.ns)
        next = net_watch_next(&e->net);
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct host *h = &e->hosts[i];

        if (!rests(e, h) && source_next(&h->source).ns <= clocks_mono().ns) {
            host_timer(e, h);
            /* It may have been the last that was waited for: the rule looks at once. */
            if (h->use == HOST_DONE)
                next = clocks_mono();
        }
        if (!rests(e, h) && source_next(&h->source).ns < next.ns)
            next = source_next(&h->source);
    }
    return next;
}

/* The network may have changed. */
static void network(struct engine *e)
{
    bool came = net_watch_look(&e->net, clocks_mono());

    if (!came && !e->net.other)
        return;
    if (came)
        e->rule->network(e);
    for (unsigned i = 0; i < e->setup.servers; i++) {
        if (came)
            engine_found_way(&e->hosts[i], true);
        if (e->net.other)
            source_elsewhere(&e->hosts[i].source);
    }
    e->net.other = false;
}

/* What comes before each wait; false at the end. */
static bool turn(struct engine *e)
{
    network(e);
    return e->rule->turn(e, clocks_mono()) && mono_ms_until(e->deadline, clocks_mono(), 1) > 0;
}

/* poll(2); the ^C of somebody who waits is let in only here (oneshot_mind_interrupts). */
static int wait_for(const struct engine *e, struct pollfd *fds, nfds_t n, int ms)
{
    struct timespec most = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};
    sigset_t none;

    if (!e->setup.live)
        return poll(fds, n, ms);
    sigemptyset(&none);
    return ppoll(fds, n, &most, &none);
}

void engine_run(struct engine *e)
{
    while (turn(e)) {
        struct pollfd fds[FIXED_FDS + 2 * SERVERS_MAX];
        nfds_t n = 0;
        struct mono next = run_timers(e);

        fds[n++] = (struct pollfd){.fd = parent_fd(), .events = POLLIN};
        fds[n++] = (struct pollfd){.fd = e->watch_fd, .events = POLLIN};
        fds[n++] = (struct pollfd){.fd = net_watch_fd(&e->net), .events = POLLIN};
        for (unsigned i = 0; i < e->setup.servers; i++) {
            /* A negative descriptor is skipped by poll(). */
            fds[n++] = (struct pollfd){.fd = e->hosts[i].udp.fd, .events = POLLIN};
            fds[n++] = (struct pollfd){.fd = e->hosts[i].ke_fd, .events = POLLIN};
        }
        if (e->rare_work && e->setup.mode == RUN_DAEMON)
            spare_pages_release();
        e->rare_work = false;
        if (wait_for(e, fds, n, mono_ms_until(next, clocks_mono(), WAIT_MAX_MS)) <= 0)
            continue;
        if (fds[1].revents != 0) {
            /* What waits may be from before a sleep: the rule has to know of it first. */
            clocks_watch_again(e->watch_fd);
            continue;
        }
        for (unsigned i = 0; i < e->setup.servers; i++) {
            if (fds[FIXED_FDS + 2 * i].revents != 0)
                host_datagram(e, &e->hosts[i]);
            if (fds[FIXED_FDS + 1 + 2 * i].revents != 0)
                engine_ke_answer(e, &e->hosts[i]);
        }
        if (fds[2].revents != 0)
            net_watch_stirred(&e->net, clocks_mono());
        if (fds[0].revents != 0)
            parent_message(e);
    }
}
