/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/select.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/clock/select_work.h"
#include "common/nts/ntp_packet.h"

/* A falseticker is used again when it agrees with this share of its claim. */
#define READMIT 0.9
/* How much more comfortably claims have to agree to be taken for it. */
#define COMFORT_DIFFERS 0.1
/* Within a group the one in use stays until another's claim is this much narrower. */
#define HOP_FACTOR 0.5

static bool one_voice(const struct select_input *a, const struct select_input *b)
{
    return (a->group != 0 && a->group == b->group) || (a->address != 0 && a->address == b->address);
}

/* Group and address join transitively: A and B of one group, B and C at one address. */
static void find_voices(struct select_work *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        w->voice[i] = i;
        for (unsigned j = 0; j < i; j++) {
            unsigned from = w->voice[i] > w->voice[j] ? w->voice[i] : w->voice[j];
            unsigned to = w->voice[i] > w->voice[j] ? w->voice[j] : w->voice[i];

            if (!one_voice(&w->in[i], &w->in[j]))
                continue;
            for (unsigned k = 0; k <= i; k++) {
                if (w->voice[k] == from)
                    w->voice[k] = to;
            }
        }
    }
}

/* The voices, as bits, that could agree. */
static uint64_t voices_counted(const struct select_work *w, bool of_all)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < w->n; i++) {
        if (w->in[i].reachable || of_all)
            set |= UINT64_C(1) << w->voice[i];
    }
    return set;
}

/* The end of the stretch from lo on in which the claims that hold lo all hold. */
static int64_t place_end(const struct select_work *w, int64_t lo)
{
    int64_t hi = INT64_MAX;

    for (unsigned i = 0; i < w->n; i++) {
        if (select_claims(w, i, lo) && w->hi[i] < hi)
            hi = w->hi[i];
    }
    return hi;
}

static struct select_place place_at(const struct select_work *w, int64_t lo)
{
    struct select_place p = {
        .lo = lo, .hi = place_end(w, lo), .agreeing = select_count_bits(select_voices_at(w, lo))};
    int64_t narrowest = INT64_MAX;

    for (unsigned i = 0; i < w->n; i++) {
        if (!select_claims(w, i, lo))
            continue;
        p.loyal += w->in[i].state == SELECT_SELECTED;
        narrowest = w->in[i].bound_ns < narrowest ? w->in[i].bound_ns : narrowest;
        p.precision +=
            1 / select_square(select_at_least(s_from_ns(w->in[i].bound_ns), SELECT_SD_FLOOR_S));
    }
    p.comfort = (s_from_ns(p.hi - p.lo) + SELECT_SD_FLOOR_S) /
                (2 * s_from_ns(narrowest) + SELECT_SD_FLOOR_S);
    return p;
}

/*
 * When a liar has drifted so far that of two honest servers only one still meets it, that pair is
 * as many as the honest one, but it touches by a hair.
 */
static bool better(const struct select_place *a, const struct select_place *b)
{
    if (a->agreeing != b->agreeing)
        return a->agreeing > b->agreeing;
    if (a->loyal != b->loyal)
        return a->loyal > b->loyal;
    if (fabs(a->comfort - b->comfort) > COMFORT_DIFFERS)
        return a->comfort > b->comfort;
    return a->precision > b->precision;
}

/*
 * Whether nothing but precision, which costs a liar nothing, tells two places apart in which as
 * many agree. Comfort only counts where some who agreed the last time are at this place alone: who
 * is at both tells nothing.
 */
static bool undecided(const struct select_work *w, const struct select_place *a,
                      const struct select_place *b)
{
    unsigned only_here = 0;

    for (unsigned i = 0; i < w->n; i++)
        only_here += select_claims(w, i, a->lo) && !select_claims(w, i, b->lo) &&
                     w->in[i].state == SELECT_SELECTED;
    return a->loyal == b->loyal &&
           (only_here == 0 || fabs(a->comfort - b->comfort) <= COMFORT_DIFFERS);
}

