/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where systems keep the CAs that they trust: ntsc-ke reads them, ntsc sees when they change. */
#ifndef NTSC_CA_PATHS_H
#define NTSC_CA_PATHS_H

/* A directory whose files may be named by the hash of their subject. */
#define CA_SYSTEM_DIR "/etc/ssl/certs"

/* One file of all, of which the first that is there counts. */
#define CA_SYSTEM_BUNDLES 4
extern const char *const ca_system_bundles[CA_SYSTEM_BUNDLES];

#endif
