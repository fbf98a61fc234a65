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
#include <unistd.h>

#include "client/shared/log.h"

#define NOBODY      65534
#define NO_USER     UINT32_MAX
#define PASSWD_LINE 1024

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

int privilege_identity(const char *user, struct identity *id)
{
    *id = (struct identity){.change = geteuid() == 0};
    if (!id->change || (find_user(user, id) && id->uid != 0))
        return 0;
    id->fallback = true;
    id->uid = NOBODY;
    id->gid = NOBODY;
    return 0;
}

bool privilege_may_set_clock(void)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t caps = cap_get_proc();

    if (caps == NULL)
        return false;
    if (cap_get_flag(caps, CAP_SYS_TIME, CAP_EFFECTIVE, &value) != 0)
        value = CAP_CLEAR;
    cap_free(caps);
    return value == CAP_SET;
}

static int set_capabilities(bool clock)
{
    const cap_value_t wanted[] = {CAP_SYS_TIME};
    cap_t caps = cap_init(); /* all clear */
    int error = 0;

    if (caps == NULL)
        return ENOMEM;
    if ((clock && (cap_set_flag(caps, CAP_PERMITTED, 1, wanted, CAP_SET) != 0 ||
                   cap_set_flag(caps, CAP_EFFECTIVE, 1, wanted, CAP_SET) != 0)) ||
        cap_set_proc(caps) != 0)
        error = errno;
    cap_free(caps);
    return error;
}

static int become(const struct identity *id, bool clock)
{
    int error;

    if (id->change) {
        if (clock && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
            return errno;
        if (setgroups(0, NULL) != 0 || setresgid(id->gid, id->gid, id->gid) != 0 ||
            setresuid(id->uid, id->uid, id->uid) != 0)
            return errno;
    }
    error = set_capabilities(clock);
    if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        error = errno;
    return error;
}

int privilege_keep_clock(const struct identity *id, bool clock)
{
    return become(id, clock);
}

int privilege_drop_all(const struct identity *id)
{
    return become(id, false);
}

bool privilege_drop_to(const char *user)
{
    struct identity id;
    int error = privilege_identity(user, &id);

    if (error == 0)
        error = privilege_drop_all(&id);
    if (error != 0)
        log_warning("cannot give up rights: %s", strerror(error));
    return error == 0;
}
