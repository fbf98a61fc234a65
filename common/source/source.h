/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of one server: when to exchange keys, when to ask, what to believe.
 *
 * It performs nothing. Events come in through the four functions below, what is to be done leaves
 * in a struct source_out, in the order in which it has to be done. The one-shot and the daemon are
 * the same machine with another struct source_policy.
 *
 *   state          meaning                                       leaves on
 *   WAITING        nothing under way; poll_at and ke_at tell     timer
 *   KE             a key exchange is under way                   its result
 *   POLLING        a query is under way                          valid answer, kiss, end of window
 *   NAK_PENDING    likewise, and the server did not know the     valid answer, end of window
 *                  cookie (RFC 8915 section 5.7)
 *   REFUSED        the server told us to stay away               never
 */
#ifndef NTSC_SOURCE_H
#define NTSC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/clock/sample.h"
#include "common/nts/aead.h"
#include "common/nts/cookie_file.h"
#include "common/nts/nts_ext.h"

enum source_state {
    SOURCE_WAITING,
    SOURCE_KE,
    SOURCE_POLLING,
    SOURCE_NAK_PENDING,
    SOURCE_REFUSED,
    SOURCE_STATES
};

#define SOURCE_NEVER ((struct mono){INT64_MAX})

/* Addresses are looked up anew after a week at the latest, and that takes a key exchange. */
#define SOURCE_SESSION_MAX_NS (7 * 86400 * NS_PER_S)

struct source_policy {
    int64_t query_window_ns; /* how long an answer is waited for; doubled after a loss, twice */
    int64_t retry_ns;        /* pause after a query without answer */
    int64_t poll_ns;         /* pause after an answer, unless source_poll_at() says another */
    uint8_t losses_max;      /* unanswered queries in a row after which keys are exchanged anew */
    struct wall pivot;       /* build date, for the era */
};

/*
 * The last exchange with a valid answer: by its receive timestamp the server knows it, and tells in
 * the next answer when this one has really left (RFC 9769 section 2).
 */
struct source_exchange {
    uint64_t receive; /* 0: there is none */
    struct local_stamps local;
    struct net_addr server;
    bool interleaved; /* its answer was; else it has given its sample already */
};

struct source {
    enum source_state state;
    const struct source_policy *policy;
    struct nts_session session; /* no cookies: none, or used up */
    bool has_session;
    bool keys_newest;       /* the session is of the last key exchange that was begun */
    uint8_t elsewhere;      /* its cookies that are kept for others: so many fewer are asked for */
    struct mono session_at; /* when keys were exchanged, or it was taken up from the store */

    struct mono poll_at;       /* next query, when there is a cookie */
    struct mono ke_at;         /* next key exchange; SOURCE_NEVER: none wanted */
    struct mono ke_not_before; /* RFC 8915 section 4.2 */
    struct mono window_end;    /* of the query under way */
    uint8_t ke_unreached;      /* key exchanges in a row that reached no server, up to a limit */
    uint8_t ke_spread;         /* drawn for the one begun last: how much later the next may be */
    unsigned ke_tries;         /* key exchanges since both one of them and a query succeeded */

    /* The query under way. The key is kept here because another session may come meanwhile. */
    uint8_t uid[NTS_UID_LEN];
    uint64_t transmit;
    struct aead_key s2c;
    struct wall session_made;
    int64_t not_before_s,
        not_after_s;  /* validity of the certificates behind the key; 0: not known */
    bool provisional; /* they were not valid at the clock */
    uint8_t address;  /* index into session.ntp of the next query */
    uint8_t losses;
    bool saw_plain; /* an answer without any authentication */
    bool saw_forged;
    int64_t delay_max_ns; /* 0: any will do */
    struct net_addr delay_of;
    bool silent; /* nothing valid has come */
    struct mono silent_since;

    struct source_exchange exchange; /* for interleaved mode */
    uint64_t receive;                /* likewise, sent with the query under way; 0: basic mode */
    bool xleave;                     /* interleaved mode is wanted */

    bool network_came;                 /* while keys were exchanged */
    bool renewed;                      /* by source_renew(), since the start */
    bool nak, rate, key_exchange_made; /* since the start, for reports */
    uint8_t reach;                     /* RFC 5905: last eight polls, newest lowest */
    struct failure fail;               /* the last one; STAGE_OK after a valid sample */
};

enum source_action {
    SOURCE_SAVE,  /* store source->session now, before anything that follows */
    SOURCE_SEND,  /* packet to source->session.ntp[out->address], from a new port */
    SOURCE_CLOSE, /* the query is over: its socket is no longer needed */
    SOURCE_START_KE,
    SOURCE_SAMPLE, /* out->sample */
    SOURCE_FAILED, /* source->fail tells; the machine goes on by itself */
};

