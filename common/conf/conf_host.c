/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers that do not come from a file: the command line's and the built-in ones. */
#include <string.h>

#include "common/base/addr.h"
#include "common/base/decimal.h"
#include "common/conf/conf_words.h"

static bool parse_port(const char *text, uint16_t *port)
{
    size_t n = strlen(text);
    uint64_t v;

    if (n == 0 || decimal_digits(text, n, 5, &v) != n)
        return false;
    *port = (uint16_t)v;
    return v > 0 && v <= UINT16_MAX;
}

/* Finds the host's octets and the port of "host", "host:port", "[v6]", "[v6]:port", bare IPv6. */
static bool split(const char *text, const char **host, size_t *n, uint16_t *port)
{
    const char *colon = strchr(text, ':');
    const char *end;

    *host = text;
    *n = strlen(text);
    if (text[0] == '[') {
        end = strchr(text, ']');
        if (end == NULL)
            return false;
        *host = text + 1;
        *n = (size_t)(end - text - 1);
        if (memchr(*host, ':', *n) == NULL)
            return false;
        return end[1] == '\0' || (end[1] == ':' && parse_port(end + 2, port));
    }
    if (colon == NULL || strchr(colon + 1, ':') != NULL)
        return true;
    *n = (size_t)(colon - text);
    return parse_port(colon + 1, port);
}

bool conf_host_parse(const char *text, struct conf_host *h)
{
    struct conf_host found = {0};
    struct net_addr a = {0};
    const char *host;
    size_t n;

    if (!split(text, &host, &n, &found.port) || n == 0 || n > NTS_NAME_MAX)
        return false;
    if (!addr_parse(host, n, &a) && (text[0] == '[' || !addr_is_name(host, n)))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool upper = host[i] >= 'A' && host[i] <= 'Z';

        found.name[i] = upper ? (char)(host[i] - 'A' + 'a') : host[i];
    }
    found.family = a.family;
    *h = found;
    return true;
}

bool conf_add_host(struct conf *c, const struct conf_host *h)
{
    uint16_t port = h->port != 0 ? h->port : NTS_KE_PORT;
    struct conf_server s = {.port = port,
                            .minpoll = CONF_MINPOLL_DEFAULT,
                            .maxpoll = CONF_MAXPOLL_DEFAULT,
                            .first_ip = c->n_ip};

    if (c->n_servers == CONF_SERVERS_MAX || conf_server_find(c, h->name, port) != CONF_SERVERS_MAX)
        return false;
    if (!conf_keep(c, h->name, strlen(h->name), true, &s.name))
        return false;
    c->servers[c->n_servers++] = s;
    return true;
}
