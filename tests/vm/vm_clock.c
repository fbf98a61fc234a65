/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and sets the guest's kernel clock, for the tests only; linked statically.
 *
 *   vm_clock show              one JSON object: the clocks and what adjtimex says
 *   vm_clock watch SECOND      the same every 50 ms until the clock says so, and once more then
 *   vm_clock adj KEY[=N] ...   one adjtimex call with these fields, then as "show"; step=NS steps
 *                              by so much, at=S to a second
 *   vm_clock echo COUNT        answers each line on stdin with CLOCK_REALTIME in ns
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

struct stamps {
    long long before; /* CLOCK_MONOTONIC, before and after the two others */
    long long real;
    long long raw;
    long long after;
};

static long long clock_ns(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0) {
        perror("clock_gettime");
        exit(1);
    }
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* The narrowest of a few brackets: emulation may be interrupted at any point. */
static struct stamps read_stamps(void)
{
    struct stamps best = {0, 0, 0, 0};

    for (int i = 0; i < 20; i++) {
        struct stamps s;

        s.before = clock_ns(CLOCK_MONOTONIC);
        s.real = clock_ns(CLOCK_REALTIME);
        s.raw = clock_ns(CLOCK_MONOTONIC_RAW);
        s.after = clock_ns(CLOCK_MONOTONIC);
        if (i == 0 || s.after - s.before < best.after - best.before)
            best = s;
    }
    return best;
}

static void print_state(int state, const struct timex *tx)
{
    struct stamps s = read_stamps();

    printf("{\"state\":%d,\"status\":%d,\"offset\":%lld,\"freq\":%lld,\"maxerror\":%lld,"
           "\"esterror\":%lld,\"constant\":%lld,\"tick\":%lld,\"tai\":%d,"
           "\"time_s\":%lld,\"time_frac\":%lld,"
           "\"real_ns\":%lld,\"raw_ns\":%lld,\"mono_before_ns\":%lld,\"mono_after_ns\":%lld}\n",
           state, tx->status, (long long)tx->offset, (long long)tx->freq, (long long)tx->maxerror,
           (long long)tx->esterror, (long long)tx->constant, (long long)tx->tick, tx->tai,
           (long long)tx->time.tv_sec, (long long)tx->time.tv_usec, s.real, s.raw, s.before,
           s.after);
}

static int show(void)
{
    struct timex tx;
    int state;

    memset(&tx, 0, sizeof tx);
    state = adjtimex(&tx);
    if (state < 0) {
        perror("adjtimex");
        return 1;
    }
    print_state(state, &tx);
    return 0;
}

static int watch(long long until_s)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    bool last;

    do {
        last = clock_ns(CLOCK_REALTIME) >= until_s * 1000000000;
        if (show() != 0)
            return 1;
        nanosleep(&pause, NULL);
    } while (!last);
    return 0;
}

/* A step in nanoseconds: the kernel wants the fraction not negative. */
static void set_step(struct timex *tx, long long ns)
{
    long long seconds = ns / 1000000000;
    long long rest = ns % 1000000000;

    if (rest < 0) {
        rest += 1000000000;
        seconds -= 1;
    }
    tx->time.tv_sec = seconds;
    tx->time.tv_usec = rest;
    tx->modes |= ADJ_SETOFFSET | ADJ_NANO;
}

static int set_field(struct timex *tx, const char *key, long long n)
{
    if (strcmp(key, "nano") == 0) {
        tx->modes |= ADJ_NANO;
    } else if (strcmp(key, "step") == 0) {
        set_step(tx, n);
    } else if (strcmp(key, "at") == 0) {
        set_step(tx, n * 1000000000 - clock_ns(CLOCK_REALTIME));
    } else if (strcmp(key, "offset") == 0) {
        tx->modes |= ADJ_OFFSET;
        tx->offset = n;
    } else if (strcmp(key, "freq") == 0) {
        tx->modes |= ADJ_FREQUENCY;
        tx->freq = n;
    } else if (strcmp(key, "maxerror") == 0) {
        tx->modes |= ADJ_MAXERROR;
        tx->maxerror = n;
    } else if (strcmp(key, "esterror") == 0) {
        tx->modes |= ADJ_ESTERROR;
        tx->esterror = n;
    } else if (strcmp(key, "status") == 0) {
        tx->modes |= ADJ_STATUS;
        tx->status = (int)n;
    } else if (strcmp(key, "constant") == 0) {
        /* ADJ_TAI has its value in the same member: one of the two in a call. */
        tx->modes |= ADJ_TIMECONST;
        tx->constant = n;
    } else if (strcmp(key, "tai") == 0) {
        tx->modes |= ADJ_TAI;
        tx->constant = n;
    } else if (strcmp(key, "tick") == 0) {
        tx->modes |= ADJ_TICK;
        tx->tick = n;
    } else {
        fprintf(stderr, "vm_clock: no field %s\n", key);
        return -1;
    }
    return 0;
}

static int adj(char **fields)
{
    struct timex tx;
    int state;

    memset(&tx, 0, sizeof tx);
    for (; *fields != NULL; fields++) {
        char *value = strchr(*fields, '=');

        if (value != NULL)
            *value++ = '\0';
        if (set_field(&tx, *fields, value != NULL ? atoll(value) : 0) != 0)
            return 2;
    }
    state = adjtimex(&tx);
    if (state < 0) {
        perror("adjtimex");
        return 1;
    }
    print_state(state, &tx);
    return 0;
}

static int echo(int count)
{
    char line[64];

    for (int i = 0; i < count && fgets(line, sizeof line, stdin) != NULL; i++) {
        printf("%lld\n", clock_ns(CLOCK_REALTIME));
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    /* The agent's shell reads the same line after this: nothing may stay in a buffer. */
    setvbuf(stdin, NULL, _IONBF, 0);
    if (argc == 2 && strcmp(argv[1], "show") == 0)
        return show();
    if (argc == 3 && strcmp(argv[1], "watch") == 0)
        return watch(atoll(argv[2]));
    if (argc > 2 && strcmp(argv[1], "adj") == 0)
        return adj(argv + 2);
    if (argc == 3 && strcmp(argv[1], "echo") == 0)
        return echo(atoi(argv[2]));
    fprintf(stderr, "usage: vm_clock show | watch SECOND | adj KEY[=N] ... | echo COUNT\n");
    return 2;
}
