/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/msg/msg.h"

#include <string.h>

#include "common/base/octets.h"

/* Length of a string in an array of size octets whose rest is zero; size when it is not such. */
static size_t string_len(const char *s, size_t size)
{
    size_t n = 0;

    while (n < size && s[n] != '\0')
        n++;
    return octets_are_zero(s, n, size) ? n : size;
}

static bool ask_valid(const struct nts_ke_ask *ask)
{
    size_t n = string_len(ask->ntp_server, sizeof ask->ntp_server);

    if (!aead_list_valid(&ask->aead))
        return false;
    return n == 0 || (n < sizeof ask->ntp_server && nts_ke_server_valid(ask->ntp_server, n));
}

bool pool_members_fit(const struct pool_member taken[POOL_MAX], unsigned n)
{
    if (n > POOL_MAX)
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!net_addr_valid(&taken[i].ntp))
            return false;
    return octets_are_zero(taken, n * sizeof taken[0], POOL_MAX * sizeof taken[0]);
}

bool msg_ke_request_valid(const void *data, size_t len)
{
    const struct msg_ke_request *m = data;
    size_t host_len;

    if (len != sizeof *m || m->type != MSG_KE_REQUEST)
        return false;
    host_len = string_len(m->host, sizeof m->host);
    if (host_len == 0 || host_len == sizeof m->host ||
        string_len(m->ca, sizeof m->ca) == sizeof m->ca || !ask_valid(&m->ask))
        return false;
    if (m->port == 0 || m->timeout_ms <= 0 || m->time_floor_s < 0 || m->plain_aead > 1 ||
        m->zero != 0 || m->n_fixed > NET_ADDR_MAX)
        return false;
    if (m->is_pool > 1 || !pool_members_fit(m->taken, m->n_taken) ||
        (m->is_pool == 0 && (m->n_taken != 0 || m->wanted != 0)))
        return false;
    if (m->family != 0 && m->family != 4 && m->family != 6)
        return false;
    for (size_t i = 0; i < m->n_fixed; i++)
        if (!net_addr_valid(&m->fixed[i]))
            return false;
    return octets_are_zero(m->fixed, m->n_fixed * sizeof m->fixed[0], sizeof m->fixed);
}

static bool key_valid(const struct aead_key *k)
{
    size_t n = aead_key_len(k->id);

    return n != 0 && k->len == n && octets_are_zero(k->key, n, sizeof k->key);
}

static bool good_answer_valid(const struct msg_ke_answer *m)
{
    if (m->reached != 1 || m->fail.reason != REASON_NONE || m->not_before_s > m->not_after_s)
        return false;
    if (!key_valid(&m->c2s) || !key_valid(&m->s2c) || m->c2s.id != m->s2c.id)
        return false;
    if (!cookie_pool_valid(&m->cookies) || m->cookies.count == 0)
        return false;
    if (m->n_ntp == 0 || m->n_ntp > NET_ADDR_MAX)
        return false;
    for (size_t i = 0; i < m->n_ntp; i++)
        if (!net_addr_usable(&m->ntp[i], &m->ke))
            return false;
    return octets_are_zero(m->ntp, m->n_ntp * sizeof m->ntp[0], sizeof m->ntp);
}

bool msg_ke_answer_valid(const void *data, size_t len)
{
    const struct msg_ke_answer *m = data;

    if (len != sizeof *m || m->type != MSG_KE_ANSWER || m->plain_aead > 1 || m->reached > 1 ||
        m->provisional > 1 || m->fail.stage >= STAGE_COUNT || m->fail.reason >= REASON_COUNT)
        return false;
    if (m->fail.stage == STAGE_OK)
        return good_answer_valid(m);
    return m->n_ntp == 0 && m->provisional == 0 && m->plain_aead == 0 && m->member == 0 &&
           octets_are_zero(&m->c2s, 0, sizeof m->c2s) &&
           octets_are_zero(&m->s2c, 0, sizeof m->s2c) &&
           octets_are_zero(&m->cookies, 0, sizeof m->cookies) &&
           octets_are_zero(m->ntp, 0, sizeof m->ntp) &&
           (octets_are_zero(&m->ke, 0, sizeof m->ke) || net_addr_valid(&m->ke));
}
