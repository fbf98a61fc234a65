/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between ntsc, which holds the clock, and ntsc-engine, which talks NTP (see msg.h).
 *
 *   ntsc -> engine   MSG_SETUP, then MSG_SERVER for each server in order, then as asked
 *   engine -> ntsc   MSG_KE_START, MSG_STEP, MSG_DONE
 *   ntsc -> engine   MSG_KE_SOCKET (with a descriptor), MSG_STEP_RESULT
 */
#ifndef NTSC_MSG_ENGINE_H
#define NTSC_MSG_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

/* The engine finds the state directory at this descriptor, when MSG_SETUP says so. */
#define MSG_STATE_FD 4

#define SERVERS_MAX 64
#define SAMPLES_MAX 64

/* No message to the engine is longer. */
#define ENGINE_MSG_MAX 2048

enum msg_engine_type {
    MSG_SETUP = 0x454e0001,
    MSG_SERVER,
    MSG_KE_START,
    MSG_KE_SOCKET,
    MSG_STEP,
    MSG_STEP_RESULT,
    MSG_DONE,
};

enum run_mode { RUN_CHECK = 1, RUN_SET = 2 };

struct msg_setup {
    uint32_t type;
    uint8_t mode; /* enum run_mode */
    uint8_t json, verbose, has_state;
    uint16_t servers;
    uint16_t samples; /* per server */
    int32_t timeout_ms;
    double warn_s, crit_s; /* negative: not given */
};

struct msg_server {
    uint32_t type;
    uint16_t index;
    uint16_t port;  /* of key establishment */
    uint32_t group; /* servers of one operator have one number; 0: alone */
    uint32_t zero;
    char host[NTS_NAME_MAX + 1];
    char id[COOKIE_ID_MAX + 1]; /* names the stored session: host, port, what is asked for, CA */
};

/* The engine wants keys from a server; the rest of the request is ntsc's own knowledge. */
struct msg_ke_start {
    uint32_t type;
    uint16_t index;
    uint16_t zero;
    int32_t timeout_ms;
};

/* Comes with the descriptor of the socket to ntsc-ke, or error (errno) and none. */
struct msg_ke_socket {
    uint32_t type;
    uint16_t index;
    uint16_t zero;
    int32_t error;
};

/* Step CLOCK_REALTIME by offset_ns; afterwards it is right within bound_ns. */
struct msg_step {
    uint32_t type;
    uint32_t zero;
    int64_t offset_ns;
    int64_t bound_ns;
};

struct msg_step_result {
    uint32_t type;
    int32_t error; /* 0: done; else errno */
};

struct msg_done {
    uint32_t type;
    int32_t status; /* exit status of ntsc */
};

/* Exact length, type, ranges, strings ended. Each takes what recv() gave. */
bool msg_setup_valid(const void *data, size_t len);
bool msg_server_valid(const void *data, size_t len);
bool msg_ke_start_valid(const void *data, size_t len, unsigned servers);
bool msg_ke_socket_valid(const void *data, size_t len, unsigned servers);
bool msg_step_valid(const void *data, size_t len);
bool msg_step_result_valid(const void *data, size_t len);
bool msg_done_valid(const void *data, size_t len);

/* The type a message says it has; 0 when it is too short to have one. */
uint32_t msg_type(const void *data, size_t len);

#endif
