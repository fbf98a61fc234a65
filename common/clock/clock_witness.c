/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/clock_witness.h"

/*@ assigns \nothing;
    ensures \result == ns_sat(\abs(ns)); */
static int64_t magnitude(int64_t ns)
{
    return ns < 0 ? ns_sub_sat(0, ns) : ns;
}

/*@ assigns \nothing;
    ensures \result.lo_ns == ns_sat(s.lo_ns + ns) && \result.hi_ns == ns_sat(s.hi_ns + ns); */
static struct witness_span span_move(struct witness_span s, int64_t ns)
{
    return (struct witness_span){ns_add_sat(s.lo_ns, ns), ns_add_sat(s.hi_ns, ns)};
}

/*@ assigns \nothing;
    ensures \result.lo_ns == ns_sat(s.lo_ns - ns) && \result.hi_ns == ns_sat(s.hi_ns + ns); */
static struct witness_span span_widen(struct witness_span s, int64_t ns)
{
    return (struct witness_span){ns_sub_sat(s.lo_ns, ns), ns_add_sat(s.hi_ns, ns)};
}

static bool span_meets(struct witness_span a, struct witness_span b)
{
    return a.lo_ns <= b.hi_ns && b.lo_ns <= a.hi_ns;
}

/* What both leave; they meet. */
static struct witness_span span_common(struct witness_span a, struct witness_span b)
{
    return (struct witness_span){a.lo_ns > b.lo_ns ? a.lo_ns : b.lo_ns,
                                 a.hi_ns < b.hi_ns ? a.hi_ns : b.hi_ns};
}

/*@ assigns \nothing;
    ensures \result <==> s.lo_ns <= ns <= s.hi_ns; */
static bool span_has(struct witness_span s, int64_t ns)
{
    return s.lo_ns <= ns && ns <= s.hi_ns;
}

/*@ requires \valid_read(c);
    assigns \nothing;
    ensures \result <==> witness_clock_permits(c, step_ns); */
/* It leads to where the witness is: neither beyond it nor the other way. */
static bool clock_allows(const struct witness_clock *c, int64_t step_ns)
{
    return c->missing && span_has(span_widen(c->lacks, WITNESS_TOLERANCE_NS), step_ns) &&
           (c->lacks.lo_ns <= 0 || step_ns > 0) && (c->lacks.hi_ns >= 0 || step_ns < 0);
}

bool clock_witness_allows(const struct clock_witness *w, int64_t step_ns)
{
    int64_t more = w->moved_ns < WITNESS_TOLERANCE_NS ? w->moved_ns : WITNESS_TOLERANCE_NS;
    int64_t far = ns_sub_sat(magnitude(step_ns), more);

    return (w->moved_ns > 0 && far <= w->moved_ns) || clock_allows(&w->battery, step_ns) ||
           clock_allows(&w->host, step_ns);
}

/* CLOCK_REALTIME was moved: what it lacks is so much less, perhaps nothing. */
static void clock_moved(struct witness_clock *c, int64_t ns)
{
    c->lacks = span_move(c->lacks, ns_sub_sat(0, ns));
    if (c->missing && span_has(span_widen(c->lacks, WITNESS_TOLERANCE_NS), 0))
        c->missing = false;
}

static struct witness_span span_less(struct witness_span a, struct witness_span b)
{
    return (struct witness_span){ns_sub_sat(a.lo_ns, b.hi_ns), ns_sub_sat(a.hi_ns, b.lo_ns)};
}

/* What CLOCK_REALTIME lacks, as this look shows it: `ahead` is in neither of the known spans. */
static void lacking(struct witness_clock *c, struct witness_span ahead)
{
    struct witness_span lacks = span_less(ahead, c->right);
    int64_t gap_ns = lacks.lo_ns > 0 ? lacks.lo_ns : ns_sub_sat(0, lacks.hi_ns);

    if (gap_ns < WITNESS_LEAST_NS)
        return;
    /* For as long as it ran alone it may have drifted. */
    lacks = span_widen(lacks, magnitude(lacks.hi_ns) / WITNESS_DRIFT_SHARE);
    if (c->missing && span_meets(c->lacks, lacks))
        lacks = span_common(c->lacks, lacks);
    c->lacks = lacks;
    c->missing = true;
}

/*@ assigns \nothing; */
/* Until the kernel has set it by CLOCK_REALTIME, which may be at any time. */
static struct witness_span span_with_zero(struct witness_span s)
{
    return (struct witness_span){s.lo_ns < 0 ? s.lo_ns : 0, s.hi_ns > 0 ? s.hi_ns : 0};
}

static void clock_begin(struct witness_clock *c, struct witness_span ahead, bool settled)
{
    c->usual = c->right = settled ? ahead : span_with_zero(ahead);
    c->settled = settled;
    c->known = true;
}

static void clock_look(struct witness_clock *c, struct witness_span shows,
                       const struct witness_look *look, bool settled)
{
    struct witness_span ahead = span_move(shows, ns_sub_sat(0, look->wall.ns));
    int64_t drift_ns =
        ns_add_sat(magnitude(ns_sub_sat(look->raw.ns, c->at.ns)) / WITNESS_DRIFT_SHARE,
                   magnitude(look->leap_ns));

    if (!c->known) {
        clock_begin(c, ahead, settled);
        c->at = look->raw;
        return;
    }
    c->usual = span_widen(c->usual, drift_ns);
    c->right = span_widen(c->right, drift_ns);
    c->at = look->raw;
    if (!c->settled) {
        if (!span_meets(ahead, c->right))
            lacking(c, ahead);
        else if (settled && !c->missing)
            clock_begin(c, ahead, true);
    } else if (span_meets(ahead, c->right)) {
        c->right = span_common(ahead, c->right);
        /* Only then it is the kernel's to set it. */
        if (look->synchronized && span_meets(ahead, c->usual))
            c->usual = span_common(ahead, c->usual);
    } else if (span_meets(ahead, c->usual)) {
        /* It was set by the kernel: with something missing it is behind by as much. */
        c->usual = span_common(ahead, c->usual);
        c->right = c->missing ? span_less(c->usual, c->lacks) : c->usual;
    } else {
        lacking(c, ahead);
    }
}

