/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/brake.h"

#include "common/nts/nts_ke_backoff.h"

/* A source that waits as RFC 8915 wants begins after its pause, give or take what clocks differ. */
#define TOLERANCE_NS (NS_PER_S / 2)

struct mono brake_free(const struct brake_bucket *b, unsigned burst, int64_t token_ns)
{
    return (struct mono){ns_sub_sat(b->full_at_ns, (burst - 1) * token_ns)};
}

bool brake_pass(struct brake_bucket *b, struct mono now, unsigned burst, int64_t token_ns)
{
    if (brake_free(b, burst, token_ns).ns > now.ns) {
        b->refused++;
        return false;
    }
    if (b->full_at_ns < now.ns)
        b->full_at_ns = now.ns;
    b->full_at_ns += token_ns;
    b->refused = 0;
    return true;
}

/* Behind the n-th in a row. */
static int64_t pause_ns(unsigned n)
{
    int64_t pause;

    if (n < BRAKE_KE_FREE)
        return 0;
    pause = nts_ke_backoff_ns(n - BRAKE_KE_FREE + 1);
    return pause < BRAKE_KE_MAX_NS ? pause : BRAKE_KE_MAX_NS;
}

struct mono brake_ke_free(const struct brake_ke *b)
{
    struct mono start = brake_free(&b->starts, BRAKE_KE_STARTS, BRAKE_KE_START_NS);
    struct mono server = {ns_add_sat(b->row.last.ns, pause_ns(b->row.made) - TOLERANCE_NS)};

    return b->row.made > 0 && server.ns > start.ns ? server : start;
}

bool brake_ke_pass(struct brake_ke *b, struct mono now)
{
    int64_t waited = ns_sub_sat(now.ns, b->row.last.ns), pause = pause_ns(b->row.made);

    if (brake_ke_free(b).ns > now.ns)
        return false;
    (void)brake_pass(&b->starts, now, BRAKE_KE_STARTS, BRAKE_KE_START_NS); /* it is free */
    b->before = b->row;
    /* Each time of rest as long as the longest pause counts for one exchange less. */
    for (; b->row.made > 0 && waited >= 2 * BRAKE_KE_MAX_NS; waited -= BRAKE_KE_MAX_NS)
        b->row.made--;
    /* A step further only as far as it changes something. */
    if (b->row.made == 0 || pause < BRAKE_KE_MAX_NS)
        b->row.made++;
    b->row.last = now;
    return true;
}

void brake_ke_unreached(struct brake_ke *b)
{
    b->row = b->before;
}
