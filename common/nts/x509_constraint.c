/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_constraint.h"

#include <string.h>

#include "common/nts/x509_host.h"
#include "common/nts/x509_name.h"

/* The base of the next GeneralSubtree. False when it is malformed or has a minimum or maximum. */
static bool take_base(struct der *list, struct x509_san *base)
{
    struct der subtree;

    return der_take(list, DER_SEQUENCE, &subtree) &&
           x509_san_next(&subtree.p, &subtree.left, base) && subtree.left == 0;
}

/* A network as RFC 4632 has it: an address and a mask of ones, then zeros. */
static bool network_valid(const uint8_t *data, size_t len)
{
    bool ended = false;

    if (len != 8 && len != 32)
        return false;
    for (size_t i = len / 2; i < len; i++)
        for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
            bool one = (data[i] & bit) != 0;

            if (one && ended)
                return false;
            ended = !one;
        }
    return true;
}

static bool base_valid(const struct x509_san *base)
{
    const struct der name = {base->data, base->len};
    struct der walk = name, in;

    switch (base->type) {
    case X509_SAN_DNS: /* "": every name */
        return base->len == 0 || x509_dns_valid(base->data, base->len, false);
    case X509_SAN_IP:
        return network_valid(base->data, base->len);
    case X509_SAN_DIRECTORY:
        return der_take(&walk, DER_SEQUENCE, &in) && walk.left == 0;
    default:
        return base->type <= X509_SAN_ID;
    }
}

static bool list_valid(struct der list)
{
    struct x509_san base;

    while (list.left > 0)
        if (!take_base(&list, &base) || !base_valid(&base))
            return false;
    return true;
}

bool x509_constraints_valid(const struct x509_cert *ca)
{
    return !ca->bad_constraints && list_valid(ca->permitted) && list_valid(ca->excluded);
}

/* Whether a domain is `base` or below it. */
static bool dns_within(const uint8_t *name, size_t n, const struct x509_san *base)
{
    size_t b = base->len;

    if (b == 0)
        return true;
    return n >= b && (n == b || name[n - b - 1] == '.') &&
           x509_dns_equal(name + n - b, base->data, b);
}

/*
 * "*.rest" stands for each name of one label more. Permitted have to be all of them; to be
 * excluded, one is enough: also where a name of one label more is the base itself.
 */
static bool dns_matches(const struct x509_san *name, const struct x509_san *base, bool excluded)
{
    const uint8_t *p = name->data;
    size_t n = name->len, label;

    if (n < 2 || p[0] != '*')
        return dns_within(p, n, base);
    p += 2;
    n -= 2;
    if (dns_within(p, n, base))
        return true;
    if (!excluded || base->len <= n + 1 || !x509_dns_equal(base->data + base->len - n, p, n))
        return false;
    label = base->len - n - 1;
    return base->data[label] == '.' && memchr(base->data, '.', label) == NULL;
}

static bool ip_within(const struct x509_san *name, const struct x509_san *base)
{
    const uint8_t *mask = base->data + name->len;

    if (base->len != 2 * name->len)
        return false;
    for (size_t i = 0; i < name->len; i++)
        if (((name->data[i] ^ base->data[i]) & mask[i]) != 0)
            return false;
    return true;
}

static bool matches(const struct x509_san *name, const struct x509_san *base, bool excluded)
{
    const struct der n = {name->data, name->len}, b = {base->data, base->len};

    switch (name->type) {
    case X509_SAN_DNS:
        return dns_matches(name, base, excluded);
    case X509_SAN_IP:
        return ip_within(name, base);
    default:
        return x509_name_within(n, b);
    }
}

static bool is_processed(unsigned type)
{
    return type == X509_SAN_DNS || type == X509_SAN_IP || type == X509_SAN_DIRECTORY;
}

/* A name that is none cannot be judged. */
static bool name_valid(const struct x509_san *name)
{
    if (name->type == X509_SAN_DNS)
        return x509_dns_valid(name->data, name->len, true);
    return name->type != X509_SAN_IP || name->len == 4 || name->len == 16;
}

enum verdict { APART, MATCHED, OTHERS_ONLY, NO_VERDICT };

/* One name against one list: MATCHED by an entry, OTHERS_ONLY: none of its form is there. */
static enum verdict compare(const struct x509_san *name, struct der list, bool excluded,
                            uint32_t *budget)
{
    enum verdict verdict = OTHERS_ONLY;
    struct x509_san base;

    while (list.left > 0) {
        if (*budget == 0 || !take_base(&list, &base))
            return NO_VERDICT;
        (*budget)--;
        if (base.type != name->type)
            continue;
        if (!is_processed(name->type) || !name_valid(name))
            return NO_VERDICT;
        if (matches(name, &base, excluded))
            return MATCHED;
        verdict = APART;
    }
    return verdict;
}

static bool allowed(const struct x509_cert *ca, const struct x509_san *name, uint32_t *budget)
{
    enum verdict in = compare(name, ca->permitted, false, budget);
    enum verdict out = compare(name, ca->excluded, true, budget);

    return (in == MATCHED || in == OTHERS_ONLY) && (out == APART || out == OTHERS_ONLY);
}

bool x509_constraints_allow(const struct x509_cert *ca, const struct x509_cert *below,
                            uint32_t *budget)
{
    const struct x509_san subject = {X509_SAN_DIRECTORY, below->subject, below->subject_len};
    const struct der name = {below->subject, below->subject_len};
    const uint8_t *pos = below->san;
    size_t left = below->san_len;
    struct x509_san one;

    if (!x509_name_is_empty(name) && !allowed(ca, &subject, budget))
        return false;
    while (x509_san_next(&pos, &left, &one))
        if (!allowed(ca, &one, budget))
            return false;
    return true;
}
