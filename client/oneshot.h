/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stop rule of -q and -s: what counts as the end for one server, and what all say together. */
#ifndef NTSC_ONESHOT_H
#define NTSC_ONESHOT_H

#include "client/engine.h"

/* A sample came: the best is kept, and enough of them end it. */
void oneshot_sample(struct result *r, const struct sample *s, unsigned wanted);

/* source->fail tells of a failure: final ones end it, others leave time for the next attempt. */
void oneshot_failed(struct result *r, const struct source *s);

/* Time is up. */
void oneshot_deadline(struct result *r, struct source *s);

enum verdict {
    VERDICT_OK,
    VERDICT_WARNING,
    VERDICT_CRITICAL,
    VERDICT_NO_ANSWER,
    VERDICT_NO_AGREEMENT,
    VERDICT_SET,
    VERDICT_SET_FAILED,
};

struct conclusion {
    enum verdict verdict;
    int64_t offset_ns, bound_ns; /* of all that agree; unless no answer or no agreement */
    unsigned answered, agreeing;
    uint64_t agree; /* bit per host */
    int set_errno;  /* VERDICT_SET_FAILED */
};

/*
 * One host suffices alone; of several a strict majority of those asked has to agree, so that
 * blocking the honest ones gains nothing.
 */
struct conclusion oneshot_conclude(const struct engine *e);

int oneshot_exit_status(enum verdict v);

#endif
