/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/ntsc/import_command.h"
#include "client/ntsc/privilege.h"
#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "client/shared/replace_file.h"
#include "common/conf/conf.h"

/* Other status: the child has said what is wrong. */
#define NO_SERVER 64

/* Parses with the rights of nobody. */
static _Noreturn void child(FILE *f, const char *name, int result)
{
    FILE *to = fdopen(result, "w");
    unsigned servers = 0;
    int status = EXIT_NO_ANSWER;

    if (to != NULL && privilege_drop_to(CONF_USER_DEFAULT))
        status = import_command(f, name, to, &servers);
    if (to == NULL || fclose(to) != 0)
        status = EXIT_NO_ANSWER;
    _exit(status == EXIT_FINE && servers == 0 ? NO_SERVER : status);
}

/* What the file holds, to be freed; NULL with errno. */
static char *whole(int fd, size_t *len)
{
    struct stat st;
    char *text = fstat(fd, &st) != 0 ? NULL : malloc((size_t)st.st_size + 1);

    if (text == NULL)
        return NULL;
    *len = (size_t)st.st_size;
    errno = EIO; /* when it is cut short */
    if (pread(fd, text, *len, 0) == st.st_size)
        return text;
    free(text);
    return NULL;
}

/* As a whole, with the owner that the file had. Returns errno. */
static int replace(int result, const char *output)
{
    const char *slash = strrchr(output, '/'), *name = slash != NULL ? slash + 1 : output;
    struct stat old;
    char directory[PATH_MAX];
    char *text = NULL;
    size_t len = 0;
    int dir, error = 0;

    if ((size_t)snprintf(directory, sizeof directory, "%.*s.", (int)(name - output), output) >=
        sizeof directory)
        return ENAMETOOLONG;
    dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno;
    if (fstatat(dir, name, &old, 0) != 0)
        old = (struct stat){.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()};
    /* Who may not give it back to its owner does not write it. */
    if (geteuid() != 0 && old.st_uid != geteuid())
        error = EPERM;
    else if ((text = whole(result, &len)) == NULL)
        error = errno;
    if (error == 0)
        error = replace_file(dir, name, text, len, old.st_mode & 07777, true);
    if (error == 0 && fchownat(dir, name, old.st_uid, old.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
        error = errno;
    free(text);
    close(dir);
    return error;
}

int import_file(FILE *f, const char *name, const char *output)
{
    int result = memfd_create("import", MFD_CLOEXEC), ended, error;
    pid_t pid = result < 0 ? -1 : fork();

    if (pid == 0)
        child(f, name, result);
    if (pid < 0 || waitpid(pid, &ended, 0) != pid) {
        log_warning("cannot start a process: %s", strerror(errno));
        return EXIT_NO_ANSWER;
    }
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == NO_SERVER) {
        log_warning(
            "%s has no server with NTS: %s is left as it is (without -o the result is shown)", name,
            output);
        return EXIT_NO_ANSWER;
    }
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != EXIT_FINE)
        return EXIT_NO_ANSWER;
    error = replace(result, output);
    if (error != 0) {
        log_warning("%s: %s", output, strerror(error));
        return EXIT_NO_ANSWER;
    }
    log_notice("%s is written", output);
    return EXIT_FINE;
}
