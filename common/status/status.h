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

/* What took the time stamps of a query and its answer. */
enum status_stamps { STATUS_STAMPS_UNKNOWN, STATUS_STAMPS_KERNEL, STATUS_STAMPS_PROGRAM };

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
    char reason[160];                /* why it is not synchronized, in words; "" when it is */
    uint32_t steps, foreign_changes; /* of the clock since the start, by ntsc and by others */
};

/* What happened with one server since the daemon has it. */
struct status_counts {
    uint32_t queries, answers; /* sent; authenticated and with a time */
    uint32_t key_exchanges;    /* that gave keys */
    uint32_t failures[STAGE_COUNT];
};

/* RFC 5905 section 7.3: four letters at stratum 1, else eight hexadecimal digits. */
#define STATUS_REFERENCE 9

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
    struct wall answered_at;    /* 0: never */
    int64_t root_delay_ns;      /* of its last answer, as are: */
    int64_t root_dispersion_ns; /* < 0: not known, and neither are the delay and the reference */
    char reference[STATUS_REFERENCE];
    enum status_stamps stamps;
    uint32_t samples;        /* since its phase was not known */
    int64_t span_ns;         /* from the first of these to the last */
    double frequency_ppm;    /* correction of the raw oscillator by this source alone, and its */
    double frequency_sd_ppm; /* standard deviation; 0: neither is known */
    double sd_s;             /* of its offset; 0: not known */
    struct wall keys_at;     /* when its keys were made; 0: it has none */
    struct status_counts counts;
};

/* "waiting", "key-exchange", ...; "?" outside the enumeration. */
const char *status_source_state_name(unsigned state);
/*
 * How it is, in one or two words, in tables and in the file: "selected", "false", "key exchange",
 * "no answer".
 */
const char *status_source_word(const struct status_source *s);
/* "unknown", "kernel", "program" */
const char *status_stamps_name(unsigned stamps);
/* What a server names as its reference. */
void status_reference_text(uint8_t stratum, uint32_t id, char buf[STATUS_REFERENCE]);
/* "none", "ntsc", "other" */
const char *status_step_by_name(unsigned by);

#endif
