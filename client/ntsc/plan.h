/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be asked of whom: the command line and the configuration put together. */
#ifndef NTSC_PLAN_H
#define NTSC_PLAN_H

#include "client/ntsc/options.h"
#include "common/conf/conf.h"
#include "common/msg/msg_engine.h"

struct plan {
    struct options options;
    struct conf conf;
};

/*
 * Reads the configuration that p->options names and adds the servers: of the command line, else of
 * the configuration, else built in. On a mistake logs every one and returns false.
 */
bool plan_make(struct plan *p);

/* Prints the configuration as understood (-n); returns the exit status. */
int plan_print(const struct plan *p);

/* Opens the log where command line and configuration want it. */
void plan_log(const struct plan *p);

/* CA file or directory of server i; "": the system's. */
const char *plan_ca(const struct plan *p, unsigned i);

/* The messages that tell the engine and ntsc-ke about server i. */
void plan_setup(const struct plan *p, struct msg_setup *m);
/* trust: what is trusted there now, a number (ca_files_mark) */
void plan_server(const struct plan *p, unsigned i, uint64_t trust, struct msg_server *m);
void plan_ke_request(const struct plan *p, unsigned i, int32_t timeout_ms, bool plain_aead,
                     struct msg_ke_request *m);

#endif
