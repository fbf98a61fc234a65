/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ntsc/runtime_dir.h"
#include "common/msg/msg_engine.h"

#define TIMEOUT_DEFAULT_MS 10000
#define SECONDS_MAX        3600.0
#define OFFSET_MAX_S       1e9
#define WAIT_DEFAULT_S     600

enum long_only {
    OPT_NO_STATE = 256,
    OPT_NTP_SERVER,
    OPT_NTP_PORT,
    OPT_OPENMETRICS,
    OPT_PLOT,
    OPT_RUNTIME_DIR,
    OPT_WARN,
    OPT_SAMPLES,
    OPT_IMPORT,
};

/*
 * -n and -w mean one thing with -q or -s and another alone (check the configuration; wait), so the
 * command line is read with one of two sets of short options.
 */
static const char short_measuring[] = "qsf:C:p:46t:n:w:c:jvVh";
/* The dash keeps the words in their order while we look for -q and -s. */
static const char short_daemon[] = "-qsixnwf:C:p:46t:c:jvVh";

static const struct option long_options[] = {
    {"query", no_argument, NULL, 'q'},
    {"set", no_argument, NULL, 's'},
    {"config", required_argument, NULL, 'f'},
    {"ca", required_argument, NULL, 'C'},
    {"port", required_argument, NULL, 'p'},
    {"timeout", required_argument, NULL, 't'},
    {"samples", required_argument, NULL, OPT_SAMPLES},
    {"warn", required_argument, NULL, OPT_WARN},
    {"crit", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {"no-state", no_argument, NULL, OPT_NO_STATE},
    {"ntp-server", required_argument, NULL, OPT_NTP_SERVER},
    {"ntp-port", required_argument, NULL, OPT_NTP_PORT},
    {"monitor", no_argument, NULL, 'x'},
    {"check-config", no_argument, NULL, 'n'},
    {"info", no_argument, NULL, 'i'},
    {"wait", no_argument, NULL, 'w'},
    {"openmetrics", no_argument, NULL, OPT_OPENMETRICS},
    {"plot", no_argument, NULL, OPT_PLOT},
    {"runtime-dir", required_argument, NULL, OPT_RUNTIME_DIR},
    {"import", required_argument, NULL, OPT_IMPORT},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: ntsc -q [options] [HOST ...]   show how far the clock is off\n"
    "       ntsc -s [options] [HOST ...]   the same, then set the clock\n"
    "       ntsc [-x] [-v] [-f FILE]       keep the clock right, in the foreground\n"
    "       ntsc -n [-f FILE]              check the configuration and print it\n"
    "       ntsc -i [-j | --openmetrics | --plot]\n"
    "                                      show what the running daemon knows\n"
    "       ntsc -w [SECONDS]              wait until the clock is synchronized\n"
    "       ntsc --import FILE             print another time daemon's configuration as ntsc's\n"
    "\n"
    "HOST is a name, name:port, an address or [v6-address]:port of an NTS key establishment\n"
    "server; without one, those of the configuration are asked, else the built-in ones.\n"
    "\n"
    "  -q, --query            measure only; the clock is never touched\n"
    "  -s, --set              step the clock once; several hosts have to agree\n"
    "  -f, --config FILE      configuration (default " NTSC_CONFIG_FILE ")\n"
    "  -C, --ca PATH          trust the CA certificates in this file or directory only\n"
    "  -p, --port N           port of key establishment (default 4460)\n"
    "  -4, -6                 use only IPv4, only IPv6\n"
    "  -t, --timeout SECONDS  for everything together (default 10)\n"
    "  -n, --samples N        with -q, -s: queries per host, the best counts (default 1)\n"
    "  -w, --warn SECONDS     with -q: exit with 1 when the clock is off by more\n"
    "  -c, --crit SECONDS     with -q: exit with 2 when the clock is off by more\n"
    "  -j, --json             print one JSON object\n"
    "      --no-state         neither use nor keep cookies and frequency\n"
    "      --ntp-server NAME  ask the server for this NTP server\n"
    "      --ntp-port N       ask the server for this NTP port\n"
    "  -x, --monitor          daemon: watch the clock, never touch it\n"
    "      --check-config     what -n alone does\n"
    "  -i, --info             show the daemon's status\n"
    "      --openmetrics      with -i: for a metrics collector\n"
    "      --plot             with -i: the last day's offset and bound as a chart\n"
    "      --wait             what -w alone does (default 600 seconds)\n"
    "      --runtime-dir DIR  where the daemon's status is (default /run/ntsc)\n"
    "      --import FILE      chrony.conf, ntp.conf, timesyncd.conf or ntpd.conf\n"
    "  -v, --verbose          say what is being done\n"
    "  -V, --version          print the version\n"
    "  -h, --help             print this\n"
    "\n"
    "exit status: 0 fine, 1 beyond --warn, 2 beyond --crit, 3 no authenticated answer, no\n"
    "agreement or wrong usage, 4 no right to set the clock; with -i and -w 0 synchronized, 1 not\n";

static _Noreturn void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void wrong(const char *format, ...)
{
    va_list ap;

    fputs("ntsc: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputs(" (try ntsc -h)\n", stderr);
    exit(EXIT_NO_ANSWER);
}

static double read_seconds(const char *option, const char *text, double min, double max)
{
    char *end;
    double v;

    errno = 0;
    v = strtod(text, &end);
    if (end == text || *end != 0 || errno != 0 || !isfinite(v) || v < min || v > max)
        wrong("%s: \"%s\" is not a number of seconds from %g to %g", option, text, min, max);
    return v;
}

static uint16_t read_number(const char *option, const char *text, unsigned max)
{
    unsigned long v;
    char *end;

    errno = 0;
    v = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || v < 1 || v > max)
        wrong("%s: \"%s\" is not a number from 1 to %u", option, text, max);
    return (uint16_t)v;
}

static void set_mode(struct options *o, enum options_mode mode)
{
    if (o->mode != MODE_DAEMON && o->mode != mode)
        wrong("of -q, -s, -n, -i, -w and --import only one can be chosen");
    o->mode = mode;
}

static void set_family(struct options *o, uint8_t family)
{
    if (o->family != 0 && o->family != family)
        wrong("-4 and -6 exclude each other");
    o->family = family;
}

static void take(struct options *o, int c)
{
    switch (c) {
    case 'q':
        set_mode(o, MODE_CHECK);
        break;
    case 's':
        set_mode(o, MODE_SET);
        break;
    case 'f':
        o->config = optarg;
        break;
    case 'C':
        o->ca = optarg;
        break;
    case 'p':
        o->port = read_number("-p", optarg, UINT16_MAX);
        break;
    case '4':
        set_family(o, 4);
        break;
    case '6':
        set_family(o, 6);
        break;
    case 't':
        o->timeout_ms = (int32_t)(read_seconds("-t", optarg, 0.01, SECONDS_MAX) * 1000);
        break;
    case 'i':
        set_mode(o, MODE_INFO);
        break;
    case 'x':
        o->monitor_only = true;
        break;
    case 'n':
        if (optarg == NULL)
            set_mode(o, MODE_CONFIGURATION);
        else
            o->samples = read_number("-n", optarg, SAMPLES_MAX);
        break;
    case OPT_SAMPLES:
        o->samples = read_number("--samples", optarg, SAMPLES_MAX);
        break;
    case 'w':
        if (optarg == NULL)
            set_mode(o, MODE_WAIT);
        else
            o->warn_s = read_seconds("-w", optarg, 0, OFFSET_MAX_S);
        break;
    case OPT_WARN:
        o->warn_s = read_seconds("--warn", optarg, 0, OFFSET_MAX_S);
        break;
    case OPT_OPENMETRICS:
        o->openmetrics = true;
        break;
    case OPT_PLOT:
        o->plot = true;
        break;
    case OPT_IMPORT:
        set_mode(o, MODE_IMPORT);
        o->import = optarg;
        break;
    case OPT_RUNTIME_DIR:
        if (optarg[0] != '/' || strlen(optarg) >= sizeof o->runtime_dir)
            wrong("--runtime-dir: an absolute path is expected");
        snprintf(o->runtime_dir, sizeof o->runtime_dir, "%s", optarg);
        break;
    case 'c':
        o->crit_s = read_seconds("-c", optarg, 0, OFFSET_MAX_S);
        break;
    case 'j':
        o->json = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    case OPT_NO_STATE:
        o->no_state = true;
        break;
    case OPT_NTP_SERVER:
        if (optarg[0] == 0 || strlen(optarg) > NTS_NAME_MAX)
            wrong("--ntp-server: a name or an address is expected");
        o->ntp_server = optarg;
        break;
    case OPT_NTP_PORT:
        o->ntp_port = read_number("--ntp-port", optarg, UINT16_MAX);
        break;
    case 'V':
        puts("ntsc " NTSC_VERSION);
        exit(EXIT_FINE);
    case 'h':
        fputs(usage, stdout);
        exit(EXIT_FINE);
    default: /* getopt_long() has said what is wrong */
        exit(EXIT_NO_ANSWER);
    }
}

/* Whether -q or -s is anywhere on the command line. */
static bool measures(int argc, char **argv)
{
    bool found = false;
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, short_daemon, long_options, NULL)) != -1)
        found = found || c == 'q' || c == 's';
    opterr = 1;
    optind = 0; /* from the beginning */
    return found;
}

