/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/ntsc/user_calls.h"
#include "client/shared/log.h"

#define NOBODY      65534
#define NO_USER     UINT32_MAX
#define PASSWD_LINE 1024

/*
 * Whence systemd takes users for a while (DynamicUser=, systemd.exec(5)), and where it says which
 * it has taken: no lasting user has such a number.
 */
#define TRANSIENT_FIRST 61184
#define TRANSIENT_COUNT 4336
#define TRANSIENT_TRIES 64
/* Where we begin, wherever it is, and how far apart the next are: 64 of them lie all over the
 * range, so that a busy part of it does not matter. */
#define TRANSIENT_FROM  4460
#define TRANSIENT_APART 67
#define TRANSIENT_TAKEN "/run/systemd/dynamic-uid"

/* A number up to the next colon, behind which *at goes on; false when there is none. */
static bool take_number(const char **at, unsigned long *number)
{
    char *end;

    if (**at < '0' || **at > '9')
        return false;
    *number = strtoul(*at, &end, 10);
    *at = end + 1;
    return *end == ':' && *number < NO_USER;
}

/* "name:password:user:group:", passwd(5) */
static bool is_user(const char *line, const char *name, struct identity *id)
{
    size_t n = strlen(name);
    unsigned long uid, gid;
    const char *at;

    if (strncmp(line, name, n) != 0 || line[n] != ':' || (at = strchr(line + n + 1, ':')) == NULL)
        return false;
    at++;
    if (!take_number(&at, &uid) || !take_number(&at, &gid))
        return false;
    id->uid = (uid_t)uid;
    id->gid = (gid_t)gid;
    return true;
}

/*
 * The file is read first: getpwnam(3) would map what other services nsswitch.conf(5) names into the
 * process that sets the clock, for good.
 */
static bool find_user(const char *name, struct identity *id)
{
    FILE *f = fopen("/etc/passwd", "re");
    const struct passwd *pw;
    char line[PASSWD_LINE];
    bool found = false;

    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = is_user(line, name, id);
    if (f != NULL)
        fclose(f);
    if (found)
        return true;
    pw = getpwnam(name);
    if (pw == NULL)
        return false;
    id->uid = pw->pw_uid;
    id->gid = pw->pw_gid;
    return true;
}

static bool has_user(uid_t uid)
{
    FILE *f = fopen("/etc/passwd", "re");
    char line[PASSWD_LINE];
    bool found = false;

    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        struct identity one;
        size_t n = strcspn(line, ":");
        char name[PASSWD_LINE];

        memcpy(name, line, n);
        name[n] = 0;
        found = is_user(line, name, &one) && one.uid == uid;
    }
    if (f != NULL)
        fclose(f);
    return found;
}

/* user_namespaces(7): whether this number means somebody here. */
static bool is_mapped(uid_t uid)
{
    FILE *f = fopen("/proc/self/uid_map", "re");
    unsigned long first, outside, count;
    bool mapped = f == NULL;

    while (f != NULL && !mapped && fscanf(f, "%lu %lu %lu", &first, &outside, &count) == 3)
        mapped = uid >= first && uid - first < count;
    if (f != NULL)
        fclose(f);
    return mapped;
}

static bool is_free(uid_t uid)
{
    char path[sizeof TRANSIENT_TAKEN + 16];

    snprintf(path, sizeof path, TRANSIENT_TAKEN "/%u", (unsigned)uid);
    return is_mapped(uid) && access(path, F_OK) != 0 && !has_user(uid);
}

static bool has_capability(cap_value_t capability, cap_flag_t flag)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t caps = cap_get_proc();

    if (caps == NULL)
        return false;
    if (cap_get_flag(caps, capability, flag, &value) != 0)
        value = CAP_CLEAR;
    cap_free(caps);
    return value == CAP_SET;
}

static void find_ke_user(struct identity *id)
{
    struct identity own;
    uid_t engine = id->change ? id->uid : geteuid();

    if (!has_capability(CAP_SETUID, CAP_PERMITTED) || !has_capability(CAP_SETGID, CAP_PERMITTED))
        return;
    if (find_user(PRIVILEGE_KE_USER, &own) && own.uid != 0 && own.uid != engine &&
        is_mapped(own.uid)) {
        id->ke = KE_OWN_USER;
        id->ke_uid = own.uid;
        id->ke_gid = own.gid;
        return;
    }
    for (unsigned i = 0; i < TRANSIENT_TRIES; i++) {
        uid_t uid =
            (uid_t)(TRANSIENT_FIRST + (TRANSIENT_FROM + i * TRANSIENT_APART) % TRANSIENT_COUNT);

        if (uid == engine || !is_free(uid))
            continue;
        id->ke = KE_TRANSIENT;
        id->ke_uid = uid;
        id->ke_gid = (gid_t)uid;
        return;
    }
}

void privilege_identity(const char *user, struct identity *id)
{
    *id = (struct identity){.change = geteuid() == 0};
    if (id->change && (!find_user(user, id) || id->uid == 0)) {
        id->fallback = true;
        id->uid = NOBODY;
        id->gid = NOBODY;
    }
    if (id->change && !is_mapped(id->uid)) {
        *id = (struct identity){.alone = true};
        return;
    }
    find_ke_user(id);
}

bool privilege_may_set_clock(void)
{
    return has_capability(CAP_SYS_TIME, CAP_EFFECTIVE);
}

/* These and no others. */
static int set_capabilities(const cap_value_t *wanted, int n)
{
    cap_t caps = cap_init(); /* all clear */
    int error = 0;

    if (caps == NULL)
        return ENOMEM;
    if ((n > 0 && (cap_set_flag(caps, CAP_PERMITTED, n, wanted, CAP_SET) != 0 ||
                   cap_set_flag(caps, CAP_EFFECTIVE, n, wanted, CAP_SET) != 0)) ||
        cap_set_proc(caps) != 0)
        error = errno;
    cap_free(caps);
    return error;
}

static int become(const struct identity *id, const cap_value_t *wanted, int n)
{
    int error;

    if (id->change) {
        if (n > 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
            return errno;
        if (setgroups(0, NULL) != 0 || setresgid(id->gid, id->gid, id->gid) != 0 ||
            setresuid(id->uid, id->uid, id->uid) != 0)
            return errno;
    }
    error = set_capabilities(wanted, n);
    if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        error = errno;
    return error;
}

int privilege_keep_clock(const struct identity *id, bool clock)
{
    const cap_value_t wanted[] = {CAP_SYS_TIME};

    return become(id, wanted, clock ? 1 : 0);
}

int privilege_keep_users(const struct identity *id)
{
    const cap_value_t wanted[] = {CAP_SETUID, CAP_SETGID};

    return become(id, wanted, id->ke == KE_AS_ENGINE ? 0 : 2);
}

int privilege_drop_all(const struct identity *id)
{
    return become(id, NULL, 0);
}

/* libc's functions would look for other threads, in memory that is not only ours. */
int privilege_become_ke(const struct identity *id)
{
    if (id->ke == KE_AS_ENGINE)
        return 0;
    if (syscall(SET_GROUPS, 0, NULL) != 0 ||
        syscall(SET_GROUP, id->ke_gid, id->ke_gid, id->ke_gid) != 0 ||
        syscall(SET_USER, id->ke_uid, id->ke_uid, id->ke_uid) != 0)
        return errno;
    return 0;
}

bool privilege_drop_to(const char *user)
{
    struct identity id;
    int error;

    privilege_identity(user, &id);
    error = privilege_drop_all(&id);
    if (error != 0)
        log_warning("cannot give up rights: %s", strerror(error));
    return error == 0;
}
