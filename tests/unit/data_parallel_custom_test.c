/* SPDX-License-Identifier: Apache-2.0 */
/* Custom programs on many cores: where instances live, which rows they get, and how they fail. */
#include "check.h"

#include <stdio.h>

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"

#include "counting_program.h"
#include "invented_machine.h"
#include "test_runtime.h"

enum { CORES = 4, REPEATS = 50 };

static int
prepare(void **state)
{
    static struct test_runtime owner;

    test_runtime_create(&owner, "numa:2 core:2 pu:1", CORES);
    *state = &owner;
    return 0;
}

static int
clean_up(void **state)
{
    test_runtime_destroy(*state);
    return 0;
}

static int
reset(void **state)
{
    const struct test_runtime *owner = *state;

    counted_reset(owner->runtime);
    return 0;
}

static struct neuron_data_parallel *
make(const struct test_runtime *owner, const struct neuron_custom_program *program,
     const struct neuron_data_parallel_options *options)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_data_parallel_create_custom(owner->runtime, program, options, &parallel, &error),
        &error);
    assert_non_null(parallel);
    return parallel;
}

static void
assert_not_made(const struct test_runtime *owner,
                const struct neuron_data_parallel_options *options, enum neuron_status expected,
                const char *part_of_text)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_status(expected,
                  neuron_data_parallel_create_custom(owner->runtime, &counting_program, options,
                                                     &parallel, &error),
                  &error);
    assert_null(parallel);
    assert_contains(error.text, part_of_text);
}

static void
assert_rows_are_right(struct neuron_data_parallel *parallel, int64_t count)
{
    static struct counted_rows rows;
    struct neuron_error error = {0};

    counted_rows_fill(&rows, count);
    assert_ok(neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, &error), &error);
    counted_rows_check(&rows);
    assert_int_equal(atomic_load(&counted.strange_calls), 0);
}

static void
each_core_has_an_instance_of_its_own(void **state)
{
    struct neuron_data_parallel *parallel = make(*state, &counting_program, NULL);

    assert_int_equal(neuron_data_parallel_core_count(parallel), CORES);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(atomic_load(&counted.created[nc]), 1);
        assert_int_equal(atomic_load(&counted.destroyed[nc]), 0);
    }
    assert_ptr_equal(counted.config, counting_program.config);
    assert_rows_are_right(parallel, 100);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
device_ids_choose_where_instances_live(void **state)
{
    static const char *const ids[] = {"nc:3", "1"};
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 2};
    struct neuron_data_parallel *parallel = make(*state, &counting_program, &options);

    assert_int_equal(neuron_data_parallel_replica_count(parallel), 2);
    assert_int_equal(atomic_load(&counted.created[1]), 1);
    assert_int_equal(atomic_load(&counted.created[3]), 1);
    assert_rows_are_right(parallel, 33);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(2);
}

static void
two_objects_have_instances_of_their_own(void **state)
{
    struct neuron_data_parallel *left = make(*state, &counting_program, NULL);
    struct neuron_data_parallel *right = make(*state, &counting_program, NULL);

    assert_rows_are_right(left, 20);
    neuron_data_parallel_destroy(left);
    assert_rows_are_right(right, 20);
    neuron_data_parallel_destroy(right);
    counted_check_gone(2 * CORES);
}

