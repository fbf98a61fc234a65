/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts ntsc-ke with a request made from the command line and prints its answer, never a key:
 *   ke_probe [options] NTSC-KE HOST PORT
 *     -C PATH   CA file or directory      -4 -6      one family
 *     -t MS     time over all             -T SECONDS time floor for certificates
 *     -a ADDR   stands in for DNS (again for more)
 *     -s NAME   ask for this NTP server   -p PORT    and this port
 *     -j OCTETS send so many of nonsense instead: it says so, and exits with 1
 * Exit status: 0 answer with cookies, 1 answer with a failure, 2 no or invalid answer.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/msg/msg.h"

static size_t junk; /* octets; 0: a request */

static void copy(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);

    if (n >= size) {
        fprintf(stderr, "ke_probe: too long: %s\n", from);
        exit(2);
    }
    memcpy(to, from, n);
}

static void add_fixed(struct msg_ke_request *r, const char *text)
{
    struct net_addr *a = &r->fixed[r->n_fixed];

    if (r->n_fixed == NET_ADDR_MAX)
        exit(2);
    if (inet_pton(AF_INET, text, a->addr) == 1)
        a->family = 4;
    else if (inet_pton(AF_INET6, text, a->addr) == 1)
        a->family = 6;
    else
        exit(2);
    r->n_fixed++;
}

/* Returns the program to run. */
static const char *request_from(int argc, char **argv, struct msg_ke_request *r)
{
    int c;

    r->type = MSG_KE_REQUEST;
    r->timeout_ms = 5000;
    while ((c = getopt(argc, argv, "C:46t:T:a:s:p:j:")) != -1) {
        switch (c) {
        case 'C':
            copy(r->ca, sizeof(r->ca), optarg);
            break;
        case '4':
        case '6':
            r->family = (uint8_t)(c - '0');
            break;
        case 't':
            r->timeout_ms = atoi(optarg);
            break;
        case 'T':
            r->time_floor_s = atoll(optarg);
            break;
        case 'a':
            add_fixed(r, optarg);
            break;
        case 's':
            copy(r->ask.ntp_server, sizeof(r->ask.ntp_server), optarg);
            break;
        case 'p':
            r->ask.ntp_port = (uint16_t)atoi(optarg);
            break;
        case 'j':
            junk = (size_t)atoi(optarg);
            break;
        default:
            exit(2);
        }
    }
    if (argc - optind != 3) {
        fprintf(stderr, "usage: ke_probe [options] NTSC-KE HOST PORT\n");
        exit(2);
    }
    copy(r->host, sizeof(r->host), argv[optind + 1]);
    r->port = (uint16_t)atoi(argv[optind + 2]);
    for (unsigned i = 0; i < r->n_fixed; i++)
        r->fixed[i].port = r->port;
    return argv[optind];
}

static pid_t start(const char *program, int *fd)
{
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0 || (pid = fork()) < 0) {
        perror("ke_probe");
        exit(2);
    }
    if (pid == 0) {
        close(pair[0]);
        if (pair[1] != MSG_FD) {
            dup2(pair[1], MSG_FD);
            close(pair[1]);
        }
        execl(program, program, (char *)NULL);
        perror(program);
        _exit(127);
    }
    close(pair[1]);
    *fd = pair[0];
    return pid;
}

static void print_failure(const struct failure *f)
{
    char text[512];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    failure_text(f, (struct wall){now.tv_sec * NS_PER_S + now.tv_nsec}, text, sizeof(text));
    printf("reason %u\ncode %" PRId32 "\n", f->reason, f->code);
    if (f->not_before_s != 0 || f->not_after_s != 0)
        printf("failed_not_before %" PRId64 "\nfailed_not_after %" PRId64 "\n", f->not_before_s,
               f->not_after_s);
    printf("text %s\n", text);
}

static void print(const struct msg_ke_answer *a)
{
    char text[NET_ADDR_TEXT];

    printf("stage %s\nreached %u\n", failure_stage_name(a->fail.stage), a->reached);
    if (a->reached) {
        net_addr_text(&a->ke, text);
        printf("ke %s %u\n", text, a->ke.port);
    }
    if (a->fail.stage != STAGE_OK) {
        print_failure(&a->fail);
        return;
    }
    printf("aead %u\ncookies %u\n", a->c2s.id, a->cookies.count);
    for (unsigned i = 0; i < a->n_ntp; i++) {
        net_addr_text(&a->ntp[i], text);
        printf("ntp %s %u\n", text, a->ntp[i].port);
    }
    printf("not_before %" PRId64 "\nnot_after %" PRId64 "\n", a->not_before_s, a->not_after_s);
}

int main(int argc, char **argv)
{
    static struct msg_ke_request request;
    static uint8_t buf[sizeof(struct msg_ke_answer) + 1];
    static struct msg_ke_answer answer;
    const char *program = request_from(argc, argv, &request);
    int fd, status = 0;
    pid_t pid = start(program, &fd);
    static uint8_t nonsense[2 * sizeof(request)];
    size_t len = junk == 0 ? sizeof(request) : junk < sizeof(nonsense) ? junk : sizeof(nonsense);
    ssize_t n = send(fd, junk == 0 ? (void *)&request : nonsense, len, MSG_NOSIGNAL);

    n = n == (ssize_t)len ? recv(fd, buf, sizeof(buf), 0) : -1;
    /* Nothing may follow but the end. */
    bool more = n > 0 && recv(fd, &status, sizeof(status), 0) > 0;
    waitpid(pid, &status, 0);
    if (n <= 0 || more || !WIFEXITED(status) || WEXITSTATUS(status) != (junk != 0) ||
        !msg_ke_answer_valid(buf, (size_t)n)) {
        printf("stage none\nanswer %zd octets%s, wait status 0x%x\n", n,
               more ? ", then another" : "", (unsigned)status);
        return 2;
    }
    memcpy(&answer, buf, sizeof(answer));
    print(&answer);
    return answer.fail.stage == STAGE_OK ? 0 : 1;
}
