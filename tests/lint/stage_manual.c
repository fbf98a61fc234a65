/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc.8 has each stage at which an exchange can fail, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/err.h"

/* The stage that an item of DIAGNOSTICS names, STAGE_COUNT for none. */
static unsigned stage_of(const char *line)
{
    char word[32] = "";

    if (sscanf(line, ".It Cm %31s", word) != 1)
        return STAGE_COUNT;
    for (unsigned i = STAGE_OK + 1; i < STAGE_COUNT; i++) {
        if (strcmp(word, failure_stage_name((uint16_t)i)) == 0)
            return i;
    }
    fail_msg("%s is no stage", word);
    return STAGE_COUNT;
}

static void test_stages(void **state)
{
    FILE *f = fopen(NTSC_MANUAL, "r");
    char line[1024];
    unsigned seen[STAGE_COUNT + 1] = {0};
    bool inside = false;

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, ".Sh", 3) == 0)
            inside = strcmp(line, ".Sh DIAGNOSTICS\n") == 0;
        else if (inside)
            seen[stage_of(line)]++;
    }
    (void)fclose(f);
    for (unsigned i = STAGE_OK + 1; i < STAGE_COUNT; i++) {
        if (seen[i] != 1)
            fail_msg("%s is there %u times", failure_stage_name((uint16_t)i), seen[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stages)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
