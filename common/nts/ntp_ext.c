/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/ntp_ext.h"

#include "common/base/wire.h"

enum ntp_ext_result ntp_ext_next(const uint8_t *data, size_t len, size_t min_len, size_t *pos,
                                 struct ntp_ext *ext)
{
    size_t start = *pos;
    size_t length;

    if (start == len)
        return NTP_EXT_END;
    if (start > len || len - start < NTP_EXT_HEADER_LEN)
        return NTP_EXT_BAD;
    length = wire_u16_at(data, start + 2); /* of the whole field, header and padding included */
    if (length < NTP_EXT_HEADER_LEN || length < min_len || length % 4 != 0 || length > len - start)
        return NTP_EXT_BAD;
    ext->type = wire_u16_at(data, start);
    ext->start = start;
    ext->body = start + NTP_EXT_HEADER_LEN;
    ext->body_len = length - NTP_EXT_HEADER_LEN;
    *pos = start + length;
    return NTP_EXT_FIELD;
}
