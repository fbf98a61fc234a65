/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NTS-KE records (RFC 8915 section 4) as the script wants them. WORD*N is N times WORD.
 *   honest            next aead cookie*8 port end (also when no record is named)
 *   next[=N]          Next Protocol, NTPv4 (0) by default
 *   aead[=N,..]       AEAD, by default the first of the client's list
 *   cookie[=LEN]      a fresh cookie
 *   server=TEXT port[=N] error=N warning=N end
 *   rec=TYPE:HEX      any record; TYPE is hexadecimal with the critical bit, HEX may be @LEN
 *   fill=N            an unknown non-critical record that makes the message N octets with `end`
 *   raw=HEX           octets as they are
 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void record(struct octets *to, size_t type, const void *body, size_t len)
{
    octets_u16(to, type);
    octets_u16(to, len);
    octets_add(to, body, len);
}

static void number_record(struct octets *to, size_t type, size_t v)
{
    record(to, type, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

static void list_record(struct octets *to, size_t type, const char *list)
{
    uint8_t body[64];
    size_t n = 0;
    while (*list && n < sizeof(body)) {
        char *end;
        unsigned long v = strtoul(list, &end, 10);
        body[n++] = (uint8_t)(v >> 8);
        body[n++] = (uint8_t)v;
        list = *end ? end + 1 : end;
    }
    record(to, type, body, n);
}

/* rec=TYPE:HEX */
static void any_record(struct octets *to, const char *v)
{
    char *end;
    size_t body;

    octets_u16(to, strtoul(v, &end, 16));
    octets_u16(to, 0);
    body = to->len;
    if (*end == ':')
        octets_hex(to, end + 1);
    to->data[body - 2] = (uint8_t)((to->len - body) >> 8);
    to->data[body - 1] = (uint8_t)(to->len - body);
}

/* False when the word names no record. */
static bool one_record(const char *word, const struct session *s, struct octets *to)
{
    const char *v;
    if ((v = word_value(word, "next"))) {
        number_record(to, 0x8001, *v ? strtoul(v, NULL, 10) : 0);
    } else if ((v = word_value(word, "aead"))) {
        if (*v)
            list_record(to, 0x8004, v);
        else
            number_record(to, 0x8004, s->aead);
    } else if ((v = word_value(word, "cookie"))) {
        size_t len = *v ? strtoul(v, NULL, 10) : COOKIE_LEN;
        octets_u16(to, 5);
        octets_u16(to, len);
        cookie_new(s, len, to);
    } else if ((v = word_value(word, "server"))) {
        record(to, 0x8006, v, strlen(v));
    } else if ((v = word_value(word, "port"))) {
        number_record(to, 0x8007, *v ? strtoul(v, NULL, 10) : server.ntp_port);
    } else if ((v = word_value(word, "error"))) {
        number_record(to, 0x8002, strtoul(v, NULL, 10));
    } else if ((v = word_value(word, "warning"))) {
        number_record(to, 0x8003, strtoul(v, NULL, 10));
    } else if (word_value(word, "end")) {
        record(to, 0x8000, NULL, 0);
    } else if ((v = word_value(word, "rec"))) {
        any_record(to, v);
    } else if ((v = word_value(word, "fill"))) {
        size_t body = strtoul(v, NULL, 10) - to->len - 4 - 4;
        octets_u16(to, 0x4001);
        octets_u16(to, body);
        octets_zeros(to, body);
    } else if ((v = word_value(word, "raw"))) {
        octets_hex(to, v);
    } else {
        return false;
    }
    return true;
}

static unsigned repeat(const char *word, const struct session *s, struct octets *to)
{
    char plain[8192];
    snprintf(plain, sizeof(plain), "%s", word);
    char *star = strrchr(plain, '*');
    unsigned long n = star ? strtoul(star + 1, NULL, 10) : 1;
    if (star)
        *star = 0;
    for (unsigned long i = 0; i < n; i++)
        if (!one_record(plain, s, to))
            return 0;
    return 1;
}

void ke_records(const struct words *words, const struct session *s, struct octets *to)
{
    static const char *const honest[] = {"next", "aead", "cookie*8", "port", "end"};
    static const char *const options[] = {
        "cut",     "split",  "drip",  "octets",    "stall",   "hangup",  "reset", "endless",
        "alpn",    "groups", "tls12", "keyupdate", "certreq", "empty",   "pause", "ticket",
        "between", "late",   "junk",  "strict",    "stuck",   "nonsense"};
    unsigned records = 0;
    for (unsigned i = 0; i < words->n; i++) {
        bool is_option = false;
        for (unsigned j = 0; j < sizeof(options) / sizeof(*options); j++)
            is_option |= word_value(words->w[i], options[j]) != NULL;
        if (is_option) {
            records += !strcmp(words->w[i], "empty");
        } else if (!strcmp(words->w[i], "honest")) {
            for (unsigned j = 0; j < 5; j++)
                records += repeat(honest[j], s, to);
        } else if (repeat(words->w[i], s, to)) {
            records++;
        } else {
            fatal("unknown word: %s", words->w[i]);
        }
    }
    for (unsigned j = 0; j < 5 && !records; j++)
        repeat(honest[j], s, to);
}
