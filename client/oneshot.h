/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stop rule of -q and -s: what counts as the end for one server, and what all say together. */
#ifndef NTSC_ONESHOT_H
#define NTSC_ONESHOT_H

#include "client/engine.h"

/* What has been learned from one server. */
struct result {
    bool done;
    unsigned samples;
    struct sample best; /* of the smallest delay; when samples > 0 */
};

extern const struct source_policy oneshot_policy;

struct oneshot {
    struct engine engine; /* first: the rule finds the rest behind it */
    struct result results[SERVERS_MAX];
};

/* Asks all servers until each has answered setup.samples times or failed, or time is up. */
void oneshot_run(struct oneshot *o);

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
struct conclusion oneshot_conclude(const struct oneshot *o);

int oneshot_exit_status(enum verdict v);

#endif
