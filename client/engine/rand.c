/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/rand.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

void rand_fill(void *buf, size_t len)
{
    uint8_t *p = buf;

    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0) {
            /* Without random numbers nothing here is safe; every supported kernel has them. */
            if (errno != EINTR && errno != EAGAIN)
                abort();
            continue;
        }
        p += n;
        len -= (size_t)n;
    }
}
