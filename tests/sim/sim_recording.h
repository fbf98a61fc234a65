/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded delays and rates: a CSV file with a head that names its columns. Rows whose column
 * bad_clock is not 0 are left out. What was read stays for all later runs of the process.
 */
#ifndef NTSC_SIM_RECORDING_H
#define NTSC_SIM_RECORDING_H

#include <stddef.h>

struct sim_recording {
    char path[256];
    size_t n;
    double (*rows)[2];
};

/* Columns d_forward_s, d_backward_s (s). NULL, and a complaint on stderr: not to be read. */
const struct sim_recording *sim_recording_delays(const char *path);

/* Columns t_s and frequency_ppm: as s and s/s, with the mean rate taken off. */
const struct sim_recording *sim_recording_rates(const char *path);

/* The rate at t >= 0, between the rows; beyond the last one it goes back the way it came. */
double sim_recording_rate(const struct sim_recording *r, double t);

#endif
