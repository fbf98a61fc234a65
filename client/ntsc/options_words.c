/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/options_words.h"

#include <string.h>

static const char help[] =
    "ntsc: authenticated time over NTS.  Everything is in the manual: man ntsc\n"
    "HOST: name, name:port, address or [v6-address]:port; none: the configured ones\n"
    "How far is the clock off?       ntsc -q [options] [HOST ...]\n"
    "  -q, --query                   measure; the clock is never touched\n"
    "  -w, --warn S, -c, --crit S    exit with 1, with 2 when off by more seconds\n"
    "  --warn-bound S, --crit-bound S, --plugin  for the bound alone; for monitoring\n"
    "Set it once, as root:           ntsc -s [options] [HOST ...]\n"
    "  -s, --set                     measure and step; several hosts have to agree\n"
    "With both: -j, --json, -v, --verbose, --quiet to see more, or only what is wrong\n"
    "  -4, -6, -C, --ca PATH         only IPv4, IPv6; trust this CA (file, directory)\n"
    "  -n, --samples N               queries a host (1); -t, --timeout S in all (10)\n"
    "  -p, --port N, --no-state      key establishment port (4460); keep no cookies\n"
    "  --ntp-server NAME, --ntp-port N   ask for this NTP server, this port\n"
    "Keep it right, in the foreground:   ntsc [-x] [-f FILE]\n"
    "  -x, --monitor, --runtime-dir DIR  only watch; where its status is (/run/ntsc)\n"
    "  -f, --config FILE, --check-config which configuration; check it (alone: -n)\n"
    "  --import FILE, -o, --output FILE  another daemon's configuration as ours\n"
    "What does the daemon know?      ntsc -i, or ntsc -w [SECONDS]\n"
    "  -i, --info, --openmetrics, --plot its status; for a collector; the last day\n"
    "  --wait [SECONDS], --within S  until it is right, by no more than S (alone: -w)\n"
    "  -h, --help, -V, --version     this; the version; --starter-dir DIR: for units\n"
    "Exit status: 0 fine, 1 warning, 2 critical, 3 no answer, no agreement or wrong\n"
    "usage, 4 no right to set; -i and --wait: 0 synchronized, 1 not; -i: 3 no daemon;\n"
    "the daemon: 3 it cannot start, 5 it broke and may be started again\n";

void options_help(FILE *to)
{
    fputs(help, to);
}

static const char status[] = "ntsc -i shows what the daemon knows of its servers and the clock";
static const char set[] = "ntsc -s sets the clock once, as root";
static const char check[] = "ntsc -q measures how far the clock is off";
static const char wait[] = "ntsc --wait SECONDS waits until the clock is right";
static const char unit[] =
    "systemctl start, stop, reload or restart ntsc does it, or the init script";
static const char daemon[] = "ntsc without an option is the daemon";

const char *options_hint(const char *word)
{
    static const struct {
        const char *word, *hint;
    } hints[] = {
        /* chronyc(1) */
        {"tracking", status},
        {"sources", status},
        {"sourcestats", status},
        {"selectdata", status},
        {"ntpdata", status},
        {"authdata", status},
        {"activity", status},
        {"makestep", set},
        {"burst", "kill -USR1 of the daemon's process asks all servers"},
        {"online", "ntsc notices itself when the network comes and goes"},
        {"offline", "ntsc notices itself when the network comes and goes"},
        {"waitsync", wait},
        /* ntpq(8), ntpctl(8), timedatectl(1) */
        {"peers", status},
        {"associations", status},
        {"pe", status},
        {"rv", status},
        {"readvar", status},
        {"show", status},
        {"timesync-status", status},
        {"show-timesync", status},
        {"set-time", set},
        {"set-ntp", unit},
        /* What one tries. */
        {"status", status},
        {"info", status},
        {"stats", status},
        {"servers", status},
        {"set", set},
        {"step", set},
        {"sync", set},
        {"force-sync", set},
        {"query", check},
        {"check", check},
        {"test", check},
        {"wait", wait},
        {"daemon", daemon},
        {"run", daemon},
        {"start", unit},
        {"stop", unit},
        {"restart", unit},
        {"reload", unit},
        {"help", "ntsc --help lists all options"},
        {"version", "ntsc --version prints it"},
        {"import", "ntsc --import FILE prints another time daemon's configuration as ntsc's"},
        {"config", "ntsc --check-config prints the configuration as understood"},
        {"validate", "ntsc --check-config checks the configuration"},
    };

    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strcmp(word, hints[i].word) == 0)
            return hints[i].hint;
    return NULL;
}
