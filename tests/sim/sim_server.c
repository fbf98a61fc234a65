/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_server.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/wire.h"
#include "common/nts/ntp_ext.h"
#include "tests/sim/sim_aead.h"

#define KEY_LEN     32
#define COOKIE_LEN  100
#define SERVICE_NS  20000 /* from the request to the answer */
#define COOKIES_MAX 8

/* Keys of another start of the server are unknown to it, whatever their number. */
#define RESTART_GENERATIONS 1000

struct request {
    struct ntp_packet header;
    struct ntp_ext uid, cookie, auth;
    unsigned cookies; /* wanted */
    struct aead_key c2s, s2c;
};

void sim_server_init(struct sim_server *s, const struct sim_server_setting *set, unsigned index,
                     uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->set = set;
    s->index = index;
    sim_rand_init(&s->random, seed, 200 + index);
}

void sim_server_free(struct sim_server *s)
{
    free(s->used);
    s->used = NULL;
}

bool sim_server_jumped(const struct sim_server *s, int64_t t)
{
    return s->set->jump_at > 0 && (double)t * 1e-9 >= s->set->jump_at;
}

double sim_server_error(const struct sim_server *s, int64_t t)
{
    const struct sim_server_setting *set = s->set;
    double now = (double)t * 1e-9;
    double e = set->offset;

    if (now > set->drift_from)
        e += set->drift * (now - set->drift_from);
    if (sim_server_jumped(s, t))
        e += set->jump;
    return e;
}

static uint32_t generation(const struct sim_server *s, int64_t t)
{
    double now = (double)t * 1e-9;
    uint32_t g = s->set->rotate > 0 ? (uint32_t)(now / s->set->rotate) : 0;

    return g + (s->set->restart_at > 0 && now >= s->set->restart_at ? RESTART_GENERATIONS : 0);
}

static void make_cookie(struct sim_server *s, int64_t t, const uint8_t *c2s, const uint8_t *s2c,
                        uint8_t cookie[COOKIE_LEN])
{
    struct wire_writer w = wire_writer(cookie, COOKIE_LEN);

    wire_put_u64(&w, s->serial++);
    wire_put_u32(&w, generation(s, t));
    wire_put_u32(&w, s->index);
    wire_put_bytes(&w, c2s, KEY_LEN);
    wire_put_bytes(&w, s2c, KEY_LEN);
    wire_put_zeros(&w, COOKIE_LEN - w.pos);
}

bool sim_server_ke(struct sim_server *s, int64_t t, struct nts_session *out, struct failure *f,
                   bool *reached)
{
    double now = (double)t * 1e-9;
    uint8_t cookie[COOKIE_LEN];

    *reached = false;
    *f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    if (now >= s->set->ke_down_from && now < s->set->ke_down_to)
        return false;
    *reached = true;
    *f = failure_make(STAGE_TLS, REASON_ALERT, 80);
    if (s->set->ke_fail > 0 && sim_rand_uniform(&s->random) < s->set->ke_fail)
        return false;
    memset(out, 0, sizeof *out);
    out->c2s = (struct aead_key){.id = AEAD_AES_SIV_CMAC_256, .len = KEY_LEN};
    out->s2c = out->c2s;
    sim_rand_fill(&s->random, out->c2s.key, KEY_LEN);
    sim_rand_fill(&s->random, out->s2c.key, KEY_LEN);
    for (int i = 0; i < COOKIES_MAX; i++) {
        make_cookie(s, t, out->c2s.key, out->s2c.key, cookie);
        cookie_pool_add(&out->cookies, cookie, sizeof cookie);
    }
    out->n_ntp = 1;
    out->ntp[0] = (struct net_addr){.family = 4, .port = NTP_PORT, .addr = {192, 0, 2}};
    out->ntp[0].addr[3] =
        (uint8_t)(s->set->address > 0 ? 200 + (unsigned)s->set->address : s->index + 1);
    out->ke = out->ntp[0];
    out->not_after_s = SIM_EPOCH_S * 2;
    if (s->set->valid_to != 0) {
        out->not_before_s = SIM_EPOCH_S + (int64_t)s->set->valid_from;
        out->not_after_s = SIM_EPOCH_S + (int64_t)s->set->valid_to;
    }
    return true;
}

