/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc.8 has every member of status.json and every word that a server's line can say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/info/info_parts.h"
#include "common/status/status_fields.h"

static char manual[65536];

static int read_manual(void **state)
{
    FILE *f = fopen(NTSC_MANUAL, "r");
    size_t n;

    (void)state;
    assert_non_null(f);
    n = fread(manual, 1, sizeof manual - 1, f);
    (void)fclose(f);
    manual[n] = '\0';
    return n == 0 || n == sizeof manual - 1;
}

/* The text of a section, from its heading to the next of them. */
static char *section(const char *heading)
{
    char *from = strstr(manual, heading), *copy, *end;

    assert_non_null(from);
    copy = strdup(from + strlen(heading));
    assert_non_null(copy);
    end = strstr(copy, "\n.Sh ");
    if (strstr(copy, "\n.Ss ") != NULL && (end == NULL || strstr(copy, "\n.Ss ") < end))
        end = strstr(copy, "\n.Ss ");
    assert_non_null(end);
    end[1] = '\0';
    return copy;
}

static void check_fields(const char *text, const struct fields *fields)
{
    char item[64];

    for (unsigned i = 0; i < fields->n; i++) {
        const char *at = text;
        bool found = false;

        (void)snprintf(item, sizeof item, "Cm %s", fields->field[i].key);
        while (!found && (at = strstr(at, item)) != NULL) {
            at += strlen(item);
            found = *at == '\n' || *at == ' ';
        }
        if (!found)
            fail_msg("%s is not in the manual", fields->field[i].key);
        for (unsigned v = 0; v < fields->field[i].words && fields != &status_failure_fields; v++) {
            (void)snprintf(item, sizeof item, ".Li %s", fields->field[i].word(v));
            if (strstr(text, item) == NULL)
                fail_msg("the word %s is not in the manual", fields->field[i].word(v));
        }
    }
}

static void test_json(void **state)
{
    char *text = section("\n.Ss Status as JSON\n");

    (void)state;
    check_fields(text, &status_fields);
    check_fields(text, &status_source_fields);
    check_fields(text, &status_failure_fields);
    free(text);
}

static void test_words(void **state)
{
    char *text = section("\n.Sh DAEMON STATUS\n");
    char word[INFO_WORD];

    (void)state;
    for (unsigned s = 0; s < SOURCE_STATES * (SELECT_SELECTED + 1) * STAGE_COUNT; s++) {
        struct status_source source = {
            .state = (enum source_state)(s % SOURCE_STATES),
            .selected = (enum select_state)(s / SOURCE_STATES % (SELECT_SELECTED + 1)),
            .fail = failure_make((enum stage)(s / SOURCE_STATES / (SELECT_SELECTED + 1)),
                                 REASON_NONE, 0)};

        source.reach = s % 2 == 0 ? 1 : 0;
        info_state_word(&source, word);
        if (strncmp(word, "false by", 8) == 0)
            word[8] = '\0';
        if (strstr(text, word) == NULL)
            fail_msg("the state \"%s\" is not in the manual", word);
    }
    free(text);
}

/* Every algorithm that ntsc can use is named where the JSON tells its number. */
static void test_aeads(void **state)
{
    char *from = strstr(manual, "\n.It Cm aead\n"), number[8];
    char *text;

    (void)state;
    assert_non_null(from);
    text = strndup(from, (size_t)(strstr(from + 1, "\n.It ") - from));
    assert_non_null(text);
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        (void)snprintf(number, sizeof number, " %u", id);
        if (aead_key_len((uint16_t)id) != 0 && strstr(text, number) == NULL)
            fail_msg("AEAD%s is not in the manual", number);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_aeads),
    };

    return cmocka_run_group_tests(tests, read_manual, NULL);
}
