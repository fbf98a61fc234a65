/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/sandbox_engine.h"

#include <signal.h>
#include <stddef.h>

#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"
#include "common/msg/msg_engine.h"

/*
 * Several times what it was seen to use: 6 MB of addresses; for each of SERVERS_MAX servers a
 * socket and a key exchange, and ten more; the largest file is the status of as many servers (60
 * kB). CPU time adds up for as long as a process lives: a one-shot needs some milliseconds; a
 * daemon with SERVERS_MAX servers, all asked every 16 s, 2 ms for them (tests/bench), which is a
 * day in 20 years, or in two on a machine ten times as slow.
 */
#define ADDRESSES_MAX    (64UL << 20)
#define DESCRIPTORS_MAX  (2 * SERVERS_MAX + 64)
#define FILE_MAX_OCTETS  (1UL << 20)
#define ONCE_CPU_MAX_S   60
#define DAEMON_CPU_MAX_S (24 * 3600)

/* Until its own filter stands the starter's holds. */
__attribute__((constructor)) static void watch(void)
{
    (void)sandbox_watch(SANDBOX_ENGINE, SANDBOX_REPORT_FD);
}

void sandbox_engine_enter(int state_dir, int status_dir)
{
    enum sandbox_result rules, filter;
    struct sandbox_files f;

    sandbox_files_begin(&f);
    sandbox_files_keep(&f, state_dir);
    sandbox_files_keep(&f, status_dir);
    rules = sandbox_files_enforce(&f);
    sandbox_limit(RLIMIT_NPROC, 0);
    sandbox_limit(RLIMIT_NOFILE, DESCRIPTORS_MAX);
    sandbox_limit(RLIMIT_FSIZE, FILE_MAX_OCTETS);
    /* Only a daemon shows its status. */
    sandbox_limit(RLIMIT_CPU, status_dir < 0 ? ONCE_CPU_MAX_S : DAEMON_CPU_MAX_S);
    (void)signal(SIGXFSZ, SIG_IGN); /* then writing fails, as on a full disk */
#ifndef NTSC_SANITIZED              /* they reserve terabytes of addresses */
    sandbox_limit(RLIMIT_AS, ADDRESSES_MAX);
#endif
    filter = sandbox_filter(SANDBOX_ENGINE, SANDBOX_REPORT_FD, sandbox_engine, sandbox_engine_len);
    sandbox_end_unless(SANDBOX_ENGINE, SANDBOX_REPORT_FD, rules, filter);
}
