/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_ext.h"

#include <string.h>

/* GeneralNames; each entry is walked now so that x509_san_next() cannot stop early. */
static bool read_san(struct der value, struct x509_cert *c)
{
    struct der names, walk, in;
    uint8_t tag;

    if (!der_take(&value, DER_SEQUENCE, &names) || value.left != 0 || names.left == 0)
        return false;
    for (walk = names; walk.left > 0;)
        if (!der_any(&walk, &tag, &in))
            return false;
    c->san = names.p;
    c->san_len = names.left;
    return true;
}

/* A number that is not negative; what does not fit is as good as the largest. */
static bool read_number(struct der in, uint32_t *value)
{
    if (in.left < 1 || in.p[0] >= 0x80 || (in.left > 1 && in.p[0] == 0 && in.p[1] < 0x80))
        return false;
    *value = 0;
    for (size_t i = 0; i < in.left; i++)
        *value = *value > UINT32_MAX >> 8 ? UINT32_MAX : *value << 8 | in.p[i];
    return true;
}

static bool read_basic_constraints(struct der value, struct x509_cert *c)
{
    struct der list, number;

    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0 || !der_take_flag(&list, &c->ca))
        return false;
    if (list.left > 0) {
        if (!der_take(&list, DER_INTEGER, &number) || !read_number(number, &c->path_len))
            return false;
        c->has_path_len = true;
    }
    return list.left == 0;
}

static bool read_key_usage(struct der value, struct x509_cert *c)
{
    struct der bits;

    if (!der_take(&value, DER_BIT_STRING, &bits) || value.left != 0 || bits.left < 1 ||
        bits.left > 3 || bits.p[0] > 7)
        return false;
    c->has_usage = true;
    c->usage = bits.left > 1 ? bits.p[1] : 0;
    return true;
}

static bool read_purposes(struct der value, struct x509_cert *c)
{
    static const uint8_t server[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};
    struct der list, oid;

    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0 || list.left == 0)
        return false;
    c->has_purposes = true;
    while (list.left > 0) {
        if (!der_take(&list, DER_OID, &oid))
            return false;
        c->for_servers = c->for_servers || DER_IS(oid, server);
        c->for_any = c->for_any || DER_IS(oid, any);
    }
    return true;
}

/* At least one of the two lists, neither empty. What is in them: x509_constraint.c. */
static bool read_name_constraints(struct der value, struct x509_cert *c)
{
    struct der list;

    c->constrained = true;
    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0)
        return false;
    if (der_take(&list, DER_CONTEXT_CONSTRUCTED | 0, &c->permitted) && c->permitted.left == 0)
        c->bad_constraints = true;
    if (der_take(&list, DER_CONTEXT_CONSTRUCTED | 1, &c->excluded) && c->excluded.left == 0)
        c->bad_constraints = true;
    if (list.left != 0 || (c->permitted.left == 0 && c->excluded.left == 0))
        c->bad_constraints = true;
    return true;
}

/* requireExplicitPolicy [0], inhibitPolicyMapping [1] (RFC 5280 section 4.2.1.11). */
static bool read_policy_constraints(struct der value, struct x509_cert *c)
{
    struct der list, number;

    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0 || list.left == 0)
        return false;
    c->wants_policy = der_take(&list, DER_CONTEXT | 0, &number);
    (void)der_take(&list, DER_CONTEXT | 1, &number);
    return list.left == 0;
}

static bool read_key_id(struct der value, struct x509_cert *c)
{
    return der_take(&value, DER_OCTET_STRING, &c->key_id) && value.left == 0;
}

static bool read_issuer_key_id(struct der value, struct x509_cert *c)
{
    struct der list;

    if (!der_take(&value, DER_SEQUENCE, &list) || value.left != 0)
        return false;
    (void)der_take(&list, DER_CONTEXT | 0, &c->issuer_key_id);
    return true;
}

/*
 * Policies restrict nothing where the user asks for none and no certificate requires one (RFC 5280
 * section 6.1.5), so what they say need not be read, critical or not: certificatePolicies,
 * policyMappings, inhibitAnyPolicy.
 */
static bool read_nothing(struct der value, struct x509_cert *c)
{
    (void)value;
    (void)c;
    return true;
}

/* 2.5.29.x, RFC 5280 section 4.2.1 */
static const struct {
    uint8_t number;
    bool (*read)(struct der value, struct x509_cert *c);
} known[] = {
    {14, read_key_id},
    {15, read_key_usage},
    {17, read_san},
    {19, read_basic_constraints},
    {30, read_name_constraints},
    {32, read_nothing},
    {33, read_nothing},
    {35, read_issuer_key_id},
    {36, read_policy_constraints},
    {37, read_purposes},
    {54, read_nothing},
};

#define N_KNOWN (sizeof known / sizeof known[0])

/* The index of an OID in known[], or N_KNOWN. */
static size_t find(struct der oid)
{
    size_t i = N_KNOWN;

    if (oid.left == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1d)
        for (i = 0; i < N_KNOWN && known[i].number != oid.p[2];)
            i++;
    return i;
}

/* Four times as many as the longest certificates of public CAs have; they are compared in pairs. */
#define EXTENSIONS_MAX 64

/* Whether an OID is that of an extension before `end` in the list: RFC 5280 section 4.2. */
static bool is_twice(struct der list, const uint8_t *end, struct der oid)
{
    struct der one, other;

    while (list.p < end && der_take(&list, DER_SEQUENCE, &one))
        if (der_take(&one, DER_OID, &other) && other.p != oid.p && der_is(other, oid.p, oid.left))
            return true;
    return false;
}

bool x509_extensions_read(struct der d, struct x509_cert *c)
{
    struct der list, all, one, oid, value;
    unsigned n = 0;

    if (!der_take(&d, DER_SEQUENCE, &list) || d.left != 0 || list.left == 0)
        return false;
    all = list;
    while (list.left > 0) {
        bool critical = false;
        size_t i;

        if (++n > EXTENSIONS_MAX || !der_take(&list, DER_SEQUENCE, &one) ||
            !der_take(&one, DER_OID, &oid) || is_twice(all, oid.p, oid) ||
            !der_take_flag(&one, &critical) || !der_take(&one, DER_OCTET_STRING, &value) ||
            one.left != 0)
            return false;
        i = find(oid);
        if (i < N_KNOWN && !known[i].read(value, c))
            return false;
        if (i == N_KNOWN && critical)
            c->unknown_critical = true;
    }
    return true;
}
