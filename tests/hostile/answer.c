/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NTP response as the words of the script want it; without words an honest one.
 * Header: leap= version= mode= stratum= poll= precision= rootdelay=S rootdisp=S ref=TEXT|HEX
 *   offset=S (both server times, so that the client sees this offset) recv=S tx=S (one of them)
 *   recv=zero tx=zero origin=zero|wrong
 *   leapat=UNIX (a leap second before that second, announced until then; goes behind offset=, and
 *   leap=0 behind it takes the announcement back)
 * Fields, in their order (uid auth when none is named):
 *   uid[=wrong|zero|short|long|empty]   ext=TYPE:LEN (whole length, zeros)   cookie   raw=HEX
 *   auth, and for it: nonce=LEN noncelen=N ctlen=N extlen=N (what the length fields say) pad=N
 *   key=c2s|zero  in.cookies=N in.cookielen=LEN in.ext=TYPE:LEN in.raw=HEX (what is encrypted)
 * nak, kiss=CODE: the header of a kiss-o'-death.   bare: no field at all
 */
#include "server.h"

#include <math.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

struct auth {
    long nonce_len, nonce_says, sealed_says, ext_says;
    size_t pad;
    const uint8_t *key;
    struct octets inner;
    const struct query *q;
};

static void put_u64(uint8_t *to, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        to[i] = (uint8_t)v;
}

static void put_short(uint8_t *to, const char *seconds)
{
    uint32_t v = (uint32_t)(strtod(seconds, NULL) * 65536);
    for (int i = 3; i >= 0; i--, v >>= 8)
        to[i] = (uint8_t)v;
}

static uint64_t shifted(uint64_t t, const char *seconds)
{
    double s = strtod(seconds, NULL), whole = floor(s);
    return t + ((uint64_t)(int64_t)whole << 32) + (uint64_t)((s - whole) * 4294967296.0);
}

/* The time in 8 octets at `to`, moved by what the word says. */
static void move_time(uint8_t *to, uint64_t *t, const char *by)
{
    *t = strcmp(by, "zero") ? shifted(*t, by) : 0;
    put_u64(to, *t);
}

/* Announces a leap second, or has had it. */
static void leap_at(uint8_t *h, uint64_t *t2, uint64_t *t3, const char *unix_second)
{
    uint64_t at = (strtoull(unix_second, NULL, 10) + 2208988800u) << 32;
    if (*t3 < at)
        h[0] = (uint8_t)((h[0] & 0x3f) | 1 << 6);
    if (*t2 >= at)
        move_time(h + 32, t2, "-1");
    if (*t3 >= at)
        move_time(h + 40, t3, "-1");
}

/* Four letters, or eight hexadecimal digits. */
static void put_code(uint8_t *to, const char *code)
{
    struct octets o = {.data = to, .cap = 4};
    if (strlen(code) == 8)
        octets_hex(&o, code);
    else
        octets_add(&o, code, strnlen(code, 4));
}

static void kiss(uint8_t *h, const char *code)
{
    h[0] = (uint8_t)(h[0] | 0xc0);
    h[1] = 0;
    put_code(h + 12, code);
}

