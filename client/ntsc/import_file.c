/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
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

static bool copy(int from, int to)
{
    char buf[4096];
    ssize_t n, w;

    if (lseek(from, 0, SEEK_SET) < 0)
        return false;
    while ((n = read(from, buf, sizeof buf)) > 0)
        for (ssize_t at = 0; at < n; at += w)
            if ((w = write(to, buf + at, (size_t)(n - at))) < 0)
                return false;
    return n == 0;
}

/* A file of its own beside `output`, filled and on the disk, then renamed. errno on failure. */
static bool replace(int result, const char *output)
{
    char temporary[PATH_MAX];
    struct stat old;
    int fd, error = 0;

    if ((size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", output) >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    if (stat(output, &old) != 0)
        old = (struct stat){.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()};
    if (!copy(result, fd) || fchown(fd, old.st_uid, old.st_gid) != 0 ||
        fchmod(fd, old.st_mode & 07777) != 0 || fsync(fd) != 0)
        error = errno;
    close(fd);
    if (error == 0 && rename(temporary, output) == 0)
        return true;
    if (error == 0)
        error = errno;
    (void)unlink(temporary);
    errno = error;
    return false;
}

int import_file(FILE *f, const char *name, const char *output)
{
    int result = memfd_create("import", MFD_CLOEXEC), ended;
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
    if (!replace(result, output)) {
        log_warning("%s: %s", output, strerror(errno));
        return EXIT_NO_ANSWER;
    }
    log_notice("%s is written", output);
    return EXIT_FINE;
}
