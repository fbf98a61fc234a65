/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of other daemons' configurations, and why most of them have no counterpart. */
#include <string.h>

#include "common/conf/import_parts.h"

#define SERVES "ntsc serves nobody and listens on nothing"
#define ITSELF "ntsc does that by itself"
#define OWN    "ntsc estimates in its own way, and needs no such number"
#define KEYS   "NTS makes its keys itself, and ntsc trusts nothing else"
#define CLOCKS "ntsc asks NTS servers, not reference clocks"
#define FIGURES                                                                                    \
    "ntsc logs changes of state; ntsc -i shows the figures, --openmetrics for a collector"
#define STATE   "frequency and cookies are kept in the state directory, /var/lib/ntsc"
#define RTC     "the kernel keeps the RTC right as long as the clock is synchronized"
#define FILES   "what these files have stands here:"
#define LEAP    "leap seconds come from the servers and the system's leap-seconds.list"
#define COMMAND "ntsc is not steered from outside while it runs; ntsc -i shows its status"
#define PROCESS "the unit file or init script is the place for it"
#define PEERS   "ntsc asks servers, and no other kind of partner"
#define DATES   "ntsc judges dates in two steps where the clock is wrong; see certificate-dates"
#define PLAIN   "ntsc trusts nothing that comes without NTS"

