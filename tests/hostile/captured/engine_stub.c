/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of ntsc-engine, as whoever has captured it might use it. Each run sends orders of
 * every kind, most of them of the right form, asks for key exchanges, and ends with a message that
 * is none. It makes only system calls that the engine may make, whose filter it inherits in part.
 * What it is to do it reads from the file "stub" in the state directory, as the number of
 * messages sent by all runs before it, which is also the seed; it writes the new number there.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/msg/msg_engine.h"

#define RUN_MESSAGES 35000
#define UNSYNC_FIRST 2000 /* messages in which nobody synchronizes, so that steps are tried */
#define KE_EVERY     2000
#define RUN_KINDS    6

static uint64_t state;

static uint64_t draw(void)
{
    /* splitmix64 */
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t between(int64_t low, int64_t high)
{
    return low + (int64_t)(draw() % (uint64_t)(high - low + 1));
}

/* Now small, now at the edge, now beyond it, now anything. */
static int64_t value(int64_t limit)
{
    switch (draw() % 8) {
    case 0:
        return limit;
    case 1:
        return -limit;
    case 2:
        return limit + 1;
    case 3:
        return between(-2 * limit, 2 * limit);
    case 4:
        return (int64_t)draw();
    default:
        return between(-limit / 100, limit / 100);
    }
}

static void make_order(struct clock_order *o, bool unsync)
{
    static const int64_t second = 1000000000;

    memset(o, 0, sizeof *o);
    o->what = (uint32_t)between(1, CLOCK_SET_ALL);
    /* Otherwise nearly every order is refused for its step. */
    if (draw() % 4 != 0)
        o->what &= ~(uint32_t)CLOCK_SET_STEP;
    if ((o->what & CLOCK_SET_STEP) != 0)
        o->step_ns = value(draw() % 2 == 0 ? 10 * second : INT64_C(100000000) * second);
    if ((o->what & CLOCK_SET_SLEW) != 0) {
        o->offset_ns = value(draw() % 2 == 0 ? 2000000 : CLOCK_OFFSET_MAX_NS);
        o->constant = (int32_t)between(-1, CLOCK_CONSTANT_MAX + 1);
    }
    if ((o->what & CLOCK_SET_FREQ) != 0) {
        o->freq = (int32_t)value(CLOCK_FREQ_MAX);
        o->tick_us = (int32_t)(CLOCK_TICK_NOMINAL + value(draw() % 2 == 0 ? 4 : 1001));
    }
    if ((o->what & CLOCK_SET_STATUS) != 0)
        o->status = draw() % 2 == 0 ? CLOCK_PLL | CLOCK_FREQHOLD : (uint32_t)(draw() % 64);
    if ((o->what & CLOCK_SET_ERRORS) != 0) {
        o->maxerror_us = (int32_t)value(CLOCK_ERROR_MAX_US);
        o->esterror_us = (int32_t)value(CLOCK_ERROR_MAX_US);
    }
    if ((o->what & CLOCK_SET_TAI) != 0)
        o->tai_s = (int32_t)between(30, 40);
    if (unsync && (o->what & CLOCK_SET_STATUS) != 0)
        o->status |= CLOCK_UNSYNC;
    else if (draw() % 16 == 0)
        ((uint8_t *)o)[draw() % sizeof *o] ^= (uint8_t)draw();
}

static void say(const void *msg, size_t len)
{
    if (send(MSG_FD, msg, len, MSG_NOSIGNAL) < 0)
        _exit(1); /* ntsc has ended us */
}

/* Takes what has come; false when ntsc is gone. */
static void listen_to(bool wait)
{
    char buf[ENGINE_MSG_MAX];
    ssize_t n;

    while ((n = recv(MSG_FD, buf, sizeof buf, wait ? 0 : MSG_DONTWAIT)) > 0)
        wait = false;
    if (n == 0)
        _exit(1);
}

static void one_message(uint64_t number)
{
    struct msg_clock clock = {.type = MSG_CLOCK};
    struct msg_ke_start ke = {.type = MSG_KE_START, .timeout_ms = 1};

    if (number % KE_EVERY == 0) {
        ke.generation = (uint8_t)draw();
        say(&ke, sizeof ke);
        return;
    }
    make_order(&clock.order, number < UNSYNC_FIRST);
    say(&clock, sizeof clock);
}

/* The last message of a run: after it ntsc has to end us, whatever we do. */
static void last_message(uint64_t run)
{
    uint8_t junk[4096];
    struct msg_ke_start ke = {.type = MSG_KE_START, .index = SERVERS_MAX, .timeout_ms = 1};
    struct msg_done done = {.type = MSG_DONE, .status = (int32_t)(run % 5)};
    struct msg_clock clock = {.type = MSG_CLOCK};

    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (uint8_t)draw();
    switch (run % RUN_KINDS) {
    case 0:
        say(&done, sizeof done); /* nobody asked us to */
        break;
    case 1:
        say(junk, draw() % sizeof junk);
        break;
    case 2:
        say(&ke, sizeof ke);
        break;
    case 3:
        say(&clock, sizeof clock - 1);
        break;
    case 4:
        memcpy(junk, &clock, sizeof clock);
        say(junk, sizeof clock + 1);
        break;
    default:
        say(junk, 0);
    }
    for (;;)
        (void)poll(NULL, 0, -1);
}

static uint64_t read_number(int fd)
{
    char text[32] = {0};

    return pread(fd, text, sizeof text - 1, 0) > 0 ? strtoull(text, NULL, 10) : 0;
}

static void write_number(int fd, uint64_t number)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%20llu\n", (unsigned long long)number);

    if (lseek(fd, 0, SEEK_SET) != 0 || write(fd, text, (size_t)n) != n)
        _exit(99);
}

int main(void)
{
    int fd = openat(MSG_STATE_FD, "stub", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    uint64_t number, run;

    if (fd < 0)
        return 99;
    number = read_number(fd);
    run = number / RUN_MESSAGES;
    state = number;
    listen_to(true);
    if (number == RUN_MESSAGES) {
        /* Once: nothing is read, so that answers pile up until ntsc has had enough. */
        write_number(fd, number + 1);
        for (;;)
            one_message(1);
    }
    for (unsigned i = 0; i < RUN_MESSAGES; i++) {
        one_message(number + i);
        listen_to(false);
    }
    write_number(fd, number + RUN_MESSAGES);
    last_message(run);
}
