/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request says, and whether it is one that RFC 8915 section 5.7 allows. */
#include "server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool all_zero(const uint8_t *p, size_t n)
{
    while (n && !*p)
        p++, n--;
    return !n;
}

/* Opens the authenticator, whose plaintext a client leaves empty or fills with what we skip. */
static bool authentic(const struct query *q)
{
    uint8_t plain[2048];
    if (q->auth_len < 4)
        return false;
    size_t nonce = (size_t)(q->auth[0] << 8 | q->auth[1]);
    size_t sealed = (size_t)(q->auth[2] << 8 | q->auth[3]);
    size_t at = 4 + (nonce + 3) / 4 * 4;
    struct octets ad = {.data = (uint8_t *)q->data, .len = q->auth_start};
    return nonce >= 16 && at + sealed <= q->auth_len &&
           siv_open(q->session.c2s, q->session.key_len, &ad, q->auth + 4, nonce, q->auth + at,
                    sealed, plain);
}

/* RFC 8915 section 5.7: one UID of at least 32 octets, one cookie, placeholders like it, the end.
 */
void request_judge(struct query *q)
{
    unsigned uids = 0, cookies = 0, auths = 0, others = 0, uses = 0;
    bool placeholders_fit = true;
    size_t pos = 48;
    while (pos + 16 <= q->len) {
        const uint8_t *f = q->data + pos;
        size_t type = (size_t)(f[0] << 8 | f[1]), len = (size_t)(f[2] << 8 | f[3]);
        if (len < 16 || len % 4 || len > q->len - pos)
            break;
        if (type == 0x0104) {
            q->uid = f + 4, q->uid_len = len - 4, uids++;
        } else if (type == 0x0204) {
            q->cookie = f + 4, q->cookie_len = len - 4, cookies++;
        } else if (type == 0x0304) {
            q->placeholders++;
            placeholders_fit &= len - 4 == q->cookie_len && all_zero(f + 4, len - 4);
        } else if (type == 0x0404) {
            q->auth = f + 4, q->auth_len = len - 4, q->auth_start = pos, auths++;
        } else {
            others++;
        }
        pos += len;
    }
    if (q->cookie)
        q->known = cookie_use(q->cookie, q->cookie_len, &q->session, &q->cookie_number, &uses);
    q->valid = q->known && uses == 1 && pos == q->len && uids == 1 && cookies == 1 && auths == 1 &&
               !others && q->uid_len >= 32 && q->auth + q->auth_len == q->data + q->len &&
               placeholders_fit && q->placeholders <= 7 && authentic(q);
}

void request_log(const struct query *q, unsigned number)
{
    char uid[65] = "";
    unsigned port =
        ntohs(((const struct sockaddr_in *)&q->from)->sin_port); /* same place in IPv6 */
    bool minimal = q->len >= 48 && q->data[0] == 0x23 && all_zero(q->data + 1, 39);
    for (size_t i = 0; q->uid && i < q->uid_len && i < 32; i++)
        snprintf(uid + 2 * i, 3, "%02x", q->uid[i]);
    log_line("ntp %u len=%zu valid=%d minimal=%d port=%u placeholders=%u cookie=%u uid=%s "
             "transmit=%02x%02x%02x%02x",
             number, q->len, q->valid, minimal, port, q->placeholders, q->cookie_number, uid,
             q->data[40], q->data[41], q->data[42], q->data[43]);
}
