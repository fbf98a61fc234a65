/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/sandbox_starter.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "client/ntsc/user_calls.h"

#define WHOLE_MAX 2048 /* instructions; the table of all processes makes some hundred */

/* The lower half of an argument, in which an int is. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n) + 4)
#else
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#endif

#define LOAD(at)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define SKIP_IF(v, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), (n), 0)
#define TRAP          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)

/* Unless all three of a call's arguments are `v` it is not made. 9 instructions. */
#define THREE(call, v)                                                                             \
    LOAD(offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 7),    \
        LOAD(ARGUMENT(0)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), 0, 4), LOAD(ARGUMENT(1)),      \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), 0, 2), LOAD(ARGUMENT(2)), SKIP_IF((v), 1), TRAP

/* Whom it may become is known only now, so these stand before what was made at build time. */
enum sandbox_result sandbox_starter_enter(const struct identity *id, int report)
{
    const uint32_t user = id->ke == KE_AS_ENGINE ? UINT32_MAX : id->ke_uid;
    const uint32_t group = id->ke == KE_AS_ENGINE ? UINT32_MAX : id->ke_gid;
    const struct sock_filter users[] = {
        THREE(SET_USER, user),
        THREE(SET_GROUP, group),
        LOAD(offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SET_GROUPS, 0, 3),
        LOAD(ARGUMENT(0)),
        SKIP_IF(0, 1), /* none */
        TRAP,
    };
    struct sock_filter whole[WHOLE_MAX];
    size_t n = sizeof users / sizeof *users;

    if (n + sandbox_starter_len > WHOLE_MAX)
        return SANDBOX_FAILED;
    memcpy(whole, users, sizeof users);
    memcpy(whole + n, sandbox_starter, sandbox_starter_len * sizeof *whole);
    return sandbox_filter(SANDBOX_STARTER, report, whole,
                          (unsigned short)(n + sandbox_starter_len));
}
