/* SPDX-License-Identifier: Apache-2.0 */
/* Which cores a runtime gets from its options and the environment, and what it starts on them. */
#include "neuron/runtime.h"

#include <dirent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child_process.h"
#include "environment_variable.h"
#include "invented_machine.h"
#include "neuron/executor.h"
#include "runtime_body.h"
#include "test_runtime.h"
#include "thread_state.h"

static const char eight_cores[] = "numa:2 core:4 pu:2";

static unsigned threads_at_start; /* those of a sanitizer included */

static int
count_threads(void **state)
{
    (void)state;
    threads_at_start = thread_count_at_rest();
    return threads_at_start > 0 ? 0 : -1;
}

static int
begin_test(void **state)
{
    static struct test_runtime test;

    test.runtime = NULL;
    test_folder_create(&test.folder);
    invent_machine(eight_cores);
    set_variable("NEURON_RT_LEASE_DIRECTORY", test.folder.path);
    set_variable("NEURON_RT_VISIBLE_CORES", NULL);
    set_variable("NEURON_RT_NUM_CORES", NULL);
    set_variable("NEURONRUN_LEASE", NULL);
    set_variable("NEURONCORE_GROUP_SIZES", NULL);
    *state = &test;
    return 0;
}

static int
end_test(void **state)
{
    test_runtime_destroy(*state);
    return thread_count_falls_to(threads_at_start) ? 0 : -1;
}

/* Makes a runtime as the environment asks, and says which cores it has. */
static void
check_runtime(struct test_runtime *test, const char *visible_cores, const char *core_count,
              const char *expected)
{
    struct neuron_error error = {0};

    set_variable("NEURON_RT_VISIBLE_CORES", visible_cores);
    set_variable("NEURON_RT_NUM_CORES", core_count);
    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    assert_cores(neuron_runtime_cores(test->runtime), expected);
    neuron_runtime_destroy(test->runtime);
    test->runtime = NULL;
}

/* Has a runtime refused as the environment asks, with this in the text. */
static void
check_refusal(const char *visible_cores, const char *core_count, enum neuron_status expected,
              const char *text)
{
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    unsigned threads = thread_count();

    set_variable("NEURON_RT_VISIBLE_CORES", visible_cores);
    set_variable("NEURON_RT_NUM_CORES", core_count);
    assert_status(expected, neuron_runtime_create(NULL, &runtime, &error), &error);
    assert_contains(error.text, text);
    assert_status(expected, neuron_runtime_create(NULL, &runtime, NULL), NULL);
    assert_null(runtime);
    assert_true(thread_count_falls_to(threads));
}

static void
a_process_gets_all_cores_unless_it_asks_otherwise(void **state)
{
    check_runtime(*state, NULL, NULL, "0-7");
    check_runtime(*state, "", "", "0-7");
    check_runtime(*state, NULL, "0", "0-7");
}

static void
a_process_gets_as_many_cores_as_it_asks_for(void **state)
{
    check_runtime(*state, NULL, "1", "0");
    check_runtime(*state, NULL, "3", "0-2");
    check_runtime(*state, NULL, "8", "0-7");
}

static void
a_process_gets_exactly_the_cores_that_it_names(void **state)
{
    check_runtime(*state, "3", NULL, "3");
    check_runtime(*state, "2-5", NULL, "2-5");
    check_runtime(*state, "3-5,6", NULL, "3-6");
}

static void
named_cores_come_before_a_count(void **state)
{
    check_runtime(*state, "6-7", "3", "6-7");
    check_runtime(*state, "6-7", "garbage", "6-7");
}

static void
given_options_come_before_the_environment(void **state)
{
    struct test_runtime *test = *state;
    const struct neuron_runtime_options options = {.visible_cores = "4-5",
                                                   .lease.directory = test->folder.path};
    struct neuron_error error = {0};

    set_variable("NEURON_RT_VISIBLE_CORES", "0");
    assert_ok(neuron_runtime_create(&options, &test->runtime, &error), &error);
    assert_cores(neuron_runtime_cores(test->runtime), "4-5");
}

static void
a_list_that_does_not_parse_is_refused(void **state)
{
    (void)state;
    check_refusal("3,x", NULL, NEURON_INVALID_SYNTAX, "NEURON_RT_VISIBLE_CORES: \"3,x\"");
    check_refusal("5-3", NULL, NEURON_INVALID_SYNTAX, "NEURON_RT_VISIBLE_CORES: \"5-3\"");
    check_refusal("nc:3", NULL, NEURON_INVALID_SYNTAX, "NEURON_RT_VISIBLE_CORES: \"nc:3\"");
}