static void header_word(const char *w, uint8_t *h, uint64_t *t2, uint64_t *t3)
{
    const char *v;
    if ((v = word_value(w, "leap")))
        h[0] = (uint8_t)((h[0] & 0x3f) | strtol(v, NULL, 10) << 6);
    else if ((v = word_value(w, "version")))
        h[0] = (uint8_t)((h[0] & 0xc7) | strtol(v, NULL, 10) << 3);
    else if ((v = word_value(w, "mode")))
        h[0] = (uint8_t)((h[0] & 0xf8) | strtol(v, NULL, 10));
    else if ((v = word_value(w, "stratum")))
        h[1] = (uint8_t)strtol(v, NULL, 10);
    else if ((v = word_value(w, "poll")))
        h[2] = (uint8_t)strtol(v, NULL, 10);
    else if ((v = word_value(w, "precision")))
        h[3] = (uint8_t)strtol(v, NULL, 10);
    else if ((v = word_value(w, "rootdelay")))
        put_short(h + 4, v);
    else if ((v = word_value(w, "rootdisp")))
        put_short(h + 8, v);
    else if ((v = word_value(w, "ref")))
        put_code(h + 12, v);
    else if (!strcmp(w, "origin=zero"))
        put_u64(h + 24, 0);
    else if (!strcmp(w, "origin=wrong"))
        h[31] ^= 1;
    else if ((v = word_value(w, "recv")))
        move_time(h + 32, t2, v);
    else if ((v = word_value(w, "tx")))
        move_time(h + 40, t3, v);
    else if ((v = word_value(w, "offset")))
        move_time(h + 32, t2, v), move_time(h + 40, t3, v);
    else if ((v = word_value(w, "leapat")))
        leap_at(h, t2, t3, v);
    else if (!strcmp(w, "nak"))
        kiss(h, "NTSN");
    else if ((v = word_value(w, "kiss")))
        kiss(h, v);
}

static void field(struct octets *to, size_t type, const void *body, size_t len)
{
    octets_u16(to, type);
    octets_u16(to, len + 4);
    octets_add(to, body, len);
}

/* TYPE:LEN, both as strtoul takes them (0x...) */
static void any_field(struct octets *to, const char *v)
{
    char *end;
    size_t type = strtoul(v, &end, 0), len = *end ? strtoul(end + 1, NULL, 0) : 16;
    octets_u16(to, type);
    octets_u16(to, len);
    if (len > 4)
        octets_zeros(to, len - 4);
}

static void uid_field(struct octets *to, const char *how, const struct query *q)
{
    uint8_t body[2048] = {0};
    size_t len = q->uid_len;
    memcpy(body, q->uid, len);
    if (!strcmp(how, "wrong"))
        body[len - 1] ^= 1;
    else if (!strcmp(how, "zero"))
        memset(body, 0, len);
    else if (!strcmp(how, "short"))
        len = 16;
    else if (!strcmp(how, "empty"))
        len = 0;
    else if (!strcmp(how, "long"))
        len += 4;
    field(to, 0x0104, body, len);
}

static void cookie_field(struct octets *to, const struct query *q, size_t len)
{
    octets_u16(to, 0x0204);
    octets_u16(to, len + 4);
    cookie_new(&q->session, len, to);
}

static void auth_words(struct auth *a, char *const *words, unsigned n)
{
    static const uint8_t zero_key[KEY_MAX];
    unsigned long cookies = 1 + a->q->placeholders, cookie_len = a->q->cookie_len;
    const char *v;
    for (unsigned i = 0; i < n; i++) {
        if ((v = word_value(words[i], "nonce")))
            a->nonce_len = strtol(v, NULL, 0);
        else if ((v = word_value(words[i], "noncelen")))
            a->nonce_says = strtol(v, NULL, 0);
        else if ((v = word_value(words[i], "ctlen")))
            a->sealed_says = strtol(v, NULL, 0);
        else if ((v = word_value(words[i], "extlen")))
            a->ext_says = strtol(v, NULL, 0);
        else if ((v = word_value(words[i], "pad")))
            a->pad = strtoul(v, NULL, 0);
        else if ((v = word_value(words[i], "key")))
            a->key = !strcmp(v, "c2s") ? a->q->session.c2s : zero_key;
        else if ((v = word_value(words[i], "in.cookies")))
            cookies = strtoul(v, NULL, 10);
        else if ((v = word_value(words[i], "in.cookielen")))
            cookie_len = strtoul(v, NULL, 10);
        else if ((v = word_value(words[i], "in.ext")))
            any_field(&a->inner, v);
        else if ((v = word_value(words[i], "in.raw")))
            octets_hex(&a->inner, v);
    }
    for (unsigned long i = 0; i < cookies; i++)
        cookie_field(&a->inner, a->q, cookie_len);
}

