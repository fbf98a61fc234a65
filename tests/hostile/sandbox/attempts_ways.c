/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways around: other processes, newer calls for old things, memory that becomes code, old IPC. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/sandbox/attempts.h"

/* Calls that the headers of an older system lack; these numbers are those of every architecture. */
#define CALL_OPEN_TREE          428
#define CALL_MOVE_MOUNT         429
#define CALL_FSOPEN             430
#define CALL_FSCONFIG           431
#define CALL_FSMOUNT            432
#define CALL_FSPICK             433
#define CALL_PROCESS_MADVISE    440
#define CALL_MOUNT_SETATTR      442
#define CALL_QUOTACTL_FD        443
#define CALL_MEMFD_SECRET       447
#define CALL_PROCESS_MRELEASE   448
#define CALL_SET_MEMPOLICY_HOME 450
#define CALL_IO_URING_ENTER     426
#define CALL_IO_URING_REGISTER  427
#define CALL_OPENAT2            437

/* With no more than four arguments; what is left out is 0, and no call of these does anything then.
 */
#define CALLS(name, ...)                                                                           \
    static int name(void)                                                                          \
    {                                                                                              \
        return result(syscall(__VA_ARGS__));                                                       \
    }

/* Other processes. */
CALLS(write_other_memory, SYS_process_vm_writev, getpid(), NULL, 0, NULL, 0, 0)
CALLS(compare_with_parent, SYS_kcmp, getpid(), getpid(), 0, 0, 0)
CALLS(advise_another, CALL_PROCESS_MADVISE, -1, NULL, 0, 0, 0)
CALLS(release_another, CALL_PROCESS_MRELEASE, -1, 0)
CALLS(move_pages_of, SYS_move_pages, getpid(), 0, NULL, NULL, NULL, 0)
CALLS(locks_of_another, SYS_get_robust_list, 1, NULL, NULL)
CALLS(signal_parent, SYS_kill, getppid(), 0)
CALLS(signal_everybody, SYS_kill, 1, 0)
CALLS(queue_to_thread, SYS_rt_tgsigqueueinfo, getpid(), getpid(), 0, NULL)
CALLS(session_of_another, SYS_getsid, getppid())
CALLS(group_of_another, SYS_setpgid, 0, 0)
CALLS(new_session, SYS_setsid)
CALLS(wait_for_anybody, SYS_waitid, P_ALL, 0, NULL, WNOHANG, NULL)
CALLS(bind_to_processor, SYS_sched_setaffinity, 0, 0, NULL)
CALLS(choose_schedule, SYS_sched_setattr, 0, NULL, 0)
CALLS(parameters, SYS_sched_setparam, 0, NULL)
CALLS(priority_of_files, SYS_ioprio_set, 1, 0, 0)

/* Memory that becomes code, or is shared. */
CALLS(secret_memory, CALL_MEMFD_SECRET, 0)
CALLS(protect_with_key, SYS_pkey_mprotect, NULL, 0, PROT_EXEC, -1)
CALLS(make_key, SYS_pkey_alloc, 0, 0)
CALLS(lock_all, SYS_mlockall, 0)
CALLS(memory_policy, SYS_set_mempolicy, 0, NULL, 0)
CALLS(memory_policy_home, CALL_SET_MEMPOLICY_HOME, 0, 0, 0, 0)
CALLS(execute_open_file, SYS_execveat, -1, "", NULL, NULL, AT_EMPTY_PATH)

/* Mounts and roots, by the newer calls. */
CALLS(open_tree, CALL_OPEN_TREE, -1, "", 0)
CALLS(move_mount, CALL_MOVE_MOUNT, -1, "", -1, "", 0)
CALLS(open_file_system, CALL_FSOPEN, NULL, 0)
CALLS(configure_file_system, CALL_FSCONFIG, -1, 0, NULL, NULL, 0)
CALLS(mount_file_system, CALL_FSMOUNT, -1, 0, 0)
CALLS(pick_file_system, CALL_FSPICK, -1, "", 0)
CALLS(change_mount, CALL_MOUNT_SETATTR, -1, "", 0, NULL, 0)
CALLS(unmount, SYS_umount2, NULL, 0)
CALLS(swap_roots, SYS_pivot_root, NULL, NULL)
CALLS(account, SYS_acct, "")
CALLS(swap, SYS_swapon, NULL, 0)
CALLS(quota, SYS_quotactl, 0, NULL, 0, NULL)
CALLS(quota_by_file, CALL_QUOTACTL_FD, -1, 0, 0, NULL)

/* Files, by other calls than those that are looked at. */
CALLS(open_in_new_way, CALL_OPENAT2, -1, "", NULL, 0)
CALLS(cut_by_name, SYS_truncate, "", 0)
CALLS(handle_of_name, SYS_name_to_handle_at, -1, "", NULL, NULL, 0)
CALLS(mark_files, SYS_fanotify_mark, -1, 0, 0, -1, NULL)
CALLS(watch_name, SYS_inotify_add_watch, -1, "", 0)
CALLS(copy_range, SYS_copy_file_range, -1, NULL, -1, NULL, 0, 0)
CALLS(move_pipe, SYS_splice, -1, NULL, -1, NULL, 0, 0)
CALLS(pages_to_pipe, SYS_vmsplice, -1, NULL, 0, 0)
CALLS(attribute_by_name, SYS_setxattr, "", "", NULL, 0, 0)
CALLS(ring_enter, CALL_IO_URING_ENTER, -1, 0, 0, 0, NULL, 0)
CALLS(ring_register, CALL_IO_URING_REGISTER, -1, 0, NULL, 0)
CALLS(old_ring, SYS_io_setup, 0, NULL)

