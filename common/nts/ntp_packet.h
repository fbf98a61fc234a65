/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 48-octet NTPv4 header (RFC 5905 section 7.3). Pure data; no judgement but the version. */
#ifndef NTSC_NTP_PACKET_H
#define NTSC_NTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/time.h"

#define NTP_HEADER_LEN 48
#define NTP_PORT       123

enum { NTP_MODE_CLIENT = 3, NTP_MODE_SERVER = 4 };
enum { NTP_LEAP_NONE = 0, NTP_LEAP_INSERT = 1, NTP_LEAP_DELETE = 2, NTP_LEAP_UNKNOWN = 3 };

/* Kiss codes: reference_id of a packet with stratum 0 (RFC 5905 section 7.4, RFC 8915 5.7). */
#define NTP_KISS_DENY UINT32_C(0x44454e59)
#define NTP_KISS_RSTR UINT32_C(0x52535452)
#define NTP_KISS_RATE UINT32_C(0x52415445)
#define NTP_KISS_NTSN UINT32_C(0x4e54534e)

struct ntp_packet {
    uint8_t leap, version, mode, stratum;
    int8_t poll, precision;               /* log2 seconds */
    uint32_t root_delay, root_dispersion; /* NTP short format */
    uint32_t reference_id;                /* NTP_KISS_..., or another, when stratum is 0 */
    struct ntp_ts reference, origin, receive, transmit;
};

/*@ requires \valid(p) && \valid_read(data + (0 .. len - 1));
    assigns *p;
    ensures \result <==> len >= NTP_HEADER_LEN; */
/* Reads the first 48 octets of data; false when there are fewer. */
bool ntp_packet_decode(struct ntp_packet *p, const uint8_t *data, size_t len);

/*@ requires \valid_read(p) && \valid(data + (0 .. NTP_HEADER_LEN - 1));
    assigns data[0 .. NTP_HEADER_LEN - 1]; */
/* Writes 48 octets. */
void ntp_packet_encode(const struct ntp_packet *p, uint8_t data[NTP_HEADER_LEN]);

#endif
