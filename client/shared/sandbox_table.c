/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may make which system call, and with which arguments. What is not here ends the process.
 *
 * Several names for one thing: architectures differ in which of them they have, and 32-bit ones
 * have calls of their own for times beyond 2038.
 */
#include "client/shared/sandbox_table.h"

#include <asm/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MAY(who_, call_, ...)                                                                      \
    {                                                                                              \
        .call = #call_, .who = (who_), .check = { __VA_ARGS__ }                                    \
    }
/* The call is not made and gives this errno: for what a library tries and can do without. */
#define REFUSE(errno_, who_, call_, ...)                                                           \
    {                                                                                              \
        .call = #call_, .who = (who_), .refuse = (errno_), .check = { __VA_ARGS__ }                \
    }

#define ANY UINT32_MAX
#define IS(arg, v)                                                                                 \
    {                                                                                              \
        ANY, (uint32_t)(v), (arg), 0                                                               \
    }
#define NOT(arg, v)                                                                                \
    {                                                                                              \
        ANY, (uint32_t)(v), (arg), 1                                                               \
    }
#define NONE(arg, m)                                                                               \
    {                                                                                              \
        (uint32_t)(m), 0, (arg), 0                                                                 \
    }
#define ALL(arg, m)                                                                                \
    {                                                                                              \
        (uint32_t)(m), (uint32_t)(m), (arg), 0                                                     \
    }
/* All of the first bits, and none of the second. */
#define BOTH(arg, all, none)                                                                       \
    {                                                                                              \
        (uint32_t)((all) | (none)), (uint32_t)(all), (arg), 0                                      \
    }
/* socket(2): the type without what may be or'ed to it */
#define TYPE(v)                                                                                    \
    {                                                                                              \
        (uint32_t) ~(SOCK_NONBLOCK | SOCK_CLOEXEC), (v), 1, 0                                      \
    }

/* open(2) for reading only: nothing is made, cut or written. musl's O_ACCMODE has O_PATH as well.
 */
#define READ_ONLY(arg)                                                                             \
    NONE(arg, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))
/* Of these bits alone. */
#define ONLY(arg, m) NONE(arg, ~(uint32_t)(m))

/* sendto(2): nothing that begins a connection (MSG_FASTOPEN), or is out of band. */
#define SEND_FLAGS          (MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE)
#define OPTION(level, name) IS(1, (level)), IS(2, (name))
/* Files that are made are for their owner, or for everybody to read; never to be executed. */
#define FILE_MODES 0644

/* openat(2) below a directory that is open already, not from the current one. */
#define BELOW_OPEN NONE(0, 0x80000000U)
#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

