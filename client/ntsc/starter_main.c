/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc-starter: the starter as a unit of its own. Standard input is the connection that ntsc has
 * made to the unit's socket; who may make one is for the unit to say (SocketMode=).
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/ntsc/spawn.h"
#include "client/ntsc/standard_fds.h"
#include "client/ntsc/starter_place.h"
#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "client/shared/sandbox.h"

/* Behind all descriptors that a child is given. */
#define FD_FREE (SANDBOX_REPORT_FD + 1)

static bool is_connection(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;
    struct sockaddr_storage peer;
    socklen_t peer_len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET &&
           getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0;
}

int main(void)
{
    static const struct identity own = {.ke = KE_AS_ENGINE};
    static struct starter_place p;
    int socket;

    standard_fds_begin();
    sandbox_exclude_memory();
    if (!is_connection(STDIN_FILENO)) {
        fputs("ntsc-starter is started by the service manager, for ntsc (see ntsc(8))\n", stderr);
        return EXIT_NO_ANSWER;
    }
    log_open(log_guess(), LOG_LEVEL_NORMAL);
    socket = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FD_FREE);
    if (socket < 0)
        return EXIT_BROKE;
    close(STDIN_FILENO);
    standard_fds_begin();
    spawn_prepare();
    starter_place_init(&p, socket, &own, STARTER_KE_AT_ONCE);
    starter_serve(&p, &own);
}
