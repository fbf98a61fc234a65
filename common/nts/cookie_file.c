/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout, all in network order:
 *   magic (4), version (2), octets in all (4), id (2 + n),
 *   C2S and S2C key: AEAD (2), length (2), octets,
 *   cookies: count (1), each length (2) and octets,
 *   NTP addresses: count (1), each 24 octets; the address of the key exchange (24),
 *   our own two addresses (24 each),
 *   certificates' validity (8 + 8), time of the exchange (8), whether AEAD 15 alone was offered
 * (1), CRC-32 of all before (4). The checksum is against torn files and bad disks; who can write
 * the file can also read the keys.
 */
#include "common/nts/cookie_file.h"

#include <string.h>

#include "common/base/wire.h"

#define MAGIC        UINT32_C(0x4e545343) /* "NTSC" */
#define VERSION      3
#define ID_MAX       1024
#define CHECKSUM_LEN 4

/* CRC-32 as in IEEE 802.3: finds every single flip and every burst of up to 32 bits. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

void nts_session_clear(struct nts_session *s)
{
    explicit_bzero(s, sizeof *s);
}

/* What a session on disk has to be, whoever wrote it. No cookie may be left: the rest still helps.
 */
static bool session_valid(const struct nts_session *s)
{
    if (s->c2s.id != s->s2c.id || s->c2s.len != s->s2c.len || s->c2s.len == 0 ||
        s->c2s.len != aead_key_len(s->c2s.id))
        return false;
    if (!cookie_pool_valid(&s->cookies) || s->n_ntp == 0 || s->n_ntp > NET_ADDR_MAX ||
        s->not_before_s > s->not_after_s)
        return false;
    for (size_t i = 0; i < s->n_ntp; i++)
        if (!net_addr_usable(&s->ntp[i], &s->ke))
            return false;
    return true;
}

static void put_key(struct wire_writer *w, const struct aead_key *k)
{
    wire_put_u16(w, k->id);
    wire_put_u16(w, k->len);
    wire_put_bytes(w, k->key, k->len);
}

static void get_key(struct wire_reader *r, struct aead_key *k)
{
    k->id = wire_get_u16(r);
    k->len = wire_get_u16(r);
    if (k->len <= sizeof k->key)
        wire_get_bytes(r, k->key, k->len);
    else
        r->bad = true;
}

static void put_addr(struct wire_writer *w, const struct net_addr *a)
{
    wire_put_u8(w, a->family);
    wire_put_u8(w, a->zero);
    wire_put_u16(w, a->port);
    wire_put_u32(w, a->scope);
    wire_put_bytes(w, a->addr, sizeof a->addr);
}

static void get_addr(struct wire_reader *r, struct net_addr *a)
{
    a->family = wire_get_u8(r);
    a->zero = wire_get_u8(r);
    a->port = wire_get_u16(r);
    a->scope = wire_get_u32(r);
    wire_get_bytes(r, a->addr, sizeof a->addr);
}

size_t cookie_file_encode(const struct nts_session *s, const char *id, uint8_t *buf, size_t cap)
{
    struct wire_writer w = wire_writer(buf, cap);
    struct wire_writer total;
    size_t id_len = strlen(id);
    size_t at = 0;

    if (id_len > ID_MAX || !session_valid(s))
        return 0;
    wire_put_u32(&w, MAGIC);
    wire_put_u16(&w, VERSION);
    wire_put_u32(&w, 0); /* octets in all: known at the end */
    wire_put_u16(&w, (uint16_t)id_len);
    wire_put_bytes(&w, id, id_len);
    put_key(&w, &s->c2s);
    put_key(&w, &s->s2c);
    wire_put_u8(&w, s->cookies.count);
    for (size_t i = 0; i < s->cookies.count; i++) {
        wire_put_u16(&w, s->cookies.len[i]);
        wire_put_bytes(&w, s->cookies.data + at, s->cookies.len[i]);
        at += s->cookies.len[i];
    }
    wire_put_u8(&w, s->n_ntp);
    for (size_t i = 0; i < s->n_ntp; i++)
        put_addr(&w, &s->ntp[i]);
    put_addr(&w, &s->ke);
    put_addr(&w, &s->local[0]);
    put_addr(&w, &s->local[1]);
    wire_put_u64(&w, (uint64_t)s->not_before_s);
    wire_put_u64(&w, (uint64_t)s->not_after_s);
    wire_put_u64(&w, (uint64_t)s->made.ns);
    wire_put_u8(&w, s->plain_aead ? 1 : 0);
    if (w.bad || cap - w.pos < CHECKSUM_LEN) {
        explicit_bzero(buf, w.pos); /* keys are in it */
        return 0;
    }
    total = wire_writer(buf + 6, 4);
    wire_put_u32(&total, (uint32_t)(w.pos + CHECKSUM_LEN));
    wire_put_u32(&w, crc32(buf, w.pos));
    return w.pos;
}

static void get_cookies(struct wire_reader *r, struct cookie_pool *p)
{
    size_t count = wire_get_u8(r);

    for (size_t i = 0; i < count && !r->bad; i++) {
        size_t n = wire_get_u16(r);
        const uint8_t *cookie = wire_skip(r, n);

        if (cookie == NULL || !cookie_pool_add(p, cookie, n))
            r->bad = true;
    }
}

static bool header_matches(struct wire_reader *r, size_t len, const char *id)
{
    size_t id_len = strlen(id);
    const uint8_t *stored;

    if (wire_get_u32(r) != MAGIC || wire_get_u16(r) != VERSION || wire_get_u32(r) != len)
        return false;
    if (id_len > ID_MAX || wire_get_u16(r) != id_len)
        return false;
    stored = wire_skip(r, id_len);
    return stored != NULL && memcmp(stored, id, id_len) == 0;
}

static bool decode(struct nts_session *s, const char *id, const uint8_t *data, size_t len)
{
    uint8_t plain_aead;
    struct wire_reader r;
    struct wire_reader sum;

    if (len < CHECKSUM_LEN || len > COOKIE_FILE_MAX)
        return false;
    r = wire_reader(data, len - CHECKSUM_LEN);
    sum = wire_reader(data + (len - CHECKSUM_LEN), CHECKSUM_LEN);
    if (!header_matches(&r, len, id) || wire_get_u32(&sum) != crc32(data, len - CHECKSUM_LEN))
        return false;
    get_key(&r, &s->c2s);
    get_key(&r, &s->s2c);
    get_cookies(&r, &s->cookies);
    s->n_ntp = wire_get_u8(&r);
    if (s->n_ntp > NET_ADDR_MAX)
        return false;
    for (size_t i = 0; i < s->n_ntp; i++)
        get_addr(&r, &s->ntp[i]);
    get_addr(&r, &s->ke);
    get_addr(&r, &s->local[0]);
    get_addr(&r, &s->local[1]);
    s->not_before_s = (int64_t)wire_get_u64(&r);
    s->not_after_s = (int64_t)wire_get_u64(&r);
    s->made.ns = (int64_t)wire_get_u64(&r);
    plain_aead = wire_get_u8(&r);
    s->plain_aead = plain_aead == 1;
    if (plain_aead > 1)
        return false;
    return !r.bad && wire_left(&r) == 0 && session_valid(s);
}

bool cookie_file_decode(struct nts_session *s, const char *id, const uint8_t *data, size_t len)
{
    nts_session_clear(s);
    if (decode(s, id, data, len))
        return true;
    nts_session_clear(s);
    return false;
}
