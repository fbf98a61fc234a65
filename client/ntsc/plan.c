/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/ntsc/conf_files.h"
#include "client/shared/log.h"
#include "common/base/show.h"

#define STATE_DIR_ROOT "/var/lib/ntsc"

/* False when `top` names no directory, or a path that is too long. */
static bool below(const char *top, const char *tail, char *buf, size_t n)
{
    if (top != NULL && top[0] == '/' && (size_t)snprintf(buf, n, "%s%s", top, tail) < n)
        return true;
    buf[0] = 0;
    return false;
}

/*
 * /var/lib/ntsc for root, whatever the environment says: it may be that of another service. For
 * others where the service manager says (systemd.exec(5)), $XDG_STATE_HOME/ntsc or
 * ~/.local/state/ntsc; "": nowhere. As it was at the start: later on we are somebody else.
 */
static const char *default_state_dir(void)
{
    static char path[CA_PATH_MAX + 1];
    static bool known;

    if (known)
        return path;
    known = true;
    if (geteuid() == 0)
        snprintf(path, sizeof path, "%s", STATE_DIR_ROOT);
    else if (!below(getenv("STATE_DIRECTORY"), "", path, sizeof path) &&
             !below(getenv("XDG_STATE_HOME"), "/ntsc", path, sizeof path))
        (void)below(getenv("HOME"), "/.local/state/ntsc", path, sizeof path);
    return path;
}

static enum log_to log_target(const struct plan *p)
{
    if (p->options.mode != MODE_DAEMON)
        return LOG_TO_PLAIN;
    if (p->conf.log_to == CONF_LOG_SYSLOG)
        return LOG_TO_SYSLOG;
    if (p->conf.log_to == CONF_LOG_STDERR && log_guess() == LOG_TO_SYSLOG)
        return LOG_TO_PLAIN;
    return log_guess();
}

/* Hosts of the command line take the place of the configuration's servers, not of the rest. */
static bool add_hosts(struct plan *p)
{
    struct conf_host h;

    p->conf.n_servers = 0;
    for (int i = 0; i < p->options.n_hosts; i++) {
        if (!conf_host_parse(p->options.hosts[i], &h)) {
            log_warning("\"%s\" is not a host: name, name:port, an address or [v6-address]:port "
                        "is expected, with a port from 1 to 65535",
                        p->options.hosts[i]);
            return false;
        }
        if (h.port == 0)
            h.port = p->options.port;
        if (!conf_add_host(&p->conf, &h)) {
            log_warning("%s: given twice", p->options.hosts[i]);
            return false;
        }
    }
    return true;
}

bool plan_make(struct plan *p)
{
    conf_init(&p->conf, default_state_dir());
    if (!conf_files_read(&p->conf, p->options.config))
        return false;
    if (p->options.n_hosts > 0 && !add_hosts(p))
        return false;
    if (p->conf.n_servers == 0)
        conf_builtin(&p->conf);
    if (p->options.ca != NULL && strlen(p->options.ca) > CA_PATH_MAX) {
        log_warning("%s: path too long", p->options.ca);
        return false;
    }
    return true;
}

int plan_print(const struct plan *p)
{
    char line[CONF_PRINT_MAX], shown[CONF_PRINT_MAX * SHOW_GROWTH];

    for (unsigned i = 0; conf_print_line(&p->conf, i, line, sizeof line) > 0; i++) {
        (void)show_text(shown, sizeof shown, line, strlen(line));
        puts(shown);
    }
    return EXIT_FINE;
}

void plan_log(const struct plan *p)
{
    static const enum log_level levels[] = {[CONF_LOG_NORMAL] = LOG_LEVEL_NORMAL,
                                            [CONF_LOG_QUIET] = LOG_LEVEL_QUIET,
                                            [CONF_LOG_VERBOSE] = LOG_LEVEL_VERBOSE};
    enum log_level level = p->options.verbose ? LOG_LEVEL_VERBOSE : levels[p->conf.log_level];

    log_open(log_target(p), level);
}

static const char *ca_of(const struct plan *p, const struct conf_server *s)
{
    return p->options.ca != NULL ? p->options.ca : conf_server_ca(&p->conf, s);
}

const char *plan_ca(const struct plan *p, unsigned i)
{
    return ca_of(p, &p->conf.servers[i]);
}

static const char *ntp_server_of(const struct plan *p, const struct conf_server *s)
{
    return p->options.ntp_server != NULL ? p->options.ntp_server
                                         : conf_text(&p->conf, s->ntp_server);
}

static uint16_t ntp_port_of(const struct plan *p, const struct conf_server *s)
{
    return p->options.ntp_port != 0 ? p->options.ntp_port : s->ntp_port;
}