static const struct import_word chrony[] = {
    {"server", IMPORT_SERVER, NULL},
    {"pool", IMPORT_POOL, NULL},
    {"makestep", IMPORT_STEP, NULL},
    {"maxchange", IMPORT_PANIC, NULL},
    {"minsources", IMPORT_MINSOURCES, NULL},
    {"ntstrustedcerts", IMPORT_CA, NULL},
    {"peer", IMPORT_NOTHING, PEERS},
    {"initstepslew", IMPORT_NOTHING, PLAIN},
    {"refclock", IMPORT_NOTHING, CLOCKS},
    {"driftfile", IMPORT_NOTHING, STATE},
    {"dumpdir", IMPORT_NOTHING, STATE},
    {"dumponexit", IMPORT_NOTHING, STATE},
    {"ntsdumpdir", IMPORT_NOTHING, STATE},
    {"keyfile", IMPORT_NOTHING, KEYS},
    {"commandkey", IMPORT_NOTHING, KEYS},
    {"generatecommandkey", IMPORT_NOTHING, KEYS},
    {"authselectmode", IMPORT_NOTHING, PLAIN},
    {"nosystemcert", IMPORT_NOTHING, "a ca takes the place of the system's in ntsc"},
    {"nocerttimecheck", IMPORT_NOTHING, DATES},
    {"ntsrefresh", IMPORT_NOTHING, ITSELF},
    {"confdir", IMPORT_NOTHING, FILES},
    {"sourcedir", IMPORT_NOTHING, FILES},
    {"include", IMPORT_NOTHING, FILES},
    {"rtcsync", IMPORT_NOTHING, RTC},
    {"rtcfile", IMPORT_NOTHING, RTC},
    {"rtcdevice", IMPORT_NOTHING, RTC},
    {"rtconutc", IMPORT_NOTHING, RTC},
    {"rtcautotrim", IMPORT_NOTHING, RTC},
    {"hwclockfile", IMPORT_NOTHING, RTC},
    {"leapsectz", IMPORT_NOTHING, LEAP},
    {"leapseclist", IMPORT_NOTHING, LEAP},
    {"leapsecmode", IMPORT_NOTHING, "the kernel inserts the leap second"},
    {"maxslewrate", IMPORT_NOTHING, "ntsc slews by 500 ppm at most, as the kernel does"},
    {"allow", IMPORT_NOTHING, SERVES},
    {"deny", IMPORT_NOTHING, SERVES},
    {"local", IMPORT_NOTHING, SERVES},
    {"manual", IMPORT_NOTHING, SERVES},
    {"port", IMPORT_NOTHING, SERVES},
    {"bindaddress", IMPORT_NOTHING, SERVES},
    {"binddevice", IMPORT_NOTHING, SERVES},
    {"broadcast", IMPORT_NOTHING, SERVES},
    {"clientloglimit", IMPORT_NOTHING, SERVES},
    {"noclientlog", IMPORT_NOTHING, SERVES},
    {"ratelimit", IMPORT_NOTHING, SERVES},
    {"ntsratelimit", IMPORT_NOTHING, SERVES},
    {"smoothtime", IMPORT_NOTHING, SERVES},
    {"ntpsigndsocket", IMPORT_NOTHING, SERVES},
    {"ntsserverkey", IMPORT_NOTHING, SERVES},
    {"ntsservercert", IMPORT_NOTHING, SERVES},
    {"ntsport", IMPORT_NOTHING, SERVES},
    {"ntsprocesses", IMPORT_NOTHING, SERVES},
    {"ntsrotate", IMPORT_NOTHING, SERVES},
    {"ntsntpserver", IMPORT_NOTHING, SERVES},
    {"maxntsconnections", IMPORT_NOTHING, SERVES},
    {"ptpport", IMPORT_NOTHING, SERVES},
    {"ptpdomain", IMPORT_NOTHING, SERVES},
    {"acquisitionport", IMPORT_NOTHING, "every query has a random port of its own"},
    {"bindacqaddress", IMPORT_NOTHING, "the kernel chooses the address"},
    {"bindacqdevice", IMPORT_NOTHING, "the kernel chooses the interface"},
    {"dscp", IMPORT_NOTHING, OWN},
    {"hwtimestamp", IMPORT_NOTHING, "ntsc uses the kernel's timestamps"},
    {"cmdallow", IMPORT_NOTHING, COMMAND},
    {"cmddeny", IMPORT_NOTHING, COMMAND},
    {"cmdport", IMPORT_NOTHING, COMMAND},
    {"cmdratelimit", IMPORT_NOTHING, COMMAND},
    {"bindcmdaddress", IMPORT_NOTHING, COMMAND},
    {"bindcmddevice", IMPORT_NOTHING, COMMAND},
    {"opencommands", IMPORT_NOTHING, COMMAND},
    {"log", IMPORT_NOTHING, FIGURES},
    {"logdir", IMPORT_NOTHING, FIGURES},
    {"logbanner", IMPORT_NOTHING, FIGURES},
    {"logchange", IMPORT_NOTHING, FIGURES},
    {"mailonchange", IMPORT_NOTHING, FIGURES},
    {"combinelimit", IMPORT_NOTHING, OWN},
    {"corrtimeratio", IMPORT_NOTHING, OWN},
    {"clockprecision", IMPORT_NOTHING, OWN},
    {"fallbackdrift", IMPORT_NOTHING, OWN},
    {"maxclockerror", IMPORT_NOTHING, OWN},
    {"maxdistance", IMPORT_NOTHING, OWN},
    {"maxdrift", IMPORT_NOTHING, OWN},
    {"maxjitter", IMPORT_NOTHING, OWN},
    {"maxsamples", IMPORT_NOTHING, OWN},
    {"minsamples", IMPORT_NOTHING, OWN},
    {"maxupdateskew", IMPORT_NOTHING, OWN},
    {"reselectdist", IMPORT_NOTHING, OWN},
    {"stratumweight", IMPORT_NOTHING, OWN},
    {"tempcomp", IMPORT_NOTHING, OWN},
    {"refresh", IMPORT_NOTHING, ITSELF},
    {"lock_all", IMPORT_NOTHING, PROCESS},
    {"sched_priority", IMPORT_NOTHING, PROCESS},
    {"pidfile", IMPORT_NOTHING, PROCESS},
    {"user", IMPORT_NOTHING, "ntsc has a user of its own; see the directive of that name"},
    {NULL, IMPORT_NOTHING, NULL},
};

