/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/clock.h"

#include <time.h>

#include "check.h"

#include "tick.h"

static uint64_t
read_kernel_clock(void)
{
    struct timespec now = {.tv_sec = 0};

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * NEURON_NS_PER_S + (uint64_t)now.tv_nsec;
}

static void
the_clock_is_that_of_the_kernel(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i += 1) {
        uint64_t before_ns = read_kernel_clock();
        uint64_t now_ns = neuron_clock_ns();

        assert_true(before_ns <= now_ns && now_ns <= read_kernel_clock());
    }
}

static void
a_tick_is_never_ahead_of_the_clock(void **state)
{
    uint64_t last_ms = 0;

    (void)state;
    for (int i = 0; i < 1000; i += 1) {
        uint64_t tick_ms = neuron_clock_tick_ms();

        assert_true(tick_ms > 0 && tick_ms >= last_ms);
        assert_true(tick_ms <= neuron_clock_ns() / NEURON_NS_PER_MS);
        last_ms = tick_ms;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_is_that_of_the_kernel),
        cmocka_unit_test(a_tick_is_never_ahead_of_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
