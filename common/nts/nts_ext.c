/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/nts_ext.h"

#include <string.h>

#include "common/base/wire.h"
#include "common/nts/ntp_ext.h"

#define NTP_VERSION      4
#define PLACEHOLDERS_MAX 7  /* RFC 8915 section 5.7 */
#define COOKIE_BODY_MIN  12 /* so that the field reaches RFC 7822's minimum */

/*@ requires n <= SIZE_MAX - 3;
    assigns \nothing;
    ensures n <= \result <= n + 3; */
/* n rounded up to a multiple of four; n is below 2^17 in all uses */
static size_t padded(size_t n)
{
    return (n + 3) / 4 * 4;
}

/*@ requires wire_writing(w) && \valid_read(q);
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_writing(w); */
static void put_header(struct wire_writer *w, const struct nts_request *q)
{
    uint8_t header[NTP_HEADER_LEN];
    struct ntp_packet p = {.version = NTP_VERSION,
                           .mode = NTP_MODE_CLIENT,
                           .origin.u = q->origin,
                           .receive.u = q->receive,
                           .transmit.u = q->random.transmit};

    ntp_packet_encode(&p, header);
    wire_put_bytes(w, header, sizeof header);
}

/*@ requires wire_writing(w) && \valid_read(data + (0 .. data_len - 1));
    requires data_len <= body_len <= UINT16_MAX - NTP_EXT_HEADER_LEN;
    assigns w->pos, w->bad, w->data[0 .. w->cap - 1];
    ensures wire_writing(w); */
/* A field whose body is data and then zeros up to body_len. */
static void put_field(struct wire_writer *w, uint16_t type, const uint8_t *data, size_t data_len,
                      size_t body_len)
{
    wire_put_u16(w, type);
    wire_put_u16(w, (uint16_t)(NTP_EXT_HEADER_LEN + body_len));
    wire_put_bytes(w, data, data_len);
    wire_put_zeros(w, body_len - data_len);
}

size_t nts_request_build(const struct nts_request *q, const struct aead *aead, uint8_t *buf,
                         size_t cap)
{
    const uint8_t nothing[1] = {0};
    size_t limit = q->max_len < NTS_REQUEST_MAX ? q->max_len : NTS_REQUEST_MAX;
    struct wire_writer w = wire_writer(buf, cap < limit ? cap : limit);
    size_t body_len = q->cookie_len > COOKIE_BODY_MIN ? padded(q->cookie_len) : COOKIE_BODY_MIN;
    size_t nonce_len = aead_nonce_len(q->c2s->id);
    size_t auth_len = NTP_EXT_HEADER_LEN + 4 + nonce_len + AEAD_TAG_LEN;
    size_t ad_len;

    if (q->cookie_len == 0 || q->cookie_len > NTS_COOKIE_MAX || q->random.transmit == 0)
        return 0;
    put_header(&w, q);
    put_field(&w, NTS_EXT_UNIQUE_ID, q->random.uid, NTS_UID_LEN, NTS_UID_LEN);
    put_field(&w, NTS_EXT_COOKIE, q->cookie, q->cookie_len, body_len);
    for (unsigned i = 0; i < q->placeholders && i < PLACEHOLDERS_MAX; i++) {
        if (w.cap - w.pos < NTP_EXT_HEADER_LEN + body_len + auth_len)
            break;
        put_field(&w, NTS_EXT_PLACEHOLDER, nothing, 0, body_len);
    }
    ad_len = w.pos;

    /* Nothing is encrypted, and the nonce needs no additional padding (RFC 8915 section 5.6). */
    wire_put_u16(&w, NTS_EXT_AUTHENTICATOR);
    wire_put_u16(&w, (uint16_t)auth_len);
    wire_put_u16(&w, (uint16_t)nonce_len);
    wire_put_u16(&w, AEAD_TAG_LEN);
    wire_put_bytes(&w, q->random.nonce, nonce_len);
    if (w.bad || w.cap - w.pos < AEAD_TAG_LEN ||
        !aead->seal(q->c2s, buf, ad_len, q->random.nonce, nonce_len, nothing, 0, buf + w.pos)) {
        explicit_bzero(buf, w.pos); /* the cookie is in it */
        return 0;
    }
    return w.pos + AEAD_TAG_LEN;
}

