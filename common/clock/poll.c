/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/poll.h"

#include <string.h>

#include "common/base/invariant.h"
#include "common/base/time.h"

void poll_init(struct poll *p, uint8_t minpoll, uint8_t maxpoll)
{
    memset(p, 0, sizeof *p);
    p->minpoll = p->floor = p->log2s = minpoll;
    p->maxpoll = maxpoll;
    p->burst = p->granted = POLL_BURST - 1;
    p->unheard = true;
    p->opening = POLL_OPENING;
    p->learning = POLL_LEARN;
}

/* Queries of a burst behind its first. */
static uint8_t burst_of(unsigned cookies)
{
    unsigned queries = cookies > POLL_COOKIES_KEPT ? cookies - POLL_COOKIES_KEPT : 1;

    return (uint8_t)((queries < POLL_BURST ? queries : POLL_BURST) - 1);
}

static uint8_t held(uint8_t v, uint8_t low, uint8_t high)
{
    return v < low ? low : v > high ? high : v;
}

void poll_limit(struct poll *p, uint8_t minpoll, uint8_t maxpoll)
{
    /* A floor that RATE has not raised is the old minpoll. */
    p->floor = p->floor == p->minpoll ? minpoll : held(p->floor, minpoll, maxpoll);
    p->minpoll = minpoll;
    p->maxpoll = maxpoll;
    p->log2s = held(p->log2s, p->floor, maxpoll);
}

void poll_burst(struct poll *p, unsigned cookies, bool restart)
{
    p->burst = p->granted = burst_of(cookies);
    p->unheard = true;
    if (restart)
        p->log2s = p->floor;
}

void poll_spare(struct poll *p, unsigned cookies)
{
    if (p->burst > 0 && (unsigned)p->burst + POLL_COOKIES_KEPT > cookies)
        p->burst = burst_of(cookies);
}

void poll_answered(struct poll *p)
{
    if (p->unheard)
        p->burst = p->granted;
    p->unheard = false;
}

uint8_t poll_wanted(const struct poll *p, const struct poll_input *in)
{
    double allowed = POLL_GROWTH * (in->sd_now > POLL_FLOOR_S ? in->sd_now : POLL_FLOOR_S);
    uint8_t log2s = p->floor;

    while (log2s < p->maxpoll && in->sd_at[log2s + 1 - POLL_LOG2_MIN] <= allowed)
        log2s++;
    return log2s;
}

static void choose(struct poll *p, const struct poll_input *in)
{
    uint8_t wanted;
    bool moved;

    if (!in->valid)
        return;
    if (p->learning > 0)
        p->learning--;
    if (p->settling > 0 && !in->moving)
        p->settling--;
    moved = in->moving && p->settling == 0;
    if (moved)
        p->settling = POLL_SETTLE;
    wanted = moved || p->learning > 0 ? p->floor : poll_wanted(p, in);
    if (wanted > p->log2s)
        p->log2s++;
    else
        p->log2s = wanted;
}

/* ns * (1 +- POLL_SPREAD): a million machines started together shall not stay together. */
static int64_t spread(int64_t ns, uint32_t random)
{
    double share = (double)random / UINT32_MAX * 2 - 1;

    return ns + (int64_t)((double)ns * POLL_SPREAD * share);
}

int64_t poll_next_ns(struct poll *p, const struct poll_input *in, uint32_t random)
{
    if (p->burst > 0) {
        p->burst--;
        return spread(POLL_BURST_NS, random);
    }
    if (p->opening > 0 && !p->unheard) {
        if (p->opening < p->log2s)
            return spread(NS_PER_S << p->opening++, random);
        p->opening = 0;
    }
    choose(p, in);
    INVARIANT(p->minpoll <= p->log2s && p->log2s <= p->maxpoll);
    return spread(NS_PER_S << p->log2s, random);
}

void poll_rate(struct poll *p)
{
    p->burst = p->opening = 0;
    p->unheard = false;
    if (p->log2s < p->maxpoll)
        p->log2s++;
    p->floor = p->log2s;
}
