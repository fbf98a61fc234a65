/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spoof COUNT FROM FROM-PORT TO [TO-PORT]: exactly COUNT forged NTP replies, with the address and
 * port of a server, from somewhere else. Without TO-PORT each goes to a port that an NTP client
 * might have. All have another origin timestamp and another identifier; some are time, some kiss
 * codes, some NAKs, some cut. Prints how many were sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define BATCH   64
#define PAYLOAD 140 /* header, identifier, authenticator */
#define FIRST   32768
#define PORTS   28232 /* Linux's range for sockets that do not ask for a port */

struct packet {
    struct iphdr ip;
    struct udphdr udp;
    uint8_t ntp[PAYLOAD];
};

static uint64_t state;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Returns the length of the payload. */
static size_t forge(uint8_t *p)
{
    static const char kinds[4][5] = {"TEST", "NTSN", "DENY", "RATE"};
    const uint8_t uid[] = {0x01, 0x04, 0, 36}, auth[] = {0x04, 0x04, 0, 56, 0, 16, 0, 32};
    unsigned kind = (unsigned)(draw() % 4);

    for (size_t i = 0; i < PAYLOAD; i += 8) {
        uint64_t r = draw();
        memcpy(p + i, &r, PAYLOAD - i < 8 ? PAYLOAD - i : 8);
    }
    p[0] = kind == 0 ? 0x24 : 0xe4;
    p[1] = kind == 0;
    p[2] = 6;
    p[3] = 0xec;
    memset(p + 4, 0, 8);
    memcpy(p + 12, kinds[kind], 4);
    memcpy(p + 48, uid, sizeof(uid));
    memcpy(p + 84, auth, sizeof(auth));
    return kind == 0 ? PAYLOAD : draw() % 2 ? 84 : 48;
}

static unsigned long send_all(int fd, struct mmsghdr *m, unsigned n)
{
    unsigned done = 0;

    while (done < n) {
        int sent = sendmmsg(fd, m + done, n - done, 0);
        if (sent > 0)
            done += (unsigned)sent;
        else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
            exit((perror("sendmmsg"), 1));
    }
    return done;
}

int main(int argc, char **argv)
{
    static struct packet packets[BATCH];
    struct mmsghdr m[BATCH] = {0};
    struct iovec iov[BATCH];
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct in_addr from;
    unsigned long count = argc > 4 ? strtoul(argv[1], NULL, 10) : 0, sent = 0;
    unsigned port = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

    if (count == 0 || inet_pton(AF_INET, argv[2], &from) != 1 ||
        inet_pton(AF_INET, argv[4], &to.sin_addr) != 1 || fd < 0 ||
        getrandom(&state, sizeof(state), 0) != sizeof(state)) {
        fprintf(stderr, "usage: spoof COUNT FROM FROM-PORT TO [TO-PORT], as root\n");
        return 1;
    }
    while (sent < count) {
        unsigned n = count - sent < BATCH ? (unsigned)(count - sent) : BATCH;
        for (unsigned i = 0; i < n; i++) {
            struct packet *p = &packets[i];
            size_t len = sizeof(p->ip) + sizeof(p->udp) + forge(p->ntp);
            p->ip = (struct iphdr){.version = 4,
                                   .ihl = 5,
                                   .ttl = 64,
                                   .protocol = IPPROTO_UDP,
                                   .saddr = from.s_addr,
                                   .daddr = to.sin_addr.s_addr,
                                   .tot_len = htons((uint16_t)len)};
            p->udp =
                (struct udphdr){.source = htons((uint16_t)strtoul(argv[3], NULL, 10)),
                                .dest = htons((uint16_t)(port ? port : FIRST + draw() % PORTS)),
                                .len = htons((uint16_t)(len - sizeof(p->ip)))};
            iov[i] = (struct iovec){p, len};
            m[i].msg_hdr = (struct msghdr){
                .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov[i], .msg_iovlen = 1};
        }
        sent += send_all(fd, m, n);
    }
    printf("%lu\n", sent);
    return 0;
}