/*@ requires \valid_read(a + (0 .. NTS_UID_LEN - 1)) && \valid_read(b + (0 .. NTS_UID_LEN - 1));
    assigns \nothing; */
/* In time that does not depend on where they differ. */
static bool uid_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t differ = 0;

    /*@ loop invariant i <= NTS_UID_LEN;
        loop assigns i, differ;
        loop variant NTS_UID_LEN - i; */
    for (size_t i = 0; i < NTS_UID_LEN; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

/* Where the parts of an Authenticator lie (RFC 8915 section 5.6). */
struct authenticator {
    size_t ad_len, nonce, nonce_len, ct, ct_len;
};

enum walk_result { WALK_AUTHENTICATOR, WALK_NO_AUTHENTICATOR, WALK_JUNK };

/*@ requires \valid_read(data + (0 .. len - 1)) && \valid(auth);
    requires \valid_read(uid + (0 .. NTS_UID_LEN - 1));
    assigns *auth;
    ensures \result == WALK_AUTHENTICATOR ==> auth->start <= auth->body + auth->body_len <= len; */
/*
 * Looks for the Unique Identifier, which has to be ours and be there once, and stops at the first
 * Authenticator: what comes behind it is not protected and not read at all. Other fields before it
 * mean nothing to us, cookies outside the encrypted part included (section 5.7).
 */
static enum walk_result walk(const uint8_t *data, size_t len, const uint8_t uid[NTS_UID_LEN],
                             struct ntp_ext *auth)
{
    size_t pos = NTP_HEADER_LEN;
    bool found = false;

    /*@ loop invariant pos <= len || pos == NTP_HEADER_LEN;
        loop assigns pos, found, *auth;
        loop variant len - pos; */
    for (;;) {
        enum ntp_ext_result r = ntp_ext_next(data, len, NTP_EXT_MIN_LEN, &pos, auth);

        if (r == NTP_EXT_BAD)
            return WALK_JUNK;
        if (r == NTP_EXT_END)
            return found ? WALK_NO_AUTHENTICATOR : WALK_JUNK;
        if (auth->type == NTS_EXT_AUTHENTICATOR)
            return found ? WALK_AUTHENTICATOR : WALK_JUNK;
        if (auth->type != NTS_EXT_UNIQUE_ID)
            continue;
        if (found || auth->body_len != NTS_UID_LEN || !uid_equal(data + auth->body, uid))
            return WALK_JUNK;
        found = true;
    }
}

/*@ requires wire_reading(r);
    assigns r->pos, r->bad;
    ensures wire_reading(r) && \old(r->pos) <= r->pos && (\old(r->bad) ==> r->bad); */
/* Padding is not authenticated, so nothing but the zeros that it has to be is let through. */
static void expect_zeros(struct wire_reader *r, size_t n)
{
    uint8_t any = 0;

    /*@ loop invariant i <= n && wire_reading(r);
        loop invariant \at(r->pos, Pre) <= r->pos && (\at(r->bad, Pre) ==> r->bad);
        loop assigns i, any, r->pos, r->bad;
        loop variant n - i; */
    for (size_t i = 0; i < n; i++)
        any |= wire_get_u8(r);
    if (any != 0)
        r->bad = true;
}

/*@ requires wire_reading(r) && n <= UINT16_MAX;
    assigns r->pos, r->bad;
    ensures wire_reading(r) && \result == \old(r->pos) && (\old(r->bad) ==> r->bad);
    ensures !r->bad ==> \result + n <= r->pos; */
/* Steps over n octets and what pads them; returns where they begin. */
static size_t skip_padded(struct wire_reader *r, size_t n)
{
    size_t start = r->pos;

    (void)wire_skip(r, n);
    expect_zeros(r, padded(n) - n);
    return start;
}

/*@ requires \valid_read(ext) && \valid(a) && \separated(ext, a);
    requires ext->body + ext->body_len <= NTS_RESPONSE_MAX;
    requires \valid_read(data + (ext->body .. ext->body + ext->body_len - 1));
    assigns *a;
    ensures \result ==> a->ad_len == ext->start && a->ct_len >= AEAD_TAG_LEN &&
      a->nonce + a->nonce_len <= ext->body + ext->body_len &&
      a->ct + a->ct_len <= ext->body + ext->body_len; */
/*
 * Both lengths are the server's and are held against the field. Padding beyond what is needed is
 * allowed, and like all padding zero (section 5.6).
 */
static bool authenticator_parse(const uint8_t *data, const struct ntp_ext *ext,
                                struct authenticator *a)
{
    struct wire_reader r = wire_reader(data + ext->body, ext->body_len);

    a->ad_len = ext->start;
    a->nonce_len = wire_get_u16(&r);
    a->ct_len = wire_get_u16(&r);
    a->nonce = ext->body + skip_padded(&r, a->nonce_len);
    a->ct = ext->body + skip_padded(&r, a->ct_len);
    expect_zeros(&r, wire_left(&r));
    return !r.bad && a->nonce_len > 0 && a->ct_len >= AEAD_TAG_LEN;
}

/*@ requires \valid_read(pt + (0 .. len - 1)) && \valid(cookies);
    assigns cookies->len[0 .. NTS_POOL_MAX - 1], cookies->count,
      cookies->data[0 .. NTS_POOL_OCTETS - 1]; */
/*
 * Adds the cookies among the decrypted fields. The plaintext is authentic, so a malformed field is
 * the server's own bug: the cookies before it are good, the time in the header is, and the rest
 * cannot be read. Fields may be shorter here than outside, as they are not RFC 7822's.
 */
static void take_cookies(const uint8_t *pt, size_t len, struct cookie_pool *cookies)
{
    struct ntp_ext ext;
    size_t pos = 0;

    /*@ loop invariant pos <= len;
        loop assigns pos, ext, cookies->len[0 .. NTS_POOL_MAX - 1], cookies->count,
          cookies->data[0 .. NTS_POOL_OCTETS - 1];
        loop variant len - pos; */
    while (ntp_ext_next(pt, len, NTP_EXT_HEADER_LEN, &pos, &ext) == NTP_EXT_FIELD)
        if (ext.type == NTS_EXT_COOKIE)
            (void)cookie_pool_add(cookies, pt + ext.body, ext.body_len);
}

/*@ requires \valid_read(header);
    assigns \nothing; */
/* A time and no extension field; a MAC of RFC 5905 section 7.3 or RFC 8573 may follow the header.
 */
static bool is_plain(const struct ntp_packet *header, size_t len)
{
    bool no_fields =
        len == NTP_HEADER_LEN || len == NTP_HEADER_LEN + 20 || len == NTP_HEADER_LEN + 24;

    return no_fields && header->stratum != 0;
}

enum nts_open_result nts_response_open(const uint8_t *data, size_t len,
                                       const uint8_t uid[NTS_UID_LEN], uint64_t transmit,
                                       const struct aead_key *s2c, const struct aead *aead,
                                       struct ntp_packet *p, struct cookie_pool *cookies)
{
    uint8_t pt[NTS_RESPONSE_MAX];
    struct ntp_packet header;
    struct authenticator a;
    struct ntp_ext ext;
    enum walk_result r;

    if (len > NTS_RESPONSE_MAX || !ntp_packet_decode(&header, data, len))
        return NTS_OPEN_JUNK;
    if (header.version != NTP_VERSION || header.mode != NTP_MODE_SERVER || transmit == 0 ||
        header.origin.u != transmit)
        return NTS_OPEN_JUNK;
    r = walk(data, len, uid, &ext);
    if (r == WALK_JUNK)
        return is_plain(&header, len) ? NTS_OPEN_PLAIN : NTS_OPEN_JUNK;
    if (header.stratum == 0 && header.reference_id == NTP_KISS_NTSN)
        return NTS_OPEN_NAK;
    if (r == WALK_NO_AUTHENTICATOR || !authenticator_parse(data, &ext, &a))
        return NTS_OPEN_FORGED;
    if (!aead->open(s2c, data, a.ad_len, data + a.nonce, a.nonce_len, data + a.ct, a.ct_len, pt))
        return NTS_OPEN_FORGED;
    take_cookies(pt, a.ct_len - AEAD_TAG_LEN, cookies);
    explicit_bzero(pt, sizeof pt);
    *p = header;
    return NTS_OPEN_OK;
}
