/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_name.h"

#include <string.h>

#include "common/base/fnv1a.h"

/* One AttributeTypeAndValue after the other; `last` in its RelativeDistinguishedName. */
struct walk {
    struct der names, set;
};

struct attribute {
    struct der type, value;
    uint8_t tag;
    bool last;
};

enum step { STEP_ATTRIBUTE, STEP_END, STEP_BAD };

static bool walk_start(struct der name, struct walk *w)
{
    w->set = (struct der){NULL, 0};
    return der_take(&name, DER_SEQUENCE, &w->names) && name.left == 0;
}

static enum step walk_next(struct walk *w, struct attribute *a)
{
    struct der pair;

    if (w->set.left == 0 && w->names.left == 0)
        return STEP_END;
    if (w->set.left == 0 && (!der_take(&w->names, DER_SET, &w->set) || w->set.left == 0))
        return STEP_BAD;
    if (!der_take(&w->set, DER_SEQUENCE, &pair) || !der_take(&pair, DER_OID, &a->type) ||
        !der_any(&pair, &a->tag, &a->value) || pair.left != 0)
        return STEP_BAD;
    a->last = w->set.left == 0;
    return STEP_ATTRIBUTE;
}

/* Strings of one octet for a character, as far as ASCII goes. */
static bool is_text(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING ||
           tag == DER_VISIBLE_STRING || tag == DER_TELETEX_STRING;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next character in the form that is compared, or -1: no blanks at the ends, one in between. */
static int next_folded(struct der *d, bool *begun)
{
    bool blank = false;
    uint8_t c;

    while (d->left > 0 && is_blank(d->p[0])) {
        blank = true;
        d->p++;
        d->left--;
    }
    if (d->left == 0)
        return -1;
    if (blank && *begun) {
        *begun = false; /* the character behind it comes next time, without another blank */
        return ' ';
    }
    *begun = true;
    c = d->p[0];
    d->p++;
    d->left--;
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool value_equal(const struct attribute *a, const struct attribute *b)
{
    struct der x = a->value, y = b->value;
    bool x_begun = false, y_begun = false;
    int c;

    if (!is_text(a->tag) || !is_text(b->tag))
        return a->tag == b->tag && der_is(x, y.p, y.left);
    do {
        c = next_folded(&x, &x_begun);
        if (c != next_folded(&y, &y_begun))
            return false;
    } while (c >= 0);
    return true;
}

/* Whether all of `base` is at the beginning of `name`; `whole`: and nothing behind it. */
static bool begins(struct der name, struct der base, bool whole)
{
    struct walk n, b;
    struct attribute x, y;

    if (!walk_start(name, &n) || !walk_start(base, &b))
        return false;
    for (;;) {
        enum step step = walk_next(&b, &y);

        if (step == STEP_END)
            return !whole || walk_next(&n, &x) == STEP_END;
        if (step == STEP_BAD || walk_next(&n, &x) != STEP_ATTRIBUTE || x.last != y.last ||
            !der_is(x.type, y.type.p, y.type.left) || !value_equal(&x, &y))
            return false;
    }
}

bool x509_name_is_empty(struct der name)
{
    return name.left <= 2;
}

bool x509_name_equal(struct der a, struct der b)
{
    return der_is(a, b.p, b.left) || begins(a, b, true);
}

bool x509_name_within(struct der name, struct der base)
{
    return begins(name, base, false);
}

/* Octets that are being written from the back, so that lengths are known when they are. */
struct back {
    uint8_t *begin, *p;
    bool full;
};

static void back_octet(struct back *b, uint8_t octet)
{
    if (b->p == b->begin)
        b->full = true;
    else
        *--b->p = octet;
}

static void back_copy(struct back *b, const uint8_t *p, size_t n)
{
    while (n > 0)
        back_octet(b, p[--n]);
}

/* Tag and length of what is between b->p and `end`. */
static void back_head(struct back *b, uint8_t tag, const uint8_t *end)
{
    size_t len = (size_t)(end - b->p);

    if (len >= 0x100) {
        back_octet(b, (uint8_t)len);
        back_octet(b, (uint8_t)(len >> 8));
        back_octet(b, 0x82);
    } else {
        back_octet(b, (uint8_t)len);
        if (len >= 0x80)
            back_octet(b, 0x81);
    }
    back_octet(b, tag);
}

#define VALUE_MAX 256 /* RFC 5280 appendix A.1: no attribute of a name has more, but its title */

/* The value as an element, folded if it is a text. */
static bool back_value(struct back *b, const struct attribute *a)
{
    const uint8_t *end = b->p;
    uint8_t folded[VALUE_MAX];
    struct der value = a->value;
    bool begun = false;
    size_t n = 0;
    int c;

    if (a->tag == 0x1e || a->tag == 0x1c) /* BMPString, UniversalString */
        return false;
    if (!is_text(a->tag)) {
        back_copy(b, value.p, value.left);
        back_head(b, a->tag, end);
        return true;
    }
    while ((c = next_folded(&value, &begun)) >= 0) {
        if (n == VALUE_MAX || (a->tag == DER_TELETEX_STRING && c >= 0x80))
            return false;
        folded[n++] = (uint8_t)c;
    }
    back_copy(b, folded, n);
    back_head(b, DER_UTF8_STRING, end);
    return true;
}

/* One RelativeDistinguishedName of one attribute, at most `cap` octets; 0 when it does not work. */
static size_t canonical_one(const struct attribute *a, uint8_t *out, size_t cap)
{
    struct back b = {out, out + cap, false};
    const uint8_t *end = b.p;
    size_t n;

    if (!back_value(&b, a))
        return 0;
    back_copy(&b, a->type.p, a->type.left);
    back_head(&b, DER_OID, b.p + a->type.left);
    back_head(&b, DER_SEQUENCE, end);
    back_head(&b, DER_SET, end);
    n = (size_t)(end - b.p);
    if (b.full || n > 0xffff)
        return 0;
    memmove(out, b.p, n);
    return n;
}

size_t x509_name_canonical(struct der name, uint8_t *out, size_t cap)
{
    size_t used = 0, n;
    struct walk w;
    struct attribute a;
    enum step step;

    if (!walk_start(name, &w))
        return 0;
    while ((step = walk_next(&w, &a)) == STEP_ATTRIBUTE) {
        n = a.last ? canonical_one(&a, out + used, cap - used) : 0;
        if (n == 0)
            return 0;
        used += n;
    }
    return step == STEP_END ? used : 0;
}

/* Of the values only, in the form that is compared; what is malformed hashes as far as it goes. */
uint32_t x509_name_hash(struct der name)
{
    uint32_t hash = FNV1A_START_32;
    struct walk w;
    struct attribute a;

    if (!walk_start(name, &w))
        return hash;
    while (walk_next(&w, &a) == STEP_ATTRIBUTE) {
        bool begun = false;
        int c;

        while (is_text(a.tag) && (c = next_folded(&a.value, &begun)) >= 0)
            hash = fnv1a_octet_32(hash, (uint8_t)c);
        hash = fnv1a_octet_32(hash, 0);
    }
    return hash;
}

/* A text that is being written; what does not fit is cut off. */
struct text {
    char *buf;
    size_t used, size;
};

static void put(struct text *t, uint8_t c)
{
    if (t->used + 1 < t->size)
        t->buf[t->used++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
}

/* RFC 4514 section 3: the types that people know by a name, and those that certificates have. */
static const char *type_name(struct der type)
{
    static const struct {
        uint8_t number;
        const char *name;
    } known[] = {{3, "CN"}, {6, "C"}, {7, "L"}, {8, "ST"}, {10, "O"}, {11, "OU"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (type.left == 3 && type.p[0] == 0x55 && type.p[1] == 0x04 &&
            type.p[2] == known[i].number)
            return known[i].name;
    return NULL;
}

static void put_attribute(struct text *t, const struct attribute *a)
{
    const char *name = type_name(a->type);

    for (; name != NULL && *name != 0; name++)
        put(t, (uint8_t)*name);
    put(t, '=');
    for (size_t i = 0; i < a->value.left; i++)
        put(t, a->value.p[i]);
}

/* The common name, then the organization, or else whatever there is. */
void x509_name_text(struct der name, char *buf, size_t n)
{
    static const uint8_t order[] = {3, 10, 11};
    struct text t = {buf, 0, n};
    struct walk w;
    struct attribute a;

    for (size_t i = 0; i < sizeof order && t.used == 0; i++) {
        if (!walk_start(name, &w))
            break;
        while (walk_next(&w, &a) == STEP_ATTRIBUTE)
            if (t.used == 0 && a.type.left == 3 && a.type.p[0] == 0x55 && a.type.p[1] == 0x04 &&
                a.type.p[2] == order[i] && a.value.left > 0)
                put_attribute(&t, &a);
    }
    for (bool first = t.used == 0 && walk_start(name, &w);
         first && walk_next(&w, &a) == STEP_ATTRIBUTE;) {
        if (t.used > 0) {
            put(&t, ',');
            put(&t, ' ');
        }
        if (type_name(a.type) != NULL)
            put_attribute(&t, &a);
    }
    if (n > 0)
        buf[t.used] = 0;
}
