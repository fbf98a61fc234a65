/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the discipline: what discipline.c has for discipline_order.c. */
#ifndef NTSC_DISCIPLINE_WORK_H
#define NTSC_DISCIPLINE_WORK_H

#include "common/base/time.h"

struct discipline;

/* Seconds; 0 when `to` is not later. */
double discipline_elapsed_s(struct mono from, struct mono to);

/* The uncertainty now becomes that of the last update, as if there had been one. */
void discipline_age(struct discipline *d, struct mono now);

#endif
