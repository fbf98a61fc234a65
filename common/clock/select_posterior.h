/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the truth probably is when several sources say different things. Each is off by noise,
 * which is normal, and by half the asymmetry of its path, of which nobody sees anything but its
 * usual size: mostly small, now and then large, so that its distribution has heavy tails.
 * A near source is believed before a far one, several that agree before one that does not, and one
 * that leaves the others takes nobody along.
 */
#ifndef NTSC_SELECT_POSTERIOR_H
#define NTSC_SELECT_POSTERIOR_H

struct select_belief {
    double x;         /* what it says, s */
    double sd;        /* standard deviation of its noise, > 0, s */
    double asymmetry; /* scale of its path's part, s; 0: none */
};

struct select_posterior {
    double mean, sd; /* s */
};

/*
 * Mean and standard deviation over low..high [s], in which the truth is known to lie; share[i] is
 * what source i weighs there, in all 1. n >= 1.
 */
struct select_posterior select_posterior(const struct select_belief *b, unsigned n, double low,
                                         double high, double *share);

#endif
