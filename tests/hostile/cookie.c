/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cookies are random octets of any wanted length; a table says what they stand for. */
#include "server.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cookie *table;
static unsigned count;

void cookie_new(const struct session *s, size_t len, struct octets *to)
{
    struct cookie c = {.session = *s, .len = len, .data = malloc(len + 1)};
    pthread_mutex_lock(&lock);
    table = realloc(table, (count + 1) * sizeof(*table));
    if (!table || !c.data || RAND_bytes(c.data, (int)len) != 1)
        fatal("no memory or no random octets");
    table[count++] = c;
    octets_add(to, c.data, len);
    pthread_mutex_unlock(&lock);
}

/* An extension field holds at least 12 octets and a multiple of four (RFC 7822 section 7.5.1.2). */
static bool carries(const uint8_t *data, size_t len, const struct cookie *c)
{
    size_t padded = c->len < 12 ? 12 : (c->len + 3) / 4 * 4;
    if (len != padded || memcmp(c->data, data, c->len) != 0)
        return false;
    for (size_t i = c->len; i < len; i++)
        if (data[i])
            return false;
    return true;
}

bool cookie_use(const uint8_t *data, size_t len, struct session *s, unsigned *number,
                unsigned *uses)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < count && !found; i++)
        if (carries(data, len, &table[i])) {
            *s = table[i].session;
            *number = i + 1;
            *uses = ++table[i].uses;
            found = true;
        }
    pthread_mutex_unlock(&lock);
    return found;
}
