/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/status/status_fields.h"

#include "common/status/status.h"

/* Not known: never; when 0. */
#define ALWAYS  false
#define NONZERO true

#define FIELD(type, member, key, kind, null)                                                       \
    {                                                                                              \
        key, kind, null, offsetof(struct type, member), sizeof(((struct type *)0)->member), 0, 0,  \
            NULL                                                                                   \
    }
/* Means something only while another member does. */
#define FIELD_IF(type, member, key, kind, other)                                                   \
    {                                                                                              \
        key, kind, ALWAYS, offsetof(struct type, member), sizeof(((struct type *)0)->member),      \
            offsetof(struct type, other), 0, NULL                                                  \
    }
#define FIELD_WORDS(type, member, key, words, word)                                                \
    {                                                                                              \
        key, FIELD_WORD, ALWAYS, offsetof(struct type, member),                                    \
            sizeof(((struct type *)0)->member), 0, words, word                                     \
    }

const char *status_source_state_name(unsigned state)
{
    static const char *const names[SOURCE_STATES] = {
        [SOURCE_WAITING] = "waiting", [SOURCE_KE] = "key-exchange",
        [SOURCE_POLLING] = "polling", [SOURCE_NAK_PENDING] = "nak-pending",
        [SOURCE_REFUSED] = "refused",
    };

    return state < SOURCE_STATES ? names[state] : "?";
}

const char *status_step_by_name(unsigned by)
{
    static const char *const names[] = {
        [STATUS_STEP_NONE] = "none",
        [STATUS_STEP_NTSC] = "ntsc",
        [STATUS_STEP_OTHER] = "other",
    };

    return by < sizeof names / sizeof names[0] ? names[by] : "?";
}

const char *status_stamps_name(unsigned stamps)
{
    static const char *const names[] = {
        [STATUS_STAMPS_UNKNOWN] = "unknown",
        [STATUS_STAMPS_KERNEL] = "kernel",
        [STATUS_STAMPS_PROGRAM] = "program",
    };

    return stamps < sizeof names / sizeof names[0] ? names[stamps] : "?";
}

static const char *stage_word(unsigned v)
{
    return v < STAGE_COUNT ? failure_stage_name((uint16_t)v) : "?";
}

static const char *select_word(unsigned v)
{
    return select_state_name((enum select_state)v);
}

static const struct field overall[] = {
    FIELD(status, at.ns, "written_at", FIELD_NS, NONZERO),
    FIELD(status, next.ns, "fresh_until", FIELD_NS, NONZERO),
    FIELD(status, started.ns, "started_at", FIELD_NS, NONZERO),
    FIELD(status, pid, "pid", FIELD_UINT, NONZERO),
    FIELD(status, synchronized, "synchronized", FIELD_BOOL, ALWAYS),
    FIELD(status, reason, "reason", FIELD_TEXT, ALWAYS),
    FIELD(status, monitor_only, "monitor_only", FIELD_BOOL, ALWAYS),
    FIELD_IF(status, offset_ns, "offset_s", FIELD_NS, bound_ns),
    FIELD(status, bound_ns, "bound_s", FIELD_BOUND, ALWAYS),
    FIELD(status, sd_s, "sd_s", FIELD_REAL, ALWAYS),
    FIELD(status, frequency_ppm, "frequency_ppm", FIELD_REAL, ALWAYS),
    FIELD(status, wander, "wander", FIELD_REAL, NONZERO),
    FIELD(status, leap, "leap", FIELD_UINT, ALWAYS),
    FIELD(status, stratum, "stratum", FIELD_UINT, NONZERO),
    FIELD_WORDS(status, last_step_by, "last_step_by", STATUS_STEP_OTHER + 1, status_step_by_name),
    FIELD(status, last_step_at.ns, "last_step_at", FIELD_NS, NONZERO),
    FIELD(status, last_step_ns, "last_step_s", FIELD_NS, NONZERO),
    FIELD(status, servers, "servers", FIELD_UINT, ALWAYS),
    FIELD(status, agreeing, "agreeing", FIELD_UINT, ALWAYS),
    FIELD(status, steps, "steps", FIELD_UINT, ALWAYS),
    FIELD(status, foreign_changes, "foreign_changes", FIELD_UINT, ALWAYS),
};

