/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as a server sends them, and files of them as an administrator names them. */
#include <string.h>

#include "common/nts/pem.h"
#include "common/nts/x509_cert.h"
#include "common/nts/x509_constraint.h"
#include "common/nts/x509_host.h"
#include "common/nts/x509_name.h"
#include "common/nts/x509_path.h"
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

static const struct x509_cert *itself(void *context, struct der name, unsigned i)
{
    const struct x509_cert *c = context;

    return i == 0 && x509_name_equal(name, (struct der){c->subject, c->subject_len}) ? c : NULL;
}

static bool always(void *context, const struct x509_cert *cert, const struct x509_cert *issuer)
{
    (void)context;
    (void)cert;
    (void)issuer;
    return true;
}

/* Names, constraints and a path, of a certificate that is trusted and sent three times. */
static void path(const struct fuzz_copy *der)
{
    static struct x509_path p;
    struct x509_cert c;
    const struct x509_trust trust = {&c, itself, always};
    struct x509_verdict v;
    uint32_t budget = 1000;
    uint8_t form[512];
    char text[40];

    if (!x509_cert_parse(der->data, der->len, &c))
        return;
    const struct der subject = {c.subject, c.subject_len};
    FUZZ_ASSERT(x509_name_equal(subject, subject));
    FUZZ_ASSERT(x509_name_canonical(subject, form, sizeof form) <= sizeof form);
    x509_name_text(subject, text, sizeof text);
    FUZZ_ASSERT(memchr(text, 0, sizeof text) != NULL);
    x509_host_list(&c, text, sizeof text);
    FUZZ_ASSERT(memchr(text, 0, sizeof text) != NULL);
    if (x509_constraints_valid(&c))
        (void)x509_constraints_allow(&c, &c, &budget);
    x509_path_start(&p, &trust);
    for (unsigned i = 0; i < 3; i++)
        x509_path_add(&p, der->data, der->len);
    v = x509_path_judge(&p, "a.test", 1800000000, 1700000000);
    FUZZ_ASSERT(v.fail.stage == STAGE_OK || v.fail.stage == STAGE_TLS_TRUST ||
                v.fail.stage == STAGE_TLS_TIME || v.fail.stage == STAGE_TLS_NAME);
    FUZZ_ASSERT(memchr(v.fail.detail, 0, sizeof v.fail.detail) != NULL);
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
    path(&all);
    bundle(&all);
    fuzz_copy_free(&all);
    return 0;
}
