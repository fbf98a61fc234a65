/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/status_file.h"

#include <errno.h>

#include "client/shared/replace_file.h"
#include "client/shared/runtime_path.h"
#include "common/status/status_json.h"

/* Returns the octets, 0 when there are too many sources. */
static size_t compose(char *buf, size_t cap, const struct status *s,
                      const struct status_source *sources, unsigned n)
{
    size_t used = status_json_head(s, buf, cap);
    size_t len = used;

    for (unsigned i = 0; i < n && len > 0; i++) {
        len = status_json_source(&sources[i], s->at, i == 0, buf + used, cap - used);
        used += len;
    }
    if (len > 0) {
        len = status_json_tail(buf + used, cap - used);
        used += len;
    }
    return len > 0 ? used : 0;
}

/* Not durable: the directory is in memory (/run), and gone after a crash anyway. */
int status_file_write(int dir, const struct status *s, const struct status_source *sources,
                      unsigned n)
{
    /* Only the pages that are written to ever cost memory. */
    static char buf[STATUS_FILE_MAX];
    size_t len = compose(buf, sizeof buf, s, sources, n);

    return len == 0 ? EMSGSIZE : replace_file(dir, STATUS_FILE, buf, len, 0644, false);
}