static const struct field source[] = {
    FIELD(status_source, name, "name", FIELD_TEXT, ALWAYS),
    FIELD(status_source, ke_port, "ke_port", FIELD_UINT, NONZERO),
    FIELD_WORDS(status_source, state, "state", SOURCE_STATES, status_source_state_name),
    FIELD_WORDS(status_source, selected, "selected", SELECT_SELECTED + 1, select_word),
    FIELD_IF(status_source, ke, "ke_address", FIELD_ADDRESS, has_ke_address),
    FIELD_IF(status_source, ntp, "ntp_address", FIELD_ADDRESS, has_ntp_address),
    FIELD(status_source, ntp.port, "ntp_port", FIELD_UINT, NONZERO),
    FIELD_IF(status_source, offset_ns, "offset_s", FIELD_NS, bound_ns),
    FIELD_IF(status_source, off_ns, "difference_s", FIELD_NS, bound_ns),
    FIELD(status_source, bound_ns, "bound_s", FIELD_BOUND, ALWAYS),
    FIELD(status_source, delay_ns, "delay_s", FIELD_NS, NONZERO),
    FIELD(status_source, stratum, "stratum", FIELD_UINT, NONZERO),
    FIELD(status_source, poll_log2s, "poll_log2s", FIELD_INT, ALWAYS),
    FIELD(status_source, reach, "reach", FIELD_UINT, ALWAYS),
    FIELD(status_source, aead, "aead", FIELD_UINT, NONZERO),
    FIELD(status_source, cookies, "cookies", FIELD_UINT, ALWAYS),
    FIELD(status_source, next_poll.ns, "next_poll_at", FIELD_NS, NONZERO),
    FIELD(status_source, cert_not_after_s, "cert_not_after", FIELD_INT, NONZERO),
    FIELD(status_source, anew, "began_anew", FIELD_UINT, ALWAYS),
    FIELD(status_source, answered_at.ns, "answered_at", FIELD_NS, NONZERO),
    FIELD_IF(status_source, root_delay_ns, "root_delay_s", FIELD_NS, root_dispersion_ns),
    FIELD(status_source, root_dispersion_ns, "root_dispersion_s", FIELD_BOUND, ALWAYS),
    FIELD(status_source, reference, "reference", FIELD_TEXT, ALWAYS),
    FIELD_WORDS(status_source, stamps, "stamps", STATUS_STAMPS_PROGRAM + 1, status_stamps_name),
    FIELD(status_source, samples, "samples", FIELD_UINT, ALWAYS),
    FIELD(status_source, span_ns, "span_s", FIELD_NS, ALWAYS),
    FIELD(status_source, frequency_ppm, "frequency_ppm", FIELD_REAL, ALWAYS),
    FIELD(status_source, frequency_sd_ppm, "frequency_sd_ppm", FIELD_REAL, NONZERO),
    FIELD(status_source, sd_s, "sd_s", FIELD_REAL, NONZERO),
    FIELD(status_source, keys_at.ns, "keys_at", FIELD_NS, NONZERO),
    FIELD(status_source, counts.queries, "queries", FIELD_UINT, ALWAYS),
    FIELD(status_source, counts.answers, "answers", FIELD_UINT, ALWAYS),
    FIELD(status_source, counts.key_exchanges, "key_exchanges", FIELD_UINT, ALWAYS),
};

/* Within a source's "error", which is null while there is none; its "text" is for people only. */
static const struct field failure[] = {
    FIELD_WORDS(failure, stage, "stage", STAGE_COUNT, stage_word),
    FIELD(failure, reason, "reason", FIELD_UINT, ALWAYS),
    FIELD(failure, code, "code", FIELD_INT, ALWAYS),
    FIELD(failure, not_before_s, "cert_not_before", FIELD_INT, NONZERO),
    FIELD(failure, not_after_s, "cert_not_after", FIELD_INT, NONZERO),
    FIELD(failure, detail, "cert_of", FIELD_TEXT, ALWAYS),
};

const struct fields status_fields = {overall, sizeof overall / sizeof overall[0]};
const struct fields status_source_fields = {source, sizeof source / sizeof source[0]};
const struct fields status_failure_fields = {failure, sizeof failure / sizeof failure[0]};