/* What of a directive the engine is told; here, so that none is forgotten. */
static void carry(const struct conf *c, enum conf_directive d, struct msg_setup *m)
{
    switch (d) {
    case CONF_POOL:
    case CONF_SERVER: /* each in a message of its own: plan_server() */
        m->servers = c->n_servers;
        break;
    case CONF_MINSOURCES:
        m->minsources = (uint8_t)conf_minsources(c);
        break;
    case CONF_STEP:
        m->step_ns = c->step_ns;
        m->step_count = c->step_count;
        break;
    case CONF_PANIC:
        m->panic_ns = c->panic_ns;
        break;
    case CONF_MAXDELAY:
        m->maxdelay_ns = c->maxdelay_ns;
        break;
    case CONF_TRUST_OLD:
        m->trust_old = c->trust_old;
        break;
    case CONF_TRUST_SINGLE:
        m->trust_single = c->trust_single;
        break;
    case CONF_CA: /* ntsc's own, or of a key exchange */
    case CONF_STATEDIR:
    case CONF_USER:
    case CONF_LOG:
    case CONF_CERTIFICATE_DATES:
    case CONF_AEAD:
    case CONF_STEP_LATER: /* the limits' alone */
    case CONF_DIRECTIVES:
        break;
    }
}

void plan_setup(const struct plan *p, struct msg_setup *m)
{
    const struct options *o = &p->options;

    memset(m, 0, sizeof *m);
    m->type = MSG_SETUP;
    m->mode = o->mode == MODE_DAEMON ? RUN_DAEMON : o->mode == MODE_SET ? RUN_SET : RUN_CHECK;
    m->form = o->json ? RUN_JSON : options_plugin(o) ? RUN_PLUGIN : RUN_TEXT;
    m->quiet = o->quiet;
    m->live = o->live && m->form == RUN_TEXT && !o->quiet && m->mode != RUN_DAEMON;
    m->columns = (uint16_t)(m->live ? o->columns : 0);
    m->log_to = (uint8_t)log_target(p);
    m->log_level = (uint8_t)log_current_level();
    m->samples = o->samples;
    m->timeout_ms = o->timeout_ms;
    m->limits = o->limits;
    m->monitor_only = o->monitor_only;
    for (unsigned d = 0; d < CONF_DIRECTIVES; d++)
        carry(&p->conf, (enum conf_directive)d, m);
}

void plan_server(const struct plan *p, unsigned i, uint64_t trust, struct msg_server *m)
{
    const struct conf_server *s = &p->conf.servers[i];
    const struct aead_list aead = conf_server_aead(&p->conf, s);
    int n;

    memset(m, 0, sizeof *m);
    m->type = MSG_SERVER;
    m->index = (uint16_t)i;
    m->port = s->port;
    m->group = s->group;
    m->xleave = s->xleave;
    m->pool = (uint8_t)conf_pool(&p->conf, i);
    m->minpoll = s->minpoll;
    m->maxpoll = s->maxpoll;
    snprintf(m->host, sizeof m->host, "%s", conf_text(&p->conf, s->name));
    if (m->pool != 0)
        snprintf(m->host, sizeof m->host, "%.*s#%u", NTS_NAME_MAX - 4, conf_text(&p->conf, s->name),
                 s->pool_slot + 1U);
    /* Whoever trusts other CAs, or wants another NTP server or algorithm, shares no session. */
    n = snprintf(m->id, sizeof m->id, "%s %u v%u %s %u ca-%016" PRIx64, m->host, s->port,
                 p->options.family, ntp_server_of(p, s), ntp_port_of(p, s), trust);
    for (unsigned k = 0; k < aead.n && n > 0 && (size_t)n < sizeof m->id; k++)
        n += snprintf(m->id + n, sizeof m->id - (size_t)n, "%s%u", k == 0 ? " aead-" : ",",
                      aead.id[k]);
}

void plan_ke_request(const struct plan *p, unsigned i, int32_t timeout_ms, bool plain_aead,
                     struct msg_ke_request *m)
{
    const struct conf_server *s = &p->conf.servers[i];

    memset(m, 0, sizeof *m);
    m->type = MSG_KE_REQUEST;
    m->port = s->port;
    m->family = p->options.family;
    m->timeout_ms = timeout_ms;
    snprintf(m->host, sizeof m->host, "%s", conf_text(&p->conf, s->name));
    snprintf(m->ca, sizeof m->ca, "%s", ca_of(p, s));
    snprintf(m->ask.ntp_server, sizeof m->ask.ntp_server, "%s", ntp_server_of(p, s));
    m->ask.ntp_port = ntp_port_of(p, s);
    m->is_pool = s->pool_size > 0;
    m->ask.aead = conf_server_aead(&p->conf, s);
    m->plain_aead = plain_aead;
    for (unsigned k = 0; k < s->n_ip && m->n_fixed < NET_ADDR_MAX; k++) {
        struct net_addr a = conf_server_ip(&p->conf, s, k);

        a.port = s->port;
        m->fixed[m->n_fixed++] = a;
    }
}
