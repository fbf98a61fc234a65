/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc.conf.5 says what the parser says: the same directives, options and defaults; examples fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/conf/conf.h"

#define ITEMS_MAX 64
#define TEXT_MAX  65536

/* One word of the manual's lists: depth 1 is a directive, depth 2 an option of server. */
struct item {
    char name[32];
    int depth;
    char text[2048]; /* what follows, in one line, without macros */
};

static struct item items[ITEMS_MAX];
static unsigned n_items;
static char examples[TEXT_MAX];
static char rows[TEXT_MAX]; /* of tables: ".It Li WORD Ta ..." without ".It" */

static void add_text(struct item *item, const char *line)
{
    size_t used = strlen(item->text);

    if (line[0] == '.' && line[1] != '\0' && line[2] != '\0') /* ".Li ntsc ." */
        line += strcspn(line, " ");
    (void)snprintf(item->text + used, sizeof item->text - used, "%s%s", line[0] == ' ' ? "" : " ",
                   line);
}

/* ".It Cm nts , Cm iburst" gives two items. */
static void add_items(char *line, int depth)
{
    char *save = NULL;
    bool name_follows = false;

    for (char *w = strtok_r(line, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        if (name_follows) {
            assert_true(n_items < ITEMS_MAX);
            (void)snprintf(items[n_items].name, sizeof items->name, "%s", w);
            items[n_items++].depth = depth;
        }
        name_follows = strcmp(w, "Cm") == 0;
    }
}

static int read_manual(void **state)
{
    FILE *f = fopen(NTSC_MANUAL, "r");
    char line[1024];
    int depth = 0;
    bool literal = false;

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, ".It Li ", 7) == 0 || strncmp(line, ".It Ta ", 7) == 0)
            strcat(strcat(rows, line + 4), " \n");
        if (strncmp(line, ".Bd", 3) == 0 || strncmp(line, ".Ed", 3) == 0) {
            literal = line[1] == 'B';
            strcat(examples, "\f\n");
        } else if (literal) {
            assert_true(strlen(examples) + strlen(line) + 4 < sizeof examples);
            strcat(strcat(examples, line), "\n");
        } else if (strncmp(line, ".Bl", 3) == 0) {
            depth++;
        } else if (strncmp(line, ".El", 3) == 0) {
            depth--;
        } else if (strncmp(line, ".It Cm", 6) == 0) {
            add_items(line, depth);
        } else if (n_items > 0) {
            add_text(&items[n_items - 1], line);
        }
    }
    (void)fclose(f);
    return 0;
}

static const struct item *find(const char *name, int depth)
{
    for (unsigned i = 0; i < n_items; i++) {
        if (items[i].depth == depth && strcmp(items[i].name, name) == 0)
            return &items[i];
    }
    fail_msg("%s is not in the manual", name);
    return NULL;
}

/* What the parser names as known when it meets `line` must be what the manual has at that depth. */
static void check_words(const char *line, int depth)
{
    struct conf c;
    struct conf_error e;
    char known[512];
    char *save = NULL;
    unsigned n = 0;

    conf_init(&c, "/var/lib/ntsc");
    assert_false(conf_line(&c, line, strlen(line), &e));
    assert_int_equal(e.problem, CONF_UNKNOWN);
    (void)snprintf(known, sizeof known, "%s", e.expected);
    for (char *w = strtok_r(known, ", ", &save); w != NULL; w = strtok_r(NULL, ", ", &save)) {
        (void)find(w, depth);
        n++;
    }
    for (unsigned i = 0; i < n_items; i++)
        n -= items[i].depth == depth ? 1 : 0;
    assert_int_equal(n, 0); /* else the manual has a word that is not known, or one twice */
}

static void test_words(void **state)
{
    (void)state;
    check_words("no-such-directive", 1);
    check_words("server a no-such-option", 2);
}

/* The manual's item says "The default is VALUE", and VALUE ends there. */
static void check_default(const char *name, int depth, const char *value, size_t len)
{
    char sentence[128];
    const char *at;

    (void)snprintf(sentence, sizeof sentence, "The default is %.*s", (int)len, value);
    at = strstr(find(name, depth)->text, sentence);
    if (at == NULL || strchr(" .,", at[strlen(sentence)]) == NULL)
        fail_msg("%s: the manual does not say: %s", name, sentence);
}

