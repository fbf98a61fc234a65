/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/shared/clocks.h"
#include "client/shared/replace_file.h"
#include "common/base/fnv1a.h"
#include "common/source/source.h"

/* Who holds the lock needs microseconds; one that was stopped meanwhile may not stop others. */
#define LOCK_FILE     ".lock"
#define LOCK_TRIES    200
#define LOCK_PAUSE_NS 5000000

/* Of a server that has not been asked for so long nothing is kept: no session lives longer. */
#define UNUSED_MAX_S (90 * 24 * 3600)

/* "HOST-HASH": readable, and one file for each port, asked server and CA. */
#define FILE_NAME_MAX 300
#define HOST_SHOWN    200 /* octets of HOST: a name of a file has 255 at most */

static void file_name(const char *host, const char *id, char name[FILE_NAME_MAX])
{
    size_t n = 0;

    for (; n < HOST_SHOWN && host[n] != 0; n++) {
        char c = host[n];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || (c == '.' && n > 0);

        name[n] = plain ? c : '_';
    }
    snprintf(name + n, FILE_NAME_MAX - n, "-%016" PRIx64, fnv1a(id));
}

/* A file that somebody else than root has put there says nothing. */
static bool is_ours(int fd, mode_t type)
{
    struct stat s;

    return fstat(fd, &s) == 0 && (s.st_uid == geteuid() || s.st_uid == 0) &&
           (s.st_mode & S_IFMT) == type;
}

/* -1 with errno: there is none that can be believed. */
static int open_ours(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || is_ours(fd, S_IFREG))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* By the clock as it is: when that is wrong there is a key exchange more. */
static void remove_unused(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    int64_t now_s = clocks_wall().ns / NS_PER_S;
    struct stat s;

    if (d == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, LOCK_FILE) != 0 &&
            fstatat(dir, e->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode) &&
            s.st_uid == geteuid() && now_s - s.st_mtime > UNUSED_MAX_S)
            (void)unlinkat(dir, e->d_name, 0);
    closedir(d);
}

static int open_cookies(struct state *st)
{
    if (mkdirat(st->top, "cookies", 0700) != 0 && errno != EEXIST)
        return errno;
    st->dir = openat(st->top, "cookies", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (st->dir < 0)
        return errno;
    if (!is_ours(st->dir, S_IFDIR))
        return EPERM;
    st->lock =
        openat(st->dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (st->lock < 0)
        return errno;
    return is_ours(st->lock, S_IFREG) ? 0 : EPERM;
}

/* What was opened of it: nothing is stored then. */
static void close_cookies(struct state *st)
{
    if (st->dir >= 0)
        close(st->dir);
    if (st->lock >= 0)
        close(st->lock);
    st->dir = -1;
    st->lock = -1;
}

int state_open(struct state *st, int fd)
{
    int error;

    st->top = fd;
    st->dir = -1;
    st->lock = -1;
    st->held = false;
    if (fd < 0)
        return 0;
    error = open_cookies(st);
    if (error == 0)
        remove_unused(st->dir);
    else
        close_cookies(st);
    return error;
}

bool state_lock(struct state *st)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

    if (st->dir < 0)
        return true;
    for (int i = 0; i < LOCK_TRIES; i++) {
        st->held = flock(st->lock, LOCK_EX | LOCK_NB) == 0;
        if (st->held)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

void state_unlock(struct state *st)
{
    if (st->held)
        (void)flock(st->lock, LOCK_UN);
    st->held = false;
}

bool state_expired(const struct nts_session *s)
{
    struct wall now = clocks_wall();

    return now.ns / NS_PER_S > s->not_after_s ||
           ns_sub_sat(now.ns, s->made.ns) > SOURCE_SESSION_MAX_NS;
}

enum state_load_result state_load(struct state *st, const char *host, const char *id,
                                  struct nts_session *s)
{
    char name[FILE_NAME_MAX];
    uint8_t buf[COOKIE_FILE_MAX + 1];
    ssize_t n;
    int fd;

    nts_session_clear(s);
    if (st->dir < 0)
        return STATE_NONE;
    file_name(host, id, name);
    fd = open_ours(st->dir, name);
    if (fd < 0)
        return errno == ENOENT ? STATE_NONE : STATE_UNUSABLE;
    n = read(fd, buf, sizeof buf);
    close(fd);
    if (n < 0 || !cookie_file_decode(s, id, buf, (size_t)n) || state_expired(s)) {
        nts_session_clear(s);
        explicit_bzero(buf, sizeof buf);
        return STATE_UNUSABLE;
    }
    explicit_bzero(buf, sizeof buf);
    return STATE_FOUND;
}

int state_store(struct state *st, const char *host, const char *id, const struct nts_session *s,
                bool durable)
{
    char name[FILE_NAME_MAX];
    uint8_t buf[COOKIE_FILE_MAX];
    size_t len;
    int error = EMSGSIZE;

    if (st->dir < 0)
        return 0;
    file_name(host, id, name);
    len = cookie_file_encode(s, id, buf, sizeof buf);
    if (len > 0)
        error = replace_file(st->dir, name, buf, len, 0600, durable);
    explicit_bzero(buf, sizeof buf);
    if (error != 0)
        (void)unlinkat(st->dir, name, 0);
    return error;
}

bool state_forget(struct state *st, const char *host, const char *id)
{
    char name[FILE_NAME_MAX];

    if (st->dir < 0)
        return true;
    file_name(host, id, name);
    return unlinkat(st->dir, name, 0) == 0 || errno == ENOENT;
}

bool state_load_clock(struct state *st, struct clock_file *c)
{
    char buf[CLOCK_FILE_MAX + 1];
    ssize_t n;
    int fd;

    if (st->top < 0)
        return false;
    fd = open_ours(st->top, "clock");
    if (fd < 0)
        return false;
    n = read(fd, buf, sizeof buf);
    close(fd);
    return n > 0 && clock_file_decode(c, buf, (size_t)n);
}

int state_store_clock(struct state *st, const struct clock_file *c)
{
    char buf[CLOCK_FILE_MAX];
    size_t n = clock_file_encode(c, buf, sizeof buf);

    if (st->top < 0)
        return 0;
    return n == 0 ? ERANGE : replace_file(st->top, "clock", buf, n, 0600, true);
}
