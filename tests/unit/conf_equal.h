/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_TEST_CONF_EQUAL_H
#define NTSC_TEST_CONF_EQUAL_H

#include <stdbool.h>
#include <string.h>

#include "common/conf/conf.h"

/* Whether server i of a and server j of b say the same, effective CA included. */
static bool conf_server_equal(const struct conf *a, unsigned i, const struct conf *b, unsigned j)
{
    const struct conf_server *s = &a->servers[i];
    const struct conf_server *t = &b->servers[j];
    const struct aead_list s_aead = conf_server_aead(a, s), t_aead = conf_server_aead(b, t);

    if (s->port != t->port || s->ntp_port != t->ntp_port || s->minpoll != t->minpoll ||
        s->maxpoll != t->maxpoll || s->n_ip != t->n_ip || s->pool_size != t->pool_size ||
        s->pool_slot != t->pool_slot || s->xleave != t->xleave)
        return false;
    for (unsigned k = 0; k < s->n_ip; k++) {
        if (strcmp(conf_text(a, a->ip[s->first_ip + k]), conf_text(b, b->ip[t->first_ip + k])) != 0)
            return false;
    }
    return strcmp(conf_text(a, s->name), conf_text(b, t->name)) == 0 &&
           memcmp(&s_aead, &t_aead, sizeof s_aead) == 0 &&
           strcmp(conf_server_ca(a, s), conf_server_ca(b, t)) == 0 &&
           strcmp(conf_text(a, s->ntp_server), conf_text(b, t->ntp_server)) == 0 &&
           strcmp(conf_text(a, s->group), conf_text(b, t->group)) == 0;
}

#endif
