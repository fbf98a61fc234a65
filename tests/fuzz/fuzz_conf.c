/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration file, and a host of the command line. What is understood is printed, and the
 * print is understood as the same.
 */
#include <string.h>

#include "common/conf/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/conf_equal.h"

/* Feeds the lines; false when one of them is refused. A refused one changes nothing. */
static bool read_lines(struct conf *c, const char *text, size_t len)
{
    static struct conf before;
    char words[CONF_ERROR_TEXT];
    struct conf_error e;
    bool good = true;

    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end == NULL ? len - at : (size_t)(end - text) - at;

        before = *c;
        if (!conf_line(c, text + at, n, &e)) {
            good = false;
            conf_error_text(&e, "f", words, sizeof words);
            FUZZ_ASSERT(strchr(words, '\n') == NULL && strlen(words) > 4);
            before.lines = c->lines;
            FUZZ_ASSERT(memcmp(&before, c, offsetof(struct conf, servers)) == 0);
        }
        at += n + 1;
    }
    return good;
}

static void check_print(const struct conf *c)
{
    static struct conf again;
    char line[CONF_PRINT_MAX];
    struct conf_error e;
    size_t n;

    conf_init(&again, "/nowhere");
    for (unsigned i = 0; (n = conf_print_line(c, i, line, sizeof line)) > 0; i++)
        FUZZ_ASSERT(conf_line(&again, line, n, &e));
    FUZZ_ASSERT(again.n_servers == c->n_servers);
    FUZZ_ASSERT(again.step_ns == c->step_ns && again.panic_ns == c->panic_ns &&
                again.step_count == c->step_count);
    FUZZ_ASSERT(conf_minsources(&again) == conf_minsources(c));
    FUZZ_ASSERT(strcmp(conf_text(&again, again.user), conf_text(c, c->user)) == 0);
    for (unsigned i = 0; i < c->n_servers; i++)
        FUZZ_ASSERT(conf_server_equal(c, i, &again, i));
}

static void host(const char *text, size_t len)
{
    char word[512];
    struct conf_host h;

    if (len >= sizeof word)
        return;
    memcpy(word, text, len);
    word[len] = '\0';
    if (!conf_host_parse(word, &h))
        return;
    FUZZ_ASSERT(memchr(h.name, 0, sizeof h.name) != NULL && h.name[0] != '\0');
    FUZZ_ASSERT(h.family == 0 || h.family == 4 || h.family == 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct conf c;
    struct wire_reader r = wire_reader(data, len);
    struct fuzz_copy text = fuzz_rest(&r);
    struct conf_error e;

    host((const char *)text.data, text.len);
    conf_init(&c, "/var/lib/ntsc");
    if (read_lines(&c, (const char *)text.data, text.len) && conf_finish(&c, &e))
        check_print(&c);
    fuzz_copy_free(&text);
    return 0;
}
