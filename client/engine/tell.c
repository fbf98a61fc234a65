/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/tell.h"

#include <stdio.h>

#include "client/shared/format.h"
#include "client/shared/log.h"
#include "common/base/addr.h"
#include "common/nts/aead.h"

#define ADDRESS_MAX (NET_ADDR_TEXT + 16)

static void address(const struct net_addr *a, char buf[ADDRESS_MAX])
{
    char with_port[NET_ADDR_TEXT + 8];

    addr_text_with_port(a, with_port, sizeof with_port);
    snprintf(buf, ADDRESS_MAX, "%s/udp", with_port);
}

/* Nothing is put into words that nobody will see. */
static bool asked_for(void)
{
    return log_current_level() >= LOG_LEVEL_VERBOSE;
}

void tell_key_exchange(const struct host *h, const struct nts_session *s)
{
    char ke[NET_ADDR_TEXT], ntp[ADDRESS_MAX], end[REPORT_TIME];

    if (!asked_for())
        return;
    net_addr_text(&s->ke, ke);
    address(&s->ntp[0], ntp);
    format_date((struct wall){s->not_after_s * NS_PER_S}, end);
    log_detail(
        "%s: keys exchanged with %s port %u/tcp: %s, %u cookies, NTP server %s%s, certificate good "
        "until %s",
        h->server.host, ke, h->server.port, aead_name(s->c2s.id), s->cookies.count, ntp,
        s->n_ntp > 1 ? " and others" : "", s->not_after_s != 0 ? end : "?");
}

void tell_stored(const struct host *h)
{
    log_detail("%s: %u stored cookies, %s: no key exchange", h->server.host,
               source_cookies_left(&h->source), aead_name(h->source.session.c2s.id));
}

void tell_query(const struct host *h)
{
    char to[ADDRESS_MAX];

    if (!asked_for())
        return;
    address(&h->ntp, to);
    log_detail("%s: query sent to %s, time of sending by the %s", h->server.host, to,
               h->udp.t1_by_kernel ? "kernel's stamp" : "clock, the kernel gave no stamp");
}

void tell_sample(const struct host *h, const struct sample *s)
{
    char from[ADDRESS_MAX], offset[REPORT_TIME], bound[REPORT_TIME], delay[REPORT_TIME];

    if (!asked_for())
        return;
    address(&h->ntp, from);
    report_time(s->offset_ns, true, offset);
    report_time(s->bound_ns, false, bound);
    report_time(s->delay_ns, false, delay);
    log_detail("%s: authenticated answer from %s: offset %s +/- %s, round trip %s, stratum %u",
               h->server.host, from, offset, bound, delay, s->stratum);
}
