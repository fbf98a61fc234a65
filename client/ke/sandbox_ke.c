/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/sandbox_ke.h"

#include <stddef.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#include "client/shared/ca_paths.h"
#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"

#define DNS_PORT 53 /* over TCP, for long answers */

/*
 * Several times what an exchange was seen to need: 25 MB of addresses, and a thread for a resolver
 * with a deadline, to which libc gives 8 MB of stack and up to 128 MB of room for a heap; 10 ms of
 * CPU; twelve descriptors.
 */
#define ADDRESSES_MAX   (256UL << 20)
#define CPU_MAX_S       30
#define DESCRIPTORS_MAX 64

/* Everything that TLS and libc's resolver read, and nothing that they would write. */
static const char *const files[] = {
    "/dev/urandom", "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
    "/etc/gai.conf", "/etc/services", "/etc/localtime",
    /* The system's CAs, and where their links lead to on one distribution or another. */
    "/etc/ssl/certs", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    "/etc/ca-certificates", "/etc/pki", "/usr/share/pki", "/var/lib/ca-certificates",
#ifdef NTSC_SANITIZED
    "/proc", /* where the search for leaks begins */
#endif
};

static enum sandbox_result restrict_files(const struct msg_ke_request *req)
{
    struct sandbox_files f;

    sandbox_files_begin(&f);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        sandbox_files_read(&f, files[i]);
    if (req->ca[0] != 0) {
        sandbox_files_read(&f, req->ca);
        sandbox_files_read_links(&f, req->ca, NULL, 0);
    } else {
        sandbox_files_read_links(&f, CA_SYSTEM_DIR, files, sizeof files / sizeof *files);
    }
    sandbox_files_connect(&f, req->port);
    if (req->is_pool) /* what SRV records name */
        sandbox_files_connect(&f, NTS_KE_PORT);
    sandbox_files_connect(&f, DNS_PORT);
    return sandbox_files_enforce(&f);
}

/*
 * Names come from /etc/hosts and DNS. Other modules of libc's name service would be code that maps
 * itself executable and asks other programs; the stub resolver of systemd speaks DNS as well.
 */
static void restrict_names(void)
{
#ifdef __GLIBC__
    (void)__nss_configure_lookup("hosts", "files dns");
#endif
}

/* Until its own filter stands the starter's holds. */
__attribute__((constructor)) static void watch(void)
{
    (void)sandbox_watch(SANDBOX_KE, SANDBOX_REPORT_FD);
}

void sandbox_ke_enter(const struct msg_ke_request *req)
{
    enum sandbox_result rules, filter;

    restrict_names();
    rules = restrict_files(req);
#ifndef NTSC_SANITIZED /* they reserve terabytes of addresses */
    sandbox_limit(RLIMIT_AS, ADDRESSES_MAX);
#endif
    sandbox_limit(RLIMIT_CPU, CPU_MAX_S);
    sandbox_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
    sandbox_limit(RLIMIT_FSIZE, 0);
    filter = sandbox_filter(SANDBOX_KE, SANDBOX_REPORT_FD, sandbox_ke, sandbox_ke_len);
    sandbox_end_unless(SANDBOX_KE, SANDBOX_REPORT_FD, rules, filter);
}