static void clock_forget(struct witness_clock *c)
{
    c->known = c->known && !c->missing;
    c->missing = false;
}

/* A day in which the clock was right shows that nothing is missing any more. */
static void forget(struct clock_witness *w, const struct witness_look *look)
{
    bool anything = w->moved_ns > 0 || w->battery.missing || w->host.missing;

    if (!anything || !look->synchronized || !w->calm)
        w->calm_since = look->raw;
    w->calm = anything && look->synchronized;
    if (!w->calm || ns_sub_sat(look->raw.ns, w->calm_since.ns) < WITNESS_KEPT_NS)
        return;
    w->moved_ns = 0;
    clock_forget(&w->battery);
    clock_forget(&w->host);
}

/* By how much CLOCK_REALTIME went otherwise than by its rate; `own`: it may have been slewed so. */
static int64_t ledger(const struct clock_witness *w, const struct witness_look *look, bool *own)
{
    int64_t raw = ns_sub_sat(look->raw.ns, w->raw.ns);
    int64_t wall = ns_sub_sat(look->wall.ns, w->wall.ns);
    /* In two parts, so that nothing overflows in 292 years. */
    int64_t drift = raw / NS_PER_S * look->rate_ppb + raw % NS_PER_S * look->rate_ppb / NS_PER_S;
    int64_t off = ns_sub_sat(ns_sub_sat(wall, raw), drift);
    int64_t seconds = raw / NS_PER_S + 2; /* those that have begun */
    int64_t slewed = w->second_ns < w->left_ns / seconds ? w->second_ns * seconds : w->left_ns;
    int64_t most = ns_add_sat(ns_add_sat(WITNESS_READING_NS, slewed), raw / WITNESS_RATE_SHARE);

    off = ns_sub_sat(off, look->leap_ns);
    *own = magnitude(off) <= most;
    return w->looked ? off : 0;
}

/* Our own slew is towards the right time, as far as we know. */
static void clock_slewed(struct witness_clock *c, int64_t ns)
{
    c->right = span_move(c->right, ns_sub_sat(0, ns));
    clock_moved(c, ns);
}

/* Whether the kernel has set the battery clock since it may. */
static bool has_settled(struct clock_witness *w, const struct witness_look *look)
{
    if (!look->synchronized || !w->vouched)
        w->vouched_since = look->raw;
    w->vouched = look->synchronized;
    return w->vouched && ns_sub_sat(look->raw.ns, w->vouched_since.ns) >= WITNESS_SETTLE_NS;
}

int64_t clock_witness_look(struct clock_witness *w, const struct witness_look *look)
{
    bool settled = has_settled(w, look);
    bool own;
    int64_t by = ledger(w, look, &own);

    w->looked = true;
    w->wall = look->wall;
    w->raw = look->raw;
    if (own) {
        clock_slewed(&w->battery, by);
        clock_slewed(&w->host, by);
    } else {
        w->moved_ns = ns_add_sat(w->moved_ns, magnitude(by));
        clock_moved(&w->battery, by);
        clock_moved(&w->host, by);
    }
    if (look->has_battery)
        clock_look(&w->battery, look->battery, look, settled);
    if (look->has_host)
        clock_look(&w->host, look->host, look, settled);
    forget(w, look);
    return own ? 0 : by;
}

/*@ requires \valid(c);
    assigns *c;
    ensures !c->missing; */
/* One that is not settled is not where it was: CLOCK_REALTIME has left it. */
static void clock_stepped(struct witness_clock *c, int64_t step_ns)
{
    if (!c->settled && c->missing)
        c->known = false;
    else if (!c->settled)
        c->usual = c->right = span_with_zero(span_move(c->right, ns_sub_sat(0, step_ns)));
    c->missing = false;
}

void clock_witness_stepped(struct clock_witness *w, int64_t step_ns)
{
    w->wall.ns = ns_add_sat(w->wall.ns, step_ns);
    w->moved_ns = 0;
    clock_stepped(&w->battery, step_ns);
    clock_stepped(&w->host, step_ns);
}

void clock_witness_slewing(struct clock_witness *w, int64_t offset_ns, int32_t constant)
{
    w->left_ns = magnitude(offset_ns);
    w->second_ns = (w->left_ns >> (constant + 2)) + 1;
}

void clock_witness_told(struct clock_witness *w, bool synchronized, struct mono now)
{
    if (synchronized && !w->kept)
        w->kept_from.ns = now.ns;
    w->kept = synchronized;
}

struct mono clock_witness_next(const struct clock_witness *w, struct mono last, int64_t period_ns)
{
    struct mono next = {ns_add_sat(last.ns, period_ns)};
    int64_t since = ns_sub_sat(ns_add_sat(last.ns, WITNESS_BEFORE_NS), w->kept_from.ns);
    int64_t before;

    if (!w->kept || !w->battery.known || since < 0)
        return next;
    before = ns_add_sat(last.ns, WITNESS_SET_NS - since % WITNESS_SET_NS);
    if (before < next.ns)
        next.ns = before;
    return next;
}

void clock_witness_slept(struct clock_witness *w)
{
    *w = (struct clock_witness){.looked = false};
}
