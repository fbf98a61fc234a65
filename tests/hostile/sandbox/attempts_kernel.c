/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of other kinds and modes, other users, and the rest of what a kernel offers. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/sandbox/attempts.h"

static int made(int fd)
{
    return fd < 0 ? errno : result(close(fd));
}

static int set_uid_file(void)
{
    return made(openat(at.dir, "kept", O_WRONLY | O_CREAT, 06755));
}

static int program_file(void)
{
    return made(openat(at.dir, "kept", O_WRONLY | O_CREAT, 0700));
}

static int set_uid_later(void)
{
    return result(fchmod(at.dir, 06755));
}

static int open_directory(void)
{
    return result(fchmod(at.dir, 0777));
}

static int change_mode_at(void)
{
    return result(fchmodat(at.dir, "kept", 0777, 0));
}

static int give_away(void)
{
    return result(fchownat(at.dir, "kept", 1, 1, 0));
}

static int make_link(void)
{
    return result(symlinkat("/etc/shadow", at.dir, "kept"));
}

static int make_hard_link(void)
{
    return result(linkat(at.dir, "kept", at.dir, "replaced", 0));
}

static int make_device(void)
{
    return result(mknodat(at.dir, "kept", S_IFCHR | 0600, 0));
}

static int make_fifo(void)
{
    return result(mknodat(at.dir, "kept", S_IFIFO | 0600, 0));
}

static int make_directory(void)
{
    return result(mkdirat(at.dir, "kept", 0777));
}

static int set_attribute(void)
{
    return result(syscall(SYS_fsetxattr, at.dir, "user.x", "", 0, 0));
}

static int change_times(void)
{
    return result(utimensat(at.dir, "kept", NULL, 0));
}

static int reserve_space(void)
{
    return result(syscall(SYS_fallocate, at.dir, 0, 0, 1 << 20));
}

static int memory_file(void)
{
    return made((int)syscall(SYS_memfd_create, "x", 0));
}

static int watch_files(void)
{
    return made((int)syscall(SYS_inotify_init1, 0));
}

static int watch_all_files(void)
{
    return made((int)syscall(SYS_fanotify_init, 0, 0));
}

static int open_by_handle(void)
{
    return made((int)syscall(SYS_open_by_handle_at, at.dir, NULL, 0));
}

/* The starter may, as one user and no other. */
static int set_user(long user)
{
    return result(syscall(SYS_setresuid, user, user, user));
}

static int become_root_again(void)
{
    return set_user(0);
}

static int become_other(void)
{
    return set_user(KE_USER + 1);
}

static int become_half(void)
{
    return result(syscall(SYS_setresuid, KE_USER, KE_USER, 0));
}

static int become_ke(void)
{
    return set_user(KE_USER);
}

static int join_root_group(void)
{
    return result(syscall(SYS_setresgid, 0, 0, 0));
}

static int take_groups(void)
{
    const gid_t root = 0;

    return result(syscall(SYS_setgroups, 1, &root));
}

static int set_capabilities(void)
{
    return result(syscall(SYS_capset, NULL, NULL));
}

static int die_with_parent(void)
{
    return result(prctl(PR_SET_PDEATHSIG, SIGKILL));
}