static const struct import_word ntp[] = {
    {"server", IMPORT_SERVER, NULL},
    {"pool", IMPORT_POOL, NULL},
    {"nts", IMPORT_NTS, NULL},
    {"tos", IMPORT_TOS, NULL},
    {"tinker", IMPORT_TINKER, NULL},
    {"peer", IMPORT_NOTHING, PEERS},
    {"unpeer", IMPORT_NOTHING, PEERS},
    {"broadcastclient", IMPORT_NOTHING, PLAIN},
    {"multicastclient", IMPORT_NOTHING, PLAIN},
    {"manycastclient", IMPORT_NOTHING, PLAIN},
    {"refclock", IMPORT_NOTHING, CLOCKS},
    {"fudge", IMPORT_NOTHING, CLOCKS},
    {"restrict", IMPORT_NOTHING, SERVES},
    {"unrestrict", IMPORT_NOTHING, SERVES},
    {"discard", IMPORT_NOTHING, SERVES},
    {"limit", IMPORT_NOTHING, SERVES},
    {"mru", IMPORT_NOTHING, SERVES},
    {"broadcast", IMPORT_NOTHING, SERVES},
    {"manycastserver", IMPORT_NOTHING, SERVES},
    {"interface", IMPORT_NOTHING, SERVES},
    {"listen", IMPORT_NOTHING, SERVES},
    {"extra", IMPORT_NOTHING, SERVES},
    {"driftfile", IMPORT_NOTHING, STATE},
    {"leapfile", IMPORT_NOTHING, LEAP},
    {"leapsmearinterval", IMPORT_NOTHING, SERVES},
    {"keys", IMPORT_NOTHING, KEYS},
    {"keysdir", IMPORT_NOTHING, KEYS},
    {"trustedkey", IMPORT_NOTHING, KEYS},
    {"controlkey", IMPORT_NOTHING, KEYS},
    {"requestkey", IMPORT_NOTHING, KEYS},
    {"crypto", IMPORT_NOTHING, KEYS},
    {"autokey", IMPORT_NOTHING, KEYS},
    {"revoke", IMPORT_NOTHING, KEYS},
    {"statsdir", IMPORT_NOTHING, FIGURES},
    {"statistics", IMPORT_NOTHING, FIGURES},
    {"filegen", IMPORT_NOTHING, FIGURES},
    {"logfile", IMPORT_NOTHING, FIGURES},
    {"logconfig", IMPORT_NOTHING, FIGURES},
    {"includefile", IMPORT_NOTHING, FILES},
    {"disable", IMPORT_NOTHING, COMMAND},
    {"enable", IMPORT_NOTHING, COMMAND},
    {"trap", IMPORT_NOTHING, COMMAND},
    {"phone", IMPORT_NOTHING, CLOCKS},
    {"rlimit", IMPORT_NOTHING, PROCESS},
    {"pidfile", IMPORT_NOTHING, PROCESS},
    {"dscp", IMPORT_NOTHING, OWN},
    {"tick", IMPORT_NOTHING, OWN},
    {"setvar", IMPORT_NOTHING, COMMAND},
    {"broadcastdelay", IMPORT_NOTHING, OWN},
    {"saveconfigdir", IMPORT_NOTHING, COMMAND},
    {NULL, IMPORT_NOTHING, NULL},
};

/* Before the '='. */
static const struct import_word timesyncd[] = {
    {"[time]", IMPORT_NOTHING, NULL},
    {"ntp", IMPORT_NAMES, NULL},
    {"fallbackntp", IMPORT_NAMES, NULL},
    {"rootdistancemaxsec", IMPORT_NOTHING, OWN},
    {"pollintervalminsec", IMPORT_NOTHING, "in ntsc a server has its own minpoll"},
    {"pollintervalmaxsec", IMPORT_NOTHING, "in ntsc a server has its own maxpoll"},
    {"connectionretrysec", IMPORT_NOTHING, ITSELF},
    {"saveintervalsec", IMPORT_NOTHING, STATE},
    {NULL, IMPORT_NOTHING, NULL},
};

static const struct import_word openntpd[] = {
    {"server", IMPORT_NAMES, NULL},
    {"servers", IMPORT_NAMES, NULL},
    {"listen", IMPORT_NOTHING, SERVES},
    {"sensor", IMPORT_NOTHING, CLOCKS},
    {"constraint", IMPORT_NOTHING, "with NTS the time itself is authenticated"},
    {"constraints", IMPORT_NOTHING, "with NTS the time itself is authenticated"},
    {"query", IMPORT_NOTHING, "the kernel chooses the address"},
    {NULL, IMPORT_NOTHING, NULL},
};

