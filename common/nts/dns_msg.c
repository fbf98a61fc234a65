/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/dns_msg.h"

#include <string.h>

#include "common/base/wire.h"

#define CLASS_IN  1
#define LABEL_MAX 63  /* RFC 1035 section 2.3.4 */
#define NAME_MAX  255 /* likewise, with the length of each label */

/* Bits of the header's second word, RFC 1035 section 4.1.1 and RFC 4035 section 3.2.2. */
#define FLAG_ANSWER    0x8000
#define FLAG_OPCODE    0x7800
#define FLAG_TRUNCATED 0x0200
#define FLAG_RECURSIVE 0x0100
#define FLAG_UNCHECKED 0x0010
#define FLAG_RCODE     0x000f

#define HEADER_LEN 12

static bool put_name(struct wire_writer *w, const char *name)
{
    size_t begin = w->pos;

    while (*name != '\0') {
        size_t n = 0;

        while (name[n] != '\0' && name[n] != '.')
            n++;
        if (n == 0 || n > LABEL_MAX)
            return false;
        wire_put_u8(w, (uint8_t)n);
        wire_put_bytes(w, name, n);
        name += n;
        if (*name == '.')
            name++;
    }
    wire_put_u8(w, 0);
    return !w->bad && w->pos - begin <= NAME_MAX;
}

size_t dns_query_build(const char *name, enum dns_type type, uint16_t id, bool unchecked,
                       uint8_t *buf, size_t cap)
{
    struct wire_writer w = wire_writer(buf, cap);

    wire_put_u16(&w, id);
    wire_put_u16(&w, (uint16_t)(FLAG_RECURSIVE | (unchecked ? FLAG_UNCHECKED : 0)));
    wire_put_u16(&w, 1); /* questions */
    wire_put_zeros(&w, 6);
    if (name[0] == '\0' || !put_name(&w, name))
        return 0;
    wire_put_u16(&w, (uint16_t)type);
    wire_put_u16(&w, CLASS_IN);
    return w.bad ? 0 : w.pos;
}

/* Resolvers may change the case of letters, and some do so on purpose. */
static bool same_question(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t differs = (uint8_t)(a[i] ^ b[i]);
        uint8_t letter = (uint8_t)(a[i] | 0x20);

        if (differs != 0 && (differs != 0x20 || letter < 'a' || letter > 'z'))
            return false;
    }
    return true;
}

bool dns_answer_begin(struct dns_answer *a, const uint8_t *data, size_t len, const uint8_t *query,
                      size_t query_len)
{
    uint16_t flags;

    memset(a, 0, sizeof *a);
    if (query_len < HEADER_LEN || len < query_len || data[0] != query[0] || data[1] != query[1])
        return false;
    flags = wire_u16_at(data, 2);
    if ((flags & FLAG_ANSWER) == 0 || (flags & (FLAG_OPCODE | FLAG_TRUNCATED | FLAG_RCODE)) != 0 ||
        wire_u16_at(data, 4) != 1 ||
        !same_question(data + HEADER_LEN, query + HEADER_LEN, query_len - HEADER_LEN))
        return false;
    *a = (struct dns_answer){
        .data = data, .len = len, .pos = query_len, .left = wire_u16_at(data, 6)};
    return true;
}

/* Steps over a name; a pointer ends it (RFC 1035 section 4.1.4). */
static void skip_name(struct wire_reader *r)
{
    while (!r->bad) {
        uint8_t n = wire_get_u8(r);

        if (n == 0)
            return;
        if ((n & 0xc0) == 0xc0) {
            (void)wire_skip(r, 1);
            return;
        }
        (void)wire_skip(r, n & 0xc0 ? wire_left(r) + 1 : n);
    }
}

/*
 * The name at `pos` as text. Pointers only lead backwards, to before the part that they end: so
 * every name ends.
 */
static bool read_name(const uint8_t *data, size_t len, size_t pos, char text[NTS_NAME_MAX + 1])
{
    size_t used = 0, part = pos;

    while (pos < len && data[pos] != 0) {
        size_t n = data[pos];

        if ((n & 0xc0) == 0xc0) {
            if (pos + 1 >= len)
                return false;
            pos = (n & 0x3f) << 8 | data[pos + 1];
            if (pos >= part)
                return false;
            part = pos;
            continue;
        }
        if (n > LABEL_MAX || n > len - pos - 1 || n + 1 > NTS_NAME_MAX - used)
            return false;
        if (used > 0)
            text[used++] = '.';
        for (size_t i = 0; i < n; i++) {
            char c = (char)data[pos + 1 + i];

            text[used++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        pos += n + 1;
    }
    text[used] = '\0';
    return pos < len && addr_is_name(text, used);
}

/* The next record of the type: its data in *body, which still sees the whole message. */
static bool next_record(struct dns_answer *a, uint16_t *type, struct wire_reader *body)
{
    struct wire_reader r = wire_reader(a->data, a->len);
    uint16_t class, n;
    size_t at;

    if (a->left == 0)
        return false;
    a->left--;
    r.pos = a->pos;
    skip_name(&r);
    *type = wire_get_u16(&r);
    class = wire_get_u16(&r);
    (void)wire_skip(&r, 4); /* how long it may be kept */
    n = wire_get_u16(&r);
    at = r.pos;
    (void)wire_skip(&r, n);
    if (r.bad) {
        a->left = 0;
        return false;
    }
    a->pos = r.pos;
    if (class != CLASS_IN)
        *type = 0;
    *body = wire_reader(a->data, r.pos);
    body->pos = at;
    return true;
}

bool dns_answer_address(struct dns_answer *a, struct net_addr *addr)
{
    struct wire_reader body;
    uint16_t type;

    while (next_record(a, &type, &body)) {
        size_t n = type == DNS_A ? 4 : type == DNS_AAAA ? 16 : 0;

        if (n == 0 || wire_left(&body) != n)
            continue;
        memset(addr, 0, sizeof *addr);
        addr->family = type == DNS_A ? 4 : 6;
        wire_get_bytes(&body, addr->addr, n);
        return true;
    }
    return false;
}

bool dns_answer_srv(struct dns_answer *a, struct dns_srv *srv)
{
    struct wire_reader body;
    uint16_t type;

    while (next_record(a, &type, &body)) {
        if (type != DNS_SRV)
            continue;
        srv->priority = wire_get_u16(&body);
        srv->weight = wire_get_u16(&body);
        srv->port = wire_get_u16(&body);
        /* The root as target says that there is no such service. */
        if (!body.bad && srv->port != 0 && read_name(body.data, body.len, body.pos, srv->target))
            return true;
    }
    return false;
}
