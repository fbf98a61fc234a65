/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of ntsc-ke: sends answers without end, lies in reports, and does not end by itself.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shared/sandbox.h"
#include "common/msg/msg.h"

#define MESSAGES 100000

int main(void)
{
    static struct msg_ke_answer answer;
    struct sandbox_report lie = {.process = SANDBOX_NTSC, .call = 169};

    (void)signal(SIGIO, SIG_IGN);
    for (unsigned i = 0; i < MESSAGES; i++) {
        memset(&answer, (int)i, sizeof answer);
        (void)send(MSG_FD, &answer, i % sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)!write(SANDBOX_REPORT_FD, &lie, sizeof lie);
    }
    for (;;)
        (void)poll(NULL, 0, -1);
}
