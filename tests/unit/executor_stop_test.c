/* SPDX-License-Identifier: Apache-2.0 */
/* How executors start, fail to start, and stop, step by step, on an invented machine. */
#include "executor/executor.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "executor/channel.h"
#include "executor/pinned_thread.h"
#include "invented_machine.h"
#include "thread_state.h"

/* One executor, made of its parts. */
struct machine {
    struct neuron_topology *topology;
    struct neuron_process_counters *counters;
    struct neuron_channel_group *group;
    struct neuron_executor *executor;
};

static int
create_machine(void **state)
{
    static struct machine machine;
    struct neuron_error error = {0};

    machine.topology = create_topology("pack:1 core:4 pu:1");
    assert_ok(neuron_process_counters_create(machine.topology,
                                             neuron_topology_allowed(machine.topology), NULL,
                                             &machine.counters, &error),
              &error);
    assert_ok(neuron_channel_group_create(machine.topology,
                                          neuron_topology_allowed(machine.topology), &machine.group,
                                          &error),
              &error);
    assert_ok(neuron_executor_create(machine.group, machine.counters, machine.topology, 0,
                                     &machine.executor, &error),
              &error);
    *state = &machine;
    return 0;
}

static int
destroy_machine(void **state)
{
    struct machine *machine = *state;

    neuron_executor_stop_accepting(machine->executor);
    neuron_executor_join(machine->executor);
    neuron_executor_destroy(machine->executor);
    neuron_channel_group_destroy(machine->group);
    neuron_process_counters_destroy(machine->counters);
    neuron_topology_destroy(machine->topology);
    return 0;
}

static struct neuron_completion *
create_completion(void)
{
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_completion_create(&completion, &error), &error);
    return completion;
}

/* Work that lasts until the test says so. */
struct pause {
    _Atomic bool is_reached;
    _Atomic bool is_over;
};

static void
run_pause(void *argument)
{
    struct pause *pause = argument;

    atomic_store(&pause->is_reached, true);
    while (!atomic_load(&pause->is_over)) {
        (void)sched_yield();
    }
}

static void
add_one(void *argument)
{
    uint32_t *count = argument;

    *count += 1;
}

static void
submit_after_stop_is_refused(void **state)
{
    const struct machine *machine = *state;
    struct neuron_completion *completion = create_completion();
    struct neuron_error error = {0};
    uint32_t count = 0;
    const struct neuron_request request = {add_one, &count, completion};

    neuron_executor_stop_accepting(machine->executor);
    assert_status(NEURON_STOPPED, neuron_executor_submit(machine->executor, &request, &error),
                  &error);
    assert_contains(error.text, "nc:0 takes no more requests");
    neuron_completion_wait(completion);
    neuron_executor_join(machine->executor);
    assert_int_equal(count, 0);
    neuron_completion_destroy(completion);
}

static void
requests_accepted_before_the_stop_are_run(void **state)
{
    enum { REQUESTS = 300 };
    const struct machine *machine = *state;
    struct neuron_completion *completion = create_completion();
    struct neuron_error error = {0};
    struct pause pause = {false, false};
    uint32_t count = 0;
    const struct neuron_request busy = {run_pause, &pause, completion};
    const struct neuron_request request = {add_one, &count, completion};

    neuron_completion_arm(completion, 1 + REQUESTS);
    assert_ok(neuron_executor_submit(machine->executor, &busy, &error), &error);
    for (uint32_t i = 0; i < REQUESTS; i += 1) {
        assert_ok(neuron_executor_submit(machine->executor, &request, &error), &error);
    }
    neuron_executor_stop_accepting(machine->executor);
    atomic_store(&pause.is_over, true);
    neuron_executor_join(machine->executor);
    assert_int_equal(count, REQUESTS);
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
}

static void
stopping_twice_is_stopping_once(void **state)
{
    const struct machine *machine = *state;

    neuron_executor_stop_accepting(machine->executor);
    neuron_executor_stop_accepting(machine->executor);
    neuron_executor_join(machine->executor);
    neuron_executor_join(machine->executor);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_executor_destroy(NULL);
    neuron_channel_destroy(NULL);
    neuron_channel_group_destroy(NULL);
    neuron_pinned_thread_stop(NULL);
}

