/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of ntsc-ke, with the real engine: answers of every length and with any content, far
 * more than it is asked for; ends with SIGILL when it has sent them all. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/msg/msg.h"

#define MESSAGES 100000

static uint64_t draw(uint64_t *state)
{
    /* splitmix64 */
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int main(void)
{
    static struct msg_ke_answer answer;
    uint64_t state = (uint64_t)getpid();

    (void)signal(SIGIO, SIG_IGN);
    for (unsigned i = 0; i < MESSAGES; i++) {
        memset(&answer, (int)draw(&state), sizeof answer);
        if (draw(&state) % 2 == 0)
            answer.type = MSG_KE_ANSWER;
        /* The engine has closed its end long before the last. */
        (void)send(MSG_FD, &answer,
                   draw(&state) % 2 == 0 ? sizeof answer : draw(&state) % sizeof answer,
                   MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    __builtin_trap();
}
