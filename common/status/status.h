/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running daemon knows, as data: the content of status.json, schema 1. */
#ifndef NTSC_STATUS_H
#define NTSC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/clock/select.h"
#include "common/msg/msg.h"
#include "common/source/source.h"

#define STATUS_SCHEMA 1

/* Who moved the clock last. */
enum status_step_by { STATUS_STEP_NONE, STATUS_STEP_NTSC, STATUS_STEP_OTHER };

struct status {
    struct wall at;      /* when this was written */
    struct wall next;    /* when the next is due at the latest: afterwards it is stale */
    struct wall started; /* the daemon */
    uint32_t pid;
    bool synchronized;
    bool monitor_only; /* -x: the clock is not touched */
    int64_t offset_ns; /* true time minus clock, as estimated now */
    int64_t bound_ns;  /* the true offset lies within offset_ns +- bound_ns; < 0: not known */
    double sd_s;
    double frequency_ppm; /* correction in force against the raw oscillator */
    double wander;        /* s^-1/2; 0: not known */
    uint8_t leap;         /* NTP_LEAP_... */
    uint8_t stratum;      /* of the best selected source; 0: none */
    uint8_t last_step_by; /* enum status_step_by */
    struct wall last_step_at;
    int64_t last_step_ns;
    uint16_t servers, agreeing;
    char reason[160]; /* why it is not synchronized, in words; "" when it is */
};

struct status_source {
    char name[NTS_NAME_MAX + 1];
    uint16_t ke_port;
    enum source_state state;
    bool has_ke_address, has_ntp_address;
    struct net_addr ke, ntp;
    struct failure fail; /* the last one; STAGE_OK: none since the last answer */
    int8_t poll_log2s;   /* current interval */
    uint8_t reach;       /* RFC 5905, last eight polls */
    uint8_t stratum;     /* 0: no answer yet */
    uint16_t aead;       /* 0: no keys */
    uint8_t cookies;
    enum select_state selected;
    int64_t off_ns;    /* its offset minus the combined one */
    int64_t offset_ns; /* true time minus clock by this source alone */
    int64_t bound_ns;  /* < 0: no estimate */
    int64_t delay_ns;
    struct wall next_poll;    /* 0: none planned */
    int64_t cert_not_after_s; /* 0: not known */
    uint32_t anew; /* so often it contradicted itself for good, and its estimate began anew */
};

/* "waiting", "key-exchange", ...; "?" outside the enumeration. */
const char *status_source_state_name(unsigned state);
/* "none", "ntsc", "other" */
const char *status_step_by_name(unsigned by);

#endif