/* The most agreed place begins where some claim begins, so only those points are tried. */
static struct select_place best_place(const struct select_work *w)
{
    struct select_place best = {0};

    for (unsigned i = 0; i < w->n; i++) {
        struct select_place p;
        bool tied, open;

        if (!w->in[i].reachable)
            continue;
        p = place_at(w, w->lo[i]);
        tied = p.agreeing == best.agreeing &&
               select_voices_at(w, p.lo) != select_voices_at(w, best.lo);
        open = tied && undecided(w, &p, &best);
        if (better(&p, &best)) {
            bool as_many = p.agreeing == best.agreeing;

            p.tied = tied || (as_many && best.tied);
            /* What was undecided with a third place stays so, unless this one is better than it. */
            p.ambiguous = open || (as_many && best.ambiguous && undecided(w, &p, &best));
            best = p;
        } else {
            best.tied = best.tied || tied;
            best.ambiguous = best.ambiguous || open;
        }
    }
    return best;
}

/*
 * From the first to the last of the places in which as many agree as at p. Whoever claims all of it
 * is at each of them.
 */
static struct select_place across(const struct select_work *w, const struct select_place *p)
{
    struct select_place all = *p;

    for (unsigned i = 0; i < w->n; i++) {
        struct select_place other;

        if (!w->in[i].reachable)
            continue;
        other = place_at(w, w->lo[i]);
        if (other.agreeing < p->agreeing)
            continue;
        all.lo = other.lo < all.lo ? other.lo : all.lo;
        all.hi = other.hi > all.hi ? other.hi : all.hi;
    }
    return all;
}

/* Of the voice of i: is there a better one than i to speak for it at this place? */
static bool outspoken(const struct select_work *w, const struct select_place *p, unsigned i)
{
    const struct select_input *a = &w->in[i];

    for (unsigned j = 0; j < w->n; j++) {
        const struct select_input *b = &w->in[j];
        double mine = (double)a->bound_ns;
        double other = (double)b->bound_ns;

        if (j == i || w->voice[j] != w->voice[i] ||
            !(select_claims(w, j, p->lo) && select_claims(w, j, p->hi)))
            continue;
        /* The one in use has an advantage, so that two alike do not take turns. */
        mine *= a->state == SELECT_SELECTED ? HOP_FACTOR : 1;
        other *= b->state == SELECT_SELECTED ? HOP_FACTOR : 1;
        if (other < mine || (other <= mine && j < i))
            return true;
    }
    return false;
}

static bool readmitted(const struct select_work *w, const struct select_place *p, unsigned i)
{
    const struct select_input *s = &w->in[i];
    int64_t reach = (int64_t)((double)s->bound_ns * READMIT);

    if (s->state != SELECT_FALSETICKER && s->state != SELECT_PROBATION)
        return true;
    return ns_sub_sat(s->offset_ns, reach) <= p->hi && ns_add_sat(s->offset_ns, reach) >= p->lo;
}

static enum select_state judge(const struct select_work *w, const struct select_place *p,
                               unsigned i)
{
    if (!w->in[i].reachable)
        return SELECT_UNREACHABLE;
    /* Whoever meets the place only in part agrees, and its voice is counted already: with another
       voice the place would have been smaller. */
    if (!select_claims(w, i, p->lo) || !select_claims(w, i, p->hi))
        return w->lo[i] <= p->hi && w->hi[i] >= p->lo ? SELECT_SHADOWED : SELECT_FALSETICKER;
    if (outspoken(w, p, i))
        return SELECT_SHADOWED;
    return readmitted(w, p, i) ? SELECT_SELECTED : SELECT_PROBATION;
}

