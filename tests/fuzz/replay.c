/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay FILE-OR-DIRECTORY...: feeds each file to the fuzz target; ends by a signal when one breaks
 * a promise, with status 2 when there was nothing to feed. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1 << 20)

static unsigned fed;

static void feed(const char *path)
{
    uint8_t *data = malloc(INPUT_MAX);
    FILE *f = fopen(path, "rb");
    size_t len;

    if (data == NULL || f == NULL) {
        perror(path);
        exit(2);
    }
    len = fread(data, 1, INPUT_MAX, f);
    fclose(f);
    fprintf(stderr, "%s: %zu octets\n", path, len);
    LLVMFuzzerTestOneInput(data, len);
    fed++;
    free(data);
}

static void feed_directory(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    char file[PATH_MAX];

    if (dir == NULL) {
        perror(path);
        exit(2);
    }
    while ((e = readdir(dir)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        feed(file);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    struct stat st;

    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            feed_directory(argv[i]);
        else
            feed(argv[i]);
    }
    printf("%u inputs, all promises kept\n", fed);
    return fed > 0 ? 0 : 2;
}
