/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/clock_limit.h"

void clock_limit_init(struct clock_limit *l, enum clock_mode mode, int64_t step_ns,
                      uint16_t step_count, struct wall floor, struct wall ceiling)
{
    *l = (struct clock_limit){
        .mode = mode,
        .step_ns = step_ns,
        .step_count = mode == CLOCK_MODE_ONESHOT ? 1 : step_count,
        .floor = floor,
        .ceiling = ceiling,
    };
}

void clock_limit_resumed(struct clock_limit *l)
{
    if (l->mode != CLOCK_MODE_DAEMON)
        return;
    l->steps = 0;
    l->synchronized = false;
    l->began = false;
    clock_witness_slept(&l->witness);
}

/*@ assigns \nothing;
    ensures \result <==> low <= v <= high; */
static bool within(int64_t v, int64_t low, int64_t high)
{
    return v >= low && v <= high;
}

/*@ requires \valid_read(o);
    assigns \nothing;
    ensures \result ==> ((o->what & CLOCK_SET_STEP) != 0 <==> o->step_ns != 0);
    ensures \result && (o->what & CLOCK_SET_SLEW) != 0 ==>
      -CLOCK_OFFSET_MAX_NS <= o->offset_ns <= CLOCK_OFFSET_MAX_NS &&
      0 <= o->constant <= CLOCK_CONSTANT_MAX;
    ensures \result && (o->what & CLOCK_SET_FREQ) != 0 ==>
      -CLOCK_FREQ_MAX <= o->freq <= CLOCK_FREQ_MAX &&
      CLOCK_TICK_MIN <= o->tick_us <= CLOCK_TICK_MAX; */
/* Parts that are not asked for have to be zero: nothing travels unseen. */
static bool well_formed(const struct clock_order *o)
{
    if (o->what == 0 || (o->what & ~(uint32_t)CLOCK_SET_ALL) != 0)
        return false;
    if (!(o->what & CLOCK_SET_STEP) != (o->step_ns == 0))
        return false;
    if (o->zero != 0 || o->voices < 0 || (o->step_ns == 0 && o->voices != 0))
        return false;
    if (o->what & CLOCK_SET_SLEW) {
        if (!within(o->offset_ns, -CLOCK_OFFSET_MAX_NS, CLOCK_OFFSET_MAX_NS) ||
            !within(o->constant, 0, CLOCK_CONSTANT_MAX))
            return false;
    } else if (o->offset_ns != 0 || o->constant != 0) {
        return false;
    }
    if (o->what & CLOCK_SET_FREQ) {
        if (!within(o->freq, -CLOCK_FREQ_MAX, CLOCK_FREQ_MAX) ||
            !within(o->tick_us, CLOCK_TICK_MIN, CLOCK_TICK_MAX))
            return false;
    } else if (o->freq != 0 || o->tick_us != 0) {
        return false;
    }
    if ((o->what & CLOCK_SET_STATUS) ? (o->status & ~(uint32_t)CLOCK_STATUS_ALL) != 0
                                     : o->status != 0)
        return false;
    if (!within(o->maxerror_us, 0, CLOCK_ERROR_MAX_US) ||
        !within(o->esterror_us, 0, CLOCK_ERROR_MAX_US))
        return false;
    if (!(o->what & CLOCK_SET_ERRORS) && (o->maxerror_us != 0 || o->esterror_us != 0))
        return false;
    return (o->what & CLOCK_SET_TAI) ? within(o->tai_s, 0, CLOCK_TAI_MAX) : o->tai_s == 0;
}

/*@ requires \valid_read(o);
    assigns \nothing; */
/* The phase-locked loop has to be the one that does not touch the frequency. */
static bool status_fits(const struct clock_order *o)
{
    uint32_t leap = o->status & (CLOCK_INS | CLOCK_DEL);

    if (!(o->what & CLOCK_SET_STATUS))
        return true;
    if (leap == (CLOCK_INS | CLOCK_DEL))
        return false;
    return (o->status & (CLOCK_PLL | CLOCK_FREQHOLD)) == (CLOCK_PLL | CLOCK_FREQHOLD);
}

/*@ requires \valid_read(l) && \valid_read(o);
    assigns \nothing;
    ensures \result ==> (o->what & CLOCK_SET_STEP) != 0 || l->steps > 0; */
