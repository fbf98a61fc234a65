/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/import_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/ntsc/options.h"
#include "client/shared/log.h"
#include "common/base/show.h"
#include "common/conf/import.h"

static bool scan(struct import *im, FILE *f)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, f)) >= 0)
        import_scan(im, line, (size_t)n);
    free(line);
    return !ferror(f) && fseek(f, 0, SEEK_SET) == 0;
}

/* Comments carry what the other file has. */
static void print_lines(const char *text, size_t len)
{
    char shown[IMPORT_TEXT * SHOW_GROWTH];

    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - text);

        (void)show_text(shown, sizeof shown, text, n);
        puts(shown);
        n += end != NULL;
        text += n;
        len -= n;
    }
}

static bool print(struct import *im, FILE *f)
{
    char text[IMPORT_TEXT] = "";
    char *line = NULL;
    size_t cap = 0, used;
    ssize_t n;

    printf("# Made by ntsc --import out of a configuration of %s.\n", import_kind_name(im->kind));
    while ((n = getline(&line, &cap, f)) >= 0) {
        used = import_line(im, line, (size_t)n, text, sizeof text);
        print_lines(text, used);
    }
    free(line);
    used = import_end(im, text, sizeof text);
    print_lines(text, used);
    return !ferror(f) && fflush(stdout) == 0;
}

int import_command(FILE *f, const char *name)
{
    static struct import im; /* too large for the stack */

    import_init(&im);
    if (!scan(&im, f)) {
        log_warning("%s: %s", name, strerror(errno));
        return EXIT_NO_ANSWER;
    }
    if (!import_begin(&im)) {
        log_warning(
            "%s: not a configuration of chrony, ntpd, NTPsec, systemd-timesyncd or OpenNTPD", name);
        return EXIT_NO_ANSWER;
    }
    if (print(&im, f))
        return EXIT_FINE;
    log_warning("%s: %s", name, strerror(errno));
    return EXIT_NO_ANSWER;
}
