/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a server that knows AEAD 15, 16 and 17 and takes the first it is offered (NTPsec) into one
 * that knows a single one: preloaded, it replaces the other numbers of the client's AEAD record by
 * one that nobody has assigned, after TLS and before the server looks. ONLY_AEAD names the number.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define UNASSIGNED  0x7ffe
#define AEAD_RECORD 4 /* RFC 8915 section 4.1.5 */

typedef int (*ssl_read_fn)(void *ssl, void *buf, int num);
int SSL_read(void *ssl, void *buf, int num);

static unsigned get_u16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void leave_only(uint8_t *data, size_t len, unsigned aead)
{
    for (size_t pos = 0; pos + 4 <= len;) {
        size_t body = pos + 4, end = body + get_u16(data + pos + 2);
        if (end > len)
            return;
        if ((get_u16(data + pos) & 0x7fff) == AEAD_RECORD)
            for (size_t i = body; i + 2 <= end; i += 2)
                if (get_u16(data + i) != aead) {
                    data[i] = UNASSIGNED >> 8;
                    data[i + 1] = UNASSIGNED & 0xff;
                }
        pos = end;
    }
}

int SSL_read(void *ssl, void *buf, int num)
{
    ssl_read_fn real = (ssl_read_fn)(uintptr_t)dlsym(RTLD_NEXT, "SSL_read");
    const char *only = getenv("ONLY_AEAD");
    int n = real(ssl, buf, num);
    if (n > 0 && only)
        leave_only(buf, (size_t)n, (unsigned)strtoul(only, NULL, 10));
    return n;
}