static uint8_t vote_leap(const struct select_work *w, const struct select_output *out,
                         unsigned voices)
{
    unsigned votes[2] = {0};

    for (unsigned i = 0; i < w->n; i++) {
        bool speaks = out[i].state == SELECT_SELECTED || out[i].state == SELECT_PROBATION;

        votes[0] += speaks && w->in[i].leap == NTP_LEAP_INSERT;
        votes[1] += speaks && w->in[i].leap == NTP_LEAP_DELETE;
    }
    if (votes[0] * 2 > voices)
        return NTP_LEAP_INSERT;
    return votes[1] * 2 > voices ? NTP_LEAP_DELETE : NTP_LEAP_NONE;
}

static void load(struct select_work *w, const struct select_input *in, unsigned n)
{
    w->in = in;
    w->n = n;
    for (unsigned i = 0; i < n; i++) {
        w->lo[i] = ns_sub_sat(in[i].offset_ns, in[i].bound_ns);
        w->hi[i] = ns_add_sat(in[i].offset_ns, in[i].bound_ns);
    }
    find_voices(w);
}

/* Nobody is believed. */
static void name_nobody(const struct select_work *w, struct select_output *out,
                        struct select_result *r)
{
    *r = (struct select_result){
        .tie = r->tie, .voices = r->voices, .agreeing = r->agreeing, .needed = r->needed};
    for (unsigned i = 0; i < w->n; i++)
        out[i] = (struct select_output){.state = w->in[i].reachable ? SELECT_UNDECIDED
                                                                    : SELECT_UNREACHABLE};
}

/* Judges all by that place. False when nobody is left to be used. */
static bool judge_all(const struct select_work *w, const struct select_place *p, bool tie,
                      struct select_output *out)
{
    bool used = false, counted = false;

    for (unsigned i = 0; i < w->n; i++) {
        bool both = select_claims(w, i, p->lo) && select_claims(w, i, p->hi);

        out[i] = (struct select_output){
            .state = tie && w->in[i].reachable && !both ? SELECT_UNDECIDED : judge(w, p, i)};
        used = used || out[i].state == SELECT_SELECTED;
        counted = counted || out[i].state == SELECT_PROBATION;
    }
    /* Nobody but the readmitted: then there is no reason to wait for better. */
    for (unsigned i = 0; i < w->n && !used; i++) {
        if (out[i].state == SELECT_PROBATION)
            out[i].state = SELECT_SELECTED;
    }
    return used || counted;
}

void select_sources(const struct select_input *in, unsigned n, const struct select_policy *policy,
                    struct select_output *out, struct select_result *r)
{
    struct select_work w;
    struct select_place p;

    INVARIANT(n <= SELECT_MAX);
    n = n < SELECT_MAX ? n : SELECT_MAX;
    memset(r, 0, sizeof *r);
    load(&w, in, n);
    p = best_place(&w);
    r->voices = select_count_bits(voices_counted(&w, policy->of_all));
    r->agreeing = p.agreeing;
    r->needed = r->voices / 2 + 1;
    if (r->needed < policy->minsources)
        r->needed = policy->minsources;
    r->majority = p.agreeing >= r->needed;
    r->tie = r->majority && (p.ambiguous || (p.tied && policy->of_all));
    if (r->tie)
        p = across(&w, &p);
    if (!r->majority || !judge_all(&w, &p, r->tie, out)) {
        name_nobody(&w, out, r);
        return;
    }
    select_combine(&w, &p, out, r);
    if (r->tie && r->bound_ns >= policy->tie_below_ns) {
        name_nobody(&w, out, r);
        return;
    }
    r->leap = vote_leap(&w, out, r->voices);
}

const char *select_state_name(enum select_state s)
{
    static const char *const names[] = {
        [SELECT_UNKNOWN] = "unknown",     [SELECT_UNREACHABLE] = "unreachable",
        [SELECT_UNDECIDED] = "undecided", [SELECT_FALSETICKER] = "falseticker",
        [SELECT_PROBATION] = "probation", [SELECT_SHADOWED] = "shadowed",
        [SELECT_SELECTED] = "selected",
    };

    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "?";
}
