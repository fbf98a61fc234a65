/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the core must not be, to show that check_core_symbols sees it. */
#include <stdlib.h>
#include <time.h>

int impure_state = 1;
void *impure(void);

void *impure(void)
{
    impure_state += (int)time(NULL);
    return malloc((size_t)impure_state);
}
