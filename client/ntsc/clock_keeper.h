/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's clock in trusted hands: every order is held against the limits before it is carried
 * out. */
#ifndef NTSC_CLOCK_KEEPER_H
#define NTSC_CLOCK_KEEPER_H

#include <stdbool.h>

#include "client/ntsc/clock_set.h"
#include "client/ntsc/other_clocks.h"
#include "common/clock/clock_answer.h"
#include "common/clock/clock_limit.h"
#include "common/clock/leap.h"
#include "common/conf/conf.h"
#include "common/msg/msg_engine.h"

struct clock_keeper {
    struct clock_limit limit;
    struct leap_table leaps;
    int limit_fds[2];  /* what is used of the allowance, in this boot; -1: not kept */
    bool synchronized; /* what the kernel was told last */
    bool set_before;   /* last_set is what we have set last */
    struct clock_reading last_set;
    struct other_clocks others;
    int note;              /* of `ntsc -s` (set_note.h); the daemon: its directory; -1: none */
    struct mono looked_at; /* when the clocks were looked at last */
    struct raw looked;     /* the same on the raw clock */
    struct mono saved_at;  /* when what was seen was stored last */
    int64_t leap_ns;       /* the kernel is armed to move its clock by so much */
    int64_t leap_midnight_s;
    uint64_t refused, told; /* orders; and how many of them the log knows of */
    struct mono told_at;
};

/* A fresh allowance, as the configuration gives it; nothing is kept. */
void clock_keeper_init(struct clock_keeper *k, enum clock_mode mode, const struct conf *c);

/* What the configuration lets the engine ask for beyond the usual: step-later, trust-old. */
void clock_keeper_allow(struct clock_keeper *k, const struct conf *c);

/*
 * Takes up what a file says is used of the allowance, the first of the two (-1: none) that says
 * anything, and keeps it in both from now on.
 */
void clock_keeper_resume(struct clock_keeper *k, int first_fd, int second_fd);

/* What the engine is told of the clock at its start. */
void clock_keeper_tell(const struct clock_keeper *k, struct msg_setup *setup);

/* The engine has ended: tells the log of the refused orders that it does not know of yet. */
void clock_keeper_engine_ended(struct clock_keeper *k);

/*
 * The floor for the dates of certificates (msg_ke_request.time_floor_s) in a key exchange that the
 * engine asks for: 0, so that the clock decides, unless the kernel says that nobody vouches for it.
 */
int64_t clock_keeper_date_floor(const struct clock_keeper *k, const struct conf *c,
                                const struct msg_ke_start *m);

/*
 * Looks at the clocks: what others have done goes into *r, when there is such a thing, and counts
 * as a witness. True when it is worth telling the engine.
 */
bool clock_keeper_look(struct clock_keeper *k, struct clock_answer *r);

/* In so many ms it has to look again by itself; -1: never. */
int clock_keeper_wait_ms(const struct clock_keeper *k);

/* Stores what was seen, for the next start in this boot. */
void clock_keeper_save(struct clock_keeper *k);

/* The leap table is read again, as the engine reads it at the same time. */
void clock_keeper_read_leaps(struct clock_keeper *k);

/* Carries out a valid message, unless the limits forbid it; what came of it is in *r. */
void clock_keeper_order(struct clock_keeper *k, const struct msg_clock *m, struct clock_answer *r);

#endif
