/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where trusted certificates are, opened before the sandbox closes: a file may be a link to
 * wherever a distribution keeps it (NixOS, Guix), or lie where only root may go (MSG_CA_FD).
 */
#ifndef NTSC_CA_OPEN_H
#define NTSC_CA_OPEN_H

/* Descriptors, or -1: a directory, and a file of many certificates. */
struct ca_open {
    int dir, file;
};

/*
 * Opens `path`, or for "" what the system has. It is looked up by its name each time: what was
 * replaced or removed is not what is opened.
 */
void ca_open(struct ca_open *c, const char *path);

void ca_close(struct ca_open *c);

#endif
