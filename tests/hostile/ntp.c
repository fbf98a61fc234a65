/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NTP port: what came is judged and logged, what goes back the script says, datagrams separated
 * by `|`. Words for a datagram as a whole (what is in it: answer.c):
 *   none        nothing           delay=MS   wait first        times=N   N times the same
 *   hold=FILE   writes the client's port to FILE.asked, and waits for FILE, a minute at most
 *   cut=N       first N octets    append=N   N zeros behind    flip=N    bit N changed
 *   cuts        every truncation  flips      every single-bit change, each a datagram
 *   junk=N      N random datagrams           other     from another port
 *   keep        remember it and do not send it;  old  send what was remembered
 */
#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t ntp_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec + 2208988800u) << 32 | ((uint64_t)t.tv_nsec << 32) / 1000000000u;
}

/* Octets that wait in the client's socket, and in *drops how many datagrams it lost; -1: no socket.
 */
static long client_queue(const struct query *q, unsigned *drops)
{
    char line[512];
    long found = -1;
    bool six = q->from.ss_family == AF_INET6;
    unsigned want = ntohs(((const struct sockaddr_in *)&q->from)->sin_port), port;
    unsigned long waiting;
    FILE *f = fopen(six ? "/proc/net/udp6" : "/proc/net/udp", "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, " %*u: %*[^:]:%x %*s %*x %*x:%lx", &port, &waiting) == 2 && port == want) {
            line[strcspn(line, "\n")] = 0;
            for (size_t n = strlen(line); n && line[n - 1] == ' ';)
                line[--n] = 0;
            *drops = (unsigned)strtoul(strrchr(line, ' '), NULL, 10);
            found = (long)waiting;
        }
    if (f)
        fclose(f);
    return found;
}

/* A flood must not push the good answer out of the client's socket: wait until it has read all. */
static void pace(const struct query *q, unsigned sent)
{
    unsigned drops;
    for (int i = 0; sent % 64 == 0 && i < 20000 && client_queue(q, &drops) > 0; i++)
        usleep(100);
}

struct batch {
    const struct query *q;
    int fd;
    unsigned sent;
};

static void deliver(struct batch *b, const uint8_t *data, size_t len)
{
    if (sendto(b->fd, data, len, MSG_DONTWAIT, (const struct sockaddr *)&b->q->from,
               b->q->from_len) >= 0)
        pace(b->q, ++b->sent);
}

static void deliver_junk(struct batch *b, unsigned n)
{
    uint8_t data[300], len;
    for (unsigned i = 0; i < n; i++) {
        RAND_bytes(data, sizeof(data));
        RAND_bytes(&len, 1);
        data[0] = 0x24; /* at least it looks like a server's */
        deliver(b, data, 45u + len);
    }
}