/* "server NAME option value ...": each value is a default. */
static unsigned check_server(char *line)
{
    char *save = NULL, *name, *value;
    unsigned seen = 0;

    (void)strtok_r(line, " ", &save);
    (void)strtok_r(NULL, " ", &save);
    while ((name = strtok_r(NULL, " ", &save)) != NULL) {
        value = strtok_r(NULL, " ", &save);
        assert_non_null(value);
        check_default(name, 2, value, strlen(value));
        seen++;
    }
    return seen;
}

/* All that is printed of a configuration without anything in it is a default. */
static void test_defaults(void **state)
{
    struct conf c;
    struct conf_error e;
    char line[CONF_PRINT_MAX];
    unsigned seen = 0;

    (void)state;
    conf_init(&c, "/var/lib/ntsc");
    assert_true(conf_line(&c, "server a", 8, &e));
    for (unsigned i = 0; conf_print_line(&c, i, line, sizeof line) > 0; i++) {
        char *value = strchr(line, ' ');

        assert_non_null(value);
        *value++ = '\0';
        if (strcmp(line, "server") == 0) {
            value[-1] = ' ';
            seen += check_server(line);
        } else if (strcmp(line, "log") == 0) {
            assert_string_equal(value, "auto normal"); /* as the manual says in words */
        } else if (strcmp(line, "minsources") != 0) {  /* see below */
            check_default(line, 1, value, strlen(value));
            seen++;
        }
    }
    assert_true(seen >= 8 && seen <= 64);
}

static void test_default_minsources(void **state)
{
    struct conf c;
    struct conf_error e;

    (void)state;
    check_default("minsources", 1, "1 with one or two independent sources and 2 with more", 54);
    conf_init(&c, "/var/lib/ntsc");
    assert_true(conf_line(&c, "server a", 8, &e));
    assert_int_equal(conf_minsources(&c), 1);
    assert_true(conf_line(&c, "server b", 8, &e));
    assert_int_equal(conf_minsources(&c), 1);
    assert_true(conf_line(&c, "server c", 8, &e));
    assert_int_equal(conf_minsources(&c), 2);
}

/* Every example is a whole file that the parser takes. */
static void test_examples(void **state)
{
    struct conf c;
    struct conf_error e = {0};
    char *save = NULL;
    unsigned servers = 0;

    (void)state;
    for (char *l = strtok_r(examples, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        if (l[0] == '\f')
            conf_init(&c, "/var/lib/ntsc");
        else if (!conf_line(&c, l, strlen(l), &e) || !conf_finish(&c, &e))
            fail_msg("the example does not work: %s (%s)", l, e.expected);
        else
            servers += strncmp(l, "server", 6) == 0 ? 1 : 0;
    }
    assert_true(servers >= 3);
}

/* Each is one row with operator and country, and each address is in a row. */
static void test_builtin(void **state)
{
    struct conf c;
    char text[NTS_NAME_MAX + 8];
    unsigned n = 0;

    (void)state;
    conf_init(&c, "/var/lib/ntsc");
    conf_builtin(&c);
    for (unsigned i = 0; i < c.n_servers; i++) {
        (void)snprintf(text, sizeof text, "Li %s Ta ", conf_text(&c, c.servers[i].name));
        if (strstr(rows, text) == NULL)
            fail_msg("not in the manual: %s", text);
        for (unsigned k = 0; k < c.servers[i].n_ip; k++) {
            const char *ip = conf_text(&c, c.ip[c.servers[i].first_ip + k]);

            (void)snprintf(text, sizeof text, "Ta Li %s ", ip);
            if (strstr(rows, text) == NULL)
                fail_msg("not in the manual: %s", text);
        }
    }
    for (const char *row = rows; (row = strstr(row, "Li ")) != NULL; row++)
        n += row == rows || row[-1] == '\n';
    for (unsigned i = 0; i < c.n_servers; i++)
        n -= c.servers[i].n_ip > 0 ? 2 : 1;
    assert_int_equal(n, 0); /* else the manual has a server that is not built in */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtin),  cmocka_unit_test(test_words),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_default_minsources),
        cmocka_unit_test(test_examples),
    };

    return cmocka_run_group_tests(tests, read_manual, NULL);
}
