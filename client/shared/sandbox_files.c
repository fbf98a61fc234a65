/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/sandbox_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel of the build may not know yet, by the version of the interface that has it. */
#define REFER     (UINT64_C(1) << 13) /* 2: rename and link between directories */
#define TRUNCATE  (UINT64_C(1) << 14) /* 3 */
#define IOCTL_DEV (UINT64_C(1) << 15) /* 5: ioctl(2) of devices that are opened from now on */

#define BIND_TCP    (UINT64_C(1) << 0) /* 4 */
#define CONNECT_TCP (UINT64_C(1) << 1) /* 4 */
#define RULE_PORT   2

#define SCOPE_ABSTRACT (UINT64_C(1) << 0) /* 6: no sockets of others that have no file */
#define SCOPE_SIGNAL   (UINT64_C(1) << 1) /* 6: no signal to other processes */

#define FS_FIRST ((UINT64_C(1) << 13) - 1) /* the rights of version 1 */

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ      (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define KEEP                                                                                       \
    (READ | TRUNCATE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* Versions differ in how much of it they have; they ignore a tail of zeros. */
struct ruleset {
    uint64_t fs, net, scoped;
};

struct rule_port {
    uint64_t allowed, port;
};

int sandbox_files_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

void sandbox_files_begin(struct sandbox_files *f)
{
    int version = sandbox_files_version();
    struct ruleset r = {.fs = FS_FIRST};

    if (version >= 2)
        r.fs |= REFER;
    if (version >= 3)
        r.fs |= TRUNCATE;
    if (version >= 4)
        r.net = BIND_TCP | CONNECT_TCP;
    if (version >= 5)
        r.fs |= IOCTL_DEV;
    if (version >= 6)
        r.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
    *f = (struct sandbox_files){.ruleset = -1, .absent = version == 0, .fs = r.fs};
    if (version > 0)
        f->ruleset = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
}

static void allow(const struct sandbox_files *f, int fd, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights & f->fs, .parent_fd = fd};

    /* Where it cannot be added less is allowed. */
    (void)syscall(SYS_landlock_add_rule, f->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void read_at(const struct sandbox_files *f, int dir, const char *name)
{
    int fd = openat(dir, name, O_PATH | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0)
        allow(f, fd, S_ISDIR(st.st_mode) ? READ : READ_FILE);
    close(fd);
}

void sandbox_files_read(const struct sandbox_files *f, const char *path)
{
    if (f->ruleset >= 0)
        read_at(f, AT_FDCWD, path);
}

/* Whether there is no need to follow a link: a rule costs as much as three system calls. */
static bool is_known(int dir, const char *name, const char *const *known, size_t n)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(dir, name, target, sizeof target - 1);

    if (len < 0)
        return errno == EINVAL; /* no link */
    target[len] = 0;
    if (strchr(target, '/') == NULL)
        return true;
    for (size_t i = 0; i < n; i++) {
        size_t k = strlen(known[i]);

        if (strncmp(target, known[i], k) == 0 && target[k] == '/' && strstr(target, "/../") == NULL)
            return true;
    }
    return false;
}

void sandbox_files_read_links(const struct sandbox_files *f, const char *path,
                              const char *const *known, size_t n)
{
    DIR *d = f->ruleset < 0 ? NULL : opendir(path);

    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if ((e->d_type == DT_LNK || e->d_type == DT_UNKNOWN) &&
            !is_known(dirfd(d), e->d_name, known, n))
            read_at(f, dirfd(d), e->d_name);
    closedir(d);
}

void sandbox_files_keep(const struct sandbox_files *f, int fd)
{
    if (f->ruleset >= 0 && fd >= 0)
        allow(f, fd, KEEP);
}

void sandbox_files_connect(const struct sandbox_files *f, uint16_t port)
{
    const struct rule_port rule = {.allowed = CONNECT_TCP, .port = port};

    if (f->ruleset >= 0)
        (void)syscall(SYS_landlock_add_rule, f->ruleset, RULE_PORT, &rule, 0);
}

enum sandbox_result sandbox_files_enforce(struct sandbox_files *f)
{
    enum sandbox_result result = f->absent ? SANDBOX_ABSENT : SANDBOX_FAILED;

    if (f->ruleset < 0)
        return result;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        syscall(SYS_landlock_restrict_self, f->ruleset, 0) == 0)
        result = SANDBOX_HOLDS;
    close(f->ruleset);
    f->ruleset = -1;
    return result;
}
