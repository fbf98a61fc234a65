/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One server as common/source/source_step.c and common/source/source_query.c treat it, for Spin. The world is as bad as
 * it can be: servers answer, refuse, forget their keys, stay silent; anybody forges NAKs; the network
 * comes and goes; the process dies anywhere between an action and the next. Time is counted in
 * ticks: one is the pause after a query, the window of a query, and the first pause of the back-off
 * (RFC 8915 section 4.2), which grows by one tick up to GAP_MAX. Cookies are numbers, sets of them
 * bit masks, and a server may use a number again for a new cookie.
 *
 * What must hold: see the assertions, and the formulas at the end. The transitions below are those
 * of the code: tests/proof/run compares them.
 */
#define NEVER      15
#define GAP_MAX    3
#define LOSSES_MAX 2
#define COOKIES    3
#define TICKS_MAX  4

mtype = { SOURCE_WAITING, SOURCE_KE, SOURCE_POLLING, SOURCE_NAK_PENDING, SOURCE_REFUSED };
mtype = { SOURCE_EV_KE_DUE, SOURCE_EV_POLL_DUE, SOURCE_EV_KE_DONE, SOURCE_EV_KE_FAILED,
          SOURCE_EV_VALID, SOURCE_EV_STAY_AWAY, SOURCE_EV_NAK, SOURCE_EV_WINDOW_END };

/* The source. */
mtype state = SOURCE_WAITING;
byte pool;                 /* cookies in memory, and those of the store: never one in both */
byte disk;
byte poll_at = NEVER;      /* ticks until then */
byte ke_at = 0;
byte ke_not_before = 0;
byte window_end;
byte ke_tries;
bool newest;               /* the keys are of the last key exchange that was begun */
byte losses;

/* What only the observer knows. */
byte sent;                 /* cookies that were in a packet */
byte since_ke = TICKS_MAX; /* ticks since the last key exchange began */
byte fruitless;            /* key exchanges since the last good answer that reached a server */
byte pause;                /* ticks that have to lie between the last one and the next */
bool unpaced;              /* the next key exchange may come early: another life, another network */
bool good;                 /* from now on the servers do what they should */
bool accepted;             /* just now */
byte trouble = 1;          /* deaths and changes of the network still to come */
hidden byte c, all, taken, nak;


inline step(event)
{
    if
    :: state == SOURCE_WAITING && event == SOURCE_EV_KE_DUE -> state = SOURCE_KE
    :: state == SOURCE_WAITING && event == SOURCE_EV_POLL_DUE -> state = SOURCE_POLLING
    :: state == SOURCE_KE && event == SOURCE_EV_KE_DONE -> state = SOURCE_WAITING
    :: state == SOURCE_KE && event == SOURCE_EV_KE_FAILED -> state = SOURCE_WAITING
    :: state == SOURCE_POLLING && event == SOURCE_EV_VALID -> state = SOURCE_WAITING
    :: state == SOURCE_POLLING && event == SOURCE_EV_STAY_AWAY -> state = SOURCE_REFUSED
    :: state == SOURCE_POLLING && event == SOURCE_EV_NAK -> state = SOURCE_NAK_PENDING
    :: state == SOURCE_POLLING && event == SOURCE_EV_WINDOW_END -> state = SOURCE_WAITING
    :: state == SOURCE_NAK_PENDING && event == SOURCE_EV_VALID -> state = SOURCE_WAITING
    :: state == SOURCE_NAK_PENDING && event == SOURCE_EV_STAY_AWAY -> state = SOURCE_REFUSED
    :: state == SOURCE_NAK_PENDING && event == SOURCE_EV_WINDOW_END -> state = SOURCE_WAITING
    fi
}

#define MIN(a, b)  ((a) < (b) -> (a) : (b))
#define DOWN(t)    t = ((t) == NEVER || (t) == 0 -> (t) : (t) - 1)
#define POLL_WINS  (pool != 0 && poll_at < ke_at)
#define NEXT       (POLL_WINS -> poll_at : ke_at)
#define QUERYING   (state == SOURCE_POLLING || state == SOURCE_NAK_PENDING)

inline want_ke()
{
    if
    :: ke_at == NEVER -> ke_at = ke_not_before
    :: else
    fi
}

inline want_ke_if_empty()
{
    if
    :: pool == 0 -> want_ke()
    :: else
    fi
}

/* A cookie that the client does not have; its number may have been another's. */
inline new_cookie()
{
    select(c : 0 .. COOKIES - 1);
    if
    :: ((pool | disk) & (1 << c)) == 0 ->
        sent = sent & ~(1 << c);
        pool = pool | (1 << c)
    :: else
    fi
}

/* Our share of all cookies goes out of the store before one of it is sent (client/engine/share.c, which
 * takes the older half); here it is any share, though none only where there are none. */
inline deal()
{
    select(c : 0 .. (1 << COOKIES) - 1);
    all = pool | disk;
    disk = all & c;
    pool = all & ~c;
    if
    :: pool == 0 -> pool = disk; disk = 0
    :: else
    fi
}

inline save()
{
    if
    :: pool != 0 -> skip /* not yet due */
    :: true -> deal()
    fi
}

inline tick()
{
    DOWN(poll_at);
    DOWN(ke_at);
    DOWN(ke_not_before);
    DOWN(window_end);
    since_ke = MIN(since_ke + 1, TICKS_MAX)
}

