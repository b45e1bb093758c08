/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdint.h>

#include "cc_latency.h"

static void
one_time_is_every_percentile(void **state)
{
    uint64_t times[] = {7};
    struct neuron_cc_latency latency = neuron_cc_latency_of(times, 1);

    (void)state;
    assert_int_equal(latency.total_ns, 7);
    assert_int_equal(latency.least_ns, 7);
    assert_int_equal(latency.p50_ns, 7);
    assert_int_equal(latency.p99_ns, 7);
    assert_int_equal(latency.most_ns, 7);
}

static void
percentiles_are_times_of_the_list(void **state)
{
    uint64_t times[100];

    (void)state;
    for (uint64_t i = 0; i < 100; i += 1) {
        times[(i * 37) % 100] = i + 1;
    }
    struct neuron_cc_latency latency = neuron_cc_latency_of(times, 100);
    assert_int_equal(latency.total_ns, 5050);
    assert_int_equal(latency.least_ns, 1);
    assert_int_equal(latency.p50_ns, 50);
    assert_int_equal(latency.p90_ns, 90);
    assert_int_equal(latency.p99_ns, 99);
    assert_int_equal(latency.most_ns, 100);
}

static void
few_times_round_up(void **state)
{
    uint64_t times[] = {30, 10, 20};
    struct neuron_cc_latency latency = neuron_cc_latency_of(times, 3);

    (void)state;
    assert_int_equal(latency.p50_ns, 20);
    assert_int_equal(latency.p90_ns, 30);
    assert_int_equal(latency.p99_ns, 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_time_is_every_percentile),
        cmocka_unit_test(percentiles_are_times_of_the_list),
        cmocka_unit_test(few_times_round_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
