/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One authenticated measurement (RFC 5905 section 8), and the judgement whether it may be used. */
#ifndef NTSC_SAMPLE_H
#define NTSC_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/nts/ntp_packet.h"

/* Root distance beyond which a server does not know the time itself (RFC 5905 MAXDIST). */
#define SAMPLE_ROOT_DISTANCE_MAX_NS (3 * NS_PER_S / 2)

/* When a request left and its response came, on both local clocks. */
struct local_stamps {
    struct wall t1, t4;
    struct raw t1_raw, t4_raw;
};

struct sample {
    struct local_stamps local;
    int64_t offset_ns; /* server minus CLOCK_REALTIME; positive: this clock is behind */
    int64_t delay_ns;  /* round trip on the raw clock, less the server's share */
    int64_t bound_ns;  /* the true offset lies within offset_ns +- bound_ns */
    int64_t up_ns;   /* T2 - T1 on CLOCK_MONOTONIC_RAW: server time less raw time at the way out */
    int64_t down_ns; /* T4 - T3 likewise, raw time less server time at the way back */
    int64_t root_delay_ns, root_dispersion_ns;
    int64_t server_ns; /* T2 and T3 are true within this: root distance and precision */
    uint32_t reference_id;
    uint8_t leap, stratum;
    int8_t precision;
    bool provisional; /* by certificates that were not valid at this machine's clock */
};

/*
 * Makes a sample of an authenticated response; `pivot` (the build date) decides the era. Returns
 * false with *f (STAGE_NTP_SANITY) when the server is not synchronized, the root distance is too
 * large, or times contradict each other. A kiss-o'-death is not to be passed here.
 */
NTSC_CHECK_RESULT bool sample_make(struct sample *s, const struct ntp_packet *p,
                                   const struct local_stamps *local, struct wall pivot,
                                   struct failure *f);

#endif