static int keep_capabilities(void)
{
    return result(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

static int adopt_orphans(void)
{
    return result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
}

static int limit_another(void)
{
    return result(syscall(SYS_prlimit64, 1, 7 /* RLIMIT_NOFILE */, NULL, NULL));
}

static int open_process(void)
{
    return made((int)syscall(SYS_pidfd_open, 1, 0));
}

static int take_descriptor(void)
{
    return made((int)syscall(SYS_pidfd_getfd, -1, 0, 0));
}

static int signal_by_pidfd(void)
{
    return result(syscall(SYS_pidfd_send_signal, -1, SIGSTOP, NULL, 0));
}

static int queue_signal(void)
{
    return result(syscall(SYS_rt_sigqueueinfo, 1, SIGKILL, NULL));
}

static int timer_signal(void)
{
    return result(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, NULL));
}

static int make_thread_of_own(void)
{
    /* Shares memory, but is a process. */
    return result(syscall(SYS_clone, CLONE_VM | CLONE_UNTRACED, 0, 0, 0, 0));
}

static int faults_to_user(void)
{
    return made((int)syscall(SYS_userfaultfd, 0));
}

static int count_events(void)
{
    return made((int)syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}

static int add_key(void)
{
    return result(syscall(SYS_add_key, "user", "x", "x", 1, -3));
}

static int share_memory(void)
{
    return result(syscall(SYS_shmget, 0, 4096, 0600));
}

static int message_queue(void)
{
    return made((int)syscall(SYS_mq_open, "/x", O_RDWR | O_CREAT, 0600, NULL));
}

static int other_personality(void)
{
    return result(syscall(SYS_personality, 0xffffffff));
}

static int name_host(void)
{
    return result(syscall(SYS_sethostname, "x", 1));
}

static int real_time(void)
{
    return result(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL));
}

static int higher_priority(void)
{
    return result(syscall(SYS_setpriority, 0, 0, -20));
}

static int read_log(void)
{
    return result(syscall(SYS_syslog, 3, NULL, 0));
}

static int restart_machine(void)
{
    return result(syscall(SYS_reboot, 0, 0, 0, 0));
}

static int load_kernel(void)
{
    return result(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

#define NOBODY_MAY(name)                                                                           \
    {                                                                                              \
#name, name, 0, 0, 0, 0, false, false                                                      \
    }

const struct attempt attempts_kernel[] = {
    NOBODY_MAY(set_uid_file),
    NOBODY_MAY(program_file),
    NOBODY_MAY(set_uid_later),
    NOBODY_MAY(open_directory),
    NOBODY_MAY(change_mode_at),
    NOBODY_MAY(give_away),
    NOBODY_MAY(make_link),
    NOBODY_MAY(make_hard_link),
    NOBODY_MAY(make_device),
    NOBODY_MAY(make_fifo),
    NOBODY_MAY(make_directory),
    NOBODY_MAY(set_attribute),
    NOBODY_MAY(change_times),
    NOBODY_MAY(reserve_space),
    NOBODY_MAY(memory_file),
    NOBODY_MAY(watch_files),
    NOBODY_MAY(watch_all_files),
    NOBODY_MAY(open_by_handle),
    NOBODY_MAY(become_root_again),
    NOBODY_MAY(become_other),
    NOBODY_MAY(become_half),
    {"become_ke", become_ke, S, 0, 0, 0, false, true},
    NOBODY_MAY(join_root_group),
    NOBODY_MAY(take_groups),
    NOBODY_MAY(set_capabilities),
    {"die_with_parent", die_with_parent, 0, 0, 0, 0, true, false},
    {"keep_capabilities", keep_capabilities, 0, 0, 0, 0, true, false},
    {"adopt_orphans", adopt_orphans, 0, 0, 0, 0, true, false},
    {"limit_another", limit_another, 0, 0, 0, 0, true, false},
    NOBODY_MAY(open_process),
    NOBODY_MAY(take_descriptor),
    NOBODY_MAY(signal_by_pidfd),
    NOBODY_MAY(queue_signal),
    NOBODY_MAY(timer_signal),
    {"make_thread_of_own", make_thread_of_own, 0, 0, 0, 0, true, false},
    NOBODY_MAY(faults_to_user),
    NOBODY_MAY(count_events),
    NOBODY_MAY(add_key),
    NOBODY_MAY(share_memory),
    NOBODY_MAY(message_queue),
    NOBODY_MAY(other_personality),
    NOBODY_MAY(name_host),
    NOBODY_MAY(real_time),
    NOBODY_MAY(higher_priority),
    NOBODY_MAY(read_log),
    NOBODY_MAY(restart_machine),
    NOBODY_MAY(load_kernel),
};

const size_t attempts_kernel_count = sizeof attempts_kernel / sizeof *attempts_kernel;
