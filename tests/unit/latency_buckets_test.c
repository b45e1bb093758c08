/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/latency_buckets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "random_numbers.h"

enum { DURATIONS = 2000 };

static const double allowed = 0.032;

static void
each_bucket_begins_where_the_one_before_ends(void **state)
{
    (void)state;
    assert_int_equal(neuron_latency_bucket_begin(0), 0);
    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        uint64_t begin = neuron_latency_bucket_begin(i);
        uint64_t end = neuron_latency_bucket_begin(i + 1);

        assert_true(end > begin);
        assert_int_equal(neuron_latency_bucket(begin), i);
        assert_int_equal(neuron_latency_bucket(begin + (end - begin) / 2), i);
        assert_int_equal(neuron_latency_bucket(end - 1), i);
    }
}

static void
what_is_longer_than_all_goes_to_the_last_bucket(void **state)
{
    const uint64_t end = neuron_latency_bucket_begin(NEURON_LATENCY_BUCKETS);

    (void)state;
    assert_int_equal(end, UINT64_C(1) << (NEURON_LATENCY_TOP_BITS + NEURON_LATENCY_UNIT_BITS));
    assert_int_equal(neuron_latency_bucket(end), NEURON_LATENCY_BUCKETS - 1);
    assert_int_equal(neuron_latency_bucket(UINT64_C(1) << 63), NEURON_LATENCY_BUCKETS - 1);
    assert_int_equal(neuron_latency_bucket(UINT64_MAX), NEURON_LATENCY_BUCKETS - 1);
}

static void
a_longer_duration_is_in_no_earlier_bucket(void **state)
{
    uint64_t random = 3;
    uint64_t before = 0;

    (void)state;
    while (before < UINT64_C(1) << 45) {
        uint64_t after = before + 1 + (before >> 7) + random_below(&random, 9);

        assert_true(neuron_latency_bucket(before) <= neuron_latency_bucket(after));
        before = after;
    }
}

static void
nothing_counted_has_no_quantile(void **state)
{
    const uint64_t counts[NEURON_LATENCY_BUCKETS] = {0};

    (void)state;
    for (uint32_t permille = 0; permille <= 1000; permille += 1) {
        assert_true(neuron_latency_quantile(counts, permille) == 0);
    }
}

static void
all_quantiles_of_one_are_that_one(void **state)
{
    static const uint64_t durations[] = {1000, 123456, UINT64_C(1) << 40};

    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i += 1) {
        uint64_t counts[NEURON_LATENCY_BUCKETS] = {0};
        double expected = (double)durations[i];

        counts[neuron_latency_bucket(durations[i])] = 1;
        for (uint32_t permille = 0; permille <= 1000; permille += 50) {
            double found = neuron_latency_quantile(counts, permille);

            assert_true(fabs(found - expected) <= allowed * expected);
        }
    }
}

static void
the_ends_are_the_least_and_the_most(void **state)
{
    uint64_t counts[NEURON_LATENCY_BUCKETS] = {0};

    (void)state;
    counts[0] = 1;
    counts[200] = 1000000;
    counts[NEURON_LATENCY_BUCKETS - 1] = 1;
    assert_true(neuron_latency_quantile(counts, 0) < (double)neuron_latency_bucket_begin(1));
    assert_true(neuron_latency_quantile(counts, 1000) >
                (double)neuron_latency_bucket_begin(NEURON_LATENCY_BUCKETS - 1));
    for (uint32_t permille = 1; permille < 1000; permille += 1) {
        double found = neuron_latency_quantile(counts, permille);

        assert_true(found > (double)neuron_latency_bucket_begin(200));
        assert_true(found < (double)neuron_latency_bucket_begin(201));
    }
}

static int
compare_durations(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* Random durations of all sizes that are told apart, sorted, and counted. */
static void
draw_durations(uint64_t *random, uint64_t *durations, uint64_t *counts)
{
    memset(counts, 0, NEURON_LATENCY_BUCKETS * sizeof(*counts));
    for (uint32_t i = 0; i < DURATIONS; i += 1) {
        uint32_t bits = 10 + random_below(random, 20);

        durations[i] = (UINT64_C(1) << bits) + random_below(random, UINT32_C(1) << bits);
        counts[neuron_latency_bucket(durations[i])] += 1;
    }
    qsort(durations, DURATIONS, sizeof(*durations), compare_durations);
}

static void
quantiles_are_those_of_a_sorted_list(void **state)
{
    static uint64_t durations[DURATIONS];
    uint64_t counts[NEURON_LATENCY_BUCKETS];
    uint64_t random = 7;

    (void)state;
    for (uint32_t round = 0; round < 5; round += 1) {
        draw_durations(&random, durations, counts);
        for (uint32_t permille = 0; permille <= 1000; permille += 1) {
            uint32_t rank = (permille * DURATIONS + 999) / 1000;
            double expected = (double)durations[rank == 0 ? 0 : rank - 1];
            double found = neuron_latency_quantile(counts, permille);

            assert_true(fabs(found - expected) <= allowed * expected);
        }
    }
}

static void
huge_counts_leave_no_bucket(void **state)
{
    uint64_t counts[NEURON_LATENCY_BUCKETS];
    const double end = (double)neuron_latency_bucket_begin(NEURON_LATENCY_BUCKETS);

    (void)state;
    memset(counts, 0xFF, sizeof(counts)); /* whose sum does not fit */
    for (uint32_t permille = 0; permille <= 1000; permille += 1) {
        double found = neuron_latency_quantile(counts, permille);

        assert_true(found >= 0);
        assert_true(found < end);
    }
    memset(counts, 0, sizeof(counts));
    counts[9] = UINT64_MAX / 2;
    counts[400] = UINT64_MAX / 2;
    assert_int_equal(neuron_latency_bucket((uint64_t)neuron_latency_quantile(counts, 499)), 9);
    assert_int_equal(neuron_latency_bucket((uint64_t)neuron_latency_quantile(counts, 501)), 400);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bucket_begins_where_the_one_before_ends),
        cmocka_unit_test(what_is_longer_than_all_goes_to_the_last_bucket),
        cmocka_unit_test(a_longer_duration_is_in_no_earlier_bucket),
        cmocka_unit_test(nothing_counted_has_no_quantile),
        cmocka_unit_test(all_quantiles_of_one_are_that_one),
        cmocka_unit_test(the_ends_are_the_least_and_the_most),
        cmocka_unit_test(quantiles_are_those_of_a_sorted_list),
        cmocka_unit_test(huge_counts_leave_no_bucket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
