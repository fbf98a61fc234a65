/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers that are asked where none is configured; ntsc.conf(5) names them all. */
#include <string.h>

#include "common/conf/conf_words.h"

#define BUILTIN_IPS 4

/*
 * Services that their operators announce for the public and that the public list of NTS servers
 * (jauderho/nts-servers) has; each operator a group, which counts once. Names that move are a
 * reason for a release: nothing is fetched. Addresses: Cloudflare documents its own, the others are
 * in public configurations; a wrong one does no more harm than none. A strict majority of the
 * groups has one of each family, so that the clock can be set without DNS.
 */
static const struct {
    const char *name, *group;
    const char *ip[BUILTIN_IPS];
} builtin[] = {
    {"time.cloudflare.com",
     "cloudflare",
     {"2606:4700:f1::1", "2606:4700:f1::123", "162.159.200.1", "162.159.200.123"}},
    {"nts.netnod.se", "netnod", {"2a01:3f0:1:4::28", "194.58.207.79"}},
    {"ptbtime1.ptb.de", "ptb", {"2001:638:610:be01::108", "192.53.103.108"}},
    {"ntppool1.time.nl", "sidn", {"2a00:d78:0:712:94:198:159:15", "94.198.159.15"}},
    {"ntppool2.time.nl", "sidn", {NULL}},
    {"ohio.time.system76.com", "system76", {"3.134.129.152"}},
    {"ntpmon.dcs1.biz", "dcs1", {NULL}},
};

/* There is room: the configuration has no other servers. */
static void add(struct conf *c, size_t i)
{
    struct conf_host h = {0};
    struct conf_server *s;

    memcpy(h.name, builtin[i].name, strlen(builtin[i].name));
    if (!conf_add_host(c, &h))
        return;
    s = &c->servers[c->n_servers - 1];
    (void)conf_keep(c, builtin[i].group, strlen(builtin[i].group), false, &s->group);
    for (size_t k = 0; k < BUILTIN_IPS && builtin[i].ip[k] != NULL; k++) {
        const char *ip = builtin[i].ip[k];

        if (c->n_ip == CONF_IPS_MAX || !conf_keep(c, ip, strlen(ip), true, &c->ip[c->n_ip]))
            return;
        c->n_ip++;
        s->n_ip++;
    }
}

void conf_builtin(struct conf *c)
{
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        add(c, i);
}
