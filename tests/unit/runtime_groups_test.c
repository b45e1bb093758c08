/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy groups of cores: how many cores a process gets by them, and where each lies. */
#include "neuron/runtime.h"

#include <stdlib.h>

#include "check.h"
#include "invented_machine.h"
#include "runtime_body.h"
#include "test_runtime.h"

static int
begin_test(void **state)
{
    static struct test_runtime test;

    test.runtime = NULL;
    test_folder_create(&test.folder);
    invent_machine("numa:2 core:4 pu:2");
    *state = &test;
    return 0;
}

static int
end_test(void **state)
{
    test_runtime_destroy(*state);
    return 0;
}

/* Makes a runtime that must come about, with leases of its own. */
static void
create(struct test_runtime *test, struct neuron_runtime_options options)
{
    struct neuron_error error = {0};

    options.lease.directory = test->folder.path;
    neuron_runtime_destroy(test->runtime);
    test->runtime = NULL;
    assert_ok(neuron_runtime_create(&options, &test->runtime, &error), &error);
}

/* Fails unless such a runtime is refused, with this in the text, and holds no core. */
static void
check_refused(struct test_runtime *test, struct neuron_runtime_options options,
              enum neuron_status expected, const char *part)
{
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};

    options.lease.directory = test->folder.path;
    assert_status(expected, neuron_runtime_create(&options, &runtime, &error), &error);
    assert_null(runtime);
    assert_contains(error.text, part);
    create(test, (struct neuron_runtime_options){.core_count = 8});
}

static void
check_group(const struct test_runtime *test, uint32_t index, uint32_t first_nc, uint32_t core_count)
{
    uint32_t count = 0;
    const struct neuron_core_group *groups = neuron_runtime_groups(test->runtime, &count);

    assert_non_null(groups);
    assert_true(index < count);
    assert_int_equal(groups[index].first_nc, first_nc);
    assert_int_equal(groups[index].core_count, core_count);
}

static void
groups_alone_claim_as_many_cores_as_they_need(void **state)
{
    struct test_runtime *test = *state;

    create(test, (struct neuron_runtime_options){.group_sizes = "2,1,2"});
    assert_cores(neuron_runtime_cores(test->runtime), "0-4");
    check_group(test, 0, 0, 2);
    check_group(test, 1, 2, 1);
    check_group(test, 2, 3, 2);
}

static void
groups_lie_at_the_start_of_named_cores(void **state)
{
    struct test_runtime *test = *state;
    uint32_t count = 0;

    create(test, (struct neuron_runtime_options){.visible_cores = "2-7", .group_sizes = "2x2"});
    assert_cores(neuron_runtime_cores(test->runtime), "2-7");
    assert_non_null(neuron_runtime_groups(test->runtime, &count));
    assert_int_equal(count, 2);
    check_group(test, 0, 0, 2);
    check_group(test, 1, 2, 2);
}

static void
groups_may_need_all_of_the_cores(void **state)
{
    struct test_runtime *test = *state;

    create(test, (struct neuron_runtime_options){.group_sizes = "[2,6]"});
    assert_cores(neuron_runtime_cores(test->runtime), "0-7");
    create(test, (struct neuron_runtime_options){.core_count = 3, .group_sizes = "3x1"});
    assert_cores(neuron_runtime_cores(test->runtime), "0-2");
    check_group(test, 2, 2, 1);
    create(test, (struct neuron_runtime_options){.visible_cores = "4", .group_sizes = "1"});
    check_group(test, 0, 0, 1);
}

static void
a_runtime_without_groups_says_so(void **state)
{
    struct test_runtime *test = *state;
    uint32_t count = 77;

    create(test, (struct neuron_runtime_options){.core_count = 2});
    assert_null(neuron_runtime_groups(test->runtime, &count));
    assert_int_equal(count, 0);
}

static void
groups_larger_than_the_named_cores_are_refused(void **state)
{
    check_refused(*state,
                  (struct neuron_runtime_options){.visible_cores = "2-4", .group_sizes = "2,2"},
                  NEURON_INVALID_ARGUMENT,
                  "NEURONCORE_GROUP_SIZES=2,2 needs 4 cores, but NEURON_RT_VISIBLE_CORES gives 3");
}

static void
groups_larger_than_the_count_are_refused(void **state)
{
    check_refused(*state, (struct neuron_runtime_options){.core_count = 3, .group_sizes = "2x2"},
                  NEURON_INVALID_ARGUMENT,
                  "NEURONCORE_GROUP_SIZES=2x2 needs 4 cores, but NEURON_RT_NUM_CORES gives 3");
}

static void
groups_larger_than_the_machine_are_refused(void **state)
{
    check_refused(*state, (struct neuron_runtime_options){.group_sizes = "4,5"},
                  NEURON_NO_SUCH_CORE, "NEURONCORE_GROUP_SIZES=4,5 asks for 9 cores");
    check_refused(*state, (struct neuron_runtime_options){.group_sizes = "1024x64"},
                  NEURON_NO_SUCH_CORE, "ask for 8 or fewer");
}

static void
groups_that_do_not_parse_are_refused(void **state)
{
    check_refused(*state, (struct neuron_runtime_options){.group_sizes = "2,0"},
                  NEURON_INVALID_SYNTAX, "\"0\" is no group");
    check_refused(*state, (struct neuron_runtime_options){.group_sizes = ""}, NEURON_INVALID_SYNTAX,
                  "is no group");
    check_refused(*state,
                  (struct neuron_runtime_options){.visible_cores = "0-3", .group_sizes = "2;2"},
                  NEURON_INVALID_SYNTAX, "\"2;2\"");
}

static void
groups_are_read_from_the_environment(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_error error = {0};

    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread runs */
    assert_int_equal(setenv("NEURON_RT_LEASE_DIRECTORY", test->folder.path, 1), 0);
    assert_int_equal(unsetenv("NEURON_RT_VISIBLE_CORES"), 0);
    assert_int_equal(unsetenv("NEURON_RT_NUM_CORES"), 0);
    assert_int_equal(unsetenv("NEURONRUN_LEASE"), 0);
    assert_int_equal(setenv("NEURONCORE_GROUP_SIZES", "1,2", 1), 0);
    assert_ok(neuron_runtime_create(NULL, &test->runtime, &error), &error);
    assert_int_equal(unsetenv("NEURONCORE_GROUP_SIZES"), 0);
    /* NOLINTEND(concurrency-mt-unsafe) */
    assert_cores(neuron_runtime_cores(test->runtime), "0-2");
    check_group(test, 1, 1, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(groups_alone_claim_as_many_cores_as_they_need, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(groups_lie_at_the_start_of_named_cores, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(groups_may_need_all_of_the_cores, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_runtime_without_groups_says_so, begin_test, end_test),
        cmocka_unit_test_setup_teardown(groups_larger_than_the_named_cores_are_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(groups_larger_than_the_count_are_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(groups_larger_than_the_machine_are_refused, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(groups_that_do_not_parse_are_refused, begin_test, end_test),
        cmocka_unit_test_setup_teardown(groups_are_read_from_the_environment, begin_test, end_test),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
