/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between ntsc, which holds the clock, and ntsc-engine, which talks NTP (see msg.h).
 *
 * From ntsc to the engine:
 * - MSG_SETUP, then MSG_SERVER for each server in order; the daemon again at SIGHUP
 * - MSG_KE_SOCKET (with a descriptor), MSG_CLOCK_RESULT, MSG_CONTROL
 * From the engine to ntsc:
 * - MSG_KE_START, MSG_CLOCK, MSG_TEXT, MSG_DONE, MSG_ALIVE
 */
#ifndef NTSC_MSG_ENGINE_H
#define NTSC_MSG_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock/check_limit.h"
#include "common/clock/clock_answer.h"
#include "common/clock/clock_limit.h"
#include "common/clock/clock_order.h"
#include "common/clock/leap.h"
#include "common/msg/msg.h"

/* The engine finds the state and the status directory here, when MSG_SETUP says so. */
#define MSG_STATE_FD  4
#define MSG_STATUS_FD 5

/* A key exchange may take this long at most: DNS, TCP, TLS and records together. */
#define KE_TIMEOUT_MAX_MS 30000

#define SERVERS_MAX 64
#define SAMPLES_MAX 64

/* No message to the engine is longer. */
#define ENGINE_MSG_MAX 2048

enum msg_engine_type {
    MSG_SETUP = 0x454e0001,
    MSG_SERVER,
    MSG_KE_START,
    MSG_KE_SOCKET,
    MSG_CLOCK,
    MSG_CLOCK_RESULT,
    MSG_CONTROL,
    MSG_DONE,
    MSG_ALIVE,
    MSG_TEXT,
};

enum run_mode { RUN_CHECK = 1, RUN_SET, RUN_DAEMON };

/* How a one-shot prints: lines for people, one JSON object, the line of a monitoring plug-in. */
enum run_form { RUN_TEXT, RUN_JSON, RUN_PLUGIN, RUN_FORMS };

struct msg_setup {
    uint32_t type;
    uint8_t mode;              /* enum run_mode */
    uint8_t form;              /* enum run_form */
    uint8_t log_to, log_level; /* enum log_to, enum log_level */
    uint8_t has_state, has_status;
    uint16_t servers;
    /* One-shot: */
    uint16_t samples; /* per server */
    uint8_t trust_single;
    uint8_t quiet; /* nothing is printed when all is well */
    int32_t timeout_ms;
    struct check_limits limits;
    /* Daemon: */
    uint8_t monitor_only; /* the clock is not touched */
    uint8_t minsources;
    uint16_t step_count;
    uint16_t steps_made;  /* in this boot */
    uint8_t synchronized; /* was already, in this boot */
    uint8_t generation;   /* of the configuration; key exchanges of an older one are void */
    uint8_t trust_old;    /* as for one-shots: three sources may name a time before the build */
    uint8_t live;         /* one-shot: results are printed as they come, for people who wait */
    uint16_t columns;     /* of his terminal, in which lines are to fit; 0: they need not */
    uint32_t pid;         /* ntsc's, for the status */
    int64_t step_ns, panic_ns, maxdelay_ns;
    double kernel_rate; /* frequency in force, s/s against the raw oscillator */
    /* As ntsc has read it, which judges orders by the same; in its sandbox an engine cannot. */
    struct leap_table leaps;
};

struct msg_server {
    uint32_t type;
    uint16_t index;
    uint16_t port;            /* of key establishment */
    uint32_t group;           /* servers of one operator have one number; 0: alone */
    uint8_t minpoll, maxpoll; /* log2 seconds */
    uint8_t pool;             /* servers of one pool have one number; 0: no pool */
    uint8_t xleave;           /* interleaved mode where the server has it */
    char host[NTS_NAME_MAX + 1];
    char id[COOKIE_ID_MAX + 1]; /* names the stored session: host, port, what is asked for, CA */
};

/* The engine wants keys from a server; the rest of the request is ntsc's own knowledge. */
struct msg_ke_start {
    uint32_t type;
    uint16_t index;
    uint8_t generation;
    uint8_t two_steps; /* certificates may be judged in two steps, if ntsc thinks so too */
    int32_t timeout_ms;
    uint16_t n_taken;
    uint8_t plain_aead; /* this server has not stood the list of algorithms: AEAD 15 alone */
    uint8_t zero;
    int64_t last_good_s; /* when the clock is known to have been right; 0: not known */
    uint64_t wanted;     /* of a pool, as in msg_ke_request */
    struct pool_member taken[POOL_MAX];
};

/*
 * Comes with the descriptor of the socket to ntsc-ke, or without one: then with an error (errno),
 * or with the time after which ntsc will start one, since it keeps pauses between them itself.
 */
struct msg_ke_socket {
    uint32_t type;
    uint16_t index;
    uint8_t generation, zero;
    int32_t error;
    int32_t wait_ms;
};

/* The engine wants this done to the clock. ntsc holds it against clock_limit.h first. */
struct msg_clock {
    uint32_t type;
    uint32_t zero;
    struct clock_order order;
};

/*
 * What came of it, always after a step, else only when there is something to tell; and what ntsc
 * has seen of others who change the clock, which it tells by itself as well.
 */
struct msg_clock_result {
    uint32_t type;
    uint32_t zero;
    struct clock_answer answer;
};

enum msg_control_what { CONTROL_STOP = 1, CONTROL_POLL_NOW, CONTROL_SHOW_LIFE };

struct msg_control {
    uint32_t type;
    uint32_t what; /* enum msg_control_what */
};

struct msg_done {
    uint32_t type;
    int32_t status; /* exit status of ntsc */
};

/* The answer to CONTROL_SHOW_LIFE. */
struct msg_alive {
    uint32_t type;
    uint32_t zero;
};

/* What the engine has to say. It has no output of its own: ntsc prints it, or logs it. */
enum text_kind { TEXT_OUTPUT = 1, TEXT_WARNING, TEXT_NOTICE, TEXT_DETAIL };

#define MSG_TEXT_MAX 1016

struct msg_text {
    uint32_t type;
    uint16_t kind;           /* enum text_kind */
    uint16_t len;            /* octets of text that count; one line, but for TEXT_OUTPUT */
    char text[MSG_TEXT_MAX]; /* of an untrusted process: see show.h */
};

/* Exact length, type, ranges, strings ended. Each takes what recv() gave. */
bool msg_setup_valid(const void *data, size_t len);
bool msg_server_valid(const void *data, size_t len);
bool msg_ke_start_valid(const void *data, size_t len, unsigned servers);
bool msg_ke_socket_valid(const void *data, size_t len, unsigned servers);
bool msg_clock_valid(const void *data, size_t len);
bool msg_clock_result_valid(const void *data, size_t len);
bool msg_control_valid(const void *data, size_t len);
bool msg_done_valid(const void *data, size_t len);
bool msg_alive_valid(const void *data, size_t len);
bool msg_text_valid(const void *data, size_t len);

/* Of a type, for the log: "clock order"; "message of an unknown type". */
const char *msg_type_name(uint32_t type);

/* What the engine knows of a pool goes along to ntsc-ke; nothing where the server is none. */
void msg_ke_request_pool(struct msg_ke_request *request, const struct msg_ke_start *m);

/* The type a message says it has; 0 when it is too short to have one. */
uint32_t msg_type(const void *data, size_t len);

#endif