/* Every row once, whatever the limits; and none of these is exceeded. */
static void
check_limits(const struct test_runtime *owner, uint32_t row_limit, uint32_t split)
{
    const struct neuron_data_parallel_options options = {.split_size = split};
    struct neuron_custom_program program = counting_program;

    program.row_limit = row_limit;
    counted_reset(owner->runtime);
    struct neuron_data_parallel *parallel = make(owner, &program, &options);
    for (int64_t count = 0; count <= 70; count += 1) {
        assert_rows_are_right(parallel, count);
        if (row_limit != 0) {
            assert_true(atomic_load(&counted.most_rows) <= row_limit);
        }
        if (split != 0) {
            assert_true(atomic_load(&counted.most_rows) <= split);
        }
        if (count == 0) {
            assert_int_equal(atomic_load(&counted.runs), 0);
        }
    }
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
every_row_is_run_once_within_the_limits(void **state)
{
    static const uint32_t row_limits[] = {0, 1, 3, 16, UINT32_MAX};
    static const uint32_t splits[] = {0, 1, 2, 7, 64, UINT32_MAX};

    for (size_t i = 0; i < sizeof(row_limits) / sizeof(row_limits[0]); i += 1) {
        for (size_t j = 0; j < sizeof(splits) / sizeof(splits[0]); j += 1) {
            check_limits(*state, row_limits[i], splits[j]);
        }
    }
}

/* The documented rule is max(1, rows / cores); chunks may be smaller, for more balance. */
static void
the_automatic_cut_is_no_coarser_than_documented(void **state)
{
    struct neuron_data_parallel *parallel = make(*state, &counting_program, NULL);

    for (int64_t count = 1; count <= COUNTED_ROWS; count += 13) {
        int64_t documented = count / CORES > 1 ? count / CORES : 1;

        assert_rows_are_right(parallel, count);
        assert_true(atomic_load(&counted.most_rows) <= documented);
    }
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
limits_change_between_calls(void **state)
{
    struct neuron_data_parallel *parallel = make(*state, &counting_program, NULL);

    for (uint32_t split = 0; split < 20; split += 1) {
        neuron_data_parallel_set_split_size(parallel, split);
        neuron_data_parallel_set_num_workers(parallel, split % 5);
        assert_rows_are_right(parallel, 57);
        assert_true(split == 0 || atomic_load(&counted.most_rows) <= split);
    }
    neuron_data_parallel_set_split_size(parallel, 10);
    assert_rows_are_right(parallel, 57);
    assert_int_equal(atomic_load(&counted.runs), 6);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
a_failing_run_names_its_chunk_and_the_object_stays_usable(void **state)
{
    static struct counted_rows rows;
    const struct neuron_data_parallel_options options = {.split_size = 10};
    struct neuron_data_parallel *parallel = make(*state, &counting_program, &options);
    struct neuron_error error = {0};

    counted.failure = NEURON_INVALID_ARGUMENT;
    counted.text = "this row is too old";
    for (int i = 0; i < REPEATS; i += 1) {
        atomic_store(&counted.failing_row, 25); /* and all chunks behind fail as well */
        counted_rows_fill(&rows, 75);
        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, &error), &error);
        assert_contains(error.text, "chunk 2 (rows 20-29) on nc:");
        assert_contains(error.text, " (core ");
        assert_contains(error.text, ": custom program \"counting\": this row is too old");
        atomic_store(&counted.failing_row, COUNTED_ROWS);
        assert_rows_are_right(parallel, 75);
    }
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
a_run_that_gives_no_status_is_a_failure_of_the_system(void **state)
{
    static struct counted_rows rows;
    struct neuron_data_parallel *parallel = make(*state, &counting_program, NULL);
    struct neuron_error error = {0};

    counted.failure = (enum neuron_status)4711;
    atomic_store(&counted.failing_row, 0);
    counted_rows_fill(&rows, 1);
    assert_status(NEURON_SYSTEM,
                  neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, &error), &error);
    assert_contains(error.text, "chunk 0 (rows 0-0) on nc:");
    assert_contains(error.text, "run() gave 4711, which is no failure");
    assert_status(NEURON_SYSTEM, neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, NULL),
                  NULL);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

/* On whichever core it fails: the others' instances are gone, and the next object is made. */
static void
a_failing_create_leaves_no_instance(void **state)
{
    const struct test_runtime *owner = *state;

    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        char place[32];

        counted_reset(owner->runtime);
        counted.fails_to_create = nc;
        counted.failure = NEURON_OUT_OF_MEMORY;
        counted.text = "the trees do not fit";
        (void)snprintf(place, sizeof(place), "nc:%u (core %u)", nc, nc);
        assert_not_made(owner, NULL, NEURON_OUT_OF_MEMORY, place);
        assert_not_made(owner, NULL, NEURON_OUT_OF_MEMORY, "the trees do not fit");
        assert_int_equal(atomic_load(&counted.created[nc]), 0);
        for (uint32_t i = 0; i < CORES; i += 1) {
            assert_int_equal(atomic_load(&counted.destroyed[i]), atomic_load(&counted.created[i]));
        }
        counted_reset(owner->runtime);
        struct neuron_data_parallel *parallel = make(owner, &counting_program, NULL);
        assert_rows_are_right(parallel, 9);
        neuron_data_parallel_destroy(parallel);
        counted_check_gone(CORES);
    }
}