/* Finds the fields; false when the request makes no sense. */
static bool parse(struct request *q, const uint8_t *data, size_t len)
{
    size_t pos = NTP_HEADER_LEN;
    struct ntp_ext ext;

    memset(q, 0, sizeof *q);
    if (!ntp_packet_decode(&q->header, data, len) || q->header.mode != NTP_MODE_CLIENT)
        return false;
    while (ntp_ext_next(data, len, NTP_EXT_MIN_LEN, &pos, &ext) == NTP_EXT_FIELD) {
        if (ext.type == NTS_EXT_UNIQUE_ID)
            q->uid = ext;
        else if (ext.type == NTS_EXT_COOKIE)
            q->cookie = ext;
        else if (ext.type == NTS_EXT_AUTHENTICATOR)
            q->auth = ext;
        q->cookies += ext.type == NTS_EXT_COOKIE || ext.type == NTS_EXT_PLACEHOLDER;
    }
    return pos == len && q->uid.body_len == NTS_UID_LEN && q->cookie.body_len == COOKIE_LEN &&
           q->auth.body_len == 4 + AEAD_NONCE_MAX + AEAD_TAG_LEN && q->cookies <= COOKIES_MAX;
}

/* A cookie is to be used once, ever; the network may double its packet. */
static void note_use(struct sim_server *s, uint64_t serial, const uint8_t *uid)
{
    size_t at = (size_t)serial;
    uint32_t query;

    if (at >= s->used_len) {
        size_t len = at * 2 + 64;
        uint32_t *more = realloc(s->used, len * sizeof *more);

        if (more == NULL)
            abort();
        memset(more + s->used_len, 0, (len - s->used_len) * sizeof *more);
        s->used = more;
        s->used_len = len;
    }
    memcpy(&query, uid, sizeof query);
    query |= 1; /* 0: not used */
    s->reused += s->used[at] != 0 && s->used[at] != query;
    s->used[at] = query;
}

/* Opens the cookie; false when its key is forgotten. */
static bool take_cookie(struct sim_server *s, int64_t t, const uint8_t *data, struct request *q)
{
    struct wire_reader r = wire_reader(data + q->cookie.body, q->cookie.body_len);
    uint64_t serial = wire_get_u64(&r);
    uint32_t made = wire_get_u32(&r);

    if (wire_get_u32(&r) != s->index || serial >= s->serial) {
        s->bad++;
        return false;
    }
    note_use(s, serial, data + q->uid.body);
    q->c2s = (struct aead_key){.id = AEAD_AES_SIV_CMAC_256, .len = KEY_LEN};
    q->s2c = q->c2s;
    wire_get_bytes(&r, q->c2s.key, KEY_LEN);
    wire_get_bytes(&r, q->s2c.key, KEY_LEN);
    return generation(s, t) - made <= 1;
}

static bool authentic(const uint8_t *data, const struct request *q)
{
    const uint8_t *nonce = data + q->auth.body + 4;
    uint8_t nothing[1];

    return sim_aead.open(&q->c2s, data, q->auth.start, nonce, AEAD_NONCE_MAX,
                         nonce + AEAD_NONCE_MAX, AEAD_TAG_LEN, nothing);
}

static struct ntp_ts stamp(const struct sim_server *s, int64_t t, double noise)
{
    double e = sim_server_error(s, t) + noise;

    return ntp_from_wall((struct wall){SIM_EPOCH_S * NS_PER_S + t + llrint(e * 1e9)});
}

/* 16.16 s, rounded up. */
static uint32_t short_format(double s)
{
    return (uint32_t)ceil(s * 65536);
}

static struct ntp_packet header(struct sim_server *s, const struct request *q, int64_t t)
{
    double noise = s->set->noise > 0 ? s->set->noise * sim_rand_normal(&s->random) : 0;

    return (struct ntp_packet){.version = 4,
                               .mode = NTP_MODE_SERVER,
                               .stratum = (uint8_t)(s->set->stratum > 0 ? s->set->stratum : 1),
                               .precision = -25,
                               .root_delay = short_format(s->set->root_delay),
                               .root_dispersion = short_format(s->set->root_dispersion),
                               .reference_id = UINT32_C(0x47505300),
                               .reference = stamp(s, t, 0),
                               .origin = q->header.transmit,
                               .receive = stamp(s, t, noise),
                               .transmit = stamp(s, t + SERVICE_NS, noise)};
}

