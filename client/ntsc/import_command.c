/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/import_command.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "common/conf/import.h"

/* Files that include files that ...: nobody nests deeper, and one may include itself. */
#define DEPTH_MAX 4

struct job {
    struct import im;
    FILE *to; /* NULL: first pass, which only looks */
};

static bool feed(struct job *j, FILE *f, unsigned depth);

static void feed_file(struct job *j, const char *name, unsigned depth)
{
    FILE *f = fopen(name, "re");

    if (j->to != NULL)
        fprintf(j->to, "\n# %s:\n", name);
    if (f == NULL || !feed(j, f, depth)) {
        if (j->to != NULL) {
            fprintf(j->to, "#    cannot be read: %s\n", strerror(errno));
            log_warning("%s: %s: what it has is missing in the result", name, strerror(errno));
        }
    }
    if (f != NULL)
        fclose(f);
}

/* The other files that a line names, at its place. */
static void feed_more(struct job *j, const char *line, size_t len, unsigned depth)
{
    static const char *const ends[] = {[IMPORT_MORE_FILES] = "",
                                       [IMPORT_MORE_CONF] = "/*.conf",
                                       [IMPORT_MORE_SOURCES] = "/*.sources"};
    char pattern[CA_PATH_MAX + sizeof "/*.sources"];
    enum import_more more = import_more(line, len, pattern);
    glob_t found = {.gl_pathc = 0};

    if (more == IMPORT_MORE_NONE || depth == DEPTH_MAX)
        return;
    memcpy(pattern + strlen(pattern), ends[more], strlen(ends[more]) + 1);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            feed_file(j, found.gl_pathv[i], depth + 1);
    else if (j->to != NULL)
        fprintf(j->to, "#    there are none\n");
    globfree(&found);
}

static bool feed(struct job *j, FILE *f, unsigned depth)
{
    char text[IMPORT_TEXT] = "";
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int error;

    errno = 0;
    while ((n = getline(&line, &cap, f)) >= 0) {
        if (j->to == NULL)
            import_scan(&j->im, line, (size_t)n);
        else
            (void)fwrite(text, 1, import_line(&j->im, line, (size_t)n, text, sizeof text), j->to);
        feed_more(j, line, (size_t)n, depth);
        errno = 0;
    }
    error = errno;
    free(line);
    errno = error;
    return !ferror(f);
}

static bool print(struct job *j, FILE *f)
{
    char text[IMPORT_TEXT] = "";
    bool good;

    fprintf(j->to, "# Made by ntsc --import out of a configuration of %s.\n",
            import_kind_name(j->im.kind));
    good = feed(j, f, 0);
    (void)fwrite(text, 1, import_end(&j->im, text, sizeof text), j->to);
    return good && fflush(j->to) == 0;
}

int import_command(FILE *f, const char *name, FILE *to, unsigned *servers)
{
    static struct job j; /* too large for the stack */

    import_init(&j.im);
    if (!feed(&j, f, 0) || fseek(f, 0, SEEK_SET) != 0) {
        log_warning("%s: %s", name, strerror(errno));
        return EXIT_NO_ANSWER;
    }
    if (!import_begin(&j.im)) {
        log_warning(
            "%s: not a configuration of chrony, ntpd, NTPsec, systemd-timesyncd, OpenNTPD or "
            "ntpd-rs",
            name);
        return EXIT_NO_ANSWER;
    }
    j.to = to;
    if (!print(&j, f)) {
        log_warning("%s: %s", name, strerror(errno));
        return EXIT_NO_ANSWER;
    }
    *servers = j.im.conf.n_servers;
    return EXIT_FINE;
}
