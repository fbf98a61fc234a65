/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One key-establishment connection: TCP, TLS, the request, and the answer as the script wants it.
 */
#include "server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ke_option(const struct ke *k, const char *name)
{
    const char *v = NULL;
    for (unsigned i = 0; i < k->words.n && !v; i++)
        v = word_value(k->words.w[i], name);
    return v;
}

void ke_pause(const struct ke *k)
{
    const char *v = ke_option(k, "pause");
    if (v)
        usleep((useconds_t)strtoul(v, NULL, 10) * 1000);
}

/* Ends here when the script says `stall=`, `hangup=` or `reset=` with the name of this moment. */
static bool ends_at(struct ke *k, const char *moment)
{
    char octet;
    const char *v = ke_option(k, "stall");
    if (v && !strcmp(v, moment)) {
        while (recv(k->fd, &octet, 1, 0) > 0)
            ;
        return true;
    }
    v = ke_option(k, "reset");
    if (v && !strcmp(v, moment)) {
        struct linger now = {.l_onoff = 1};
        setsockopt(k->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        return true;
    }
    v = ke_option(k, "hangup");
    return v && !strcmp(v, moment);
}

/* Reads up to End of Message and logs what was asked: "req N len=.. next=.. aead=.. other=..". */
static bool read_request(struct ke *k, struct session *s)
{
    char next[64] = "", aead[128] = "", other[256] = "";
    size_t pos = 0;
    for (;;) {
        const uint8_t *r = k->request + pos;
        size_t left = k->request_len - pos;
        size_t len = left >= 4 ? (size_t)(r[2] << 8 | r[3]) : 0;
        if (left < 4 || left - 4 < len) {
            int n = SSL_read(k->ssl, k->request + k->request_len,
                             (int)(sizeof(k->request) - k->request_len));
            if (n <= 0)
                return false;
            k->request_len += (size_t)n;
            continue;
        }
        pos += 4 + len;
        unsigned type = (unsigned)(r[0] & 0x7f) << 8 | r[1];
        if (type == 0)
            break;
        for (size_t i = 0; i + 1 < len && (type == 1 || type == 4); i += 2) {
            char *list = type == 1 ? next : aead;
            unsigned v = (unsigned)(r[4 + i] << 8 | r[5 + i]);
            snprintf(list + strlen(list), 16, "%s%u", *list ? "," : "", v);
            if (type == 4 && !s->aead && v >= 15 && v <= 17)
                s->aead = v;
            if (strlen(list) > 40)
                return false;
        }
        if (type != 1 && type != 4 && strlen(other) < sizeof(other) - 16)
            snprintf(other + strlen(other), 16, "%s%u", *other ? "," : "",
                     (unsigned)(r[0] << 8 | r[1]));
    }
    k->only_siv_256 = strcmp(aead, "15") == 0;
    log_line("req %u len=%zu trailing=%zu next=%s aead=%s other=%s", k->number, pos,
             k->request_len - pos, next, aead, other);
    return true;
}

static void export_keys(struct ke *k, struct session *s)
{
    static const char label[] = "EXPORTER-network-time-security";
    const char *wanted = ke_option(k, "aead");
    if (wanted && *wanted)
        s->aead = (unsigned)strtoul(wanted, NULL, 10);
    s->key_len = siv_key_len(s->aead);
    uint8_t context[5] = {0, 0, (uint8_t)(s->aead >> 8), (uint8_t)s->aead, 0};
    for (int dir = 0; dir < 2; dir++) {
        context[4] = (uint8_t)dir;
        if (SSL_export_keying_material(k->ssl, dir ? s->s2c : s->c2s, s->key_len, label,
                                       sizeof(label) - 1, context, 5, 1) != 1)
            fatal("no keying material");
    }
}

static bool send_part(struct ke *k, const uint8_t *data, size_t len)
{
    if (len > 0 && ticket_wanted(k))
        return ticket_record(k, 23, data, len);
    return len == 0 || SSL_write(k->ssl, data, (int)len) > 0;
}

static void send_answer(struct ke *k, const struct octets *m)
{
    const char *v;
    size_t at = 0, len = m->len;
    if ((v = ke_option(k, "cut")) && strtoul(v, NULL, 0) < len)
        len = strtoul(v, NULL, 0);
    if ((v = ke_option(k, "split")) && (at = strtoul(v, NULL, 0)) > len)
        at = len;
    bool ok = ticket_send(k, "ticket") && send_part(k, m->data, at) && ticket_send(k, "between");
    ticket_cork(k, ticket_wanted(k));
    if (ke_option(k, "keyupdate"))
        ok = ok && SSL_key_update(k->ssl, SSL_KEY_UPDATE_REQUESTED) == 1;
    if (ke_option(k, "drip"))
        while (ok && at < len) {
            ok = send_part(k, m->data + at++, 1);
            ke_pause(k);
        }
    ok = ok && send_part(k, m->data + at, len - at) && ticket_send(k, "late") && ticket_junk(k);
    ticket_cork(k, false);
    if (ke_option(k, "endless")) {
        uint8_t more[4000] = {0x40, 0x01, 996 >> 8, 996 & 0xff};
        for (int i = 1; i < 4; i++)
            memcpy(more + (size_t)i * 1000, more, 1000);
        for (size_t n = 0; ok && n < 64 << 20; n += sizeof(more))
            ok = send_part(k, more, sizeof(more));
    }
    log_line("answer %u len=%zu sent=%s", k->number, len, ok ? "all" : "part");
}

/*
 * Servers that stumble over algorithms that they do not know, as seen: `strict` closes (cfnts),
 * `stuck` has read two octets of the list and waits for who knows what (scion-time), `nonsense`
 * answers octets that are no records.
 */
static bool stumbles(struct ke *k)
{
    char octet;

    if (k->only_siv_256)
        return false;
    if (ke_option(k, "stuck"))
        while (recv(k->fd, &octet, 1, 0) > 0)
            ;
    if (ke_option(k, "nonsense"))
        (void)SSL_write(k->ssl, "\x80\x04\x00\x01?\x80\x00\x00\x00", 9);
    return ke_option(k, "stuck") || ke_option(k, "strict") || ke_option(k, "nonsense");
}

static void talk(struct ke *k)
{
    struct session s = {0};
    struct octets m;
    const char *v;
    char octet[64];
    if (ends_at(k, "accept"))
        return;
    if ((v = ke_option(k, "banner"))) {
        ssize_t n = send(k->fd, v, strlen(v), MSG_NOSIGNAL);
        n += send(k->fd, "\r\n", 2, MSG_NOSIGNAL);
        while (n > 0 && recv(k->fd, octet, sizeof(octet), 0) > 0)
            ;
        return;
    }
    if (!tls_handshake(k)) {
        log_line("handshake %u failed", k->number);
        return;
    }
    if (ends_at(k, "handshake") || !read_request(k, &s) || ends_at(k, "request") || stumbles(k))
        return;
    export_keys(k, &s);
    octets_init(&m, MESSAGE_MAX);
    ke_records(&k->words, &s, &m);
    send_answer(k, &m);
    free(m.data);
    if (ends_at(k, "answer"))
        return;
    if (ticket_wanted(k))
        ticket_close(k);
    else
        SSL_shutdown(k->ssl);
    shutdown(k->fd, SHUT_WR);
    /* Closing with octets unread would reset the connection and take the answer away. */
    while (recv(k->fd, octet, sizeof(octet), 0) > 0)
        ;
}

static void *thread(void *arg)
{
    struct ke *k = arg;
    int on = 1;
    setsockopt(k->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    script_line("ke", k->number, &k->words);
    talk(k);
    SSL_free(k->ssl);
    SSL_CTX_free(k->ctx);
    close(k->fd);
    free(k);
    return NULL;
}

void ke_start(int fd, unsigned number)
{
    pthread_t t;
    struct ke *k = calloc(1, sizeof(*k));
    if (!k)
        fatal("no memory");
    k->fd = fd;
    k->number = number;
    if (pthread_create(&t, NULL, thread, k) || pthread_detach(t))
        fatal("no thread");
}
