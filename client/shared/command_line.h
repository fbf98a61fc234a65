/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line as data: what was asked for. */
#ifndef NTSC_COMMAND_LINE_H
#define NTSC_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock/check_limit.h"

enum options_mode {
    MODE_DAEMON,
    MODE_CHECK,         /* -q */
    MODE_SET,           /* -s */
    MODE_CONFIGURATION, /* -n */
    MODE_INFO,          /* -i */
    MODE_WAIT,          /* -w */
    MODE_IMPORT,        /* --import */
};

struct options {
    enum options_mode mode;
    const char *config; /* -f; NULL: the default file where it exists */
    const char *output; /* -o, with --import: the file to replace; NULL: standard output */
    const char *import; /* another daemon's configuration */
    const char *ca;     /* -C; NULL: configuration's or system's */
    const char *ntp_server;
    uint16_t ntp_port; /* 0: not asked for */
    uint16_t port;     /* 0: NTS_KE_PORT */
    uint8_t family;    /* 4, 6 or 0 for both */
    uint16_t samples;
    int32_t timeout_ms;
    struct check_limits limits;
    bool json, verbose, no_state;
    bool plugin;             /* with -q */
    bool live;               /* somebody waits at a terminal */
    unsigned columns;        /* of it */
    bool quiet;              /* with -q or -s: nothing is printed when all is well */
    bool monitor_only;       /* -x */
    bool openmetrics;        /* with -i */
    bool plot;               /* likewise */
    double wait_s;           /* with -w */
    double within_s;         /* likewise; negative: not given */
    char runtime_dir[256];   /* --runtime-dir; where the status is */
    const char *starter_dir; /* --starter-dir; NULL: a process of our own starts the others */
    char **hosts;            /* the rest of argv */
    int n_hosts;
};

#endif
