/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/conf_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/shared/log.h"

/* ntsc.conf -> ntsc.d */
#define DIRECTORY_SUFFIX "d"
/* More than packages and hooks drop in; a directory with more is not meant for us. */
#define FILES_MAX       64
#define PATH_MAX_OCTETS 512

static void complain(const struct conf_error *error, const char *name)
{
    char text[CONF_ERROR_TEXT];

    conf_error_text(error, name, text, sizeof text);
    log_warning("%s", text);
}

/* Some editors write a byte order mark (U+FEFF) in front. */
static size_t mark_octets(const char *line, size_t n)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t len = sizeof mark - 1;

    return n >= len && memcmp(line, mark, len) == 0 ? len : 0;
}

static bool read_lines(struct conf *c, const char *name, FILE *f)
{
    struct conf_error error;
    char *line = NULL;
    size_t cap = 0, skip;
    ssize_t n;
    bool first = true, good = true;

    while ((n = getline(&line, &cap, f)) >= 0) {
        skip = first ? mark_octets(line, (size_t)n) : 0;
        first = false;
        if (conf_line(c, line + skip, (size_t)n - skip, &error))
            continue;
        complain(&error, name);
        good = false;
    }
    free(line);
    if (ferror(f)) {
        log_warning("%s: %s", name, strerror(errno));
        return false;
    }
    return good;
}

static bool read_file(struct conf *c, const char *name, bool must_be_there)
{
    FILE *f = fopen(name, "re");
    bool good;

    if (f == NULL) {
        if (errno == ENOENT && !must_be_there)
            return true;
        log_warning("%s: %s", name, strerror(errno));
        return false;
    }
    good = read_lines(c, name, f);
    fclose(f);
    return good;
}

/* Files of editors and package managers that are being replaced do not end so. */
static bool is_ours(const char *name)
{
    static const char end[] = ".conf";
    size_t n = strlen(name);

    return name[0] != '.' && n > strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

/* The names of a directory. */
struct names {
    char name[FILES_MAX][NAME_MAX + 1];
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Those that are ours, sorted; none where there is no directory. Returns errno. */
static int list(const char *path, struct names *found)
{
    DIR *d = opendir(path);
    struct dirent *e;
    int error = 0;

    found->n = 0;
    if (d == NULL)
        return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
    errno = 0;
    while (error == 0 && (e = readdir(d)) != NULL) {
        if (!is_ours(e->d_name))
            continue;
        if (found->n == FILES_MAX)
            error = E2BIG;
        else
            snprintf(found->name[found->n++], sizeof *found->name, "%s", e->d_name);
        errno = 0;
    }
    if (error == 0)
        error = errno;
    closedir(d);
    qsort(found->name, found->n, sizeof *found->name, by_name);
    return error;
}

static bool read_directory(struct conf *c, const char *path)
{
    static struct names found; /* too large for the stack */
    char name[PATH_MAX_OCTETS];
    int error = list(path, &found);
    bool good = true;

    if (error != 0) {
        if (error == E2BIG)
            log_warning("%s: more than %d files", path, FILES_MAX);
        else
            log_warning("%s: %s", path, strerror(error));
        return false;
    }
    for (size_t i = 0; i < found.n; i++) {
        snprintf(name, sizeof name, "%s/%s", path, found.name[i]);
        conf_next_file(c);
        good = read_file(c, name, true) && good;
    }
    return good;
}

bool conf_files_read(struct conf *c, const char *config)
{
    static const char file[] = NTSC_CONFIG_FILE;
    const char *last = config != NULL ? config : file;
    char directory[sizeof file + 1];
    struct conf_error error;
    bool good = read_file(c, last, config != NULL);

    if (config == NULL) {
        /* ".conf" -> ".d" */
        snprintf(directory, sizeof directory, "%.*s" DIRECTORY_SUFFIX,
                 (int)(strrchr(file, '.') - file + 1), file);
        good = read_directory(c, directory) && good;
    }
    if (good && !conf_finish(c, &error)) {
        complain(&error, last);
        good = false;
    }
    return good;
}
