/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/nts_ke_msg.h"

#include <string.h>

#include "common/base/addr.h"
#include "common/base/wire.h"
#include "common/nts/aead.h"
#include "common/nts/ntp_packet.h"

#define RECORD_HEADER_LEN 4
#define RECORD_CRITICAL   0x8000
#define PROTOCOL_NTPV4    0 /* RFC 8915 section 7.7 */

/*@ requires \valid_read(name + (0 .. NTS_NAME_MAX));
    assigns \nothing;
    ensures \result <= NTS_NAME_MAX; */
static size_t name_len(const char name[NTS_NAME_MAX + 1])
{
    size_t n = 0;

    /*@ loop invariant n <= NTS_NAME_MAX;
        loop assigns n;
        loop variant NTS_NAME_MAX - n; */
    while (n < NTS_NAME_MAX && name[n] != '\0')
        n++;
    return n;
}

bool nts_ke_server_valid(const char *name, size_t len)
{
    struct net_addr a;

    if (addr_parse(name, len, &a))
        return a.scope == 0; /* a zone means nothing on another machine, section 4.1.7 */
    return addr_is_name(name, len);
}

struct aead_list nts_ke_offer(const struct nts_ke_ask *ask)
{
    return ask->aead.n > 0 ? ask->aead : aead_list_default();
}

/*@ requires wire_writing(w) && \valid_read(offer) && \separated(w, offer);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_writing(w); */
/* Section 4.1.5: in order of preference. */
static void put_offer(struct wire_writer *w, const struct aead_list *offer)
{
    unsigned n = offer->n < AEAD_LIST_MAX ? offer->n : AEAD_LIST_MAX;

    wire_put_u16(w, RECORD_CRITICAL | NTS_KE_AEAD);
    wire_put_u16(w, (uint16_t)(2 * n));
    /*@ loop invariant i <= n <= AEAD_LIST_MAX && wire_writing(w);
        loop assigns i, w->pos, w->bad, w->data[0 .. w->cap - 1];
        loop variant n - i; */
    for (unsigned i = 0; i < n; i++)
        wire_put_u16(w, offer->id[i]);
    if (!aead_list_has(offer, AEAD_AES_128_GCM_SIV))
        return;
    wire_put_u16(w, NTS_KE_COMPLIANT_EXPORT);
    wire_put_u16(w, 0);
}

size_t nts_ke_request_build(const struct nts_ke_ask *ask, uint8_t *buf, size_t cap)
{
    struct wire_writer w = wire_writer(buf, cap);
    const struct aead_list offer = nts_ke_offer(ask);
    size_t n = name_len(ask->ntp_server);

    if (n > 0 && !nts_ke_server_valid(ask->ntp_server, n))
        return 0;
    wire_put_u16(&w, RECORD_CRITICAL | NTS_KE_NEXT_PROTOCOL);
    wire_put_u16(&w, 2);
    wire_put_u16(&w, PROTOCOL_NTPV4);

    put_offer(&w, &offer);

    /* Not critical: a server may well not know how to choose (sections 4.1.7, 4.1.8). */
    if (n > 0) {
        wire_put_u16(&w, NTS_KE_NTP_SERVER);
        wire_put_u16(&w, (uint16_t)n);
        wire_put_bytes(&w, ask->ntp_server, n);
    }
    if (ask->ntp_port != 0) {
        wire_put_u16(&w, NTS_KE_NTP_PORT);
        wire_put_u16(&w, 2);
        wire_put_u16(&w, ask->ntp_port);
    }
    wire_put_u16(&w, RECORD_CRITICAL | NTS_KE_END_OF_MESSAGE);
    wire_put_u16(&w, 0);
    return w.bad ? 0 : w.pos;
}

bool nts_ke_response_complete(const uint8_t *data, size_t len, size_t *pos)
{
    /*@ loop assigns *pos;
        loop variant len - *pos; */
    while (*pos <= len && len - *pos >= RECORD_HEADER_LEN) {
        size_t body_len = wire_u16_at(data, *pos + 2);

        if (len - *pos - RECORD_HEADER_LEN < body_len)
            return false;
        if ((wire_u16_at(data, *pos) & ~RECORD_CRITICAL) == NTS_KE_END_OF_MESSAGE)
            return true;
        *pos += RECORD_HEADER_LEN + body_len;
    }
    return false;
}

/* One record, and what has been seen before it. */
struct check {
    const uint8_t *data;
    uint16_t type;
    bool critical;
    size_t body, body_len;
    bool seen[NTS_KE_NTP_PORT + 1];
    bool compliant; /* NTS_KE_COMPLIANT_EXPORT was among them */
    const struct aead_list *offered;
    struct nts_ke_answer *a;
    struct failure *f;
};

/*@ predicate checking(struct check *c) =
      \valid(c) && \valid(c->a) && \valid(c->f) && \valid_read(c->offered) &&
      c->body <= NTS_KE_RESPONSE_MAX &&
      c->body_len <= UINT16_MAX && \valid_read(c->data + (c->body .. c->body + c->body_len - 1)); */

