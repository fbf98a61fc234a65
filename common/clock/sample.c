/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/sample.h"

#include <string.h>

#include "common/clock/rate_range.h"

/*
 * The two local clocks may not run apart by more than this share of the exchange plus a
 * millisecond: else somebody stepped CLOCK_REALTIME in between. The kernel's tick reaches 10 %, and
 * an oscillator that is so far off needs it.
 */
#define CLOCKS_APART_SHARE 8
#define CLOCKS_APART_NS    NS_PER_MS

enum { NANOSECOND_LOG2S = -30, STRATUM_MOST = 15 /* RFC 5905 section 7.3, figure 11 */ };

/* 2^precision seconds in ns, rounded up; a server that claims worse than a second counts as one. */
static int64_t precision_ns(int8_t log2_s)
{
    if (log2_s >= 0)
        return NS_PER_S;
    if (log2_s <= NANOSECOND_LOG2S)
        return 1;
    return (NS_PER_S >> -log2_s) + 1;
}

/*
 * Servers fill what lies below their precision with random bits (RFC 5905 section 6), and read
 * coarse clocks: T3 may seem to come before T2 by as much. Not by more than the coarsest clock in
 * use, one with 64 ticks a second.
 */
#define BACKWARDS_MAX_NS (NS_PER_S / 64)

static int64_t backwards_ns(int8_t precision_log2_s)
{
    int64_t ns = precision_ns(precision_log2_s);

    return ns < BACKWARDS_MAX_NS ? ns : BACKWARDS_MAX_NS;
}

static bool fail(struct failure *f, enum reason reason, int64_t code)
{
    *f = failure_make(STAGE_NTP_SANITY, reason, code > INT32_MAX ? INT32_MAX : (int32_t)code);
    return false;
}

static bool local_stamps_sane(const struct local_stamps *l)
{
    int64_t wall = ns_sub_sat(l->t4.ns, l->t1.ns);
    int64_t raw = ns_sub_sat(l->t4_raw.ns, l->t1_raw.ns);
    int64_t apart = ns_sub_sat(wall, raw);

    if (wall < 0 || raw < 0)
        return false;
    return (apart < 0 ? -apart : apart) <= raw / CLOCKS_APART_SHARE + CLOCKS_APART_NS;
}

bool sample_make(struct sample *s, const struct ntp_packet *p, const struct local_stamps *local,
                 struct wall pivot, struct failure *f)
{
    struct wall t2 = wall_from_ntp(p->receive, pivot);
    struct wall t3 = wall_from_ntp(p->transmit, pivot);
    int64_t root_delay = ns_from_ntp_short(p->root_delay);
    int64_t root_dispersion = ns_from_ntp_short(p->root_dispersion);
    int64_t distance = root_delay / 2 + root_dispersion;
    int64_t up = ns_sub_sat(t2.ns, local->t1_raw.ns), down = ns_sub_sat(local->t4_raw.ns, t3.ns);
    int64_t back = ns_sub_sat(t3.ns, local->t4.ns), delay;

    /* Stratum 0: a kiss code that is no order, as INIT, or none at all (RFC 5905 section 7.4). */
    if (p->leap == NTP_LEAP_UNKNOWN || p->stratum == 0)
        return fail(f, REASON_UNSYNCHRONIZED, 0);
    if (p->stratum > STRATUM_MOST)
        return fail(f, REASON_STRATUM, p->stratum);
    if (distance > SAMPLE_ROOT_DISTANCE_MAX_NS)
        return fail(f, REASON_ROOT_DISTANCE, distance / NS_PER_MS);
    if (p->receive.u == 0 || p->transmit.u == 0 || t3.ns < t2.ns - backwards_ns(p->precision))
        return fail(f, REASON_TIMES, 0);
    if (!local_stamps_sane(local))
        return fail(f, REASON_LOCAL_TIMES, 0);

    /* Somebody may slew CLOCK_REALTIME meanwhile: it is looked at once, at T4. */
    delay = ns_add_sat(up, down);
    if (delay < 0)
        return fail(f, REASON_TIMES, 0);

    memset(s, 0, sizeof *s);
    s->local = *local;
    /* At T4 true time lies between T3 and T3 and all of the round trip. */
    s->offset_ns = ns_add_sat(back, delay / 2);
    s->delay_ns = delay;
    s->server_ns = ns_add_sat(distance, precision_ns(p->precision));
    s->bound_ns = ns_add_sat(delay / 2 + 1 + (int64_t)((double)delay * RATE_USUAL), s->server_ns);
    s->up_ns = up;
    s->down_ns = down;
    s->root_delay_ns = root_delay;
    s->root_dispersion_ns = root_dispersion;
    s->reference_id = p->reference_id;
    s->leap = p->leap;
    s->stratum = p->stratum;
    s->precision = p->precision;
    return true;
}
