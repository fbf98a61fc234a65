/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc-engine that asks all servers at once whenever SIGUSR1 comes, as no released one does: linked
 * with --wrap=turn_ask_now. What else makes it ask is limited as ever.
 */
#include "client/shared/clocks.h"
#include "common/source/turn.h"

void __wrap_turn_ask_now(struct turn *t);

void __wrap_turn_ask_now(struct turn *t)
{
    for (unsigned i = 0; i < t->ensemble->n; i++)
        pilot_ask(t->ensemble, i, t->sources.get(t->sources.owner, i), clocks_mono(),
                  PILOT_ASK_NOW);
}