/*
 * RFC 9769 section 2: to a request that names an earlier answer by its receive timestamp, and has
 * two different ones of its own, the server says when that answer has left.
 */
static void interleave(struct sim_server *s, const struct request *q, struct ntp_packet *p)
{
    uint64_t known = 0;

    for (unsigned i = 0; i < SIM_ANSWERS && s->set->xleave != 0; i++)
        if (s->answers[i].receive != 0 && s->answers[i].receive == q->header.origin.u)
            known = s->answers[i].transmit;
    s->answers[s->n_answers++ % SIM_ANSWERS] = (struct sim_answer){p->receive.u, p->transmit.u};
    if (known != 0 && q->header.receive.u != q->header.transmit.u) {
        p->origin = q->header.receive;
        p->transmit.u = known;
        s->interleaved++;
    } else {
        p->transmit = ntp_from_wall(
            (struct wall){wall_from_ntp(p->transmit, (struct wall){SIM_EPOCH_S * NS_PER_S}).ns +
                          llrint(s->set->transmit_late * 1e9)});
    }
}

static size_t seal_answer(struct sim_server *s, int64_t t, const struct request *q,
                          struct wire_writer *w)
{
    uint8_t pt[COOKIES_MAX * (NTP_EXT_HEADER_LEN + COOKIE_LEN)];
    struct wire_writer inner = wire_writer(pt, sizeof pt);
    uint8_t cookie[COOKIE_LEN], nonce[AEAD_NONCE_MAX];
    size_t ad_len = w->pos;

    for (unsigned i = 0; i < q->cookies; i++) {
        make_cookie(s, t, q->c2s.key, q->s2c.key, cookie);
        wire_put_u16(&inner, NTS_EXT_COOKIE);
        wire_put_u16(&inner, NTP_EXT_HEADER_LEN + COOKIE_LEN);
        wire_put_bytes(&inner, cookie, sizeof cookie);
    }
    sim_rand_fill(&s->random, nonce, sizeof nonce);
    wire_put_u16(w, NTS_EXT_AUTHENTICATOR);
    wire_put_u16(w, (uint16_t)(NTP_EXT_HEADER_LEN + 4 + AEAD_NONCE_MAX + AEAD_TAG_LEN + inner.pos));
    wire_put_u16(w, AEAD_NONCE_MAX);
    wire_put_u16(w, (uint16_t)(AEAD_TAG_LEN + inner.pos));
    wire_put_bytes(w, nonce, sizeof nonce);
    if (w->bad || w->cap - w->pos < AEAD_TAG_LEN + inner.pos)
        abort();
    sim_aead.seal(&q->s2c, w->data, ad_len, nonce, sizeof nonce, pt, inner.pos, w->data + w->pos);
    return w->pos + AEAD_TAG_LEN + inner.pos;
}

size_t sim_server_answer(struct sim_server *s, int64_t t, const uint8_t *data, size_t len,
                         uint8_t answer[NTS_RESPONSE_MAX], int64_t *sent)
{
    struct wire_writer w = wire_writer(answer, NTS_RESPONSE_MAX);
    uint8_t octets[NTP_HEADER_LEN];
    struct ntp_packet p;
    struct request q;
    bool known;

    s->requests++;
    if (!parse(&q, data, len)) {
        s->bad++;
        return 0;
    }
    known = take_cookie(s, t, data, &q);
    if (known && !authentic(data, &q)) {
        s->bad++;
        return 0;
    }
    p = header(s, &q, t);
    interleave(s, &q, &p);
    if (!known) {
        p.stratum = 0;
        p.reference_id = NTP_KISS_NTSN;
        s->naks++;
    } else if (s->set->rate_at > 0 && !s->rated && (double)t * 1e-9 >= s->set->rate_at) {
        p.stratum = 0;
        p.reference_id = NTP_KISS_RATE;
        s->rated = true;
    }
    ntp_packet_encode(&p, octets);
    wire_put_bytes(&w, octets, sizeof octets);
    wire_put_bytes(&w, data + q.uid.start, NTP_EXT_HEADER_LEN + NTS_UID_LEN);
    *sent = t + SERVICE_NS;
    return known ? seal_answer(s, t, &q, &w) : w.pos;
}