/*@ requires \valid(c) && \valid(c->f);
    assigns *c->f;
    ensures !\result; */
static bool refuse(struct check *c, enum stage stage, enum reason reason, int32_t code)
{
    *c->f = failure_make(stage, reason, code);
    return false;
}

/*@ requires \valid(c) && \valid(c->f);
    assigns *c->f;
    ensures !\result; */
static bool malformed(struct check *c)
{
    return refuse(c, STAGE_KE_RECORD, REASON_MALFORMED, c->type);
}

/*@ requires checking(c);
    assigns *c->f; */
/* Section 4.1.2: critical, and as only one protocol was offered, that one. */
static bool check_protocol(struct check *c)
{
    if (!c->critical || c->body_len % 2 != 0)
        return malformed(c);
    if (c->body_len != 2 || wire_u16_at(c->data, c->body) != PROTOCOL_NTPV4)
        return refuse(c, STAGE_KE_RECORD, REASON_BAD_PROTOCOL, 0);
    return true;
}

/*@ requires checking(c);
    assigns *c->f; */
/* Sections 4.1.3 and 4.1.4: either ends it; no warning is known yet, so that each is unknown. */
static bool check_error(struct check *c, enum reason reason)
{
    if (c->body_len != 2)
        return malformed(c);
    return refuse(c, STAGE_KE_ERROR, reason, wire_u16_at(c->data, c->body));
}

/*@ requires checking(c);
    assigns *c->f, c->a->aead; */
/* Section 4.1.5: none or one; one that was not offered is refused, NTPsec has sent such. */
static bool check_aead(struct check *c)
{
    uint16_t id;

    if (c->body_len == 0)
        return refuse(c, STAGE_KE_RECORD, REASON_BAD_AEAD, -1);
    if (c->body_len != 2)
        return malformed(c);
    id = wire_u16_at(c->data, c->body);
    if (!aead_list_has(c->offered, id))
        return refuse(c, STAGE_KE_RECORD, REASON_BAD_AEAD, id);
    c->a->aead = id;
    return true;
}

/*@ requires checking(c);
    assigns *c->f, c->a->ntp_server[0 .. NTS_NAME_MAX]; */
/* Section 4.1.7. */
static bool check_server(struct check *c)
{
    char *name = c->a->ntp_server;

    if (c->body_len > NTS_NAME_MAX)
        return malformed(c);
    /*@ loop invariant i <= c->body_len;
        loop assigns i, name[0 .. NTS_NAME_MAX - 1];
        loop variant c->body_len - i; */
    for (size_t i = 0; i < c->body_len; i++)
        name[i] = (char)c->data[c->body + i];
    name[c->body_len] = '\0';
    if (!nts_ke_server_valid(name, c->body_len))
        return malformed(c);
    return true;
}

/*@ requires checking(c);
    assigns *c->f, c->a->ntp_port; */
/* Section 4.1.8. */
static bool check_port(struct check *c)
{
    if (c->body_len != 2)
        return malformed(c);
    c->a->ntp_port = wire_u16_at(c->data, c->body);
    if (c->a->ntp_port == 0)
        return malformed(c);
    return true;
}

/*@ requires checking(c);
    assigns *c->f; */
/* Section 4.1.1. */
static bool check_end(struct check *c)
{
    if (!c->critical || c->body_len != 0)
        return malformed(c);
    return true;
}

/*@ requires checking(c);
    assigns *c->f, c->compliant; */
static bool check_unknown(struct check *c)
{
    if (c->type == NTS_KE_COMPLIANT_EXPORT && c->body_len == 0 &&
        aead_list_has(c->offered, AEAD_AES_128_GCM_SIV))
        c->compliant = true;
    else if (c->critical)
        return refuse(c, STAGE_KE_RECORD, REASON_CRITICAL_UNKNOWN, c->type);
    return true;
}

/*@ requires checking(c);
    assigns *c->f, c->compliant, c->seen[0 .. NTS_KE_NTP_PORT],
      c->a->aead, c->a->ntp_port,
      c->a->ntp_server[0 .. NTS_NAME_MAX], c->a->cookies.len[0 .. NTS_POOL_MAX - 1],
   c->a->cookies.count, c->a->cookies.data[0 .. NTS_POOL_OCTETS - 1]; */
static bool check_record(struct check *c)
{
    if (c->type > NTS_KE_NTP_PORT)
        return check_unknown(c);
    if (c->seen[c->type] && c->type != NTS_KE_NEW_COOKIE)
        return refuse(c, STAGE_KE_RECORD, REASON_DUPLICATE, c->type);
    c->seen[c->type] = true;
    switch (c->type) {
    case NTS_KE_END_OF_MESSAGE:
        return check_end(c);
    case NTS_KE_NEXT_PROTOCOL:
        return check_protocol(c);
    case NTS_KE_ERROR:
        return check_error(c, REASON_KE_ERROR);
    case NTS_KE_WARNING:
        return check_error(c, REASON_KE_WARNING);
    case NTS_KE_AEAD:
        return check_aead(c);
    case NTS_KE_NEW_COOKIE:
        /* False means that it does not fit: the others are enough, and if not the end tells. */
        (void)cookie_pool_add(&c->a->cookies, c->data + c->body, c->body_len);
        return true;
    case NTS_KE_NTP_SERVER:
        return check_server(c);
    default:
        break;
    }
    return check_port(c);
}

