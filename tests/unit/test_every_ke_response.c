/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small spaces of NTS-KE in full: every change of one bit and of two, every truncation and every
 * value of each length field of a valid response; every record left out, doubled, exchanged with
 * another and of another size; every way to receive it in two parts. What is to come of each, a
 * second reader of section 4 of RFC 8915 says, which shares no line with the one under test; and
 * after all of them the valid one is accepted as ever.
 */
#include "tests/unit/test.h"

#include "common/nts/nts_ke_msg.h"

#define RECORDS_MAX 16
#define CRITICAL    0x80

/* One record, the octets of its header first. */
struct record {
    uint8_t octets[64];
    size_t len;
};

static struct record make(unsigned flags, uint8_t type, const char *body, size_t len)
{
    struct record r = {.octets = {(uint8_t)flags, type, 0, (uint8_t)len}, .len = 4 + len};

    memcpy(r.octets + 4, body, len);
    return r;
}

struct message {
    struct record records[RECORDS_MAX];
    size_t n;
};

static struct message valid(void)
{
    return (struct message){.n = 8,
                            .records = {
                                make(CRITICAL, 1, "\0\0", 2),
                                make(CRITICAL, 4, "\0\x0f", 2),
                                make(0, 6, "a1.example", 10),
                                make(0x40, 1, "wxyz", 4), /* unknown, not critical */
                                make(0, 7, "\x10\x92", 2),
                                make(0, 5, "cookie-number-1", 15),
                                make(0, 5, "another", 7),
                                make(CRITICAL, 0, "", 0),
                            }};
}

static size_t join(const struct message *m, uint8_t *to)
{
    size_t len = 0;

    for (size_t i = 0; i < m->n; i++) {
        memcpy(to + len, m->records[i].octets, m->records[i].len);
        len += m->records[i].len;
    }
    return len;
}

/* What the second reader makes of a response. */
struct reading {
    bool good;
    unsigned aead, port, cookies;
    char server[256];
    size_t last; /* where the cookie read last begins */
};

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Names as here, of two labels at most, never all digits: what changes of bits and sizes make of
 * one. An address never comes of them. */
static bool name_good(const uint8_t *name, size_t len)
{
    bool any_letter = false;
    uint8_t before = '.';

    if (len > 1 && name[len - 1] == '.')
        len--;
    for (size_t i = 0; i < len; i++) {
        bool digit = name[i] >= '0' && name[i] <= '9';

        if (!letter(name[i]) && !digit && name[i] != '-' && name[i] != '.' && name[i] != '_')
            return false;
        if ((name[i] == '.' || name[i] == '-') && before == '.')
            return false;
        if (name[i] == '.' && before == '-')
            return false;
        before = name[i];
        any_letter |= letter(name[i]);
    }
    return len > 0 && before != '.' && before != '-' && any_letter;
}

static bool read_one(struct reading *r, unsigned *seen, unsigned type, bool critical,
                     const uint8_t *body, size_t len)
{
    unsigned two = len == 2 ? (unsigned)body[0] * 256 + body[1] : 0x10000;

    if (type > 7)
        return !critical;
    if (type != 5 && *seen >> type & 1)
        return false;
    *seen |= 1U << type;
    switch (type) {
    case 0:
        return critical && len == 0;
    case 1:
        return critical && two == 0;
    case 4:
        r->aead = two;
        return two >= 15 && two <= 17;
    case 5:
        r->cookies += len > 0 && len <= NTS_COOKIE_MAX && r->cookies < NTS_POOL_MAX;
        return true;
    case 6:
        if (len > 255 || !name_good(body, len))
            return false;
        memcpy(r->server, body, len);
        r->server[len] = 0;
        return true;
    case 7:
        r->port = two;
        return two > 0 && two < 0x10000;
    default:
        return false; /* errors and warnings */
    }
}

static struct reading read_again(const uint8_t *data, size_t len)
{
    struct reading r = {.port = 123};
    unsigned seen = 0;
    size_t at = 0;

    while (!(seen & 1)) {
        size_t body;

        if (at + 4 > len)
            return r;
        body = (size_t)data[at + 2] * 256 + data[at + 3];
        if (at + 4 + body > len || !read_one(&r, &seen, (data[at] & 0x7fU) * 256 + data[at + 1],
                                             data[at] >> 7, data + at + 4, body))
            return r;
        at += 4 + body;
    }
    r.good = at == len && (seen & 1 << 1) && (seen & 1 << 4) && r.cookies > 0;
    return r;
}

static struct {
    size_t tried, good;
} count;

/* Both say the same; an answer that is refused leaves nothing behind. */
static void judge(const uint8_t *data, size_t len)
{
    static const struct nts_ke_answer nothing;
    const struct aead_list offered = {.n = 3, .id = {15, 16, 17}};
    struct reading want = read_again(data, len);
    struct nts_ke_answer a;
    struct failure f;
    bool good;

    memset(&a, 0x5a, sizeof a);
    good = nts_ke_response_check(data, len, &offered, &a, &f);
    count.tried++;
    count.good += good;
    if (good != want.good)
        fail_msg("taken: %d, by the second reader: %d", good, want.good);
    if (!good) {
        assert_memory_equal(&a, &nothing, sizeof a);
        assert_int_not_equal(f.stage, STAGE_OK);
        return;
    }
    assert_int_equal(a.aead, want.aead);
    assert_int_equal(a.ntp_port, want.port);
    assert_int_equal(a.cookies.count, want.cookies);
    assert_string_equal(a.ntp_server, want.server);
}