/* No event makes more than that. */
#define SOURCE_ACTIONS_MAX 4

struct source_out {
    enum source_action act[SOURCE_ACTIONS_MAX];
    unsigned n;
    struct net_addr to;
    size_t packet_len;
    uint8_t packet[NTS_REQUEST_MAX];
    struct sample sample;
};

/* Where key establishment sent us to another host, a failure of the NTP server at `ntp` says so. */
void source_name_redirect(const struct source *s, const struct net_addr *ntp, struct failure *f);

/* Octets to be asked of a CSPRNG before each call of source_timer(). */
struct source_tools {
    const struct aead *aead;
    struct nts_request_random random;
};

/* Starts without a session: keys are to be exchanged at `now`. */
void source_init(struct source *s, const struct source_policy *policy, struct mono now);

/* A session from disk: it is asked at once. */
void source_resume(struct source *s, const struct nts_session *session, struct mono now);

/*
 * A session that was stored, by us or by another process, with the cookies that are ours to send;
 * NULL: there is none any more. Nobody else may have those cookies, nor get them from the store.
 */
void source_sync(struct source *s, const struct nts_session *stored, struct mono now);

/* The session is too old: keys are exchanged when they may be, its cookies used until then. */
void source_outlived(struct source *s, struct mono now);

/* Cookies that are left, ours and those kept for others. */
unsigned source_cookies_left(const struct source *s);

/* Whether a datagram may answer the query under way; cheap, and hard to guess for outsiders. */
bool source_expects(const struct source *s, const uint8_t *data, size_t len);

/* When source_timer() has to be called next; SOURCE_NEVER while only an event can change things. */
struct mono source_next(const struct source *s);

/* The time has come. Does nothing when it has not. */
void source_timer(struct source *s, struct mono now, const struct source_tools *tools,
                  struct source_out *out);

/* The key exchange ended well. */
void source_ke_done(struct source *s, struct mono now, const struct nts_session *session,
                    struct source_out *out);

/* It failed; `reached`: a key-establishment server was, so that the back-off counts. */
void source_ke_failed(struct source *s, struct mono now, const struct failure *f, bool reached,
                      struct source_out *out);

/* It did not begin, and may not before `wait_ns` are over: this says nothing about the server. */
void source_ke_held(struct source *s, struct mono now, int64_t wait_ns);

/* A datagram came on the query's socket. */
void source_datagram(struct source *s, struct mono now, const uint8_t *data, size_t len,
                     const struct local_stamps *local, const struct aead *aead,
                     struct source_out *out);

/* Whether source_timer() would send a query at `now`, and to whom. */
bool source_will_ask(const struct source *s, struct mono now, struct net_addr *to);

/* Why the query that was sent last has no answer so far. */
struct failure source_no_answer(const struct source *s);

/*
 * There is no way to send it: no cookie is spent, the server is not to blame. The next address is
 * tried at once; when all have been, *f is the failure, and all of them are tried again later.
 */
void source_no_way(struct source *s, struct mono now, const struct failure *f,
                   struct source_out *out);

/* The query could not be sent, or its port is closed: as if it had been lost, at once. */
void source_send_failed(struct source *s, struct mono now, struct source_out *out);

/* Addresses or routes came: what waits for the network is tried now. */
void source_network_changed(struct source *s, struct mono now);

/*
 * The next query would leave from this address of ours. Cookies seen from two addresses would tell
 * that they belong to one machine (RFC 8915 section 10): when the session has been used from
 * another, it is forgotten, as if it had never been stored, and keys are exchanged; then true.
 */
bool source_moved(struct source *s, struct mono now, const struct net_addr *from);

/*
 * What the session stands on is no longer good enough: it is forgotten, and keys are exchanged at
 * once, from the second time on with the pauses of RFC 8915. Only in SOURCE_WAITING; else false.
 */
bool source_renew(struct source *s, struct mono now);
/* Answers of `from` that take longer than `ns` are refused from now on (REASON_DELAY); 0: none. */
void source_limit_delay(struct source *s, const struct net_addr *from, int64_t ns);

/* This machine is in another network: how far servers are was measured in the old one. */
void source_elsewhere(struct source *s);

/* It does so by itself at another address of ours, and after so long without any answer. */
#define SOURCE_ELSEWHERE_NS (3600 * NS_PER_S)

/*
 * The clocks by which the last exchange was stamped have jumped: what is still to be told of it is
 * no sample any more.
 */
void source_forget_exchange(struct source *s);

/* The caller's poll policy: the next query. */
void source_poll_at(struct source *s, struct mono at);

#endif
