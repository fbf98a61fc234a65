/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/relay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/shared/log.h"
#include "common/base/show.h"

/* A verbose start with 64 servers has about 200 lines; later on one of them has one a minute. */
#define LINES_AT_ONCE 300
#define LINE_NS       (2 * NS_PER_S)

/* Of 64 servers as JSON, several times. */
#define PRINTED_MAX (1U << 20)

/* Line by line: between the ends of lines nothing may steer the terminal. */
static void print(const char *text, size_t len)
{
    char shown[MSG_TEXT_MAX * SHOW_GROWTH + 1] = "";

    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - text);

        size_t length = show_text(shown, sizeof shown, text, n);

        (void)fwrite(shown, 1, length, stdout);
        if (end == NULL)
            return;
        putchar('\n');
        text += n + 1;
        len -= n + 1;
    }
}

static void log_line(enum text_kind kind, const char *line)
{
    if (kind == TEXT_WARNING)
        log_warning("%s", line);
    else if (kind == TEXT_NOTICE)
        log_notice("%s", line);
    else
        log_detail("%s", line);
}

static bool is_wanted(enum text_kind kind)
{
    enum log_level level = log_current_level();

    return kind == TEXT_WARNING || (kind == TEXT_NOTICE && level >= LOG_LEVEL_NORMAL) ||
           level >= LOG_LEVEL_VERBOSE;
}

bool relay_text(struct relay *r, const struct msg_text *m, struct mono now)
{
    enum text_kind kind = (enum text_kind)m->kind;
    uint64_t left_out = r->lines.refused;
    char line[MSG_TEXT_MAX + 1];

    if (kind == TEXT_OUTPUT) {
        r->printed += m->len;
        if (!r->prints || r->printed > PRINTED_MAX) {
            log_warning("the engine prints %s and is not trusted any more",
                        r->prints ? "more than any result has" : "what a daemon has not to print");
            return false;
        }
        print(m->text, m->len);
        return true;
    }
    if (!is_wanted(kind) || !brake_pass(&r->lines, now, LINES_AT_ONCE, LINE_NS))
        return true;
    memcpy(line, m->text, m->len);
    line[m->len] = 0;
    if (left_out > 0)
        log_warning("%" PRIu64 " lines of the engine were left out: it says too much", left_out);
    log_line(kind, line);
    return true;
}
