/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of ntsc-engine: asks for key exchanges without end, logs without end, reports what
 * it has not done in the name of others without end, and says when it has done so for long enough.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shared/sandbox.h"
#include "common/msg/msg_engine.h"

#define MESSAGES 100000

static void say(const void *msg, size_t len)
{
    if (send(MSG_FD, msg, len, MSG_NOSIGNAL) < 0)
        _exit(1);
}

/* Answers are taken with their descriptors, so that ntsc-ke keeps its asker. */
static void take_answers(void)
{
    static char buf[ENGINE_MSG_MAX], control[256];
    struct iovec part = {buf, sizeof buf};
    ssize_t n;

    do {
        struct msghdr m = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};

        n = recvmsg(MSG_FD, &m, MSG_DONTWAIT);
    } while (n > 0);
    if (n == 0)
        _exit(1);
}

int main(void)
{
    struct msg_ke_start ke = {.type = MSG_KE_START, .timeout_ms = 1000};
    struct msg_text text = {.type = MSG_TEXT, .kind = TEXT_WARNING};
    struct sandbox_report lie = {.process = SANDBOX_NTSC, .call = 169};
    int done;

    text.len = (uint16_t)snprintf(text.text, sizeof text.text, "\033[2Jntsc: synchronized");
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (i % 100 == 0)
            say(&ke, sizeof ke);
        say(&text, sizeof text);
        if (i % 2000 == 0)
            (void)!write(SANDBOX_REPORT_FD, &lie, sizeof lie);
        take_answers();
    }
    done = openat(MSG_STATE_FD, "bombed", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    (void)done;
    for (;;) {
        (void)poll(NULL, 0, 20);
        say(&ke, sizeof ke);
        take_answers();
    }
}
