/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/parent.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/shared/ipc.h"

int parent_fd(void)
{
    return MSG_FD;
}

int parent_state_dir(const struct msg_setup *m)
{
    return m->has_state ? MSG_STATE_FD : -1;
}

int parent_status_dir(const struct msg_setup *m)
{
    return m->has_status ? MSG_STATUS_FD : -1;
}

/*
 * The end of this process when the socket does not work. When ntsc is gone nobody is left to hear
 * of it; else it is told to ntsc's log, and when that is what failed, to whoever started this.
 */
static _Noreturn void end_without_parent(const char *what, const char *type, int error)
{
    static bool telling;

    if (error == EPIPE || error == ECONNRESET)
        _exit(1);
    if (telling) {
        dprintf(STDERR_FILENO, "ntsc-engine: cannot %s: %s; it is started by ntsc only\n", what,
                strerror(error));
        _exit(1);
    }
    telling = true;
    log_warning("the engine ends: it cannot %s (%s): %s", what, type, strerror(error));
    _exit(1);
}

void parent_send(const void *msg, size_t len)
{
    int error = ipc_send(MSG_FD, msg, len, -1);

    if (error != 0)
        end_without_parent("send to ntsc", msg_type_name(msg_type(msg, len)), error);
}

size_t parent_receive(void *buf, size_t cap, int *fd)
{
    ssize_t n = ipc_receive(MSG_FD, buf, cap, fd);

    if (n <= 0)
        end_without_parent("receive from ntsc", "any message", n == 0 ? EPIPE : errno);
    return (size_t)n;
}

void parent_end(const char *why)
{
    log_warning("the engine ends: %s", why);
    _exit(1);
}

void parent_refuse(const void *msg, size_t len)
{
    log_warning(
        "a message of ntsc makes no sense (%s, %zu octets): the engine ends; ntsc-engine is "
        "started by ntsc only",
        msg_type_name(msg_type(msg, len)), len);
    _exit(1);
}

static void say(enum text_kind kind, const char *text, size_t len)
{
    struct msg_text m = {.type = MSG_TEXT, .kind = (uint16_t)kind};

    m.len = (uint16_t)(len < sizeof m.text ? len : sizeof m.text);
    memcpy(m.text, text, m.len);
    parent_send(&m, sizeof m);
}

void parent_log(enum log_kind kind, const char *line)
{
    static const enum text_kind kinds[] = {[LOG_KIND_WARNING] = TEXT_WARNING,
                                           [LOG_KIND_NOTICE] = TEXT_NOTICE,
                                           [LOG_KIND_DETAIL] = TEXT_DETAIL};

    say(kinds[kind], line, strlen(line));
}

static ssize_t put_output(void *cookie, const char *text, size_t len)
{
    (void)cookie;
    for (size_t at = 0; at < len; at += MSG_TEXT_MAX)
        say(TEXT_OUTPUT, text + at, len - at);
    return (ssize_t)len;
}

FILE *parent_output(void)
{
    return fopencookie(NULL, "w", (cookie_io_functions_t){.write = put_output});
}

void parent_done(int status)
{
    struct msg_done m = {.type = MSG_DONE, .status = status};

    parent_send(&m, sizeof m);
    _exit(0);
}
