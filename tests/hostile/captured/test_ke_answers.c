/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ke_answers ENGINE: the real engine, one-shot, whose key exchanges are answered by whatever
 * comes to mind. It may believe none of it: it says "local" for the stage then, and that it makes
 * no sense, and asks nobody.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/msg/msg_engine.h"

#define RANDOM_ANSWERS 300
#define FAR_MS         60000 /* a test that hangs ends; nothing is judged by it */

static const char *engine;
static struct net_addr here; /* a socket of ours */
static int ntp_fd;
static int failures;

static _Noreturn void fatal(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(99);
}

static struct net_addr address(const char *text, uint16_t port)
{
    struct net_addr a = {.family = strchr(text, ':') != NULL ? 6 : 4, .port = port};

    if (inet_pton(a.family == 4 ? AF_INET : AF_INET6, text, a.addr) != 1)
        fatal(text);
    return a;
}

static void listen_here(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;

    ntp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (ntp_fd < 0 || bind(ntp_fd, (struct sockaddr *)&sa, len) != 0 ||
        getsockname(ntp_fd, (struct sockaddr *)&sa, &len) != 0)
        fatal("socket");
    here = address("127.0.0.1", ntohs(sa.sin_port));
}

/* How often it was asked since the last call. */
static unsigned asked(void)
{
    char buf[2048];
    unsigned n = 0;

    while (recv(ntp_fd, buf, sizeof buf, 0) >= 0)
        n++;
    return n;
}

/* Starts the engine with one server; returns our end of its socket. */
static int start(pid_t *pid)
{
    struct msg_setup setup = {.type = MSG_SETUP,
                              .mode = RUN_CHECK,
                              .form = RUN_JSON,
                              .servers = 1,
                              .samples = 1,
                              .timeout_ms = 1500,
                              .limits = CHECK_LIMITS_NONE};
    struct msg_server server = {
        .type = MSG_SERVER, .port = 4460, .minpoll = 6, .maxpoll = 6, .host = "test", .id = "test"};
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        fatal("socketpair");
    fflush(NULL);
    *pid = fork();
    if (*pid < 0)
        fatal("fork");
    if (*pid == 0) {
        int end = fcntl(pair[1], F_DUPFD, 10);

        if (dup2(end, MSG_FD) < 0)
            _exit(99);
        close_range(MSG_FD + 1, ~0U, 0);
        execl(engine, "ntsc-engine", (char *)NULL);
        _exit(99);
    }
    close(pair[1]);
    if (send(pair[0], &setup, sizeof setup, 0) < 0 || send(pair[0], &server, sizeof server, 0) < 0)
        fatal("send");
    return pair[0];
}

/* Hands over a socket on which the answer waits. */
static void hand_over(int fd, const void *answer, size_t len)
{
    union {
        struct cmsghdr align;
        char buf[CMSG_SPACE(sizeof(int))];
    } control = {.buf = {0}};
    struct msg_ke_socket m = {.type = MSG_KE_SOCKET};
    struct iovec iov = {&m, sizeof m};
    struct msghdr h = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = sizeof control.buf};
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        fatal("socketpair");
    if (answer != NULL && send(pair[0], answer, len, 0) < 0)
        fatal("send");
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
    if (sendmsg(fd, &h, MSG_NOSIGNAL) < 0)
        fatal("sendmsg");
    close(pair[0]);
    close(pair[1]);
}

/* One run: the engine's stage of the server goes to `stage`; "died" when it did not end well. */
static void run(const void *answer, size_t len, char *stage, size_t size)
{
    char text[4096] = {0};
    _Alignas(8) uint8_t msg[ENGINE_MSG_MAX];
    bool done = false;
    pid_t pid;
    size_t used = 0;
    int status, fd = start(&pid);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;
    char *at;

    while (!done && poll(&p, 1, FAR_MS) == 1 && (n = recv(fd, msg, sizeof msg, 0)) > 0) {
        if (msg_ke_start_valid(msg, (size_t)n, 1))
            hand_over(fd, answer, len);
        if (msg_text_valid(msg, (size_t)n)) {
            const struct msg_text *m = (const struct msg_text *)(const void *)msg;

            if (m->kind == TEXT_OUTPUT && used + m->len < sizeof text) {
                memcpy(text + used, m->text, m->len);
                used += m->len;
            }
        }
        done = msg_done_valid(msg, (size_t)n);
    }
    if (!done)
        kill(pid, SIGKILL);
    close(fd);
    waitpid(pid, &status, 0);
    at = strstr(text, "\"stage\":\"");
    if (strstr(text, "makes no sense; octets") == NULL && at != NULL && len > 0 &&
        !msg_ke_answer_valid(answer, len))
        at = NULL; /* it is to name what it refuses */
    if (!done || at == NULL || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        snprintf(stage, size, "died");
    else
        snprintf(stage, size, "%.*s", (int)strcspn(at + 9, "\""), at + 9);
}

static void expect(const char *name, const void *answer, size_t len, const char *wanted)
{
    char stage[64];
    unsigned queries;
    bool good;

    (void)asked();
    run(answer, len, stage, sizeof stage);
    queries = asked();
    good = strcmp(stage, wanted) == 0 && (queries > 0) == (strcmp(wanted, "ntp-timeout") == 0);
    failures += !good;
    if (!good)
        printf("%s: stage %s, %u queries; wanted: %s\n", name, stage, queries, wanted);
}

static struct msg_ke_answer good_answer(void)
{
    struct msg_ke_answer a = {.type = MSG_KE_ANSWER, .n_ntp = 1, .reached = 1};
    static const uint8_t cookie[100] = {1};

    a.fail.stage = STAGE_OK;
    a.c2s.id = a.s2c.id = AEAD_AES_SIV_CMAC_256;
    a.c2s.len = a.s2c.len = (uint16_t)aead_key_len(AEAD_AES_SIV_CMAC_256);
    memset(a.c2s.key, 1, a.c2s.len);
    memset(a.s2c.key, 2, a.s2c.len);
    while (cookie_pool_add(&a.cookies, cookie, sizeof cookie))
        continue;
    a.ntp[0] = here;
    a.ke = address("127.0.0.1", 4460);
    a.not_after_s = INT64_C(1) << 40;
    return a;
}

static void addresses(void)
{
    static const char *const never[] = {
        "0.0.0.0", "0.1.2.3",         "224.0.1.1", "239.255.255.255",
        "::",      "255.255.255.255", "ff02::101", "::ffff:224.0.1.1"};
    /* Only where the key exchange was as near. */
    static const char *const near[] = {"127.0.0.1", "127.8.8.8", "169.254.1.1",
                                       "::1",       "fe80::1",   "::ffff:127.0.0.1"};
    struct msg_ke_answer a;

    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        a = good_answer();
        a.ntp[0] = address(never[i], here.port);
        expect(never[i], &a, sizeof a, "local");
    }
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        a = good_answer();
        a.ke = address("192.0.2.1", 4460);
        a.ntp[0] = address(near[i], here.port);
        expect(near[i], &a, sizeof a, "local");
        /* Nor behind a good one. */
        a.ntp[1] = a.ntp[0];
        a.ntp[0] = address("192.0.2.2", 123);
        a.n_ntp = 2;
        expect(near[i], &a, sizeof a, "local");
    }
    a = good_answer();
    a.ntp[0].port = 0;
    expect("port 0", &a, sizeof a, "local");
}

