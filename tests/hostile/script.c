/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script: lines "ke WORD..." and "ntp WORD...", taken in turn, the last of a kind for ever. */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *lines[256];
static unsigned n_lines;

void script_load(const char *path)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        fatal("%s: cannot be read", path);
    while (getline(&line, &cap, f) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (!*line || *line == '#')
            continue;
        if (n_lines == 256 || strlen(line) >= sizeof(((struct words *)0)->text))
            fatal("%s: too long", path);
        lines[n_lines++] = strdup(line);
    }
    free(line);
    fclose(f);
}

void script_line(const char *kind, unsigned n, struct words *words)
{
    const char *found = kind;
    size_t kind_len = strlen(kind);
    char *save = NULL;

    for (unsigned i = 0, seen = 0; i < n_lines && seen < n; i++)
        if (!strncmp(lines[i], kind, kind_len) && strchr(" ", lines[i][kind_len])) {
            found = lines[i];
            seen++;
        }
    snprintf(words->text, sizeof(words->text), "%s", found + kind_len);
    words->n = 0;
    for (char *w = strtok_r(words->text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (words->n == WORDS_MAX)
            fatal("too many words: %s", found);
        words->w[words->n++] = w;
    }
}

const char *word_value(const char *word, const char *name)
{
    size_t len = strlen(name);
    if (strncmp(word, name, len) != 0 || (word[len] && word[len] != '='))
        return NULL;
    return word[len] ? word + len + 1 : "";
}

void octets_init(struct octets *o, size_t cap)
{
    *o = (struct octets){.data = malloc(cap), .cap = cap};
    if (!o->data)
        fatal("no memory");
}

void octets_add(struct octets *o, const void *data, size_t len)
{
    if (len > o->cap - o->len)
        fatal("more octets than there is room for");
    if (len)
        memcpy(o->data + o->len, data, len);
    o->len += len;
}

void octets_zeros(struct octets *o, size_t len)
{
    if (len > o->cap - o->len)
        fatal("more octets than there is room for");
    memset(o->data + o->len, 0, len);
    o->len += len;
}

void octets_u16(struct octets *o, size_t v)
{
    octets_add(o, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

void octets_hex(struct octets *o, const char *hex)
{
    unsigned v;
    if (*hex == '@') {
        octets_zeros(o, strtoul(hex + 1, NULL, 0));
        return;
    }
    for (; *hex; hex += 2) {
        if (sscanf(hex, "%2x", &v) != 1 || !hex[1])
            fatal("not hexadecimal: %s", hex);
        octets_add(o, (uint8_t[]){(uint8_t)v}, 1);
    }
}
