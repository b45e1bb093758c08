/* SPDX-License-Identifier: Apache-2.0 */
#include "node/execution_counts.h"

#include "neuron/status.h"

#include "check.h"

static void
each_status_has_its_place(void **state)
{
    const uint64_t ended[NEURON_COUNTER_STATUSES] = {[NEURON_OK] = 100,
                                                     [NEURON_NUMERICAL_ERROR] = 2,
                                                     [NEURON_TIMED_OUT] = 3,
                                                     [NEURON_PEER_LOST] = 4,
                                                     [NEURON_COUNTER_STATUSES - 1] = 5};
    const uint64_t refused[NEURON_COUNTER_STATUSES] = {
        [NEURON_INVALID_ARGUMENT] = 6, [NEURON_QUEUE_FULL] = 7, [NEURON_DAMAGED_MODEL] = 8};
    struct neuron_execution_counts counts = {.ends = {1}};

    (void)state;
    neuron_execution_counts_add(ended, refused, &counts);
    assert_int_equal(counts.ends[NEURON_EXECUTION_COMPLETED], 101);
    assert_int_equal(counts.ends[NEURON_EXECUTION_WITH_ERROR], 9);
    assert_int_equal(counts.ends[NEURON_EXECUTION_WITH_NUMERICAL_ERROR], 2);
    assert_int_equal(counts.ends[NEURON_EXECUTION_TIMED_OUT], 3);
    assert_int_equal(counts.ends[NEURON_EXECUTION_INCORRECT_INPUT], 6);
    assert_int_equal(counts.ends[NEURON_EXECUTION_FAILED_TO_QUEUE], 15);
    assert_int_equal(counts.faults[NEURON_FAULT_GENERIC], 11);
    assert_int_equal(counts.faults[NEURON_FAULT_NUMERICAL], 2);
    assert_int_equal(counts.faults[NEURON_FAULT_TRANSIENT], 7);
    assert_int_equal(counts.faults[NEURON_FAULT_MODEL], 8);
    assert_int_equal(counts.faults[NEURON_FAULT_RUNTIME], 7);
    assert_int_equal(counts.faults[NEURON_FAULT_HARDWARE], 0);
}

/* Whatever there was is told once as an end, and once as a fault unless it had results. */
static void
nothing_is_lost_or_told_twice(void **state)
{
    uint64_t ended[NEURON_COUNTER_STATUSES] = {0};
    uint64_t refused[NEURON_COUNTER_STATUSES] = {0};
    struct neuron_execution_counts counts = {0};
    uint64_t ends = 0;
    uint64_t faults = 0;

    (void)state;
    for (uint32_t i = 1; i < NEURON_COUNTER_STATUSES; i += 1) {
        ended[i] = 1;
        refused[i] = 1;
    }
    neuron_execution_counts_add(ended, refused, &counts);
    for (uint32_t i = 0; i < NEURON_EXECUTION_ENDS; i += 1) {
        ends += counts.ends[i];
    }
    for (uint32_t i = 0; i < NEURON_EXECUTION_FAULTS; i += 1) {
        faults += counts.faults[i];
    }
    assert_int_equal(ends, 2 * (NEURON_COUNTER_STATUSES - 1));
    assert_int_equal(faults, ends);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_its_place),
        cmocka_unit_test(nothing_is_lost_or_told_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