/* Every bit but those of the octets in `without` (A-B,..): padding, which nothing authenticates. */
static void deliver_flips(struct batch *b, struct octets *o, const char *without)
{
    for (size_t bit = 0; bit < o->len * 8; bit++) {
        bool left_out = false;
        for (const char *r = without; r && *r; r = strchr(r, ',') ? strchr(r, ',') + 1 : NULL) {
            char *end;
            size_t first = strtoul(r, &end, 10);
            left_out |= bit / 8 >= first && bit / 8 <= strtoul(end + 1, NULL, 10);
        }
        if (left_out)
            continue;
        o->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        deliver(b, o->data, o->len);
        o->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void hold(const struct query *q, const char *file)
{
    char asked[256], port[16];
    int n =
        snprintf(port, sizeof(port), "%u", ntohs(((const struct sockaddr_in *)&q->from)->sin_port));
    snprintf(asked, sizeof(asked), "%s.asked", file);
    int fd = open(asked, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, port, (size_t)n) != n || close(fd))
        fatal("%s: cannot be written", asked);
    for (int i = 0; i < 60000 && access(file, F_OK) != 0; i++)
        usleep(1000);
}

/* One datagram of the script, or the many that its words make of it. */
static void datagram(struct batch *b, char *const *words, unsigned n)
{
    static struct octets kept;
    struct octets o;
    unsigned long times = 1;
    bool whole = true, keep = false;
    const char *v;
    int main_fd = b->fd;

    octets_init(&o, DATAGRAM_MAX);
    for (unsigned i = 0; i < n; i++)
        if ((v = word_value(words[i], "delay")))
            usleep((useconds_t)strtoul(v, NULL, 10) * 1000);
        else if ((v = word_value(words[i], "hold")))
            hold(b->q, v);
    answer_build(words, n, b->q, &o);
    for (unsigned i = 0; i < n; i++) {
        if ((v = word_value(words[i], "cut")) && strtoul(v, NULL, 10) < o.len)
            o.len = strtoul(v, NULL, 10);
        else if ((v = word_value(words[i], "append")))
            octets_zeros(&o, strtoul(v, NULL, 10));
        else if ((v = word_value(words[i], "flip")))
            o.data[strtoul(v, NULL, 10) / 8 % o.len] ^= (uint8_t)(1 << strtoul(v, NULL, 10) % 8);
        else if ((v = word_value(words[i], "times")))
            times = strtoul(v, NULL, 10);
        else if (!strcmp(words[i], "none"))
            times = 0;
        else if (!strcmp(words[i], "keep"))
            keep = true;
        else if (!strcmp(words[i], "old"))
            o.len = 0, octets_add(&o, kept.data, kept.len);
        else if (!strcmp(words[i], "other"))
            b->fd = socket(b->q->from.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
    for (unsigned i = 0; i < n; i++) {
        if ((v = word_value(words[i], "flips")))
            whole = false, deliver_flips(b, &o, v);
        else if (!strcmp(words[i], "cuts"))
            for (size_t len = whole = 0; len < o.len; len++)
                deliver(b, o.data, len);
        else if ((v = word_value(words[i], "junk")))
            whole = false, deliver_junk(b, (unsigned)strtoul(v, NULL, 10));
    }
    for (unsigned long i = 0; i < times && whole && !keep; i++)
        deliver(b, o.data, o.len);
    if (b->fd != main_fd)
        close(b->fd);
    b->fd = main_fd;
    if (keep) {
        free(kept.data);
        kept = o;
    } else {
        free(o.data);
    }
}

/* A word with a slip in it must not make an honest answer of a hostile one. */
static void words_check(const struct words *words)
{
    static const char *const known[] = {"none",  "delay", "times", "cut",  "append", "flip", "cuts",
                                        "flips", "junk",  "other", "keep", "old",    "hold", "|"};
    for (unsigned i = 0; i < words->n; i++) {
        bool found = answer_word(words->w[i]);
        for (unsigned j = 0; j < sizeof(known) / sizeof(*known); j++)
            found |= word_value(words->w[i], known[j]) != NULL;
        if (!found)
            fatal("unknown word: %s", words->w[i]);
    }
}

static void answer(const struct query *q, unsigned number)
{
    struct batch b = {.q = q, .fd = server.ntp_fd};
    struct words words;
    unsigned drops = 0;
    script_line("ntp", number, &words);
    words_check(&words);
    for (unsigned i = 0, end; i <= words.n; i = end + 1) {
        for (end = i; end < words.n && strcmp(words.w[end], "|") != 0; end++)
            ;
        datagram(&b, words.w + i, end - i);
    }
    client_queue(q, &drops);
    log_line("reply %u datagrams=%u drops=%u", number, b.sent, drops);
}

void ntp_serve(void)
{
    static unsigned number;
    for (;;) {
        struct query q = {.from_len = sizeof(q.from)};
        ssize_t n = recvfrom(server.ntp_fd, q.data, sizeof(q.data), 0, (struct sockaddr *)&q.from,
                             &q.from_len);
        if (n < 0)
            return;
        q.received = ntp_now();
        q.len = (size_t)n;
        request_judge(&q);
        request_log(&q, ++number);
        answer(&q, number);
    }
}