static void judge_message(const struct message *m)
{
    uint8_t data[RECORDS_MAX * sizeof(struct record)];
    size_t len = join(m, data);
    uint8_t *copy = test_exact(data, len);

    judge(copy, len);
    free(copy);
}

/* The valid one, at the end of every test. */
static void still_accepted(size_t least)
{
    struct message m = valid();
    size_t good = count.good;

    assert_true(count.tried >= least);
    judge_message(&m);
    assert_int_equal(count.good, good + 1);
    print_message("%zu tried, %zu of them valid\n", count.tried, count.good);
}

static int begin(void **state)
{
    (void)state;
    memset(&count, 0, sizeof count);
    return 0;
}

static void flip(uint8_t *data, size_t bit)
{
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void one_bit_and_two(void **state)
{
    struct message m = valid();
    uint8_t data[RECORDS_MAX * sizeof(struct record)], *copy;
    size_t len = join(&m, data), bits = len * 8;

    (void)state;
    copy = test_exact(data, len);
    for (size_t first = 0; first < bits; first++) {
        flip(copy, first);
        judge(copy, len);
        for (size_t second = 0; second < first; second++) {
            flip(copy, second);
            judge(copy, len);
            flip(copy, second);
        }
        flip(copy, first);
    }
    free(copy);
    still_accepted(bits * (bits + 1) / 2);
}

static void each_truncation(void **state)
{
    struct message m = valid();
    uint8_t data[RECORDS_MAX * sizeof(struct record)];
    size_t len = join(&m, data);

    (void)state;
    for (size_t n = 0; n < len; n++) {
        uint8_t *copy = test_exact(data, n);

        judge(copy, n);
        free(copy);
    }
    assert_int_equal(count.good, 0);
    still_accepted(len);
}

static void each_length(void **state)
{
    struct message m = valid();

    (void)state;
    for (size_t i = 0; i < m.n; i++)
        for (unsigned v = 0; v <= UINT16_MAX; v++) {
            m = valid();
            m.records[i].octets[2] = (uint8_t)(v >> 8);
            m.records[i].octets[3] = (uint8_t)v;
            judge_message(&m);
        }
    still_accepted(8 * (UINT16_MAX + 1));
}

/* Body and length together: from nothing to twice as much and more. */
static void each_size(void **state)
{
    struct message m = valid();

    (void)state;
    for (size_t i = 0; i < m.n; i++)
        for (size_t size = 0; size < 60; size++) {
            m = valid();
            memset(m.records[i].octets + m.records[i].len, 'a', 64 - m.records[i].len);
            m.records[i].octets[3] = (uint8_t)size;
            m.records[i].len = 4 + size;
            judge_message(&m);
        }
    still_accepted(m.n * 60);
}

/* Record i taken out, and put in again before `to`. */
static void move(struct message *m, size_t i, size_t to)
{
    struct record r = m->records[i];

    memmove(m->records + i, m->records + i + 1, (m->n - i - 1) * sizeof r);
    memmove(m->records + to + 1, m->records + to, (m->n - to - 1) * sizeof r);
    m->records[to] = r;
}

static void left_out_and_doubled(void **state)
{
    struct message m;

    (void)state;
    for (unsigned set = 0; set < 1 << 8; set++) { /* every selection of records */
        struct message all = valid();

        m.n = 0;
        for (size_t i = 0; i < all.n; i++)
            if (set >> i & 1)
                m.records[m.n++] = all.records[i];
        judge_message(&m);
    }
    for (size_t i = 0; i < 8; i++)
        for (size_t to = 0; to <= 8; to++) {
            m = valid();
            m.records[m.n++] = m.records[i];
            move(&m, m.n - 1, to);
            judge_message(&m);
        }
    still_accepted(256 + 72);
}

/* Every order of all of them. */
static void orders(struct message *m, size_t from)
{
    if (from == m->n) {
        judge_message(m);
        return;
    }
    for (size_t i = from; i < m->n; i++) {
        move(m, i, from);
        orders(m, from + 1);
        move(m, from, i);
    }
}

static void each_order(void **state)
{
    struct message m = valid();

    (void)state;
    orders(&m, 0);
    assert_int_equal(count.tried, 8 * 7 * 6 * 5 * 4 * 3 * 2);
    assert_int_equal(count.good, count.tried / 8); /* the end is the last */
    still_accepted(count.tried);
}

/* In two reads, parted anywhere, and in three: whole with the last octet, not before. */
static void each_way_to_split(void **state)
{
    struct message m = valid();
    uint8_t data[RECORDS_MAX * sizeof(struct record)];
    size_t len = join(&m, data);

    (void)state;
    for (size_t first = 0; first < len; first++)
        for (size_t second = first; second < len; second++) {
            uint8_t *a = test_exact(data, first), *b = test_exact(data, second);
            size_t pos = 0;

            assert_false(nts_ke_response_complete(a, first, &pos));
            assert_false(nts_ke_response_complete(b, second, &pos));
            assert_true(nts_ke_response_complete(data, len, &pos));
            free(a);
            free(b);
            judge(data, len);
        }
    assert_int_equal(count.good, count.tried);
    still_accepted(len * len / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_bit_and_two, begin),
        cmocka_unit_test_setup(each_truncation, begin),
        cmocka_unit_test_setup(each_length, begin),
        cmocka_unit_test_setup(each_size, begin),
        cmocka_unit_test_setup(left_out_and_doubled, begin),
        cmocka_unit_test_setup(each_order, begin),
        cmocka_unit_test_setup(each_way_to_split, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
