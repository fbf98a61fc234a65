/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's end of its socket to ntsc, and what else ntsc has left open for it. */
#ifndef NTSC_PARENT_H
#define NTSC_PARENT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "client/shared/log.h"

#include "common/msg/msg_engine.h"

/* Becomes readable when there is a message. */
int parent_fd(void);

/* The directories of the state and of the status; -1: none. */
int parent_state_dir(const struct msg_setup *m);
int parent_status_dir(const struct msg_setup *m);

/*
 * Sends one message whole; ends the process when ntsc is gone: alone there is nothing to do. What
 * fails for another reason is said first; so it is by parent_receive().
 */
void parent_send(const void *msg, size_t len);

/*
 * Receives one message of at most cap octets, waiting for it. *fd gets the descriptor that came
 * with it, or -1. Ends the process when ntsc is gone.
 */
size_t parent_receive(void *buf, size_t cap, int *fd);

/* Says what is wrong, and ends this process: ntsc starts another. */
_Noreturn void parent_end(const char *why);

/* What ntsc has sent makes no sense: says which message it was, and ends this process. */
_Noreturn void parent_refuse(const void *msg, size_t len);

/* A line for the log that ntsc keeps. */
void parent_log(enum log_kind kind, const char *line);

/* Opens what ntsc prints on its standard output; NULL: no memory. To be closed with fclose(3). */
FILE *parent_output(void);

/* Asks ntsc to end with this exit status, and ends this process. */
_Noreturn void parent_done(int status);

#endif
