/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stop rule of -q and -s: what counts as the end for one server, and what all say together. */
#ifndef NTSC_ONESHOT_H
#define NTSC_ONESHOT_H

#include <stdio.h>

#include "client/engine/engine.h"

/* What has been learned from one server. */
struct result {
    bool done;
    bool shown; /* its line has been printed */
    unsigned samples;
    struct sample best; /* of the smallest delay; when samples > 0 */
};

extern const struct source_policy oneshot_policy;

struct oneshot {
    struct engine engine; /* first: the rule finds the rest behind it */
    struct result results[SERVERS_MAX];
    /* The line of one host, for people who wait. */
    void (*print)(FILE *to, const struct oneshot *o, unsigned host);
    struct mono began;
    bool told; /* whom it waits for */
    bool interrupted;
};

/* Before the filters: from now on the first SIGINT ends the run, which then tells what it knows. */
void oneshot_mind_interrupts(void);

/* Asks all servers until each has answered setup.samples times or failed, or time is up. */
void oneshot_run(struct oneshot *o);

/*
 * The clock was stepped by certificates that did not fit it: those that answered are asked again,
 * after key exchanges by the clock as it is now, and get as much time as before.
 */
void oneshot_confirm(struct oneshot *o);

enum verdict {
    VERDICT_OK,
    VERDICT_WARNING,
    VERDICT_CRITICAL,
    VERDICT_NO_ANSWER,
    VERDICT_NO_AGREEMENT,
    VERDICT_OLD, /* they agree on a time before it was known to be later: not believed */
    VERDICT_SET,
    VERDICT_SET_FAILED,
};

struct conclusion {
    enum verdict verdict;
    int64_t offset_ns, bound_ns; /* of all that agree; unless no answer or no agreement */
    unsigned answered, agreeing;
    unsigned voices;  /* that could have agreed */
    uint64_t agree;   /* bit per host */
    bool unfit;       /* some answered whose certificates do not fit the clock, */
    bool provisional; /* and some of those agree: a step has to be confirmed */
    int set_errno;    /* VERDICT_SET_FAILED */
};

/*
 * One host suffices alone, unless its certificate does not fit the clock; of several a strict
 * majority of those asked has to agree, so that blocking the honest ones gains nothing.
 */
struct conclusion oneshot_conclude(const struct oneshot *o);

int oneshot_exit_status(enum verdict v);

#endif
