/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/latency_histogram.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"

static struct neuron_latency_sample sample;

static uint64_t
count_up_to(const struct neuron_latency_histogram *histogram, uint32_t bound)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i <= bound; i += 1) {
        count += histogram->counts[i];
    }
    return count;
}

/* Each duration alone: it is within a bound only where it is not above it. */
static void
durations_are_within_their_bounds(void **state)
{
    static const double scales[] = {1.0, 0.37, 3.1};

    (void)state;
    for (uint32_t i = 0; i < 3 * NEURON_LATENCY_BUCKETS; i += 1) {
        double scale = scales[i / NEURON_LATENCY_BUCKETS];
        uint32_t bucket = i % NEURON_LATENCY_BUCKETS;
        double most_s = (double)(neuron_latency_bucket_begin(bucket + 1) - 1) * scale / 1e9;
        struct neuron_latency_histogram histogram = {0};

        memset(&sample, 0, sizeof(sample));
        sample.counts[bucket] = 1;
        neuron_latency_histogram_add(&sample, scale, &histogram);
        assert_int_equal(count_up_to(&histogram, NEURON_HISTOGRAM_BOUNDS), 1);
        for (uint32_t bound = 0; bound < NEURON_HISTOGRAM_BOUNDS; bound += 1) {
            bool is_within = most_s <= neuron_histogram_bounds_s[bound];

            assert_true(is_within || count_up_to(&histogram, bound) == 0);
        }
    }
}

static void
sums_are_those_of_the_durations(void **state)
{
    struct neuron_latency_histogram histogram = {0};

    (void)state;
    memset(&sample, 0, sizeof(sample));
    sample.counts[neuron_latency_bucket(1000000)] = 10; /* ten of a millisecond */
    sample.counts[neuron_latency_bucket(500000000)] = 2;
    neuron_latency_histogram_add(&sample, 1.0, &histogram);
    neuron_latency_histogram_add(&sample, 2.0, &histogram);
    assert_true(histogram.sum_s > 3.03 * 0.94 && histogram.sum_s < 3.03 * 1.06);
    assert_int_equal(count_up_to(&histogram, NEURON_HISTOGRAM_BOUNDS), 24);
    /* Nothing is longer than the last bucket, which holds all that is. */
    memset(&sample, 0, sizeof(sample));
    sample.counts[NEURON_LATENCY_BUCKETS - 1] = 1;
    struct neuron_latency_histogram last = {0};
    neuron_latency_histogram_add(&sample, 1e-9, &last);
    assert_int_equal(last.counts[NEURON_HISTOGRAM_BOUNDS], 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_within_their_bounds),
        cmocka_unit_test(sums_are_those_of_the_durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
