/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine to whom so many seconds without time are a day: linked with --wrap=pool_is_spent. */
#include "client/engine/pool_engine.h"

#define PATIENCE_NS (40 * NS_PER_S)

bool __real_pool_is_spent(const struct host *h, struct mono now);
bool __wrap_pool_is_spent(const struct host *h, struct mono now);

bool __wrap_pool_is_spent(const struct host *h, struct mono now)
{
    return __real_pool_is_spent(h, (struct mono){now.ns + POOL_PATIENCE_NS - PATIENCE_NS});
}