/* A step, and with it or afterwards the bound within which the clock then is right. */
static bool oneshot_fits(const struct clock_limit *l, const struct clock_order *o)
{
    return ((o->what & CLOCK_SET_STEP) || l->steps > 0) && o->status == 0 &&
           !(o->what & ~(uint32_t)(CLOCK_SET_STEP | CLOCK_SET_STATUS | CLOCK_SET_ERRORS));
}

/*@ requires \valid_read(l);
    assigns \nothing;
    ensures \result <==> clock_step_first(l); */
static bool is_first(const struct clock_limit *l)
{
    return !l->synchronized && l->steps < l->step_count;
}

/*@ requires \valid_read(l) && \valid_read(o);
    assigns \nothing;
    ensures \result ==> clock_step_later(l, o, now.ns); */
/* What the configuration lets the engine do on its own word (step-later). */
static bool is_later(const struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    return within(o->step_ns, ns_sub_sat(0, l->later_ns), l->later_ns) &&
           o->voices >= CLOCK_LATER_VOICES &&
           (l->later_made < CLOCK_LATER_MAX ||
            ns_sub_sat(now.ns, l->later[CLOCK_LATER_MAX - 1].ns) >= CLOCK_LATER_S * NS_PER_S);
}

/*@ requires \valid_read(l) && \valid_read(o);
    assigns \nothing;
    ensures \result ==> l->mode == CLOCK_MODE_DAEMON && l->step_count > 0 &&
      (clock_witness_permits(&l->witness, o->step_ns) || clock_step_later(l, o, now.ns)); */
/* `step` with a count of 0 means never. */
static bool is_spoken_for(const struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    return l->mode == CLOCK_MODE_DAEMON && l->step_count > 0 &&
           (clock_witness_allows(&l->witness, o->step_ns) || is_later(l, o, now));
}

/*@ requires \valid_read(l) && \valid_read(o) && l->step_ns >= 0 && l->floor.ns > INT64_MIN;
    assigns \nothing;
    ensures \result == CLOCK_VERDICT_OK ==>
      clock_step_fits(l, o, now.ns, o->step_ns, wall.ns); */
static enum clock_verdict check_step(const struct clock_limit *l, const struct clock_order *o,
                                     struct mono now, struct wall wall)
{
    int64_t to = ns_add_sat(wall.ns, o->step_ns);

    if (!is_first(l) && !is_spoken_for(l, o, now))
        return l->synchronized ? CLOCK_VERDICT_STEP_LATE : CLOCK_VERDICT_STEP_BUDGET;
    if (l->mode == CLOCK_MODE_DAEMON && within(o->step_ns, -l->step_ns + 1, l->step_ns - 1))
        return CLOCK_VERDICT_STEP_SMALL;
    if (to < l->floor.ns || to == INT64_MAX || (l->ceiling.ns != 0 && to > l->ceiling.ns))
        return CLOCK_VERDICT_STEP_RANGE;
    return CLOCK_VERDICT_OK;
}

/*@ requires \valid_read(l);
    assigns \nothing;
    ensures l->have_reference ==> \result;
    ensures \result <==> clock_settled(l, now.ns); */
/* The reference is set by now, or by the time the first frequency is an hour old. */
static bool settled(const struct clock_limit *l, struct mono now)
{
    return l->have_reference ||
           (l->have_first && ns_sub_sat(now.ns, l->first.ns) > CLOCK_LIMIT_SETTLE_S * NS_PER_S);
}

/*@ requires 0 <= constant <= CLOCK_CONSTANT_MAX;
    assigns \nothing;
    ensures \result == clock_span(constant) && 4 <= \result <= 4096; */
/* An offset is spread over so many seconds, going by the first of them. */
static int64_t span_s(int32_t constant)
{
    int64_t s = 4;

    /*@ loop invariant 0 <= i <= constant && s == clock_span(i);
        loop assigns i, s;
        loop variant constant - i; */
    for (int32_t i = 0; i < constant; i++)
        s *= 2;
    return s;
}

/*@ requires \valid_read(l);
    assigns \nothing;
    ensures \result <==> clock_fast(l, now.ns); */
/* A restart in the same boot does not bring the first seconds back. */
static bool may_be_fast(const struct clock_limit *l, struct mono now)
{
    return l->began ? ns_sub_sat(now.ns, l->begin.ns) < CLOCK_LIMIT_FAST_S * NS_PER_S
                    : !l->synchronized;
}

/*@ requires \valid_read(l) && \valid_read(o) && 0 <= o->constant <= CLOCK_CONSTANT_MAX;
    assigns \nothing;
    ensures \result ==> clock_slew_fits(l, o, now.ns); */
