/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is printed, against a file info/NAME.txt that has it below its first line. After an intended
 * change run with NTSC_WRITE_EXPECTED=1, and read the difference. */
#ifndef NTSC_TESTS_GOLDEN_H
#define NTSC_TESTS_GOLDEN_H

#include "tests/unit/test.h"

#include <stdio.h>

#define GOLDEN_LICENCE "SPDX-License-Identifier: GPL-2.0-or-later\n"

static char *golden_read(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *f = fopen(path, "r");

    assert_non_null(text);
    if (f == NULL)
        fail_msg("%s is missing", path);
    assert_true(fread(text, 1, 65535, f) > 0);
    fclose(f);
    return text;
}

/* The text to be freed; the version of the TLS library, which is the machine's, is any there. */
static char *golden_any_library(const char *text)
{
    static const char before[] = "wolfssl=\"";
    char *copy = strdup(text), *version = copy == NULL ? NULL : strstr(copy, before);

    assert_non_null(copy);
    if (version != NULL) {
        version += sizeof before - 1;
        assert_int_equal(strspn(version, "0123456789."), strcspn(version, "\""));
        assert_true(strcspn(version, "\"") >= strlen("0.0.0"));
        memcpy(version, "ANY", 3);
        memmove(version + 3, strchr(version, '"'), strlen(strchr(version, '"')) + 1);
    }
    return copy;
}

static void golden_expect(const char *expected, const char *printed)
{
    char path[512], *right, *text = golden_any_library(printed);

    snprintf(path, sizeof path, "%s/%s.txt", NTSC_INFO_DIR, expected);
    if (getenv("NTSC_WRITE_EXPECTED") != NULL) {
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        fprintf(f, GOLDEN_LICENCE "%s", text);
        fclose(f);
    }
    right = golden_read(path);
    assert_memory_equal(right, GOLDEN_LICENCE, strlen(GOLDEN_LICENCE));
    if (strcmp(right + strlen(GOLDEN_LICENCE), text) != 0)
        fail_msg("%s: this was printed:\n%s", path, text);
    free(right);
    free(text);
}

/* Lines of at most that many characters, UTF-8 or ASCII, none with a blank at its end. */
static void golden_width(const char *text, size_t width)
{
    for (const char *p = text; *p != 0;) {
        size_t n = strcspn(p, "\n"), characters = 0;

        for (size_t i = 0; i < n; i++)
            characters += ((unsigned char)p[i] & 0xc0) != 0x80; /* RFC 3629 section 3 */
        if (characters > width)
            fail_msg("longer than %zu: %.*s", width, (int)n, p);
        if (n > 0 && p[n - 1] == ' ')
            fail_msg("blank at the end: %.*s|", (int)n, p);
        p += n + (p[n] != 0);
    }
}

#endif
