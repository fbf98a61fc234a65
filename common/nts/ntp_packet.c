/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/ntp_packet.h"

#include "common/base/wire.h"

bool ntp_packet_decode(struct ntp_packet *p, const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    struct ntp_packet t = {0};
    uint8_t first = wire_get_u8(&r);

    t.leap = (uint8_t)(first >> 6);
    t.version = (uint8_t)(first >> 3 & 7);
    t.mode = (uint8_t)(first & 7);
    t.stratum = wire_get_u8(&r);
    t.poll = (int8_t)wire_get_u8(&r);
    t.precision = (int8_t)wire_get_u8(&r);
    t.root_delay = wire_get_u32(&r);
    t.root_dispersion = wire_get_u32(&r);
    t.reference_id = wire_get_u32(&r);
    t.reference.u = wire_get_u64(&r);
    t.origin.u = wire_get_u64(&r);
    t.receive.u = wire_get_u64(&r);
    t.transmit.u = wire_get_u64(&r);
    if (r.bad)
        return false;
    *p = t;
    return true;
}

void ntp_packet_encode(const struct ntp_packet *p, uint8_t data[NTP_HEADER_LEN])
{
    struct wire_writer w = wire_writer(data, NTP_HEADER_LEN);

    wire_put_u8(&w, (uint8_t)((p->leap & 3) << 6 | (p->version & 7) << 3 | (p->mode & 7)));
    wire_put_u8(&w, p->stratum);
    wire_put_u8(&w, (uint8_t)p->poll);
    wire_put_u8(&w, (uint8_t)p->precision);
    wire_put_u32(&w, p->root_delay);
    wire_put_u32(&w, p->root_dispersion);
    wire_put_u32(&w, p->reference_id);
    wire_put_u64(&w, p->reference.u);
    wire_put_u64(&w, p->origin.u);
    wire_put_u64(&w, p->receive.u);
    wire_put_u64(&w, p->transmit.u);
}
