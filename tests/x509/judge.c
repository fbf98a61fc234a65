/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges certificate paths as ntsc-ke does, without TLS. Each line of the input is one case:
 *   NOW FLOOR HOST ANCHORS HEX... HEX...
 * times in seconds since 1970, the number of trusted certificates, these, then what the server
 * sent, all in DER. Each line of the output is the stage, microseconds of CPU, not before, not
 * after, whether the times were judged elsewhere, and the words.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/ke/tls_wolfssl_sign.h"
#include "common/nts/x509_name.h"
#include "common/nts/x509_path.h"

#define ANCHORS_MAX 4096

struct anchors {
    struct x509_cert cert[ANCHORS_MAX];
    unsigned n;
};

static const struct x509_cert *anchor(void *context, struct der name, unsigned i)
{
    const struct anchors *a = context;

    for (unsigned k = 0; k < a->n; k++) {
        const struct der subject = {a->cert[k].subject, a->cert[k].subject_len};

        if (x509_name_equal(subject, name) && i-- == 0)
            return &a->cert[k];
    }
    return NULL;
}

static int digit(char c)
{
    const char *all = "0123456789abcdef", *at = strchr(all, c);

    return c != 0 && at ? (int)(at - all) : -1;
}

/* In place; the octets are never more than the digits. */
static size_t unhex(char *text)
{
    size_t n = 0;

    for (; digit(text[2 * n]) >= 0 && digit(text[2 * n + 1]) >= 0; n++)
        text[n] = (char)(digit(text[2 * n]) * 16 + digit(text[2 * n + 1]));
    return n;
}

static int64_t cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void judge(char *line)
{
    static struct x509_path path;
    static struct anchors anchors;
    const struct x509_trust trust = {&anchors, anchor, signature_check};
    char *save, *now = strtok_r(line, " \n", &save), *floor = strtok_r(NULL, " \n", &save),
                *host = strtok_r(NULL, " \n", &save), *count = strtok_r(NULL, " \n", &save), *hex;
    long n = count ? strtol(count, NULL, 10) : 0;
    struct x509_verdict v;
    char text[512];
    int64_t start = cpu_us();

    if (!count)
        exit(2);
    anchors.n = 0;
    x509_path_start(&path, &trust);
    for (long i = 0; (hex = strtok_r(NULL, " \n", &save)) != NULL; i++) {
        size_t len = unhex(hex);

        if (i >= n)
            x509_path_add(&path, (uint8_t *)hex, len);
        else if (anchors.n < ANCHORS_MAX &&
                 x509_cert_parse((uint8_t *)hex, len, &anchors.cert[anchors.n]))
            anchors.n++;
    }
    v = x509_path_judge(&path, host, strtoll(now, NULL, 10), strtoll(floor, NULL, 10));
    failure_text(&v.fail, (struct wall){strtoll(now, NULL, 10) * NS_PER_S}, text, sizeof text);
    printf("%s %" PRId64 " %" PRId64 " %" PRId64 " %d %s\n", failure_stage_name(v.fail.stage),
           cpu_us() - start, v.span.not_before_s, v.span.not_after_s, v.provisional, text);
    fflush(stdout);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0)
        judge(line);
    free(line);
    return 0;
}
