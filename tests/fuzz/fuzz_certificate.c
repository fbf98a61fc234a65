/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as a server sends them, and files of them as an administrator names them. */
#include <string.h>

#include "common/nts/pem.h"
#include "common/nts/x509_cert.h"
#include "tests/fuzz/fuzz.h"

static bool within(const uint8_t *p, size_t n, const struct fuzz_copy *all)
{
    return p >= all->data && n <= all->len && (size_t)(p - all->data) <= all->len - n;
}

static void certificate(const struct fuzz_copy *der)
{
    static const struct x509_cert none;
    struct x509_cert c;
    struct x509_san san;
    const uint8_t *pos;
    size_t left;

    if (!x509_cert_parse(der->data, der->len, &c)) {
        FUZZ_ASSERT(memcmp(&c, &none, sizeof c) == 0);
        return;
    }
    FUZZ_ASSERT(within(c.issuer, c.issuer_len, der) && within(c.subject, c.subject_len, der));
    FUZZ_ASSERT(x509_cert_self_issued(&c) == x509_cert_issued_by(&c, &c));
    pos = c.san;
    left = c.san_len;
    while (x509_san_next(&pos, &left, &san))
        FUZZ_ASSERT(within(san.data, san.len, der));
    FUZZ_ASSERT(left == 0);
}

static void bundle(const struct fuzz_copy *text)
{
    uint8_t der[4096];
    size_t pos = 0, before = 0, n;

    while ((n = pem_next_certificate((const char *)text->data, text->len, &pos, der, sizeof der)) >
           0) {
        FUZZ_ASSERT(n <= sizeof der && pos > before && pos <= text->len);
        before = pos;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire_reader r = wire_reader(data, len);
    struct fuzz_copy all = fuzz_rest(&r);

    certificate(&all);
    bundle(&all);
    fuzz_copy_free(&all);
    return 0;
}