inline ke_start()
{
    step(SOURCE_EV_KE_DUE);
    ke_tries = MIN(ke_tries + 1, GAP_MAX);
    newest = false;
    ke_at = NEVER;
    ke_not_before = ke_tries;
    /* No storm, whatever failed before: NAKs, key exchanges, queries. */
    assert(unpaced || since_ke >= pause);
    unpaced = false;
    since_ke = 0;
    fruitless = MIN(fruitless + 1, GAP_MAX);
    pause = fruitless
}

inline query_start()
{
    step(SOURCE_EV_POLL_DUE);
    taken = 0;
    do
    :: (pool & (1 << taken)) != 0 -> break
    :: else -> taken++
    od;
    pool = pool & ~(1 << taken);
    window_end = 1;
    poll_at = NEVER;
    save();
    if
    :: trouble > 0 -> die() /* struck, and never sent */
    :: true ->
        assert((sent & (1 << taken)) == 0); /* no cookie twice */
        sent = sent | (1 << taken)
    fi
}

inline query_lost()
{
    losses = MIN(losses + 1, LOSSES_MAX);
    poll_at = 1;
    if
    :: nak || pool == 0 || losses >= LOSSES_MAX -> want_ke()
    :: else
    fi
}

/* An answer that authenticates; `proves`: with a time within the certificate's validity. */
inline answered(proves)
{
    assert(QUERYING); /* nothing is accepted after refusal, or twice for one query */
    step(SOURCE_EV_VALID);
    accepted = true;
    losses = 0;
    if
    :: proves && newest -> ke_tries = 0; ke_at = NEVER; fruitless = 0
    :: proves && !newest -> ke_at = NEVER
    :: else
    fi;
    poll_at = 1;
    if
    :: good -> new_cookie()
    :: else ->
        if
        :: new_cookie()
        :: true
        fi
    fi;
    if
    :: proves -> want_ke_if_empty()
    :: else -> want_ke()
    fi;
    save()
}

inline kissed()
{
    step(SOURCE_EV_VALID);
    poll_at = 1;
    want_ke_if_empty();
    save()
}

inline ke_done()
{
    step(SOURCE_EV_KE_DONE);
    newest = true;
    pool = 0;
    disk = 0;
    new_cookie();
    new_cookie();
    poll_at = 0;
    ke_at = (pool != 0 -> NEVER : 0);
    losses = 0;
    deal()
}

inline ke_failed(reached)
{
    step(SOURCE_EV_KE_FAILED);
    if
    :: reached
    :: else ->
        ke_tries--;
        ke_not_before = 1;
        fruitless--;
        pause = 1
    fi;
    ke_at = ke_not_before;
    poll_at = (poll_at == NEVER -> 0 : poll_at)
}

/* kill -9 and a new start, with what is stored. */
inline die()
{
    trouble--;
    state = SOURCE_WAITING;
    pool = 0;
    deal();
    ke_tries = 0;
    losses = 0;
    ke_not_before = 0;
    window_end = 0;
    poll_at = (pool != 0 -> 0 : NEVER);
    ke_at = (pool != 0 -> NEVER : 0);
    fruitless = 0;
    unpaced = true
}

inline network_changed()
{
    trouble--;
    if
    :: pool != 0 -> poll_at = 0
    :: else
    fi;
    if
    :: ke_tries == 0 && ke_at != NEVER -> ke_at = 0; unpaced = true
    :: else
    fi
}

active proctype source()
{
    do
    :: atomic { !good -> good = true }
    :: atomic { trouble > 0 && state != SOURCE_REFUSED -> die() }
    :: atomic { trouble > 0 && state == SOURCE_WAITING -> network_changed() }

    :: atomic { state == SOURCE_WAITING && NEXT == 0 ->
        accepted = false;
        if
        :: ke_at == 0 -> ke_start()
        :: else -> query_start()
        fi }
    :: atomic { state == SOURCE_WAITING && NEXT != 0 ->
        assert(NEXT != NEVER); /* there is always something to wait for */
        tick() }

    :: atomic { state == SOURCE_KE -> ke_done() }
    :: atomic { state == SOURCE_KE && !good -> ke_failed(true) }
    :: atomic { state == SOURCE_KE && !good -> ke_failed(false) }
    :: atomic { state == SOURCE_KE && !good && since_ke < TICKS_MAX -> tick() }

    :: atomic { QUERYING -> answered(true) }
    :: atomic { QUERYING && !good -> answered(false) }
    :: atomic { QUERYING && !good -> kissed() }
    :: atomic { QUERYING && !good -> step(SOURCE_EV_STAY_AWAY) }
    :: atomic { state == SOURCE_POLLING -> step(SOURCE_EV_NAK) }
    :: atomic { QUERYING && !good && window_end != 0 -> tick() }
    :: atomic { QUERYING && !good && window_end == 0 ->
        nak = state == SOURCE_NAK_PENDING;
        step(SOURCE_EV_WINDOW_END);
        query_lost() }

    :: state == SOURCE_REFUSED -> break
    od;
end:
    false /* nothing is sent, asked or accepted any more */
}

/* While servers answer there is one answer after another; it needs no luck, only servers. */
ltl alive { [] ((good && state != SOURCE_REFUSED) -> <> (accepted || state == SOURCE_REFUSED)) }
