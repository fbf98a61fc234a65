/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session tickets that no library would send (RFC 8446 section 4.6.1): with nonces of any length,
 * at any place in the answer, asked for or not. OpenSSL has the handshake and what is read; from
 * then on the records to the client are written here, with the key that the library logs. Words:
 *   ticket=LEN[,LEN...]   before the answer, one for each length of a nonce
 *   between=LEN[,LEN...]  between the parts that split=N makes
 *   late=LEN[,LEN...]     behind the answer, in one segment with it
 *   junk                  a record that nobody can decrypt behind the answer, likewise
 */
#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE        22
#define ALERT            21
#define APPLICATION_DATA 23
#define SECRET_LEN       32 /* of SHA-256 */
#define PLAIN_MAX        16384

bool ticket_wanted(const struct ke *k)
{
    return ke_option(k, "ticket") || ke_option(k, "between") || ke_option(k, "late") ||
           ke_option(k, "junk");
}

/* RFC 8446 section 7.1, where one block is enough and the context is empty. */
static void expand(const uint8_t *secret, const char *label, uint8_t *out, size_t len)
{
    uint8_t info[32] = {0, (uint8_t)len, (uint8_t)strlen(label)}, block[SECRET_LEN];
    size_t n = strlen(label);

    memcpy(info + 3, label, n);
    info[3 + n + 1] = 1; /* behind the context's length, 0: the block's number */
    if (!HMAC(EVP_sha256(), secret, SECRET_LEN, info, n + 5, block, NULL))
        fatal("HMAC failed");
    memcpy(out, block, len);
}

static void on_secret(const SSL *ssl, const char *line)
{
    static const char wanted[] = "SERVER_TRAFFIC_SECRET_0 ";
    struct ke *k = SSL_get_app_data(ssl);
    uint8_t secret[SECRET_LEN];
    const char *hex = strrchr(line, ' ');
    struct octets o = {.data = secret, .cap = sizeof(secret)};

    if (strncmp(line, wanted, sizeof(wanted) - 1) != 0 || !hex)
        return;
    octets_hex(&o, hex + 1);
    expand(secret, "tls13 key", k->own_key, sizeof(k->own_key));
    expand(secret, "tls13 iv", k->own_iv, sizeof(k->own_iv));
}

void ticket_prepare(struct ke *k)
{
    if (SSL_CTX_set_num_tickets(k->ctx, 0) != 1 ||
        SSL_CTX_set_ciphersuites(k->ctx, "TLS_AES_128_GCM_SHA256") != 1)
        fatal("no tickets of our own");
    SSL_CTX_set_keylog_callback(k->ctx, on_secret);
}

/* RFC 8446 section 5.2 */
bool ticket_record(struct ke *k, uint8_t type, const uint8_t *data, size_t len)
{
    uint8_t inner[PLAIN_MAX + 1], record[5 + PLAIN_MAX + 1 + 16], nonce[12];
    size_t sealed = len + 1 + 16;
    int n = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

    if (len > PLAIN_MAX)
        fatal("too long for a record");
    memcpy(inner, data, len);
    inner[len] = type;
    memcpy(record, (uint8_t[]){APPLICATION_DATA, 3, 3, (uint8_t)(sealed >> 8), (uint8_t)sealed}, 5);
    memcpy(nonce, k->own_iv, sizeof(nonce));
    for (int i = 0; i < 8; i++)
        nonce[11 - i] ^= (uint8_t)(k->own_count >> 8 * i);
    k->own_count++;
    if (EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, k->own_key, nonce) != 1 ||
        EVP_EncryptUpdate(c, NULL, &n, record, 5) != 1 ||
        EVP_EncryptUpdate(c, record + 5, &n, inner, (int)len + 1) != 1 ||
        EVP_EncryptFinal_ex(c, record + 5 + n, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, record + 5 + len + 1) != 1)
        fatal("a record cannot be made");
    EVP_CIPHER_CTX_free(c);
    return send(k->fd, record, 5 + sealed, MSG_NOSIGNAL) == (ssize_t)(5 + sealed);
}

static bool send_ticket(struct ke *k, size_t nonce_len)
{
    uint8_t data[4 + 4 + 4 + 1 + 255 + 2 + 32 + 2] = {4, 0, 0, 0, 0, 0, 14, 16}; /* an hour */
    struct octets o = {.data = data, .len = 8, .cap = sizeof(data)};
    uint8_t random[255];

    if (nonce_len > 255 || RAND_bytes(random, sizeof(random)) != 1)
        fatal("no nonce of that length");
    octets_add(&o, random, 4);
    octets_add(&o, (uint8_t[]){(uint8_t)nonce_len}, 1);
    octets_add(&o, random, nonce_len);
    octets_u16(&o, 32);
    octets_add(&o, random, 32);
    octets_u16(&o, 0);
    data[2] = (uint8_t)((o.len - 4) >> 8);
    data[3] = (uint8_t)(o.len - 4);
    return ticket_record(k, HANDSHAKE, data, o.len);
}

bool ticket_send(struct ke *k, const char *word)
{
    const char *v = ke_option(k, word);
    bool ok = true;

    while (v && *v && ok) {
        char *end;

        ok = send_ticket(k, strtoul(v, &end, 10));
        v = *end == ',' ? end + 1 : end;
    }
    return ok;
}

/* What is sent until it is taken off goes out in one segment, as far as one holds it. */
void ticket_cork(struct ke *k, bool on)
{
    int value = on;

    setsockopt(k->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

bool ticket_junk(struct ke *k)
{
    static const uint8_t junk[5 + 32] = {APPLICATION_DATA, 3, 3, 0, 32};

    return !ke_option(k, "junk") ||
           send(k->fd, junk, sizeof(junk), MSG_NOSIGNAL) == (ssize_t)sizeof(junk);
}

void ticket_close(struct ke *k)
{
    (void)ticket_record(k, ALERT, (uint8_t[]){1, 0}, 2); /* close_notify */
}
