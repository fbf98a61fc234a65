/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/ca_paths.h"

/* Debian, Arch, Alpine, NixOS, Guix; Fedora; SUSE; OpenBSD's name, on some that follow it. */
const char *const ca_system_bundles[CA_SYSTEM_BUNDLES] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};
