/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/near.h"

#include <string.h>

/* No option or directive is longer; a longer word has no neighbour. */
#define WORD_MAX 31
/* Two slips happen, three make another word. */
#define NEAR_MAX 2
/* Every short word is near to every other. */
#define SHORT_WORD 4

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned row[3][WORD_MAX + 1]; /* the one before the last, the last, the present one */

    for (size_t j = 0; j <= nb; j++)
        row[1][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        row[2][0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned v = row[1][j - 1] + (a[i - 1] != b[j - 1]);

            v = least(v, least(row[1][j], row[2][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                v = least(v, row[0][j - 2] + 1);
            row[2][j] = v;
        }
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][nb];
}

const char *near_word(const char *given, const char *const *words, size_t n)
{
    size_t length = strlen(given);
    unsigned best = (length <= SHORT_WORD ? 1 : NEAR_MAX) + 1, d;
    const char *found = NULL;

    if (length == 0 || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t other = strlen(words[i]);

        if (other > WORD_MAX)
            continue;
        d = distance(given, length, words[i], other);
        if (d < best) {
            best = d;
            found = words[i];
        } else if (d == best) {
            found = NULL;
        }
    }
    return found;
}
