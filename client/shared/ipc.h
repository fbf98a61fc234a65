/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages over SOCK_SEQPACKET, with a descriptor where one belongs to it. */
#ifndef NTSC_IPC_H
#define NTSC_IPC_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Room for the one descriptor that goes with a message. */
union ipc_control {
    struct cmsghdr align;
    char buf[CMSG_SPACE(sizeof(int))];
};

/* Makes a connected pair, both ends close-on-exec. Returns errno. */
int ipc_pair(int fd[2]);

/* Lets the message take a descriptor along; the room has to last until it is sent. */
void ipc_attach(struct msghdr *m, union ipc_control *control, int fd);

/* Sends a message whole, with descriptor `pass` unless -1. Returns errno; never raises SIGPIPE. */
int ipc_send(int fd, const void *msg, size_t len, int pass);

/*
 * Receives one message. Returns its octets; cap + 1 when it was longer; 0 when the peer is gone; -1
 * with errno. *pass gets the descriptor sent with it (close-on-exec), or -1; pass may be NULL: then
 * none is taken.
 */
ssize_t ipc_receive(int fd, void *buf, size_t cap, int *pass);

#endif
