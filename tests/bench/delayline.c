/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network path between two network namespaces, for machines whose kernel has no netem: a tun
 * device in each, a fixed delay each way, optional loss. It knows nothing of what it carries.
 *
 *   delayline [-d MS] [-D MS] [-l PERCENT] [-s SEED] [-w PREFIX] NS:DEVICE NS:DEVICE
 *
 * NS is a path such as /proc/123/ns/net; the devices are made and vanish with the program, and the
 * caller gives them addresses once "ready" is printed. -d is the delay from the first to the
 * second, -D the way back (as -d unless given). -w writes what each end sees to PREFIX-a.pcap and
 * PREFIX-b.pcap, with time stamps of one clock that are all different: any two packets have an
 * order, also across ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define QUEUE      4096 /* packets under way in one direction */
#define PACKET_MAX 2048

struct packet {
    int64_t due_ns;
    uint16_t len;
    uint8_t data[PACKET_MAX];
};

struct direction {
    int from, to; /* ends: 0 or 1 */
    int64_t delay_ns;
    unsigned head, count;
    struct packet queue[QUEUE];
};

static struct direction ways[2] = {{.from = 0, .to = 1}, {.from = 1, .to = 0}};
static int tun[2];
static FILE *trace[2];
static double loss;
static uint64_t seed = 1;
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void die(const char *what)
{
    fprintf(stderr, "delayline: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Never twice the same value. */
static int64_t now_ns(void)
{
    static int64_t last;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    last = now > last ? now : last + 1;
    return last;
}

/* xorshift64*: the same losses for the same seed. */
static bool lost(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (double)(seed * 0x2545f4914f6cdd1dU >> 11) / (double)(1ULL << 53) * 100 < loss;
}

static int open_tun(char *end)
{
    char *device = strrchr(end, ':');
    if (!device) {
        fprintf(stderr, "delayline: %s is not NS:DEVICE\n", end);
        exit(2);
    }
    *device++ = 0;
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int ns = open(end, O_RDONLY | O_CLOEXEC);
    if (home < 0 || ns < 0 || setns(ns, CLONE_NEWNET) != 0)
        die(end);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
        die("tun");
    if (setns(home, CLONE_NEWNET) != 0)
        die("setns");
    close(home);
    close(ns);
    return fd;
}

/* The file header of libpcap's format with nanoseconds, link type 101: bare IP packets. */
static FILE *open_trace(const char *prefix, char end)
{
    const struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snap, link;
    } header = {0xa1b23c4d, 2, 4, 0, 0, PACKET_MAX, 101};
    char path[4096];
    snprintf(path, sizeof(path), "%s-%c.pcap", prefix, end);
    FILE *f = fopen(path, "we");
    if (!f || fwrite(&header, sizeof(header), 1, f) != 1)
        die(path);
    return f;
}

static void write_trace(FILE *f, int64_t at_ns, const uint8_t *data, uint32_t len)
{
    const uint32_t header[4] = {(uint32_t)(at_ns / 1000000000), (uint32_t)(at_ns % 1000000000), len,
                                len};
    /* Flushed, so that it can be read at any time, whole packets only. */
    if (f && (fwrite(header, sizeof(header), 1, f) != 1 || fwrite(data, len, 1, f) != 1 ||
              fflush(f) != 0))
        die("trace");
}

static void take_in(struct direction *w)
{
    uint8_t data[PACKET_MAX];
    ssize_t n;
    while ((n = read(tun[w->from], data, sizeof(data))) > 0) {
        int64_t now = now_ns();
        write_trace(trace[w->from], now, data, (uint32_t)n);
        if (w->count == QUEUE || lost())
            continue;
        struct packet *p = &w->queue[(w->head + w->count++) % QUEUE];
        p->due_ns = now + w->delay_ns;
        p->len = (uint16_t)n;
        memcpy(p->data, data, (size_t)n);
    }
}

/* Hands over what is due; returns when the next packet is, INT64_MAX for none. */
static int64_t hand_over(struct direction *w)
{
    while (w->count > 0) {
        const struct packet *p = &w->queue[w->head];
        int64_t now = now_ns();
        if (p->due_ns > now)
            return p->due_ns;
        write_trace(trace[w->to], now, p->data, p->len);
        if (write(tun[w->to], p->data, p->len) < 0 && errno != EIO && errno != EAGAIN)
            die("write"); /* EIO: the device is down, the packet is lost */
        w->head = (w->head + 1) % QUEUE;
        w->count--;
    }
    return INT64_MAX;
}

static void carry(const sigset_t *while_waiting)
{
    while (!stopped) {
        int64_t due[2] = {hand_over(&ways[0]), hand_over(&ways[1])};
        int64_t next = due[0] < due[1] ? due[0] : due[1];
        int64_t wait = next == INT64_MAX ? 0 : next - now_ns();
        struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        struct pollfd fds[2] = {{.fd = tun[0], .events = POLLIN}, {.fd = tun[1], .events = POLLIN}};
        if (wait < 0)
            continue;
        if (ppoll(fds, 2, next == INT64_MAX ? NULL : &timeout, while_waiting) < 0 && errno != EINTR)
            die("ppoll");
        take_in(&ways[0]);
        take_in(&ways[1]);
    }
}

int main(int argc, char **argv)
{
    double there = 0, back = -1;
    const char *prefix = NULL;
    for (int option; (option = getopt(argc, argv, "d:D:l:s:w:")) != -1;)
        switch (option) {
        case 'd':
            there = strtod(optarg, NULL);
            break;
        case 'D':
            back = strtod(optarg, NULL);
            break;
        case 'l':
            loss = strtod(optarg, NULL);
            break;
        case 's':
            seed = strtoull(optarg, NULL, 10) | 1;
            break;
        case 'w':
            prefix = optarg;
            break;
        default:
            return 2;
        }
    if (argc - optind != 2) {
        fputs("usage: delayline [-d MS] [-D MS] [-l PERCENT] [-s SEED] [-w PREFIX] "
              "NS:DEVICE NS:DEVICE\n",
              stderr);
        return 2;
    }
    ways[0].delay_ns = (int64_t)(there * 1e6);
    ways[1].delay_ns = (int64_t)((back < 0 ? there : back) * 1e6);

    sigset_t block, before;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, &before);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    prctl(PR_SET_TIMERSLACK, 1);
    for (int i = 0; i < 2; i++) {
        tun[i] = open_tun(argv[optind + i]);
        if (prefix)
            trace[i] = open_trace(prefix, "ab"[i]);
    }
    puts("ready");
    fflush(stdout);
    carry(&before);
    for (int i = 0; i < 2; i++)
        if (trace[i] && fclose(trace[i]) != 0)
            die("trace");
    return 0;
}