static const struct import_server_word chrony_options[] = {
    {"iburst", IMPORT_SILENT, false},
    {"nts", IMPORT_WITH_NTS, false},
    {"port", IMPORT_NTP_PORT, true},
    {"ntsport", IMPORT_KE_PORT, true},
    {"minpoll", IMPORT_MINPOLL, true},
    {"maxpoll", IMPORT_MAXPOLL, true},
    {"certset", IMPORT_SET, true},
    {"noselect", IMPORT_NEVER, false},
    {"offline", IMPORT_SILENT, false},
    {"auto_offline", IMPORT_SILENT, false},
    {"key", IMPORT_DROP, true},
    {"prefer", IMPORT_DROP, false},
    {"trust", IMPORT_DROP, false},
    {"require", IMPORT_DROP, false},
    {"burst", IMPORT_DROP, false},
    {"xleave", IMPORT_XLEAVE, false},
    {"copy", IMPORT_DROP, false},
    {"ipv4", IMPORT_DROP, false},
    {"ipv6", IMPORT_DROP, false},
    {"maxsources", IMPORT_SIZE, true},
    {"minsamples", IMPORT_DROP, true},
    {"maxsamples", IMPORT_DROP, true},
    {"filter", IMPORT_DROP, true},
    {"polltarget", IMPORT_DROP, true},
    {"presend", IMPORT_DROP, true},
    {"mindelay", IMPORT_DROP, true},
    {"maxdelay", IMPORT_DROP, true},
    {"maxdelayratio", IMPORT_DROP, true},
    {"maxdelaydevratio", IMPORT_DROP, true},
    {"maxdelayquant", IMPORT_DROP, true},
    {"maxunreach", IMPORT_DROP, true},
    {"minstratum", IMPORT_DROP, true},
    {"offset", IMPORT_DROP, true},
    {"asymmetry", IMPORT_DROP, true},
    {"version", IMPORT_DROP, true},
    {"extfield", IMPORT_DROP, true},
    {NULL, IMPORT_DROP, false},
};

static const struct import_server_word ntp_options[] = {
    {"iburst", IMPORT_SILENT, false},  {"nts", IMPORT_WITH_NTS, false},
    {"minpoll", IMPORT_MINPOLL, true}, {"maxpoll", IMPORT_MAXPOLL, true},
    {"ca", IMPORT_SERVER_CA, true},    {"ask", IMPORT_ASK, true},
    {"require", IMPORT_ASK, true},     {"noselect", IMPORT_NEVER, false},
    {"key", IMPORT_DROP, true},        {"prefer", IMPORT_DROP, false},
    {"true", IMPORT_DROP, false},      {"burst", IMPORT_DROP, false},
    {"preempt", IMPORT_DROP, false},   {"noval", IMPORT_DROP, false},
    {"cert", IMPORT_DROP, true},       {"aead", IMPORT_DROP, true},
    {"bias", IMPORT_DROP, true},       {"mode", IMPORT_DROP, true},
    {"ttl", IMPORT_DROP, true},        {"version", IMPORT_DROP, true},
    {NULL, IMPORT_DROP, false},
};

static const struct import_server_word openntpd_options[] = {
    {"weight", IMPORT_DROP, true},
    {"trusted", IMPORT_DROP, false},
    {NULL, IMPORT_DROP, false},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool import_is(const struct conf_words *w, const char *name)
{
    size_t i = 0;

    while (i < w->n && name[i] != '\0' && lower(w->word[i]) == name[i])
        i++;
    return i == w->n && name[i] == '\0';
}

const struct import_word *import_directive(enum import_kind kind, const struct conf_words *w)
{
    static const struct import_word *const all[IMPORT_KINDS] = {
        [IMPORT_CHRONY] = chrony,
        [IMPORT_NTP] = ntp,
        [IMPORT_TIMESYNCD] = timesyncd,
        [IMPORT_OPENNTPD] = openntpd,
    };

    for (const struct import_word *d = all[kind]; d != NULL && d->name != NULL; d++)
        if (import_is(w, d->name))
            return d;
    return NULL;
}

const struct import_server_word *import_server_option(enum import_kind kind,
                                                      const struct conf_words *w)
{
    static const struct import_server_word *const all[IMPORT_KINDS] = {
        [IMPORT_CHRONY] = chrony_options,
        [IMPORT_NTP] = ntp_options,
        [IMPORT_OPENNTPD] = openntpd_options,
    };
    const struct import_server_word *o = all[kind];

    for (; o != NULL && o->name != NULL; o++)
        if (import_is(w, o->name))
            return o;
    return NULL;
}
