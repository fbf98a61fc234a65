/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/parent.h"

#include <errno.h>
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

void parent_send(const void *msg, size_t len)
{
    if (ipc_send(MSG_FD, msg, len, -1) != 0)
        _exit(1);
}

size_t parent_receive(void *buf, size_t cap, int *fd)
{
    ssize_t n = ipc_receive(MSG_FD, buf, cap, fd);

    if (n <= 0)
        _exit(1);
    return (size_t)n;
}

void parent_done(int status)
{
    struct msg_done m = {.type = MSG_DONE, .status = status};

    parent_send(&m, sizeof m);
    _exit(0);
}
