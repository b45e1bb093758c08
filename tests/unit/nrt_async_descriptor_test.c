/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that tell of a completion. */
#include "check.h"

#include <unistd.h>

#include "nrt/async_queue.h"

#include "descriptors.h"
#include "gate.h"
#include "queue_fixture.h"

static void
a_descriptor_is_readable_when_its_request_is_completed_and_stays_so(void **state)
{
    struct queue_fixture *fixture = *state;
    struct gate first_gate;
    struct gate second_gate;

    gate_close(&first_gate, fixture->executor);
    int first = open_descriptor(fixture, submit(fixture));
    gate_close(&second_gate, fixture->executor);
    int second = open_descriptor(fixture, submit(fixture));
    assert_false(is_readable(first));
    gate_open(&first_gate);
    gate_await_arrival(&second_gate);
    assert_true(becomes_readable(first));
    assert_true(is_readable(first));
    assert_false(is_readable(second));
    gate_open(&second_gate);
    assert_true(becomes_readable(second));
    assert_int_equal(close(first), 0);
    assert_int_equal(close(second), 0);
}

static void
a_descriptor_of_a_completed_request_is_readable_at_once(void **state)
{
    struct queue_fixture *fixture = *state;
    uint64_t sequence = submit(fixture);

    await_completion(fixture, submit(fixture));
    int descriptor = open_descriptor(fixture, sequence);
    assert_true(is_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
}

static void
descriptors_of_one_request_do_not_depend_on_each_other(void **state)
{
    enum { COUNT = 5 };
    struct queue_fixture *fixture = *state;
    uint32_t before = open_descriptor_count();
    int descriptors[COUNT] = {-1};
    struct gate gate;

    gate_close(&gate, fixture->executor);
    uint64_t sequence = submit(fixture);
    for (uint32_t i = 0; i < COUNT; i += 1) {
        descriptors[i] = open_descriptor(fixture, sequence);
    }
    assert_int_equal(close(descriptors[0]), 0);
    assert_int_equal(close(descriptors[3]), 0);
    gate_open(&gate);
    assert_true(becomes_readable(descriptors[1]));
    assert_true(becomes_readable(descriptors[2]));
    assert_true(becomes_readable(descriptors[4]));
    assert_int_equal(close(descriptors[1]), 0);
    assert_int_equal(close(descriptors[2]), 0);
    assert_int_equal(close(descriptors[4]), 0);
    libnrt_async_queue_drain(fixture->queue);
    assert_true(descriptor_count_becomes(before));
}

static void
descriptors_that_are_all_closed_early_leave_none_behind(void **state)
{
    struct queue_fixture *fixture = *state;
    uint32_t before = open_descriptor_count();
    struct gate gate;

    gate_close(&gate, fixture->executor);
    uint64_t sequence = submit(fixture);
    assert_int_equal(close(open_descriptor(fixture, sequence)), 0);
    assert_int_equal(close(open_descriptor(fixture, sequence)), 0);
    gate_open(&gate);
    await_completion(fixture, submit(fixture));
    assert_true(descriptor_count_becomes(before));
}

static void
without_free_descriptors_a_request_is_done_all_the_same(void **state)
{
    struct queue_fixture *fixture = *state;
    struct neuron_error error = {0};
    struct descriptor_limit limit;
    struct gate gate;
    int descriptor = -7;

    gate_close(&gate, fixture->executor);
    uint64_t sequence = submit(fixture);
    for (uint32_t spare = 0; spare < 2; spare += 1) {
        descriptor_limit_lower(&limit, spare);
        enum neuron_status status =
            libnrt_async_queue_open_descriptor(fixture->queue, sequence, &descriptor, &error);
        descriptor_limit_restore(&limit);
        assert_status(NEURON_SYSTEM, status, &error);
        assert_contains(error.text, "ulimit -n");
        assert_int_equal(descriptor, -7);
    }
    gate_open(&gate);
    await_completion(fixture, sequence);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_descriptor_is_readable_when_its_request_is_completed_and_stays_so,
            queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_descriptor_of_a_completed_request_is_readable_at_once,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(descriptors_of_one_request_do_not_depend_on_each_other,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(descriptors_that_are_all_closed_early_leave_none_behind,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(without_free_descriptors_a_request_is_done_all_the_same,
                                        queue_fixture_create, queue_fixture_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