#define BAD(change)                                                                                \
    do {                                                                                           \
        struct msg_ke_answer a = good_answer();                                                    \
        change;                                                                                    \
        expect(#change, &a, sizeof a, "local");                                                    \
    } while (0)

static void fields(void)
{
    BAD(a.type = MSG_KE_REQUEST);
    BAD(a.n_ntp = 0);
    BAD(a.n_ntp = 2);
    BAD(a.n_ntp = NET_ADDR_MAX + 1);
    BAD(a.n_ntp = 255);
    BAD(a.reached = 0);
    BAD(a.reached = 2);
    BAD(a.plain_aead = 2);
    BAD(a.fail.stage = STAGE_COUNT);
    BAD(a.fail.stage = 0xffff);
    BAD(a.fail.reason = REASON_COUNT);
    BAD(a.ntp[0].family = 0);
    BAD(a.ntp[0].family = 10);
    BAD(a.ntp[0].scope = 1);
    BAD(a.ntp[0].addr[15] = 1);
    BAD(a.ke.family = 0);
    BAD(a.c2s.id = 0);
    BAD(a.c2s.id = 30);
    BAD(a.c2s.len = 16);
    BAD(a.c2s.len = 0xffff);
    BAD(a.c2s.key[a.c2s.len] = 1);
    BAD(a.s2c.id = AEAD_AES_SIV_CMAC_512);
    BAD(a.s2c.len = 0);
    BAD(a.cookies.count = 0);
    BAD(a.cookies.count = NTS_POOL_MAX + 1);
    BAD(a.cookies.count = 255);
    BAD(a.cookies.len[0] = 0xffff);
    BAD(a.cookies.len[0] = 0);
    BAD(a.cookies.data[NTS_POOL_OCTETS - 1] = 1);
    BAD(a.not_before_s = INT64_MAX);
}

static void lengths(void)
{
    static uint8_t buf[sizeof(struct msg_ke_answer) + 64];
    static const size_t lens[] = {0,
                                  1,
                                  3,
                                  4,
                                  5,
                                  8,
                                  sizeof(struct msg_ke_answer) - 1,
                                  sizeof(struct msg_ke_answer) + 1,
                                  sizeof buf};
    struct msg_ke_answer a = good_answer();
    char name[32];

    memcpy(buf, &a, sizeof a);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        snprintf(name, sizeof name, "%zu octets", lens[i]);
        expect(name, buf, lens[i], "local");
    }
    expect("nothing", NULL, 0, "local");
}

/* Octets of a good answer changed at random: believed only where nothing that matters was hit. */
static void at_random(void)
{
    char stage[64];

    srandom(1);
    for (unsigned i = 0; i < RANDOM_ANSWERS; i++) {
        struct msg_ke_answer a = good_answer();
        uint8_t *octets = (uint8_t *)&a;
        bool junk = i % 4 == 0, valid;
        size_t changes = junk ? sizeof a : (size_t)1 << (i % 5);

        for (size_t k = 0; k < changes; k++)
            octets[junk ? k : (size_t)random() % sizeof a] = (uint8_t)random();
        if (junk)
            a.type = MSG_KE_ANSWER;
        valid = msg_ke_answer_valid(&a, sizeof a);
        /* It waits for answers that will not come. */
        if (valid && a.fail.stage == STAGE_OK)
            continue;
        run(&a, sizeof a, stage, sizeof stage);
        if (asked() > 0 || (!valid && strcmp(stage, "local") != 0)) {
            printf("random answer %u: stage %s\n", i, stage);
            failures++;
        }
    }
    printf("%u random answers\n", RANDOM_ANSWERS);
}

int main(int argc, char **argv)
{
    struct msg_ke_answer a;

    if (argc != 2)
        return 99;
    engine = argv[1];
    signal(SIGPIPE, SIG_IGN);
    listen_here();
    a = good_answer();
    expect("a good answer", &a, sizeof a, "ntp-timeout");
    addresses();
    fields();
    lengths();
    at_random();
    printf("%d failures\n", failures);
    return failures != 0;
}
