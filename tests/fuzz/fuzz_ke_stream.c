/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key-establishment server's answer, in whatever pieces it is read (RFC 8915 section 4). */
#include <string.h>

#include "common/nts/nts_ke_msg.h"
#include "tests/fuzz/fuzz.h"

/* Where the answer is whole when it is read piece by piece; len + 1: nowhere. */
static size_t whole_at(const uint8_t *data, size_t len, size_t piece)
{
    size_t pos = 0;

    for (size_t n = piece < len ? piece : len;; n = n + piece < len ? n + piece : len) {
        if (nts_ke_response_complete(data, n, &pos))
            return n;
        if (n == len)
            return len + 1;
    }
}

static void check_answer(const struct nts_ke_answer *a, const struct aead_list *offered)
{
    struct cookie_pool left = a->cookies;
    uint8_t cookie[NTS_COOKIE_MAX];
    unsigned taken = 0;

    FUZZ_ASSERT(aead_key_len(a->aead) > 0 && aead_list_has(offered, a->aead));
    FUZZ_ASSERT(a->exporter_aead == a->aead || (a->aead == 30 && a->exporter_aead == 15));
    FUZZ_ASSERT(a->ntp_port != 0);
    FUZZ_ASSERT(a->cookies.count > 0);
    FUZZ_ASSERT(cookie_pool_valid(&a->cookies));
    FUZZ_ASSERT(memchr(a->ntp_server, 0, sizeof a->ntp_server) != NULL);
    if (a->ntp_server[0] != '\0')
        FUZZ_ASSERT(nts_ke_server_valid(a->ntp_server, strlen(a->ntp_server)));
    while (cookie_pool_take(&left, cookie) > 0)
        taken++;
    FUZZ_ASSERT(taken == a->cookies.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    size_t piece = (size_t)wire_get_u8(&r) + 1;
    struct fuzz_copy answer = fuzz_rest(&r);
    size_t at_once = whole_at(answer.data, answer.len, answer.len > 0 ? answer.len : 1);
    size_t in_pieces = whole_at(answer.data, answer.len, piece);
    /* By the length, so that old seeds stay what they are. */
    const struct aead_list offered = {.n = (uint8_t)(1 + len % 4), .id = {15, 16, 17, 30}};
    static const struct nts_ke_answer none;
    struct nts_ke_answer a;
    struct failure f;

    /* The same answer is whole however it is cut, at the first cut that has all of it. */
    FUZZ_ASSERT((at_once > answer.len) == (in_pieces > answer.len));
    if (nts_ke_response_check(answer.data, answer.len, &offered, &a, &f)) {
        check_answer(&a, &offered);
        FUZZ_ASSERT(at_once == answer.len && in_pieces == answer.len);
    } else {
        FUZZ_ASSERT(f.stage == STAGE_KE_RECORD || f.stage == STAGE_KE_ERROR);
        FUZZ_ASSERT(memcmp(&a, &none, sizeof a) == 0);
    }
    fuzz_copy_free(&answer);
    return 0;
}
