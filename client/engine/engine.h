/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine: all servers, their sockets and key exchanges, in one poll(2) loop. */
#ifndef NTSC_ENGINE_H
#define NTSC_ENGINE_H

#include <stdbool.h>

#include "client/engine/net_watch.h"
#include "client/engine/state.h"
#include "client/engine/udp.h"
#include "common/msg/msg_engine.h"
#include "common/source/source.h"
#include "common/status/status.h"

/* Whether it is asked. */
enum host_use {
    HOST_ASKED,
    HOST_WITHOUT_WAY, /* the last attempt found no way to it: that may change with the network */
    HOST_DONE         /* the rule has no more use for it */
};

/* Where its session is. */
enum host_store {
    HOST_STORED,
    HOST_STORED_NO_ADDRESS, /* the store does not know yet from which address it is used */
    HOST_MEMORY_ONLY        /* storing failed, or is switched off: it lives in this process alone */
};

struct host {
    struct msg_server server;
    struct source source;
    struct udp udp;
    int ke_fd; /* to ntsc-ke; -1: none */
    enum host_store store;
    /* Of the session that is shared through the store (share.h): */
    struct wall shared_made; /* which it is */
    struct mono share_at;    /* when it is shared anew at the latest */
    struct mono aim_at;      /* and at the earliest */
    enum host_use use;
    bool plain_aead;         /* it does not stand the list of algorithms (msg_ke_start) */
    struct net_addr ntp;     /* whom we asked last */
    struct mono sent;        /* and when */
    uint32_t random;         /* drawn with it */
    struct mono answered_at; /* 0: never */
    struct mono first_at;    /* since then its phase is known */
    bool kernel_stamps;      /* took all four times of that answer that are ours */
    struct status_counts counts;
    /* Of a pool: */
    uint64_t member;         /* name of its server (struct pool_member); 0: not known */
    struct pool_member left; /* whom it had before, and shall not get again; no address: nobody */
    struct mono good_at;     /* when it gave time last, or began */
};

struct engine;

/* What the one-shot and the daemon do differently. */
struct engine_rule {
    void (*sample)(struct engine *e, unsigned host, const struct sample *s);
    /* host's source.fail tells. */
    void (*failed)(struct engine *e, unsigned host);
    /* A message of ntsc that is not about key exchanges; false: it makes no sense. */
    bool (*message)(struct engine *e, const void *msg, size_t len);
    /* An address or a route has come: what did not work may work now. */
    void (*network)(struct engine *e);
    /* Before each wait: what else is due now. Returns false to end the loop. */
    bool (*turn)(struct engine *e, struct mono now);
};

struct engine {
    const struct engine_rule *rule;
    struct msg_setup setup;
    struct source_policy policy;
    struct state state;
    struct host *hosts;   /* setup.servers of them */
    struct mono deadline; /* of everything; SOURCE_NEVER: none */
    struct mono wake;     /* when the rule wants its next turn at the latest */
    bool two_steps;       /* dates of certificates may be judged in two steps (cert_span.h) */
    int64_t last_good_s;  /* when the clock is known to have been right; 0: not known */
    struct net_watch net;
    bool rare_work; /* something was done that is not done again soon */
    int watch_fd;   /* readable: the rule gets its next turn at once; -1: none */
};

/* Receives what ntsc sends first; ends the process when it is not right. */
void engine_receive_setup(struct engine *e);

/* Opens the state and begins with all servers. */
void engine_prepare(struct engine *e, const struct source_policy *policy);

/* Gives back what is left of the cookies, and wipes all keys. */
void engine_finish(struct engine *e);

/* Receives the messages about setup.servers servers; ends the process when they are not right. */
void engine_receive_servers(struct engine *e, struct host *hosts);

/* A server of which nothing is known yet but its message. */
void engine_prepare_host(struct engine *e, struct host *h);

/* It waits for a network to come, and for nothing else. */
bool engine_waits_for_network(const struct engine *e, const struct host *h);

/*
 * Does what the source of h wants done, in its order. `out` may be used again by what this leads
 * to.
 */
void engine_perform(struct engine *e, struct host *h, struct source_out *out);

/* Whether the last attempt found a way to it. */
void engine_found_way(struct host *h, bool found);

/* Runs sources, sockets and key exchanges until the rule or the deadline ends it. */
void engine_run(struct engine *e);

#endif