static void
a_core_named_twice_or_behind_a_higher_one_is_refused(void **state)
{
    (void)state;
    check_refusal(
        "0,0", NULL, NEURON_INVALID_SYNTAX,
        "NEURON_RT_VISIBLE_CORES: \"0,0\" is no list of cores: core 0 stands there twice");
    check_refusal("0,0", NULL, NEURON_INVALID_SYNTAX, "this machine has cores 0-7");
    check_refusal("3-1", NULL, NEURON_INVALID_SYNTAX, "core 1 stands behind a higher one");
    check_refusal("3-1", NULL, NEURON_INVALID_SYNTAX, "this machine has cores 0-7");
    check_refusal("4-7,0-3", NULL, NEURON_INVALID_SYNTAX, "core 0 stands behind a higher one");
}

static void
the_longest_reason_is_whole(void **state)
{
    static const char descending[] = "10000-10009,20000-20009,30000-30009,40000-40009,50000-6553"
                                     "5,2";

    (void)state;
    check_refusal(descending, NULL, NEURON_INVALID_SYNTAX, "this machine has cores 0-7");
    check_refusal("10000-10009,20000-20009,30000-30009,40000-40009,5000000000000000000000000", NULL,
                  NEURON_INVALID_SYNTAX, "this machine has cores 0-7");
}

static void
a_list_with_a_gap_is_refused(void **state)
{
    (void)state;
    check_refusal("3,5,6", NULL, NEURON_INVALID_ARGUMENT,
                  "NEURON_RT_VISIBLE_CORES=3,5,6 leaves out core 4: list cores without a gap");
    check_refusal("0-2,7", NULL, NEURON_INVALID_ARGUMENT, "leaves out core 3");
}

static void
cores_that_the_machine_lacks_are_refused(void **state)
{
    (void)state;
    check_refusal("7-8", NULL, NEURON_NO_SUCH_CORE,
                  "NEURON_RT_VISIBLE_CORES=7-8 asks for core 8, but the machine has 8 cores, 0-7");
    check_refusal("9", NULL, NEURON_NO_SUCH_CORE,
                  "asks for core 9, but the machine has 8 cores, 0-7");
    check_refusal("2,900", NULL, NEURON_NO_SUCH_CORE, "core 900");
}

static void
more_cores_than_there_are_are_refused(void **state)
{
    (void)state;
    check_refusal(NULL, "9", NEURON_NO_SUCH_CORE, "NEURON_RT_NUM_CORES=9");
    check_refusal(NULL, "9", NEURON_NO_SUCH_CORE, "ask for 8 or fewer");
}

static void
a_count_that_is_no_number_is_refused(void **state)
{
    (void)state;
    check_refusal(NULL, "four", NEURON_INVALID_SYNTAX, "NEURON_RT_NUM_CORES=four");
    check_refusal(NULL, "-1", NEURON_INVALID_SYNTAX, "NEURON_RT_NUM_CORES=-1");
}

static void
leases_in_a_folder_that_cannot_be_made_are_refused(void **state)
{
    (void)state;
    set_variable("NEURON_RT_LEASE_DIRECTORY", "/proc/no/such/folder");
    check_refusal(NULL, NULL, NEURON_SYSTEM, "/proc/no/such/folder");
}

static void
a_second_runtime_finds_the_cores_of_the_first_taken(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_error error = {0};

    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    check_refusal("3", NULL, NEURON_CORES_TAKEN, "which is this process");
    check_refusal(NULL, "2", NEURON_CORES_TAKEN, "which is this process");
}

static void
two_runtimes_share_a_machine_without_sharing_cores(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_runtime *second = NULL;
    struct neuron_error error = {0};

    set_variable("NEURON_RT_NUM_CORES", "3");
    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    assert_ok(neuron_runtime_create(NULL, &second, &error), &error);
    assert_cores(neuron_runtime_cores(test->runtime), "0-2");
    assert_cores(neuron_runtime_cores(second), "3-5");
    neuron_runtime_destroy(second);
}

static void
cores_are_free_again_after_destroy(void **state)
{
    for (int i = 0; i < 3; i += 1) {
        check_runtime(*state, NULL, NULL, "0-7");
    }
}

/* In a child: owns cores until it is told to end. */
static void
own_two_cores(const struct child_side *side, const void *argument)
{
    struct neuron_runtime_options options = {.visible_cores = "2-3", .lease.directory = argument};
    struct neuron_runtime *runtime = NULL;
    enum neuron_status status = neuron_runtime_create(&options, &runtime, NULL);

    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
    neuron_runtime_destroy(runtime);
}

