/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/spare_pages.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#define DEEP   300   /* frames of the smallest kind are more than a page then */
#define BELOW  32768 /* octets of the stack that are used before the release */
#define OCTETS 16

/*
 * Where it can, AddressSanitizer keeps variables away from the stack, as it does by itself from gcc
 * 13 on: there they must not be lost either.
 */
const char *
__asan_default_options(void);            /* NOLINT(bugprone-reserved-identifier): its name for it */
const char *__asan_default_options(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return "detect_stack_use_after_return=1";
}

/* A function of its own keeps a compiler from knowing what is in them. */
static void __attribute__((noinline)) fill(volatile uint8_t *octets, size_t n, unsigned value)
{
    for (size_t i = 0; i < n; i++)
        octets[i] = (uint8_t)(value + i);
}

static unsigned __attribute__((noinline))
wrong(const volatile uint8_t *octets, size_t n, unsigned value)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++)
        count += octets[i] != (uint8_t)(value + i);
    return count;
}

/* How many octets of the variables of its callers the release loses. */
static unsigned __attribute__((noinline)) lost(unsigned depth)
{
    volatile uint8_t mine[OCTETS];
    unsigned deeper = 0;

    fill(mine, sizeof mine, depth);
    if (depth == 0)
        spare_pages_release();
    else
        deeper = lost(depth - 1);
    return deeper + wrong(mine, sizeof mine, depth);
}

static void test_callers(void **state)
{
    (void)state;
    /* The deepest first: a release that does harm may put all later variables on the stack again.
     */
    for (unsigned depth = DEEP; depth > 0; depth -= DEEP / 10)
        assert_int_equal(lost(depth), 0);
}

/* On the stack in any case. */
static void __attribute__((noinline, no_sanitize("address"))) use(void)
{
    volatile uint8_t below[BELOW];

    fill(below, sizeof below, 1);
}

/* Whether the page in the middle of what use() has used is in memory. */
static bool __attribute__((noinline, no_sanitize("address"))) is_there(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t middle = (uintptr_t)__builtin_frame_address(0) - BELOW / 2;
    unsigned char there = 0;

    assert_int_equal(mincore((void *)(middle & ~(page - 1)), 1, &there), 0);
    return (there & 1) != 0;
}

static void test_stack_below(void **state)
{
    (void)state;
    if (sysconf(_SC_PAGESIZE) > BELOW / 4)
        skip(); /* what is in use itself may share its page */
    use();
    assert_true(is_there());
    spare_pages_release();
    assert_false(is_there());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callers),
        cmocka_unit_test(test_stack_below),
    };

    return cmocka_run_group_tests_name("spare_pages", tests, NULL, NULL);
}
