/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the extension fields of an NTPv4 packet (RFC 7822 section 7.5). */
#ifndef NTSC_NTP_EXT_H
#define NTSC_NTP_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTP_EXT_HEADER_LEN 4
#define NTP_EXT_MIN_LEN    16 /* RFC 7822 section 7.5.1.2, with header */

/* One field. Offsets count from the start of the packet; body excludes the header. */
struct ntp_ext {
    uint16_t type;
    size_t start, body, body_len;
};

enum ntp_ext_result { NTP_EXT_FIELD, NTP_EXT_END, NTP_EXT_BAD };

/*@ requires \valid_read(data + (0 .. len - 1)) && \valid(pos) && \valid(ext);
    requires \separated(pos, ext);
    assigns *pos, *ext;
    ensures \result == NTP_EXT_FIELD || \result == NTP_EXT_END || \result == NTP_EXT_BAD;
    ensures \result == NTP_EXT_FIELD ==>
      ext->start == \old(*pos) && ext->body == ext->start + NTP_EXT_HEADER_LEN &&
      *pos == ext->body + ext->body_len <= len && ext->body_len <= 0xffff;
    ensures \result != NTP_EXT_FIELD ==> *pos == \old(*pos);
    ensures \result == NTP_EXT_END ==> *pos == len; */
/*
 * Reads the field that starts at *pos (NTP_HEADER_LEN for the first) and moves *pos behind it.
 * NTP_EXT_END when *pos is exactly at the end, NTP_EXT_BAD for a length that is not a multiple of
 * four, below the minimum (4 is allowed within the encrypted part, `min_len`), or beyond the
 * packet.
 */
enum ntp_ext_result ntp_ext_next(const uint8_t *data, size_t len, size_t min_len, size_t *pos,
                                 struct ntp_ext *ext);

#endif