/* RFC 8915 section 5.6, with whatever lengths the script says. */
static void auth_field(struct octets *to, const struct query *q, char *const *words, unsigned n)
{
    struct auth a = {.nonce_len = 16,
                     .nonce_says = -1,
                     .sealed_says = -1,
                     .ext_says = -1,
                     .key = q->session.s2c,
                     .q = q};
    uint8_t *sealed = malloc(DATAGRAM_MAX + 16), *nonce = calloc(1, DATAGRAM_MAX);
    octets_init(&a.inner, DATAGRAM_MAX);
    auth_words(&a, words, n);
    size_t nonce_len = (size_t)a.nonce_len, sealed_len = a.inner.len + 16;
    RAND_bytes(nonce, (int)nonce_len);
    siv_seal(a.key, q->session.key_len, to, nonce, nonce_len, a.inner.data, a.inner.len, sealed);
    size_t len = 8 + (nonce_len + 3) / 4 * 4 + (sealed_len + 3) / 4 * 4 + a.pad;
    octets_u16(to, 0x0404);
    octets_u16(to, a.ext_says >= 0 ? (size_t)a.ext_says : len);
    octets_u16(to, a.nonce_says >= 0 ? (size_t)a.nonce_says : nonce_len);
    octets_u16(to, a.sealed_says >= 0 ? (size_t)a.sealed_says : sealed_len);
    octets_add(to, nonce, nonce_len);
    octets_zeros(to, -nonce_len & 3);
    octets_add(to, sealed, sealed_len);
    octets_zeros(to, (-sealed_len & 3) + a.pad);
    free(a.inner.data);
    free(sealed);
    free(nonce);
}

bool answer_word(const char *word)
{
    static const char *const known[] = {
        "leap",         "version",  "mode",   "stratum", "poll", "precision", "rootdelay",
        "rootdisp",     "ref",      "origin", "recv",    "tx",   "offset",    "nak",
        "kiss",         "uid",      "ext",    "cookie",  "raw",  "bare",      "auth",
        "nonce",        "noncelen", "ctlen",  "extlen",  "pad",  "key",       "in.cookies",
        "in.cookielen", "in.ext",   "in.raw", "leapat",
    };
    bool found = false;
    for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
        found |= word_value(word, known[i]) != NULL;
    return found;
}

void answer_build(char *const *words, unsigned n, const struct query *q, struct octets *to)
{
    uint64_t t2 = q->received, t3 = ntp_now();
    uint8_t h[48] = {0x24, 1, 6, 0xec};
    const char *v;
    bool any = false;

    memcpy(h + 12, "TEST", 4);
    put_u64(h + 16, t3 - (UINT64_C(1) << 32));
    memcpy(h + 24, q->data + 40, 8);
    put_u64(h + 32, t2);
    put_u64(h + 40, t3);
    for (unsigned i = 0; i < n; i++)
        header_word(words[i], h, &t2, &t3);
    octets_add(to, h, sizeof(h));
    if (!q->known || !q->uid)
        return;
    for (unsigned i = 0; i < n; i++) {
        size_t before = to->len;
        if ((v = word_value(words[i], "uid")))
            uid_field(to, v, q);
        else if ((v = word_value(words[i], "ext")))
            any_field(to, v);
        else if (!strcmp(words[i], "cookie"))
            cookie_field(to, q, q->cookie_len);
        else if ((v = word_value(words[i], "raw")))
            octets_hex(to, v);
        else if (!strcmp(words[i], "auth"))
            auth_field(to, q, words, n);
        any |= to->len != before || !strcmp(words[i], "bare");
    }
    if (!any) {
        uid_field(to, "", q);
        auth_field(to, q, words, n);
    }
}