static bool slew_fits(const struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    int64_t span = span_s(o->constant);
    int64_t most = may_be_fast(l, now) ? CLOCK_LIMIT_FAST_NS * span : CLOCK_LIMIT_SLEW_NS * span;

    return within(o->offset_ns, -most, most);
}

/*@ assigns \nothing;
    ensures \result == clock_rate(freq, tick_us); */
/* clock_order_rate() in 2^-16 ppm, exact. */
static int64_t order_rate(int32_t freq, int32_t tick_us)
{
    return freq + ((int64_t)tick_us - CLOCK_TICK_NOMINAL) * CLOCK_LIMIT_PER_TICK;
}

/*@ requires \valid_read(l) && \valid_read(o);
    requires -CLOCK_FREQ_MAX <= o->freq <= CLOCK_FREQ_MAX &&
      CLOCK_TICK_MIN <= o->tick_us <= CLOCK_TICK_MAX;
    assigns \nothing;
    ensures \result && clock_settled(l, now.ns) ==> clock_rate_fits(l, o); */
static bool rate_fits(const struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    int64_t most = CLOCK_LIMIT_FREQ + CLOCK_LIMIT_ROUNDING;
    int64_t reference = l->have_reference ? l->reference : l->rate;
    int64_t away = ns_sub_sat(order_rate(o->freq, o->tick_us), reference); /* in 2^-16 ppm */

    return !settled(l, now) || within(away, -most, most);
}

/*@ requires \valid_read(o) && \valid_read(leaps);
    assigns \nothing; */
/* The day counts to which the order itself may step. */
static bool leap_fits(const struct clock_order *o, struct wall wall, const struct leap_table *leaps)
{
    struct wall then = {ns_add_sat(wall.ns, o->step_ns)};

    if (!(o->status & (CLOCK_INS | CLOCK_DEL)))
        return true;
    return leap_possible(leaps, then, (o->status & CLOCK_DEL) != 0);
}

/*@ requires \valid_read(o) && \valid_read(leaps);
    assigns \nothing; */
/* Where the table knows it is the table's; else anything near what it has been for years. */
static bool tai_fits(const struct clock_order *o, struct wall wall, const struct leap_table *leaps)
{
    struct wall then = {ns_add_sat(wall.ns, o->step_ns)};

    return !(o->what & CLOCK_SET_TAI) || o->tai_s == leap_tai(leaps, then);
}

/*@ requires \valid(l);
    assigns l->have_reference, l->reference;
    ensures l->have_reference;
    ensures \old(l->have_reference) ==> l->reference == \old(l->reference); */
static void take_reference(struct clock_limit *l)
{
    if (!l->have_reference)
        l->reference = l->rate;
    l->have_reference = true;
}

/*@ requires \valid(l) && \valid_read(o) && \separated(l, o);
    requires (o->what & CLOCK_SET_STEP) != 0;
    assigns l->steps, l->witness,
      l->later_made, l->later[0 .. CLOCK_LATER_MAX - 1];
    ensures \old(clock_step_first(l)) ==> l->steps == \old(l->steps) + 1;
    ensures !\old(clock_step_first(l)) ==> l->steps == \old(l->steps);
    ensures l->witness.moved_ns == 0 && !l->witness.battery.missing && !l->witness.host.missing; */
static void count_step(struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    if (is_first(l)) {
        l->steps++;
    } else if (!clock_witness_allows(&l->witness, o->step_ns)) {
        l->later[2] = l->later[1];
        l->later[1] = l->later[0];
        l->later[0].ns = now.ns;
        if (l->later_made < CLOCK_LATER_MAX)
            l->later_made++;
    }
    clock_witness_stepped(&l->witness, o->step_ns);
}

/*@ requires \valid(l) && \valid_read(o) && \separated(l, o);
    requires (o->what & CLOCK_SET_FREQ) != 0 ==> -CLOCK_FREQ_MAX <= o->freq <= CLOCK_FREQ_MAX &&
      CLOCK_TICK_MIN <= o->tick_us <= CLOCK_TICK_MAX;
    assigns l->steps, l->synchronized, l->have_reference, l->have_first, l->began, l->begin.ns,
      l->first.ns, l->rate, l->reference, l->witness,
      l->later_made, l->later[0 .. CLOCK_LATER_MAX - 1];
    ensures (o->what & CLOCK_SET_STEP) != 0 && \old(clock_step_first(l)) ==>
      l->steps == \old(l->steps) + 1;
    ensures (o->what & CLOCK_SET_STEP) == 0 ==> l->steps == \old(l->steps);
    ensures !\old(clock_step_first(l)) ==> l->steps == \old(l->steps);
    ensures (o->what & CLOCK_SET_STEP) != 0 ==>
      l->witness.moved_ns == 0 && !l->witness.battery.missing && !l->witness.host.missing;
    ensures \old(l->synchronized) ==> l->synchronized;
    ensures \old(l->have_reference) ==> l->have_reference && l->reference == \old(l->reference);
    ensures \old(l->began) ==> l->began && l->begin.ns == \old(l->begin.ns);
    ensures \old(l->have_first) ==> l->have_first && l->first.ns == \old(l->first.ns); */
