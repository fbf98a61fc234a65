/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/engine_ke.h"

#include <string.h>
#include <unistd.h>

#include "client/engine/parent.h"
#include "client/engine/pool_engine.h"
#include "client/engine/tell.h"
#include "client/shared/clocks.h"
#include "client/shared/ipc.h"
#include "common/base/invariant.h"

/*
 * The time that is left, but a tenth of it: an exchange that fails is to tell its reason before our
 * own time is up, and its clock only runs once it has been started, on a busy machine too.
 */
#define SPARE_SHARE 10

void engine_ke_start(struct engine *e, struct host *h)
{
    int left = mono_ms_until(e->deadline, clocks_mono(),
                             KE_TIMEOUT_MAX_MS / (SPARE_SHARE - 1) * SPARE_SHARE);
    struct msg_ke_start m = {.type = MSG_KE_START,
                             .index = h->server.index,
                             .generation = e->setup.generation,
                             .two_steps = e->two_steps,
                             .plain_aead = h->plain_aead,
                             .last_good_s = e->last_good_s};

    pool_tell(e, h, &m);
    m.timeout_ms = left >= SPARE_SHARE ? left - left / SPARE_SHARE : 1;
    parent_send(&m, sizeof m);
}

static void ke_failed(struct engine *e, struct host *h, const struct failure *f, bool reached)
{
    struct source_out out = {.n = 0};

    /* A process that died says nothing about the network, nor a pool that is small. */
    engine_found_way(h, reached || f->reason == REASON_CHILD_DIED || f->reason == REASON_NONSENSE ||
                            f->reason == REASON_NO_OTHER);
    if (f->reason == REASON_NO_OTHER)
        h->left.ntp.family = 0; /* where there is no other, the one it had may come back */
    source_ke_failed(&h->source, clocks_mono(), f, reached, &out);
    engine_perform(e, h, &out);
}

void engine_ke_answer(struct engine *e, struct host *h)
{
    struct msg_ke_answer a;
    struct failure same = failure_make(STAGE_RESOLVE, REASON_NO_OTHER, 0), bad;
    ssize_t n = ipc_receive(h->ke_fd, &a, sizeof a, NULL);

    close(h->ke_fd);
    h->ke_fd = -1;
    if (n <= 0 || !msg_ke_answer_valid(&a, (size_t)n)) {
        bad = n <= 0 ? failure_make(STAGE_LOCAL, REASON_CHILD_DIED, 0)
                     : failure_make(STAGE_LOCAL, REASON_NONSENSE, (int32_t)n);
        ke_failed(e, h, &bad, false);
    } else if (a.fail.stage != STAGE_OK) {
        ke_failed(e, h, &a.fail, a.reached);
    } else if (pool_has(e, h, &a)) {
        ke_failed(e, h, &same, true);
    } else {
        struct source_out out = {.n = 0};
        struct nts_session s = {.c2s = a.c2s,
                                .s2c = a.s2c,
                                .cookies = a.cookies,
                                .n_ntp = a.n_ntp,
                                .ke = a.ke,
                                .not_before_s = a.not_before_s,
                                .not_after_s = a.not_after_s,
                                .made = clocks_wall(),
                                .plain_aead = a.plain_aead != 0,
                                .provisional = a.provisional != 0};

        h->plain_aead = s.plain_aead;

        memcpy(s.ntp, a.ntp, sizeof s.ntp);
        h->counts.key_exchanges++;
        tell_key_exchange(h, &s);
        h->member = a.member;
        source_ke_done(&h->source, clocks_mono(), &s, &out);
        engine_perform(e, h, &out);
        nts_session_clear(&s);
    }
    explicit_bzero(&a, sizeof a);
}

bool engine_ke_socket(struct engine *e, const struct msg_ke_socket *m, int fd)
{
    struct host *h = &e->hosts[m->index];
    struct failure f = failure_make(STAGE_LOCAL, REASON_SYSTEM, m->error);
    /* Else asked before the configuration was read again: asked anew since. */
    bool ours = m->generation == e->setup.generation;

    INVARIANT(m->index < e->setup.servers); /* its _valid function has seen to it */
    if (fd < 0 && m->error == 0 && m->wait_ms == 0)
        return false;
    if (fd >= 0 && (!ours || h->ke_fd >= 0 || h->source.state != SOURCE_KE))
        close(fd);
    else if (fd >= 0)
        h->ke_fd = fd;
    else if (ours && m->error != 0)
        ke_failed(e, h, &f, false);
    else if (ours)
        source_ke_held(&h->source, clocks_mono(), m->wait_ms * NS_PER_MS);
    return true;
}