static void check_combination(struct options *o, bool measuring)
{
    const char *rest = o->n_hosts > 0 ? o->hosts[0] : NULL;

    if (o->mode == MODE_SET && (o->warn_s >= 0 || o->crit_s >= 0))
        wrong("-w and -c go with -q only");
    if (o->monitor_only && o->mode != MODE_DAEMON)
        wrong("-x goes with the daemon only");
    if (o->openmetrics && o->mode != MODE_INFO)
        wrong("--openmetrics goes with -i only");
    if (o->plot && o->mode != MODE_INFO)
        wrong("--plot goes with -i only");
    if (o->mode == MODE_INFO && o->json + o->openmetrics + o->plot > 1)
        wrong("of -j, --openmetrics and --plot only one can be chosen");
    if (o->mode == MODE_WAIT && rest != NULL && o->n_hosts == 1) {
        o->wait_s = read_seconds("-w", rest, 0, OFFSET_MAX_S);
        o->n_hosts = 0;
    }
    if (!measuring && o->n_hosts > 0)
        wrong("\"%s\": hosts go with -q (measure) and -s (set the clock)", o->hosts[0]);
    if (o->n_hosts > SERVERS_MAX)
        wrong("at most %d hosts", SERVERS_MAX);
}

void options_read(struct options *o, int argc, char **argv)
{
    bool measuring = measures(argc, argv);
    const char *letters = measuring ? short_measuring : short_daemon + 1;
    int c;

    *o = (struct options){.samples = 1,
                          .timeout_ms = TIMEOUT_DEFAULT_MS,
                          .warn_s = -1,
                          .crit_s = -1,
                          .wait_s = WAIT_DEFAULT_S};
    runtime_dir_default(o->runtime_dir, sizeof o->runtime_dir);
    while ((c = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
        take(o, c);
    o->hosts = argv + optind;
    o->n_hosts = argc - optind;
    check_combination(o, measuring);
}
