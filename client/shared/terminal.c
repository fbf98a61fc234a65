/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/digit.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000

unsigned terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    unsigned long n = 0;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    else if (columns != NULL && digit_is(columns[0]))
        n = strtoul(columns, NULL, 10);
    return n > 0 && n <= WIDTH_MAX ? (unsigned)n : WIDTH_DEFAULT;
}