/* IPC of System V and keys. */
CALLS(shared_segment, SYS_shmget, IPC_PRIVATE, 0, 0)
CALLS(attach_segment, SYS_shmat, -1, NULL, 0)
CALLS(semaphores, SYS_semget, IPC_PRIVATE, 0, 0)
CALLS(old_messages, SYS_msgget, IPC_PRIVATE, 0)
CALLS(use_key, SYS_keyctl, 0, 0, 0, 0)
CALLS(request_key, SYS_request_key, NULL, NULL, NULL, 0)

/* Clocks. */
CALLS(make_timer, SYS_timer_create, CLOCK_REALTIME, NULL, NULL)
CALLS(resolution, SYS_clock_getres, CLOCK_REALTIME, NULL)

/* The sandbox itself. */
CALLS(another_filter, SYS_seccomp, 2, 0, NULL)
CALLS(hook_for_debugger, SYS_prctl, PR_SET_PTRACER, getppid(), 0, 0)
CALLS(map_of_memory, SYS_prctl, PR_SET_MM, 0, 0, 0)
CALLS(drop_from_set, SYS_prctl, PR_CAPBSET_DROP, 63, 0, 0)
CALLS(raise_ambient, SYS_prctl, PR_CAP_AMBIENT, 2, 25, 0)
CALLS(secure_bits, SYS_prctl, PR_SET_SECUREBITS, 0, 0, 0)

/* An absolute name, for which an open directory does not matter. */
static int open_memory(void)
{
    return result(openat(at.dir, "/proc/self/mem", O_RDWR));
}

#define NOBODY_MAY(name)                                                                           \
    {                                                                                              \
#name, name, 0, 0, 0, 0, false, false                                                      \
    }
/* What the runtime of sanitizers may do as well. */
#define SANITIZERS_MAY(name)                                                                       \
    {                                                                                              \
#name, name, 0, 0, 0, 0, true, false                                                       \
    }

const struct attempt attempts_ways[] = {
    NOBODY_MAY(write_other_memory),
    NOBODY_MAY(compare_with_parent),
    NOBODY_MAY(advise_another),
    NOBODY_MAY(release_another),
    NOBODY_MAY(move_pages_of),
    NOBODY_MAY(locks_of_another),
    NOBODY_MAY(signal_parent),
    NOBODY_MAY(signal_everybody),
    NOBODY_MAY(queue_to_thread),
    NOBODY_MAY(session_of_another),
    NOBODY_MAY(group_of_another),
    NOBODY_MAY(new_session),
    NOBODY_MAY(wait_for_anybody),
    NOBODY_MAY(bind_to_processor),
    NOBODY_MAY(choose_schedule),
    NOBODY_MAY(parameters),
    NOBODY_MAY(priority_of_files),
    NOBODY_MAY(secret_memory),
    NOBODY_MAY(protect_with_key),
    NOBODY_MAY(make_key),
    NOBODY_MAY(lock_all),
    NOBODY_MAY(memory_policy),
    NOBODY_MAY(memory_policy_home),
    {"execute_open_file", execute_open_file, 0, S, EBADF, 0, false, false},
    NOBODY_MAY(open_tree),
    NOBODY_MAY(move_mount),
    NOBODY_MAY(open_file_system),
    NOBODY_MAY(configure_file_system),
    NOBODY_MAY(mount_file_system),
    NOBODY_MAY(pick_file_system),
    NOBODY_MAY(change_mount),
    NOBODY_MAY(unmount),
    NOBODY_MAY(swap_roots),
    NOBODY_MAY(account),
    NOBODY_MAY(swap),
    NOBODY_MAY(quota),
    NOBODY_MAY(quota_by_file),
    NOBODY_MAY(open_in_new_way),
    NOBODY_MAY(cut_by_name),
    NOBODY_MAY(handle_of_name),
    NOBODY_MAY(mark_files),
    NOBODY_MAY(watch_name),
    NOBODY_MAY(copy_range),
    NOBODY_MAY(move_pipe),
    NOBODY_MAY(pages_to_pipe),
    NOBODY_MAY(attribute_by_name),
    NOBODY_MAY(ring_enter),
    NOBODY_MAY(ring_register),
    NOBODY_MAY(old_ring),
    NOBODY_MAY(shared_segment),
    NOBODY_MAY(attach_segment),
    NOBODY_MAY(semaphores),
    NOBODY_MAY(old_messages),
    NOBODY_MAY(use_key),
    NOBODY_MAY(request_key),
    NOBODY_MAY(make_timer),
    NOBODY_MAY(resolution),
    NOBODY_MAY(another_filter),
    SANITIZERS_MAY(hook_for_debugger),
    SANITIZERS_MAY(map_of_memory),
    SANITIZERS_MAY(drop_from_set),
    SANITIZERS_MAY(raise_ambient),
    SANITIZERS_MAY(secure_bits),
    {"open_memory", open_memory, S, N | E, EACCES, 1, false, true},
};

const size_t attempts_ways_count = sizeof attempts_ways / sizeof *attempts_ways;