static void count(struct clock_limit *l, const struct clock_order *o, struct mono now)
{
    /* Not with an order that only tells how bad the clock is: those come while nobody answers. */
    if ((o->what & CLOCK_SET_SLEW) && !l->began && !l->synchronized) {
        l->began = true;
        l->begin.ns = now.ns;
    }
    if (o->what & CLOCK_SET_STEP)
        count_step(l, o, now);
    if (o->what & CLOCK_SET_SLEW)
        clock_witness_slewing(&l->witness, o->offset_ns, o->constant);
    if (settled(l, now))
        take_reference(l);
    if (o->what & CLOCK_SET_FREQ) {
        l->rate = order_rate(o->freq, o->tick_us);
        if (!l->have_first)
            l->first.ns = now.ns;
        l->have_first = true;
    }
    if (o->what & CLOCK_SET_STATUS)
        clock_witness_told(&l->witness, !(o->status & CLOCK_UNSYNC), now);
    if ((o->what & CLOCK_SET_STATUS) && !(o->status & CLOCK_UNSYNC))
        l->synchronized = true;
    if (l->synchronized && l->have_first)
        take_reference(l);
}

/*@ requires \valid_read(l) && \valid_read(o) && \valid_read(leaps) && clock_limit_sound(l);
    assigns \nothing;
    ensures \result == CLOCK_VERDICT_OK ==> l->mode != CLOCK_MODE_NONE &&
      (l->mode == CLOCK_MODE_ONESHOT ==> (o->what & CLOCK_SET_STEP) != 0 || l->steps > 0);
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_STEP) != 0 ==>
      clock_step_fits(l, o, now.ns, o->step_ns, wall.ns);
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_SLEW) != 0 ==>
      clock_slew_fits(l, o, now.ns);
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_FREQ) != 0 &&
      clock_settled(l, now.ns) ==> clock_rate_fits(l, o);
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_FREQ) != 0 ==>
      -CLOCK_FREQ_MAX <= o->freq <= CLOCK_FREQ_MAX &&
      CLOCK_TICK_MIN <= o->tick_us <= CLOCK_TICK_MAX; */
static enum clock_verdict judge(const struct clock_limit *l, const struct clock_order *o,
                                struct mono now, struct wall wall, const struct leap_table *leaps)
{
    enum clock_verdict v = CLOCK_VERDICT_OK;

    if (!well_formed(o))
        return CLOCK_VERDICT_FORM;
    if (l->mode == CLOCK_MODE_NONE || (l->mode == CLOCK_MODE_ONESHOT && !oneshot_fits(l, o)))
        return CLOCK_VERDICT_MODE;
    if (l->mode == CLOCK_MODE_DAEMON && !status_fits(o))
        return CLOCK_VERDICT_FORM;
    if (o->what & CLOCK_SET_STEP)
        v = check_step(l, o, now, wall);
    if (v != CLOCK_VERDICT_OK)
        return v;
    if ((o->what & CLOCK_SET_SLEW) && !slew_fits(l, o, now))
        return CLOCK_VERDICT_SLEW;
    if ((o->what & CLOCK_SET_FREQ) && !rate_fits(l, o, now))
        return CLOCK_VERDICT_FREQ;
    if (!leap_fits(o, wall, leaps))
        return CLOCK_VERDICT_LEAP;
    return tai_fits(o, wall, leaps) ? CLOCK_VERDICT_OK : CLOCK_VERDICT_TAI;
}

enum clock_verdict clock_limit_check(struct clock_limit *l, const struct clock_order *o,
                                     struct mono now, struct wall wall,
                                     const struct leap_table *leaps)
{
    enum clock_verdict v = judge(l, o, now, wall, leaps);

    if (v == CLOCK_VERDICT_OK)
        count(l, o, now);
    return v;
}
