/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ntsc/options_modes.h"
#include "client/ntsc/options_range.h"
#include "client/ntsc/options_words.h"
#include "client/ntsc/plugin_unknown.h"
#include "client/ntsc/version.h"
#include "client/shared/runtime_path.h"
#include "common/base/near.h"
#include "common/msg/msg_engine.h"

#define TIMEOUT_DEFAULT_MS 10000
/* Whoever starts plug-ins ends them after 10 s (the default of NRPE and Icinga), and then knows
 * nothing. */
#define TIMEOUT_PLUGIN_MS 5000
#define SECONDS_MAX       3600.0
#define OFFSET_MAX_S      1e9
#define WAIT_DEFAULT_S    600

/*
 * -n and -w mean one thing with -q or -s and another alone (check the configuration; wait), so the
 * command line is read with one of two sets of short options.
 */
static const char short_measuring[] = ":qsf:C:o:p:46t:n:w:c:jvVh";
/* The dash keeps the words in their order while we look for -q and -s. */
static const char short_daemon[] = "-:qsixnwf:C:o:p:46t:c:jvVh";

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
    {"starter-dir", required_argument, NULL, OPT_STARTER_DIR},
    {"import", required_argument, NULL, OPT_IMPORT},
    {"output", required_argument, NULL, 'o'},
    {"plugin", no_argument, NULL, OPT_PLUGIN},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"warn-bound", required_argument, NULL, OPT_WARN_BOUND},
    {"crit-bound", required_argument, NULL, OPT_CRIT_BOUND},
    {"within", required_argument, NULL, OPT_WITHIN},
    {NULL, 0, NULL, 0},
};

_Noreturn void options_wrong(const char *format, ...)
{
    char why[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(why, sizeof why, format, ap);
    va_end(ap);
    fprintf(stderr, "ntsc: %s (ntsc --help lists all options)\n", why);
    plugin_unknown_because(why);
    exit(EXIT_NO_ANSWER);
}

static double read_seconds(const char *option, const char *text, double min, double max)
{
    char *end;
    double v;

    errno = 0;
    v = strtod(text, &end);
    if (end == text || *end != 0 || errno != 0 || !isfinite(v) || v < min || v > max)
        options_wrong("%s: \"%s\" is not a number of seconds from %g to %g", option, text, min,
                      max);
    return v;
}

static uint16_t read_number(const char *option, const char *text, unsigned max)
{
    unsigned long v;
    char *end;

    errno = 0;
    v = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || v < 1 || v > max)
        options_wrong("%s: \"%s\" is not a number from 1 to %u", option, text, max);
    return (uint16_t)v;
}

/* The word behind the option; getopt_long() has seen to it that those that want one have one. */
static const char *word(void)
{
    return optarg != NULL ? optarg : "";
}

static void set_mode(struct options *o, enum options_mode mode)
{
    if (o->mode != MODE_DAEMON && o->mode != mode)
        options_wrong("of -q, -s, -n, -i, -w and --import only one can be chosen");
    o->mode = mode;
}

static void set_family(struct options *o, uint8_t family)
{
    if (o->family != 0 && o->family != family)
        options_wrong("-4 and -6 exclude each other");
    o->family = family;
}

/* What is done, and with whom. */
static void take_common(struct options *o, int c)
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
    case 'o':
        o->output = optarg;
        break;
    case 'C':
        o->ca = optarg;
        break;
    case 'p':
        o->port = read_number("-p", word(), UINT16_MAX);
        break;
    case '4':
        set_family(o, 4);
        break;
    case '6':
        set_family(o, 6);
        break;
    case 't':
        o->timeout_ms = (int32_t)(read_seconds("-t", word(), 0.01, SECONDS_MAX) * 1000);
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
            o->samples = read_number("-n with -q", word(), SAMPLES_MAX);
        break;
    default: /* refuse() has said what is wrong */
        exit(EXIT_NO_ANSWER);
    }
}

/* What a check is measured by, and how it is told. */
static void take_check(struct options *o, int c)
{
    switch (c) {
    case OPT_SAMPLES:
        o->samples = read_number("--samples", word(), SAMPLES_MAX);
        break;
    case 'w':
        if (optarg == NULL)
            set_mode(o, MODE_WAIT);
        else
            o->limits.warn = options_range("-w with -q", word());
        break;
    case OPT_WARN:
        o->limits.warn = options_range("--warn", word());
        break;
    case 'c':
        o->limits.crit = options_range("-c", word());
        break;
    case OPT_WARN_BOUND:
        o->limits.warn_bound = options_range("--warn-bound", word());
        break;
    case OPT_CRIT_BOUND:
        o->limits.crit_bound = options_range("--crit-bound", word());
        break;
    case OPT_WITHIN:
        o->within_s = read_seconds("--within", word(), 0, OFFSET_MAX_S);
        break;
    case OPT_PLUGIN:
        o->plugin = true;
        break;
    case OPT_QUIET:
        o->quiet = true;
        break;
    default:
        take_common(o, c);
    }
}