static void
a_place_is_given_in_both_numberings(void **state)
{
    struct neuron_runtime_options options = {.visible_cores = "5-7"};
    struct test_runtime part = {.runtime = NULL};
    struct neuron_error error = {0};

    (void)state;
    invent_machine("numa:2 core:4 pu:1");
    test_folder_create(&part.folder);
    options.lease.directory = part.folder.path;
    assert_ok(neuron_runtime_create(&options, &part.runtime, &error), &error);
    counted_reset(part.runtime);
    struct neuron_data_parallel *parallel = make(&part, &counting_program, NULL);
    assert_rows_are_right(parallel, 30);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(3);
    counted.fails_to_create = 2;
    assert_not_made(&part, NULL, NEURON_SYSTEM, "nc:2 (core 7)");
    test_runtime_destroy(&part);
}

static void
what_a_program_cannot_have_is_refused(void **state)
{
    static const char *const beyond[] = {"nc:4"};
    const struct neuron_data_parallel_options along_columns = {.dim = 1};
    const struct neuron_data_parallel_options too_far = {.device_ids = beyond,
                                                         .device_id_count = 1};
    const struct test_runtime *owner = *state;
    struct neuron_custom_program program = counting_program;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_not_made(owner, &along_columns, NEURON_INVALID_ARGUMENT, "dim");
    assert_not_made(owner, &too_far, NEURON_NO_SUCH_CORE, "device id nc:4");
    program.run = NULL;
    assert_status(
        NEURON_UNSUPPORTED_MODEL,
        neuron_data_parallel_create_custom(owner->runtime, &program, NULL, &parallel, &error),
        &error);
    assert_null(parallel);
    counted_check_gone(0);
}

static void
tensors_of_another_shape_are_refused(void **state)
{
    static struct counted_rows rows;
    struct neuron_data_parallel *parallel = make(*state, &counting_program, NULL);
    struct neuron_error error = {0};

    counted_rows_fill(&rows, 12);
    rows.inputs[1].shape[0] = 2;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, &error), &error);
    assert_contains(error.text, "input 1 \"table\" is float32[2], but must be float32[3]");
    counted_rows_fill(&rows, 12);
    rows.outputs[1].shape[0] = 11;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_run_with(parallel, &rows.tensors, NULL, &error), &error);
    assert_contains(error.text, "output 1 \"low\" has 11 rows, but input 0 \"row\" has 12");
    assert_int_equal(atomic_load(&counted.runs), 0);
    assert_rows_are_right(parallel, 12);
    neuron_data_parallel_destroy(parallel);
    counted_check_gone(CORES);
}

static void
assert_counted(const struct test_runtime *owner, const uint32_t expected[CORES])
{
    for (uint32_t i = 0; i < CORES; i += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(owner->runtime, i, &counters);
        assert_int_equal(counters.replica_count, expected[i]);
    }
}

/* So that a module with a choice goes to other cores. */
static void
instances_count_on_their_cores_as_replicas_do(void **state)
{
    static const char *const ids[] = {"nc:2", "nc:0"};
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 2};
    struct neuron_data_parallel *chosen = make(*state, &counting_program, &options);
    struct neuron_data_parallel *all = make(*state, &counting_program, NULL);

    assert_counted(*state, (const uint32_t[CORES]){2, 1, 2, 1});
    neuron_data_parallel_destroy(chosen);
    assert_counted(*state, (const uint32_t[CORES]){1, 1, 1, 1});
    neuron_data_parallel_destroy(all);
    assert_counted(*state, (const uint32_t[CORES]){0, 0, 0, 0});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_core_has_an_instance_of_its_own, reset),
        cmocka_unit_test_setup(device_ids_choose_where_instances_live, reset),
        cmocka_unit_test_setup(instances_count_on_their_cores_as_replicas_do, reset),
        cmocka_unit_test_setup(two_objects_have_instances_of_their_own, reset),
        cmocka_unit_test_setup(every_row_is_run_once_within_the_limits, reset),
        cmocka_unit_test_setup(the_automatic_cut_is_no_coarser_than_documented, reset),
        cmocka_unit_test_setup(limits_change_between_calls, reset),
        cmocka_unit_test_setup(a_failing_run_names_its_chunk_and_the_object_stays_usable, reset),
        cmocka_unit_test_setup(a_run_that_gives_no_status_is_a_failure_of_the_system, reset),
        cmocka_unit_test_setup(a_failing_create_leaves_no_instance, reset),
        cmocka_unit_test_setup(a_place_is_given_in_both_numberings, reset),
        cmocka_unit_test_setup(what_a_program_cannot_have_is_refused, reset),
        cmocka_unit_test_setup(tensors_of_another_shape_are_refused, reset),
    };

    return cmocka_run_group_tests(tests, prepare, clean_up);
}
