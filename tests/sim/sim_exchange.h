/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exchanges of the daemon's sources with the world's servers, NTS-KE and NTP: the actions that
 * common/source/source.h asks for, as client/engine/engine_run.c does them. Each sample is held
 * against what the server's clock can be.
 */
#ifndef NTSC_SIM_EXCHANGE_H
#define NTSC_SIM_EXCHANGE_H

#include "tests/sim/sim_host.h"

/* The deadline of source i has come. */
void sim_exchange_timer(struct sim_host *h, unsigned i);

/* An answer has come, from the network or from ntsc-ke. */
void sim_exchange_datagram(struct sim_host *h, const struct sim_event *e);
void sim_exchange_ke_end(struct sim_host *h, const struct sim_event *e);

#endif
