/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/decimal.h"

#include <math.h>
#include <stdio.h>

#include "common/base/digit.h"

#define PLACES_NS    9
#define EXPONENT_MAX 400

void decimal_from_ns(int64_t ns, char buf[DECIMAL_NS_TEXT])
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

    snprintf(buf, DECIMAL_NS_TEXT, "%s%llu.%09llu", ns < 0 ? "-" : "",
             (unsigned long long)(size / (uint64_t)NS_PER_S),
             (unsigned long long)(size % (uint64_t)NS_PER_S));
}

/* Where the reading is; what is behind was good. */
struct in {
    const char *at, *end;
};

static bool take(struct in *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool take_digit(struct in *in, unsigned *digit)
{
    if (in->at == in->end || !digit_is(*in->at))
        return false;
    *digit = (unsigned)(*in->at++ - '0');
    return true;
}

/* *v * 10 + digit; false, and *v untouched, when that does not fit. */
static bool append(uint64_t *v, unsigned digit)
{
    if (*v > (UINT64_MAX - digit) / 10)
        return false;
    *v = *v * 10 + digit;
    return true;
}

/* sign and size as int64_t; the smallest one has no positive twin. */
static bool with_sign(bool negative, uint64_t size, int64_t *v)
{
    if (size > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    if (negative)
        *v = size == 0 ? 0 : -(int64_t)(size - 1) - 1;
    else
        *v = (int64_t)size;
    return true;
}

/* Digits, at least one, that all fit. */
static bool whole(struct in *in, uint64_t *v)
{
    unsigned digit;

    *v = 0;
    if (!take_digit(in, &digit))
        return false;
    do {
        if (!append(v, digit))
            return false;
    } while (take_digit(in, &digit));
    return true;
}

size_t decimal_digits(const char *text, size_t len, unsigned most_digits, uint64_t *v)
{
    size_t n = 0;

    *v = 0;
    for (; n < len && n < most_digits && digit_is(text[n]); n++)
        *v = *v * 10 + (unsigned)(text[n] - '0');
    return n;
}

bool decimal_to_ns(const char *text, size_t len, int64_t *ns)
{
    struct in in = {text, text + len};
    bool negative = take(&in, '-');
    unsigned digit, places = 0;
    uint64_t size;

    if (!whole(&in, &size))
        return false;
    if (take(&in, '.')) {
        for (; take_digit(&in, &digit); places++)
            if (places == PLACES_NS || !append(&size, digit))
                return false;
        if (places == 0)
            return false;
    }
    for (; places < PLACES_NS; places++)
        if (!append(&size, 0))
            return false;
    return in.at == in.end && with_sign(negative, size, ns);
}

bool decimal_to_int(const char *text, size_t len, int64_t min, int64_t max, int64_t *v)
{
    struct in in = {text, text + len};
    bool negative = take(&in, '-');
    uint64_t size;
    int64_t found;

    if (!whole(&in, &size) || in.at != in.end || !with_sign(negative, size, &found) ||
        found < min || found > max)
        return false;
    *v = found;
    return true;
}

/* Digits with or without a point as mantissa * 10^exponent; beyond 19 digits they only count. */
static bool mantissa(struct in *in, uint64_t *m, int *exponent)
{
    bool point = false, full = false;
    unsigned digit, digits = 0;

    *m = 0;
    *exponent = 0;
    for (;;) {
        if (take_digit(in, &digit)) {
            full = full || !append(m, digit);
            digits++;
            if (*exponent > EXPONENT_MAX || *exponent < -EXPONENT_MAX)
                return false;
            if (point && !full)
                --*exponent;
            else if (!point && full)
                ++*exponent;
        } else if (!point && digits > 0 && take(in, '.')) {
            point = true;
            digits = 0;
        } else {
            return digits > 0;
        }
    }
}

/* Powers of ten up to 10^22 are exact in a double, and so is one operation with them right. */
static double scale(double m, int exponent)
{
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int n = (int)(sizeof exact / sizeof exact[0]);

    if (exponent >= 0)
        return m * (exponent < n ? exact[exponent] : pow(10, exponent));
    if (-exponent < n)
        return m / exact[-exponent];
    /* In two steps, so that the power does not overflow while the result would not vanish. */
    return m / exact[n - 1] / pow(10, -exponent - (n - 1));
}

bool decimal_to_double(const char *text, size_t len, double *v)
{
    struct in in = {text, text + len};
    bool negative = take(&in, '-'), down = false;
    uint64_t m, e = 0;
    int exponent;
    double found;

    if (!mantissa(&in, &m, &exponent))
        return false;
    if (take(&in, 'e') || take(&in, 'E')) {
        down = take(&in, '-');
        if (!down)
            (void)take(&in, '+');
        if (!whole(&in, &e) || e > EXPONENT_MAX)
            return false;
    }
    if (in.at != in.end)
        return false;
    found = scale((double)m, exponent + (down ? -(int)e : (int)e));
    if (!isfinite(found))
        return false;
    *v = negative ? -found : found;
    return true;
}