static void take(struct options *o, int c)
{
    switch (c) {
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
        if (word()[0] != '/' || strlen(word()) >= sizeof o->runtime_dir)
            options_wrong("--runtime-dir: an absolute path is expected");
        snprintf(o->runtime_dir, sizeof o->runtime_dir, "%s", word());
        break;
    case OPT_STARTER_DIR:
        if (word()[0] != '/')
            options_wrong("--starter-dir: an absolute path is expected");
        o->starter_dir = optarg;
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
        if (word()[0] == 0 || strlen(word()) > NTS_NAME_MAX)
            options_wrong("--ntp-server: a name or an address is expected");
        o->ntp_server = optarg;
        break;
    case OPT_NTP_PORT:
        o->ntp_port = read_number("--ntp-port", word(), UINT16_MAX);
        break;
    case 'V':
        plugin_unknown_end();
        version_print();
        exit(EXIT_FINE);
    case 'h':
        plugin_unknown_end();
        options_help(stdout);
        exit(EXIT_FINE);
    default:
        take_check(o, c);
    }
}

/* getopt_long() says no more than that something is wrong: what, and what was meant? */
static _Noreturn void refuse(int c, char **argv)
{
    const char *names[sizeof long_options / sizeof long_options[0]];
    const char *last = argv[optind - 1], *near;
    size_t n = 0, length;
    char given[64];

    if (c == ':' && optopt < 256 && optopt != 0 && strncmp(last, "--", 2) != 0)
        options_wrong("-%c wants a word behind it", optopt);
    if (c == ':')
        options_wrong("%s wants a word behind it", last);
    if (strncmp(last, "--", 2) != 0)
        options_wrong("there is no option -%c", optopt);
    length = strcspn(last + 2, "=");
    snprintf(given, sizeof given, "%.*s", (int)length, last + 2);
    for (; long_options[n].name != NULL; n++)
        names[n] = long_options[n].name;
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], given) == 0)
            options_wrong("--%s takes no word", given);
    near = near_word(given, names, n);
    if (near != NULL)
        options_wrong("there is no option --%s; --%s was meant?", given, near);
    options_wrong("there is no option --%s, or it could be several", given);
}

static bool is_limit(int c)
{
    return c == OPT_WARN || c == 'c' || c == OPT_WARN_BOUND || c == OPT_CRIT_BOUND ||
           c == OPT_PLUGIN;
}

/* Whether -q or -s is anywhere on the command line. One that asks for a plug-in's line gets it, if
 * only for a mistake on the command line. */
static bool measures(int argc, char **argv)
{
    bool found = false, limits = false, query = false, json = false;
    int c;

    opterr = 0; /* refuse() says what is wrong */
    while ((c = getopt_long(argc, argv, short_daemon, long_options, NULL)) != -1) {
        query = query || c == 'q';
        found = found || c == 'q' || c == 's';
        limits = limits || is_limit(c) || c == 'w';
        json = json || c == 'j';
    }
    optind = 0; /* from the beginning */
    if (query && limits && !json)
        plugin_unknown_begin();
    return found;
}

bool options_plugin(const struct options *o)
{
    const struct check_limits *l = &o->limits;

    return !o->json && (o->plugin || check_range_given(&l->warn) || check_range_given(&l->crit) ||
                        check_range_given(&l->warn_bound) || check_range_given(&l->crit_bound));
}

static void check_words(struct options *o, bool measuring)
{
    const char *hint;

    if (o->mode == MODE_WAIT && o->n_hosts == 1) {
        o->wait_s = read_seconds("--wait", o->hosts[0], 0, OFFSET_MAX_S);
        o->n_hosts = 0;
    }
    for (int i = 0; i < o->n_hosts; i++) {
        hint = options_hint(o->hosts[i]);
        if (hint != NULL)
            options_wrong("\"%s\" is no command of ntsc: %s%s", o->hosts[i], hint,
                          measuring ? "; if it is a host, write its name with a dot at the end"
                                    : "");
    }
    if (!measuring && o->n_hosts > 0)
        options_wrong("\"%s\": hosts go with -q (measure) and -s (set the clock)", o->hosts[0]);
    if (o->n_hosts > SERVERS_MAX)
        options_wrong("at most %d hosts", SERVERS_MAX);
}

void options_read(struct options *o, int argc, char **argv)
{
    bool measuring = measures(argc, argv);
    const char *letters = measuring ? short_measuring : short_daemon + 1;
    uint64_t seen = 0;
    int c;

    *o = (struct options){
        .samples = 1, .limits = CHECK_LIMITS_NONE, .wait_s = WAIT_DEFAULT_S, .within_s = -1};
    runtime_path_default(o->runtime_dir, sizeof o->runtime_dir);
    while ((c = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        if (c == '?' || c == ':')
            refuse(c, argv);
        seen |= options_mode_bit(c, optarg != NULL);
        take(o, c);
    }
    o->hosts = argv + optind;
    o->n_hosts = argc - optind;
    options_check_modes(o, seen);
    if (o->mode == MODE_INFO && o->json + o->openmetrics + o->plot > 1)
        options_wrong("of -j, --openmetrics and --plot only one can be chosen");
    if (o->json && (o->plugin || o->quiet))
        options_wrong("-j is for programs: --plugin and --quiet do not go with it");
    if (o->timeout_ms == 0)
        o->timeout_ms = options_plugin(o) ? TIMEOUT_PLUGIN_MS : TIMEOUT_DEFAULT_MS;
    check_words(o, measuring);
}