/*@ requires \valid(c) && \valid_read(c->a) && \valid(c->f);
    assigns *c->f; */
/* After End of Message: nothing is missing. */
static bool check_whole(struct check *c)
{
    const uint16_t needed[] = {NTS_KE_NEXT_PROTOCOL, NTS_KE_AEAD, NTS_KE_NEW_COOKIE};

    /*@ loop invariant i == 0 || i == 1 || i == 2 || i == 3;
        loop assigns i;
        loop variant 3 - i; */
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!c->seen[needed[i]])
            return refuse(c, STAGE_KE_RECORD, REASON_MISSING, needed[i]);
    if (c->a->cookies.count == 0)
        return refuse(c, STAGE_KE_RECORD, REASON_COOKIE_LENGTH, 0);
    return true;
}

/*@ requires \valid(c) && \valid(c->a) && \valid(c->f) && \separated(c, c->a, c->f);
    requires \valid_read(c->offered) && \separated(c, c->offered) && \separated(c->a, c->offered) &&
      \separated(c->f, c->offered);
    requires \valid_read(c->data + (0 .. len - 1));
    assigns *c->f, c->type, c->critical, c->body, c->body_len, c->compliant, c->seen[0 ..
   NTS_KE_NTP_PORT], c->a->aead, c->a->ntp_port, c->a->ntp_server[0 .. NTS_NAME_MAX],
      c->a->cookies.len[0 .. NTS_POOL_MAX - 1], c->a->cookies.count,
      c->a->cookies.data[0 .. NTS_POOL_OCTETS - 1]; */
static bool check_all(struct check *c, size_t len)
{
    size_t pos = 0;

    if (len > NTS_KE_RESPONSE_MAX)
        return refuse(c, STAGE_KE_RECORD, REASON_TOO_LONG, 0);
    /*@ loop invariant pos <= len <= NTS_KE_RESPONSE_MAX;
        loop assigns pos, *c->f, c->type, c->critical, c->body, c->body_len,
          c->compliant, c->seen[0 .. NTS_KE_NTP_PORT],
      c->a->aead, c->a->ntp_port,
          c->a->ntp_server[0 .. NTS_NAME_MAX], c->a->cookies.len[0 .. NTS_POOL_MAX - 1],
       c->a->cookies.count, c->a->cookies.data[0 .. NTS_POOL_OCTETS - 1]; loop variant len - pos; */
    while (!c->seen[NTS_KE_END_OF_MESSAGE]) {
        if (len - pos < RECORD_HEADER_LEN)
            return refuse(c, STAGE_KE_RECORD, REASON_TRUNCATED, 0);
        c->type = wire_u16_at(c->data, pos) & (uint16_t)~RECORD_CRITICAL;
        c->critical = (wire_u16_at(c->data, pos) & RECORD_CRITICAL) != 0;
        c->body_len = wire_u16_at(c->data, pos + 2);
        c->body = pos + RECORD_HEADER_LEN;
        if (len - c->body < c->body_len)
            return refuse(c, STAGE_KE_RECORD, REASON_TRUNCATED, 0);
        if (!check_record(c))
            return false;
        pos = c->body + c->body_len;
    }
    if (pos != len)
        return malformed(c); /* octets behind End of Message, section 4.1.1 */
    return check_whole(c);
}

bool nts_ke_response_check(const uint8_t *data, size_t len, const struct aead_list *offered,
                           struct nts_ke_answer *a, struct failure *f)
{
    struct check c = {.data = data, .offered = offered, .a = a, .f = f};

    *a = (struct nts_ke_answer){.ntp_port = NTP_PORT};
    *f = failure_make(STAGE_OK, REASON_NONE, 0);
    if (check_all(&c, len)) {
        a->exporter_aead =
            a->aead == AEAD_AES_128_GCM_SIV && !c.compliant ? AEAD_AES_SIV_CMAC_256 : a->aead;
        return true;
    }
    explicit_bzero(a, sizeof *a);
    return false;
}

void nts_exporter_context(uint16_t aead, bool s2c, uint8_t context[NTS_EXPORTER_CONTEXT_LEN])
{
    struct wire_writer w = wire_writer(context, NTS_EXPORTER_CONTEXT_LEN);

    wire_put_u16(&w, PROTOCOL_NTPV4);
    wire_put_u16(&w, aead);
    wire_put_u8(&w, s2c ? 1 : 0);
}
