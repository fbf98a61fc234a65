/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status of a daemon of which everything is known: no member that status_fields.c has is
 * written as 0 or as not known. Who adds a member and forgets to fill it is told here.
 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/engine/daemon_log.h"
#include "client/engine/daemon_status.h"
#include "client/engine/parent.h"
#include "client/shared/clocks.h"
#include "client/shared/history_file.h"
#include "client/shared/runtime_path.h"
#include "common/status/status_fields.h"
#include "common/status/status_json.h"

static int directory = -1;

int parent_status_dir(const struct msg_setup *m)
{
    (void)m;
    return directory;
}

bool engine_waits_for_network(const struct engine *e, const struct host *h)
{
    (void)e;
    (void)h;
    return false;
}

void daemon_reason(const struct daemon *d, char *buf, size_t n)
{
    snprintf(buf, n, "%s", d->turn.steering == TURN_STEERS ? "" : "why");
}

static void know_host(struct host *h, struct mono now)
{
    struct nts_session *s = &h->source.session;

    strcpy(h->server.host, "a.example");
    h->server.port = 4460;
    h->source.state = SOURCE_POLLING;
    h->source.has_session = true;
    h->source.reach = 255;
    h->source.window_end.ns = now.ns + NS_PER_S;
    s->ke = (struct net_addr){.family = 4, .port = 4460, .addr = {192, 0, 2, 1}};
    s->c2s.id = AEAD_AES_SIV_CMAC_256;
    s->cookies.count = 3;
    s->made.ns = 5 * NS_PER_S;
    s->not_after_s = 7;
    h->ntp = (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, 2}};
    h->source.fail = failure_make(STAGE_CONNECT, REASON_REFUSED, 3);
    h->source.fail.not_before_s = 1;
    h->source.fail.not_after_s = 2;
    strcpy(h->source.fail.detail, "whose");
    h->first_at.ns = now.ns - 9 * NS_PER_S;
    h->answered_at.ns = now.ns - NS_PER_S;
    h->kernel_stamps = true;
    h->counts.queries = h->counts.answers = h->counts.key_exchanges = 3;
    h->counts.failures[STAGE_NAK] = 1;
}

static void know_source(struct ensemble_source *e)
{
    e->poll.log2s = 6;
    e->verdict.state = SELECT_SELECTED;
    e->verdict.off_ns = 4;
    e->claim = (struct select_input){.reachable = true, .offset_ns = 5, .bound_ns = 6};
    e->anew = 1;
    e->has_sample = true;
    e->last = (struct sample){.stratum = 1,
                              .delay_ns = 2,
                              .root_delay_ns = 3,
                              .root_dispersion_ns = 4,
                              .reference_id = 0x47505300};
    e->filter.started = 9;
    e->estimate.var_phase = e->estimate.var_frequency = 1e-12;
    e->estimate.frequency = 1e-6;
}

static void know(struct daemon *d, struct host *h, struct ensemble_source *e)
{
    struct mono now = clocks_mono();
    struct discipline *c = &d->ensemble.discipline;

    memset(d, 0, sizeof *d);
    memset(h, 0, sizeof *h);
    memset(e, 0, sizeof *e);
    know_host(h, now);
    know_source(e);
    d->engine.hosts = h;
    d->engine.setup.servers = 1;
    d->engine.setup.monitor_only = 1;
    d->sources = d->ensemble.sources = e;
    d->ensemble.n = 1;
    d->started.ns = 1;
    d->pid = 2;
    d->steps = d->foreign_changes = 3;
    d->last_step_by = STATUS_STEP_NTSC;
    d->last_step_at.ns = d->last_step_ns = 4;
    c->state = DISCIPLINE_SYNCHRONIZED;
    c->updated = now;
    c->bound_s = c->sd_s = 0.001;
    c->rate = 1e-6;
    c->wander = 1e-9;
    d->ensemble.result.majority = true;
    d->ensemble.result.offset_ns = 5;
    d->ensemble.result.leap = 1;
    d->ensemble.result.agreeing = 1;
}

/* Writes it, and reads it again. */
static void shown(struct daemon *d, struct status *s, struct status_source *source)
{
    static char text[STATUS_FILE_MAX];
    ssize_t n;
    unsigned sources;
    int fd;

    daemon_status_open(d);
    assert_true(daemon_status_show(d));
    close(d->history_fd);
    fd = openat(directory, STATUS_FILE, O_RDONLY | O_CLOEXEC);
    n = read(fd, text, sizeof text);
    close(fd);
    assert_true(n > 0);
    assert_true(status_json_read(text, (size_t)n, s, source, 1, &sources));
    assert_int_equal(sources, 1);
}

/* Whether the member is something else than all zeros or, as "not known" is said of some, -1. */
static bool is_told(const void *from, const struct field *f)
{
    const uint8_t *p = (const uint8_t *)from + f->offset;
    bool zero = true, ones = true;

    for (unsigned i = 0; i < f->size; i++) {
        zero = zero && p[i] == 0;
        ones = ones && p[i] == 0xff;
    }
    return !zero && !(ones && f->size == sizeof(int64_t));
}

static void all_told(const struct fields *fields, const void *a, const void *b)
{
    for (unsigned i = 0; i < fields->n; i++)
        if (!is_told(a, &fields->field[i]) && !is_told(b, &fields->field[i]))
            fail_msg("\"%s\" is not filled", fields->field[i].key);
}

static void test_every_member_is_filled(void **state)
{
    static struct daemon d;
    static struct host h;
    static struct ensemble_source e;
    static struct status steers, watches;
    static struct status_source source, other;

    (void)state;
    know(&d, &h, &e);
    d.turn.steering = TURN_STEERS;
    shown(&d, &steers, &source);
    assert_true(steers.synchronized);
    know(&d, &h, &e);
    d.turn.steering = TURN_WATCHES;
    shown(&d, &watches, &other);
    assert_false(watches.synchronized);
    all_told(&status_fields, &steers, &watches);
    all_told(&status_source_fields, &source, &other);
    all_told(&status_failure_fields, &source.fail, &other.fail);
    assert_int_equal(source.counts.failures[STAGE_NAK], 1);
}

static int make_directory(void **state)
{
    static char name[] = "/tmp/ntsc-status-XXXXXX";

    *state = mkdtemp(name);
    directory = *state == NULL ? -1 : open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory < 0;
}

static int remove_directory(void **state)
{
    (void)unlinkat(directory, STATUS_FILE, 0);
    (void)unlinkat(directory, HISTORY_FILE, 0);
    close(directory);
    return rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_member_is_filled)};

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