static void
a_second_inbox_of_one_core_is_refused_and_leaves_no_thread(void **state)
{
    const struct machine *machine = *state;
    struct neuron_executor *second = NULL;
    struct neuron_error error = {0};
    unsigned threads = thread_count();

    assert_status(NEURON_SYSTEM,
                  neuron_executor_create(machine->group, machine->counters, machine->topology, 0,
                                         &second, &error),
                  &error);
    assert_contains(error.text, "cannot make the inbox of nc:0: Address already in use");
    assert_null(second);
    assert_true(thread_count_falls_to(threads));
}

/* Leaves so many descriptors to be opened. Returns the limit as it was before. */
static struct rlimit
leave_descriptors(unsigned count)
{
    struct rlimit before = {0};
    int next = dup(0);

    assert_true(next >= 0);
    assert_int_equal(close(next), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit left = {.rlim_cur = (rlim_t)next + count, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &left), 0);
    return before;
}

static void
an_executor_without_free_descriptors_is_refused(void **state)
{
    const struct machine *machine = *state;
    struct neuron_executor *second = NULL;
    struct neuron_error error = {0};

    for (unsigned left = 0; left < 2; left += 1) {
        const struct rlimit before = leave_descriptors(left);
        enum neuron_status status = neuron_executor_create(machine->group, machine->counters,
                                                           machine->topology, 1, &second, &error);

        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_status(NEURON_SYSTEM, status, &error);
        assert_contains(error.text, "cannot make the inbox of nc:1: Too many open files");
        assert_null(second);
    }
}

static void
a_group_without_free_descriptors_is_refused_with_what_to_do(void **state)
{
    const struct machine *machine = *state;
    struct neuron_channel_group *group = NULL;
    struct neuron_error error = {0};

    for (unsigned left = 0; left < 2 * 4 + 3; left += 1) {
        const struct rlimit before = leave_descriptors(left);
        enum neuron_status status = neuron_channel_group_create(
            machine->topology, neuron_topology_allowed(machine->topology), &group, &error);

        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_status(NEURON_SYSTEM, status, &error);
        assert_contains(error.text, "cannot open the 11 descriptors that the inboxes of 4 cores");
        assert_contains(error.text, "ulimit -n");
        assert_null(group);
    }
}

static enum neuron_status
fail_to_prepare(void *argument, struct neuron_error *error)
{
    (void)argument;
    return NEURON_FAIL(error, NEURON_TIMED_OUT, "prepared for nothing");
}

static void
a_thread_whose_preparation_fails_is_not_started(void **state)
{
    const struct machine *machine = *state;
    const struct neuron_pinned_thread_options options = {
        .topology = machine->topology, .name = "a very long name", .prepare = fail_to_prepare};
    struct neuron_pinned_thread *thread = NULL;
    struct neuron_error error = {0};
    unsigned threads = thread_count();

    assert_status(NEURON_TIMED_OUT, neuron_pinned_thread_start(&options, &thread, &error), &error);
    assert_string_equal(error.text, "prepared for nothing");
    assert_status(NEURON_TIMED_OUT, neuron_pinned_thread_start(&options, &thread, NULL), NULL);
    assert_null(thread);
    assert_true(thread_count_falls_to(threads));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(submit_after_stop_is_refused, create_machine,
                                        destroy_machine),
        cmocka_unit_test_setup_teardown(requests_accepted_before_the_stop_are_run, create_machine,
                                        destroy_machine),
        cmocka_unit_test_setup_teardown(stopping_twice_is_stopping_once, create_machine,
                                        destroy_machine),
        cmocka_unit_test(destroy_accepts_nothing),
        cmocka_unit_test_setup_teardown(a_second_inbox_of_one_core_is_refused_and_leaves_no_thread,
                                        create_machine, destroy_machine),
        cmocka_unit_test_setup_teardown(an_executor_without_free_descriptors_is_refused,
                                        create_machine, destroy_machine),
        cmocka_unit_test_setup_teardown(a_group_without_free_descriptors_is_refused_with_what_to_do,
                                        create_machine, destroy_machine),
        cmocka_unit_test_setup_teardown(a_thread_whose_preparation_fails_is_not_started,
                                        create_machine, destroy_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