const struct sandbox_row sandbox_table[] = {
    /* Messages, files that are open, waiting, the end. */
    MAY(EVERYBODY, read),
    MAY(EVERYBODY, write),
    MAY(EVERYBODY, writev),
    MAY(EVERYBODY, close),
    MAY(EVERYBODY, poll),
    MAY(EVERYBODY, ppoll),
    MAY(EVERYBODY, ppoll_time64),
    MAY(EVERYBODY, recvmsg),
    /* To whom a socket is connected; ntsc tells its service manager by sendmsg(2). */
    MAY(NTSC | STARTER | ENGINE, sendmsg, ONLY(2, SEND_FLAGS)),
    MAY(EVERYBODY, sendto, ONLY(3, SEND_FLAGS), IS(5, 0)),
    MAY(EVERYBODY, send, ONLY(3, SEND_FLAGS)),
    MAY(EVERYBODY, restart_syscall),
    MAY(EVERYBODY, rt_sigreturn),
    MAY(EVERYBODY, sigreturn),
    MAY(EVERYBODY, exit),
    MAY(EVERYBODY, exit_group),
    MAY(EVERYBODY, getpid),
    MAY(EVERYBODY, getuid),
    MAY(EVERYBODY, getuid32),
    MAY(EVERYBODY, geteuid),
    MAY(EVERYBODY, geteuid32),

    /* Memory, never to be executed. */
    MAY(EVERYBODY, brk),
    MAY(EVERYBODY, mmap, NONE(2, PROT_EXEC)),
    MAY(EVERYBODY, mmap2, NONE(2, PROT_EXEC)),
    MAY(KE, mprotect, NONE(2, PROT_EXEC)),
    MAY(EVERYBODY, mremap),
    MAY(EVERYBODY, munmap),
    MAY(EVERYBODY, madvise),
    MAY(EVERYBODY, futex),
    MAY(EVERYBODY, futex_time64),
    MAY(EVERYBODY, getrandom),

    /* Clocks are read by everybody (without the vDSO), and set by one. */
    MAY(EVERYBODY, clock_gettime),
    MAY(EVERYBODY, clock_gettime64),
    MAY(EVERYBODY, gettimeofday),
    MAY(EVERYBODY, time),
    MAY(NTSC, clock_adjtime),
    MAY(NTSC, clock_adjtime64),
    MAY(ENGINE, timerfd_create),
    MAY(ENGINE, timerfd_settime),
    MAY(ENGINE, timerfd_settime64),
    MAY(ENGINE, nanosleep),
    MAY(ENGINE, clock_nanosleep),
    MAY(ENGINE, clock_nanosleep_time64),
    MAY(KE, setitimer),

    /* Sockets. On 32-bit x86 and s390 libc makes them through one call whose arguments lie in
       memory: there uid and Landlock alone hold. */
    MAY(NTSC | ENGINE | KE, socketcall),
    MAY(NTSC, socketpair, IS(0, AF_UNIX)),
    MAY(ENGINE, socket, IS(0, AF_INET), TYPE(SOCK_DGRAM), IS(2, 0)),
    MAY(ENGINE, socket, IS(0, AF_INET6), TYPE(SOCK_DGRAM), IS(2, 0)),
    /* Protocol 0 is UDP or TCP, of which alone Landlock knows: not MPTCP, SCTP, SMC. */
    MAY(KE, socket, IS(0, AF_INET), TYPE(SOCK_DGRAM), IS(2, 0)),
    MAY(KE, socket, IS(0, AF_INET6), TYPE(SOCK_DGRAM), IS(2, 0)),
    MAY(KE, socket, IS(0, AF_INET), TYPE(SOCK_STREAM), IS(2, 0)),
    MAY(KE, socket, IS(0, AF_INET6), TYPE(SOCK_STREAM), IS(2, 0)),
    /* libc's resolver asks nscd and for the interfaces' addresses, and goes on without. */
    REFUSE(EAFNOSUPPORT, KE, socket, IS(0, AF_UNIX)),
    REFUSE(EAFNOSUPPORT, KE, socket, IS(0, AF_NETLINK)),
    /* syslog(3) connects anew when the daemon behind it was started again. */
    MAY(NTSC, socket, IS(0, AF_UNIX), TYPE(SOCK_DGRAM)),
    REFUSE(EAFNOSUPPORT, NTSC, socket, IS(0, AF_UNIX), TYPE(SOCK_STREAM)),
    MAY(NTSC | ENGINE | KE, connect),
    MAY(NTSC, setsockopt, OPTION(SOL_SOCKET, SO_SNDTIMEO_OLD)),
    MAY(NTSC, setsockopt, OPTION(SOL_SOCKET, SO_SNDTIMEO_NEW)),
    MAY(ENGINE, setsockopt, OPTION(SOL_SOCKET, SO_TIMESTAMPING_OLD)),
    MAY(ENGINE, setsockopt, OPTION(SOL_SOCKET, SO_TIMESTAMPING_NEW)),
    /* The engine, to the network's changes, before its own filter. */
    MAY(STARTER, setsockopt, OPTION(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP)),
    MAY(KE, setsockopt, OPTION(IPPROTO_TCP, TCP_NODELAY)),
    /* libc's resolver wants to know of refused datagrams. */
    MAY(KE, setsockopt, OPTION(IPPROTO_IP, IP_RECVERR)),
    MAY(KE, setsockopt, OPTION(IPPROTO_IPV6, IPV6_RECVERR)),
    MAY(KE, getsockopt), /* reads only */
    MAY(ENGINE | KE, getsockname),
    MAY(KE, getpeername),
    MAY(KE, recvfrom),
    MAY(KE, recv),
    MAY(KE, sendmmsg, ONLY(3, SEND_FLAGS)),

    /* Files: ntsc reads its configuration again, ntsc-ke reads certificates and what the resolver
       wants; both may only read. The engine writes below the directories it was given. */
    MAY(NTSC | KE, openat, READ_ONLY(2)),
    MAY(NTSC | ENGINE, openat, BELOW_OPEN, ONLY(3, FILE_MODES)),
    MAY(NTSC | ENGINE | KE, fstat),
    MAY(NTSC | ENGINE | KE, fstat64),
    MAY(NTSC | ENGINE | KE, newfstatat),
    MAY(NTSC | ENGINE | KE, fstatat64),
    MAY(NTSC | ENGINE | KE, statx),
    MAY(NTSC | ENGINE | KE, lseek),
    MAY(NTSC | ENGINE | KE, _llseek),
    /* Not F_SETOWN with F_SETSIG: a signal to anybody of the same user. */
    MAY(NTSC | KE | STARTER, fcntl, IS(1, F_GETFL)),
    MAY(NTSC | KE | STARTER, fcntl64, IS(1, F_GETFL)),
    MAY(KE | STARTER, fcntl, IS(1, F_SETFL), NONE(2, O_ASYNC)),
    MAY(KE | STARTER, fcntl64, IS(1, F_SETFL), NONE(2, O_ASYNC)),
    MAY(KE | STARTER, fcntl, IS(1, F_GETFD)),
    MAY(KE | STARTER, fcntl64, IS(1, F_GETFD)),
    MAY(KE | STARTER, fcntl, IS(1, F_SETFD)),
    MAY(KE | STARTER, fcntl64, IS(1, F_SETFD)),
    MAY(KE | STARTER, fcntl, IS(1, F_DUPFD_CLOEXEC)),
    MAY(KE | STARTER, fcntl64, IS(1, F_DUPFD_CLOEXEC)),
    MAY(STARTER, fcntl, IS(1, F_DUPFD)),
    MAY(STARTER, fcntl64, IS(1, F_DUPFD)),
    /* ntsc-ke, which is to end with its asker, before its own filter. */
    MAY(STARTER, fcntl, IS(1, F_SETOWN)),
    MAY(STARTER, fcntl64, IS(1, F_SETOWN)),
    MAY(STARTER, fcntl, IS(1, F_SETFL), ALL(2, O_ASYNC)),
    MAY(STARTER, fcntl64, IS(1, F_SETFL), ALL(2, O_ASYNC)),
    MAY(KE, getdents64),
    MAY(NTSC, getdents64), /* ntsc.d, at SIGHUP */
    MAY(KE, uname),
    /* stdio asks whether it writes to a terminal; the answer "no" is as good. */
    REFUSE(ENOTTY, NTSC, ioctl),
    MAY(KE, ioctl, IS(1, FIONREAD)),
    MAY(NTSC, ftruncate),
    MAY(NTSC, ftruncate64),
    MAY(NTSC | ENGINE, pwrite64),
    MAY(ENGINE, flock),
    MAY(ENGINE, fsync),
    MAY(ENGINE, fchmod, IS(1, FILE_MODES)),
    MAY(ENGINE, renameat),
    MAY(ENGINE, renameat2),
    MAY(NTSC | ENGINE, unlinkat),

    /* Signals and children of the daemon. */
    MAY(NTSC, signalfd4),
    /* glibc from 2.41 on calls it within getrandom. */
    MAY(NTSC | ENGINE | KE | STARTER, rt_sigprocmask),
    MAY(NTSC | KE | STARTER, rt_sigaction, NOT(0, SIGSYS)),
    MAY(NTSC | STARTER, wait4),

    /* The thread of ntsc-ke's resolver. clone3's arguments cannot be seen: libc then takes clone.
     */
    REFUSE(ENOSYS, KE | STARTER, clone3),
    MAY(KE, clone, BOTH(0, CLONE_VM | CLONE_THREAD, NAMESPACES)),
    MAY(KE, set_robust_list),
    MAY(KE, rseq),

    /* Starting a program: what comes before it has its own filter, libc's start included. */
    MAY(STARTER, clone, BOTH(0, CLONE_PIDFD, NAMESPACES)),
    MAY(STARTER, pidfd_send_signal, IS(1, SIGKILL)),
    MAY(STARTER, setresuid), /* with values that are known only then: sandbox_starter.c */
    MAY(STARTER, setresuid32),
    MAY(STARTER, setresgid),
    MAY(STARTER, setresgid32),
    MAY(STARTER, setgroups),
    MAY(STARTER, setgroups32),
    MAY(STARTER, execve),
    MAY(STARTER, execveat),
    MAY(STARTER, mmap),
    MAY(STARTER, mmap2),
    MAY(STARTER, mprotect),
    MAY(STARTER, dup2),
    MAY(STARTER, dup3),
    MAY(STARTER, close_range),
    MAY(STARTER, access),
    MAY(STARTER, faccessat),
    MAY(STARTER, faccessat2),
    MAY(NTSC | STARTER, pread64),
    MAY(NTSC | STARTER, readlink), /* what a CA file is called now */
    MAY(NTSC | STARTER, readlinkat),
    MAY(STARTER, mkdirat, IS(2, 0700)), /* the engine, for its cookies */
    MAY(STARTER, arch_prctl),
    MAY(STARTER, set_thread_area),
    MAY(STARTER, set_tls),
    MAY(STARTER, set_tid_address),
    MAY(STARTER, rt_sigaction),
    MAY(STARTER, prlimit64, IS(0, 0)), /* of nobody else */
    MAY(STARTER, ugetrlimit),
    MAY(STARTER, setrlimit),
    MAY(STARTER, prctl, IS(0, PR_SET_DUMPABLE), IS(1, 0)),
    MAY(STARTER, prctl, IS(0, PR_SET_NO_NEW_PRIVS)),
    MAY(STARTER, prctl, IS(0, PR_SET_SECCOMP)),
    MAY(STARTER, landlock_create_ruleset),
    MAY(STARTER, landlock_add_rule),
    MAY(STARTER, landlock_restrict_self),
    MAY(STARTER, riscv_flush_icache),

    /* What musl does in its own way: the clock by adjtimex(2), O_CLOEXEC once more, files by their
       older calls; its resolver binds and does not connect. */
    MAY(NTSC | MUSL, adjtimex),
    MAY(NTSC | MUSL, fcntl, IS(1, F_SETFD)),
    MAY(NTSC | MUSL, fcntl64, IS(1, F_SETFD)),
    MAY(NTSC | KE | MUSL, open, READ_ONLY(1)),
    MAY(NTSC | KE | MUSL, stat),
    MAY(NTSC | KE | MUSL, stat64),
    MAY(NTSC | KE | MUSL, lstat),
    MAY(NTSC | KE | MUSL, lstat64),
    MAY(NTSC | ENGINE | KE | MUSL, readv),
    MAY(KE | MUSL, bind),
    /* It sorts addresses by what it would send from. */
    MAY(KE | MUSL, socket, IS(0, AF_INET), TYPE(SOCK_DGRAM), IS(2, IPPROTO_UDP)),
    MAY(KE | MUSL, socket, IS(0, AF_INET6), TYPE(SOCK_DGRAM), IS(2, IPPROTO_UDP)),
    MAY(KE | MUSL, sendto, ONLY(3, SEND_FLAGS)),

    /* What the sanitizers' runtime does, and the search for leaks, which stops its own process. */
    MAY(SANITIZED, gettid),
    MAY(SANITIZED, getppid),
    MAY(SANITIZED, sigaltstack),
    MAY(SANITIZED, rt_sigprocmask),
    MAY(SANITIZED, rt_sigaction, NOT(0, SIGSYS)),
    MAY(SANITIZED, mprotect, NONE(2, PROT_EXEC)),
    MAY(SANITIZED, prctl),
    MAY(SANITIZED, prlimit64),
    MAY(SANITIZED, sched_yield),
    MAY(SANITIZED, sched_getaffinity),
    MAY(SANITIZED, readlink),
    MAY(SANITIZED, readlinkat),
    MAY(SANITIZED, open, READ_ONLY(1)),
    MAY(SANITIZED, openat, READ_ONLY(2)),
    MAY(SANITIZED, getdents64),
    MAY(SANITIZED, fstat),
    MAY(SANITIZED, newfstatat),
    MAY(SANITIZED, lseek),
    MAY(SANITIZED, clone),
    MAY(SANITIZED, wait4),
    MAY(SANITIZED, ptrace),
    MAY(SANITIZED, process_vm_readv),
    MAY(SANITIZED, tgkill),
    MAY(SANITIZED, pipe),
    MAY(SANITIZED, pipe2),
};

const unsigned sandbox_table_rows = sizeof sandbox_table / sizeof *sandbox_table;
