/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nts-hostile: an NTS-KE and NTP server that does what real servers never do. It shares no code
 * with the client (own codec, OpenSSL instead of wolfSSL), so that an error in one cannot hide in
 * the other.
 */
#ifndef HOSTILE_SERVER_H
#define HOSTILE_SERVER_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define KEY_MAX      64
#define COOKIE_LEN   100 /* what chronyd's cookies measure with AEAD 15 */
#define MESSAGE_MAX  (1 << 20)
#define DATAGRAM_MAX 65536

/* Octets being built; what does not fit ends the program, since the script is at fault. */
struct octets {
    uint8_t *data;
    size_t len, cap;
};
void octets_init(struct octets *o, size_t cap);
void octets_add(struct octets *o, const void *data, size_t len);
void octets_zeros(struct octets *o, size_t len);
void octets_u16(struct octets *o, size_t v);
/* Hexadecimal digits, or @N for N zeros. */
void octets_hex(struct octets *o, const char *hex);

/* One line of the script, cut into words; `|` is a word. */
#define WORDS_MAX 128
struct words {
    char text[8192];
    char *w[WORDS_MAX];
    unsigned n;
};
void script_load(const char *path);
/* What to do for the n-th (from 1) event of `kind`: its n-th line, the last again when there are no
 * more. */
void script_line(const char *kind, unsigned n, struct words *words);
/* The value of `name=value`, "" for plain `name`, NULL when `word` is another. */
const char *word_value(const char *word, const char *name);

/* Keys of one key exchange, and the cookies that stand for them. */
struct session {
    unsigned aead;
    size_t key_len;
    uint8_t c2s[KEY_MAX], s2c[KEY_MAX];
};
struct cookie {
    struct session session;
    size_t len;
    unsigned uses; /* how often a request carried it */
    uint8_t *data;
};
void cookie_new(const struct session *s, size_t len, struct octets *to);
/* Finds a cookie and counts its use; false when it was never given. */
bool cookie_use(const uint8_t *data, size_t len, struct session *s, unsigned *number,
                unsigned *uses);

size_t siv_key_len(unsigned aead);
/* RFC 5297 with one associated data and a nonce; tag first. `out` has room for len + 16. */
bool siv_seal(const uint8_t *key, size_t key_len, const struct octets *ad, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *plain, size_t len, uint8_t *out);
/* `len` includes the tag; `out` has room for len - 16. */
bool siv_open(const uint8_t *key, size_t key_len, const struct octets *ad, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *sealed, size_t len, uint8_t *out);

/* One line to the log, written at once. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

struct server {
    const char *cert, *key;
    int ke_fd, ntp_fd;
    unsigned ke_port, ntp_port;
};
extern struct server server;

/* One key-establishment connection, and what the script says about it. */
struct ke {
    int fd;
    unsigned number;
    struct words words;
    SSL_CTX *ctx;
    SSL *ssl;
    uint8_t request[4096];
    size_t request_len;
    bool only_siv_256;               /* the client offers 15 and nothing else */
    uint8_t own_key[16], own_iv[12]; /* ticket.c's */
    uint64_t own_count;
};
/* The value of a word of the script, NULL when it is not there. */
const char *ke_option(const struct ke *k, const char *name);
/* Waits as long as `pause=MS` says. */
void ke_pause(const struct ke *k);
/* Makes k->ctx and k->ssl as the script wants them; false when the client does not agree. */
bool tls_handshake(struct ke *k);

/* Whether the script wants tickets of ours (ticket.c); then it writes all records itself. */
bool ticket_wanted(const struct ke *k);
void ticket_prepare(struct ke *k);
bool ticket_record(struct ke *k, uint8_t type, const uint8_t *data, size_t len);
/* The tickets that `word` of the script names, if it is there. */
bool ticket_send(struct ke *k, const char *word);
bool ticket_junk(struct ke *k);
void ticket_cork(struct ke *k, bool on);
void ticket_close(struct ke *k);

/* Serves one accepted connection in a thread of its own. */
void ke_start(int fd, unsigned number);
/* Appends the records that the words name. */
void ke_records(const struct words *words, const struct session *s, struct octets *to);

/* One request as received. */
struct query {
    uint8_t data[2048];
    size_t len;
    const uint8_t *uid, *cookie, *auth; /* bodies; NULL when not there */
    size_t uid_len, cookie_len, auth_len, auth_start;
    unsigned placeholders, cookie_number;
    bool valid, known;
    struct session session;
    uint64_t received; /* NTP timestamp */
    struct sockaddr_storage from;
    socklen_t from_len;
};
uint64_t ntp_now(void);
/* Reads the fields of q->data; q->valid when all is as RFC 8915 section 5.7 wants it. */
void request_judge(struct query *q);
void request_log(const struct query *q, unsigned number);
/* Takes what is waiting on the NTP port. */
void ntp_serve(void);
/* Builds one datagram as words[0..n) say. */
void answer_build(char *const *words, unsigned n, const struct query *q, struct octets *to);
/* Whether answer_build() knows the word. */
bool answer_word(const char *word);

#endif
