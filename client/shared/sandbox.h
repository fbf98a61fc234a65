/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every process does to itself before it listens to anybody: no way to more rights, memory
 * that nobody reads, and only the system calls of sandbox_table.c. Files are sandbox_files.h's.
 *
 * A call that is not allowed is not made: it ends the process, which says to the others which call
 * it was.
 */
#ifndef NTSC_SANDBOX_H
#define NTSC_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* The filters, made at build time; each program links its own. */
extern const struct sock_filter sandbox_ntsc[], sandbox_starter[], sandbox_engine[], sandbox_ke[];
extern const unsigned short sandbox_ntsc_len, sandbox_starter_len, sandbox_engine_len,
    sandbox_ke_len;

enum sandbox_process { SANDBOX_NTSC, SANDBOX_STARTER, SANDBOX_ENGINE, SANDBOX_KE };
#define SANDBOX_PROCESSES 4

/* Where ntsc-engine and ntsc-ke find the pipe for struct sandbox_report. */
#define SANDBOX_REPORT_FD 9

/* What a process that did what it may not has to say. */
struct sandbox_report {
    int32_t process; /* enum sandbox_process: whoever reads it knows from whom it can be */
    int32_t call;    /* its number, or one of these */
};

/* It could not confine itself though the kernel knows how to, and has ended. */
#define SANDBOX_NO_RULES  (-1) /* Landlock */
#define SANDBOX_NO_FILTER (-2) /* seccomp */

/* No core file, and no other process of this user looks in. */
void sandbox_close_memory(void);

/* For this process and all that it starts: what is in memory stays out of core files. */
void sandbox_exclude_memory(void);

/* Lowers a limit for good. */
void sandbox_limit(int resource, rlim_t limit);

/* What came of confining oneself. */
enum sandbox_result {
    SANDBOX_HOLDS,
    SANDBOX_ABSENT, /* the kernel cannot do it: nothing has changed */
    SANDBOX_FAILED, /* it could, and did not */
};

/* Says so to who reads the reports, and ends the process, when one of them has failed. */
void sandbox_end_unless(enum sandbox_process process, int fd, enum sandbox_result rules,
                        enum sandbox_result filter);

/*
 * From here on this process reports to `fd` which call a filter forbade it, one that it inherited
 * too. Begins before main(), so that nothing but libc's own start is left out.
 */
bool sandbox_watch(enum sandbox_process process, int fd);

/* Applies a filter, for good; reports go to `fd`. */
enum sandbox_result sandbox_filter(enum sandbox_process process, int fd,
                                   const struct sock_filter *filter, unsigned short len);

/* Takes one report, if there is one that any process can have made. */
bool sandbox_take_report(int fd, struct sandbox_report *r);

/* Logs it. */
void sandbox_log_report(const struct sandbox_report *r);

#endif