static void
two_processes_do_not_get_the_same_cores(void **state)
{
    struct test_runtime *test = *state;
    struct child_process child = {0};
    enum neuron_status status = NEURON_SYSTEM;
    char holder[32] = "";

    child_process_start(&child, own_two_cores, test->folder.path);
    child_process_read(&child, &status, sizeof(status));
    (void)snprintf(holder, sizeof(holder), "pid %d", (int)child.pid);
    assert_int_equal(status, NEURON_OK);
    check_refusal("3-4", NULL, NEURON_CORES_TAKEN, holder);
    check_runtime(test, NULL, "3", "4-6");
    assert_int_equal(child_process_finish(&child), 0);
    check_runtime(test, NULL, NULL, "0-7");
}

static void
every_core_has_its_own_executor(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_error error = {0};

    set_variable("NEURON_RT_VISIBLE_CORES", "2-6");
    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    assert_int_equal(neuron_runtime_core_count(test->runtime), 5);
    for (uint32_t nc = 0; nc < 5; nc += 1) {
        assert_int_equal(neuron_executor_core(neuron_runtime_executor(test->runtime, nc)), nc);
    }
    assert_in_range(thread_count(), threads_at_start + 5, threads_at_start + 6);
    assert_true(neuron_topology_is_invented(neuron_runtime_topology(test->runtime)));
    assert_cores(neuron_core_lease_cores(neuron_runtime_lease(test->runtime)), "2-6");
}

static void
no_thread_is_left_after_destroy(void **state)
{
    check_runtime(*state, NULL, NULL, "0-7");
    assert_true(thread_count_falls_to(threads_at_start));
}

/* Says whether a thread may run on other CPUs than this one. */
static bool
may_leave_cpu(pid_t thread, uint32_t cpu)
{
    cpu_set_t allowed;

    assert_int_equal(sched_getaffinity(thread, sizeof(allowed), &allowed), 0);
    CPU_CLR(cpu, &allowed);
    return CPU_COUNT(&allowed) > 0;
}

/* Says how many threads of this process may run outside one CPU. */
static unsigned
count_threads_outside(uint32_t cpu)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");

    assert_non_null(tasks);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream */
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        pid_t thread = (pid_t)strtol(task->d_name, NULL, 10);

        count += thread > 0 && may_leave_cpu(thread, cpu) ? 1 : 0;
    }
    assert_int_equal(closedir(tasks), 0);
    return count;
}

static void
no_thread_of_a_runtime_may_leave_its_cores(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_error error = {0};

    invent_machine(NULL);
    set_variable("NEURON_RT_NUM_CORES", "1");
    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    const struct neuron_topology *topology = neuron_runtime_topology(test->runtime);
    if (neuron_core_set_count(neuron_topology_allowed(topology)) < 2) {
        skip();
    }
    uint32_t core = neuron_core_set_at(neuron_runtime_cores(test->runtime), 0);
    assert_int_equal(count_threads_outside(neuron_topology_cpu_of(topology, core)),
                     threads_at_start);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_runtime_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_process_gets_all_cores_unless_it_asks_otherwise,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_process_gets_as_many_cores_as_it_asks_for, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_process_gets_exactly_the_cores_that_it_names, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(named_cores_come_before_a_count, begin_test, end_test),
        cmocka_unit_test_setup_teardown(given_options_come_before_the_environment, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_list_that_does_not_parse_is_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_core_named_twice_or_behind_a_higher_one_is_refused,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(the_longest_reason_is_whole, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_list_with_a_gap_is_refused, begin_test, end_test),
        cmocka_unit_test_setup_teardown(cores_that_the_machine_lacks_are_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(more_cores_than_there_are_are_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_count_that_is_no_number_is_refused, begin_test, end_test),
        cmocka_unit_test_setup_teardown(leases_in_a_folder_that_cannot_be_made_are_refused,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_second_runtime_finds_the_cores_of_the_first_taken,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(two_runtimes_share_a_machine_without_sharing_cores,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(cores_are_free_again_after_destroy, begin_test, end_test),
        cmocka_unit_test_setup_teardown(two_processes_do_not_get_the_same_cores, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(every_core_has_its_own_executor, begin_test, end_test),
        cmocka_unit_test_setup_teardown(no_thread_is_left_after_destroy, begin_test, end_test),
        cmocka_unit_test_setup_teardown(no_thread_of_a_runtime_may_leave_its_cores, begin_test,
                                        end_test),
        cmocka_unit_test(destroy_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, count_threads, NULL);
}
