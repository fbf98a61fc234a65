/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/runtime_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/shared/history_file.h"
#include "client/shared/runtime_path.h"
#include "common/clock/history.h"

#define ALLOWANCE    "allowance"
#define HALF_WRITTEN ("." STATUS_FILE ".new")

static bool refuse(char *why, const char *what)
{
    snprintf(why, SAFE_DIR_WHY, "%s", what);
    return false;
}

/* Ours is root's, or the engine's user's, to whom a service manager gives it. */
static bool take(int fd, const struct identity *id, gid_t *before, char *why)
{
    static const char *const names[] = {ALLOWANCE, HISTORY_FILE, STATUS_FILE, HALF_WRITTEN, NULL};
    const struct safe_dir_rule rule = {.names = names, .owner = (uid_t)-1};
    struct stat st;

    if (fstat(fd, &st) != 0)
        return refuse(why, strerror(errno));
    if (st.st_uid != 0 && st.st_uid != id->uid)
        return refuse(why, "belongs to another user");
    *before = st.st_gid;
    if ((st.st_mode & S_IWOTH) != 0)
        return refuse(why, "everybody may write to it");
    if (!safe_dir_only(fd, &rule, why))
        return false;
    return (fchown(fd, 0, id->gid) == 0 && fchmod(fd, 01775) == 0) || refuse(why, strerror(errno));
}

int runtime_dir_open(const char *path, const struct identity *id, gid_t *before,
                     char why[SAFE_DIR_WHY])
{
    int fd = safe_dir_open(path, 0755, id, why);

    if (fd < 0 || !id->change || take(fd, id, before, why))
        return fd;
    close(fd);
    return -1;
}

/*
 * Whether it is what an engine of the user before has written there: nobody else's group could, and
 * no other name leads to it.
 */
static bool is_history(const struct stat *st, gid_t before)
{
    return S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_gid == before &&
           (st->st_mode & 07777 & ~0644U) == 0 && st->st_size <= HISTORY_OCTETS;
}

/*
 * The last day outlives a new "user": that one gets it. What is not of that kind is removed. Never
 * opened, for its name is the engine's: O_PATH holds what was looked at.
 */
static void hand_over_history(int dir, const struct identity *id, gid_t before)
{
    int fd = openat(dir, HISTORY_FILE, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    bool good =
        fd >= 0 && fstat(fd, &st) == 0 &&
        ((st.st_uid == id->uid && S_ISREG(st.st_mode)) ||
         (is_history(&st, before) && fchownat(fd, "", id->uid, id->gid, AT_EMPTY_PATH) == 0));

    if (fd >= 0)
        close(fd);
    if (!good)
        (void)unlinkat(dir, HISTORY_FILE, 0);
}

/* What an engine of another user has left half-written this one could not replace. */
static void remove_half_written(int dir, const struct identity *id)
{
    struct stat st;

    if (fstatat(dir, HALF_WRITTEN, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        (st.st_uid != id->uid || !S_ISREG(st.st_mode)))
        (void)unlinkat(dir, HALF_WRITTEN, 0);
}

/* Whose it was that is he who may write to it: not believed, and not kept. */
static int open_allowance(int dir, bool *foreign)
{
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct stat st;

    *foreign = fstatat(dir, ALLOWANCE, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               (st.st_uid != geteuid() || !S_ISREG(st.st_mode) || st.st_nlink != 1);
    if (*foreign && unlinkat(dir, ALLOWANCE, 0) != 0)
        return -1;
    return openat(dir, ALLOWANCE, flags, 0600);
}

int runtime_dir_lock(int dir, const struct identity *id, gid_t before, bool *foreign)
{
    int fd = open_allowance(dir, foreign), error;

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        /* What a daemon that was killed has left, perhaps as another user. */
        (void)unlinkat(dir, STATUS_FILE, 0);
        if (id->change) {
            hand_over_history(dir, id, before);
            remove_half_written(dir, id);
        }
        return fd;
    }
    error = errno;
    close(fd);
    errno = error;
    return -1;
}
