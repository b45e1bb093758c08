/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "neuron/data_parallel.h"
#include "picky_program.h"
#include "score/row_rescue.h"
#include "test_runtime.h"

enum { CORES = 2, FIRST_ROW = 700, SUBSET_ROWS = 6 };

struct rescue_bench {
    struct test_runtime owner;
    struct neuron_data_parallel *parallel;
    float x[PICKY_ROWS];
    float bias[1];
    float y[PICKY_ROWS];
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view output;
    struct neuron_row_rescue rescue;
    struct neuron_failure_list failures;
};

static struct rescue_bench bench;
static const bool is_shared[2] = {false, true};
static struct neuron_error error;

static int
prepare(void **state)
{
    (void)state;
    test_runtime_create(&bench.owner, "numa:1 core:2 pu:1", CORES);
    assert_ok(neuron_data_parallel_create_custom(bench.owner.runtime, &picky_program, NULL,
                                                 &bench.parallel, &error),
              &error);
    return 0;
}

static int
clean_up(void **state)
{
    (void)state;
    neuron_data_parallel_destroy(bench.parallel);
    neuron_failure_list_destroy(&bench.failures);
    test_runtime_destroy(&bench.owner);
    return 0;
}

static void
make_block(uint64_t rows)
{
    const struct neuron_tensor_view x = {NEURON_FLOAT32, 1, {(int64_t)rows}, bench.x};
    const struct neuron_tensor_view bias = {NEURON_FLOAT32, 1, {1}, bench.bias};
    const struct neuron_tensor_view y = {NEURON_FLOAT32, 1, {(int64_t)rows}, bench.y};

    for (int i = 0; i < PICKY_ROWS; i += 1) {
        bench.x[i] = (float)i;
        bench.y[i] = -1.0F;
    }
    bench.bias[0] = 0.5F;
    bench.inputs[0] = x;
    bench.inputs[1] = bias;
    bench.output = y;
    bench.rescue = (struct neuron_row_rescue){.parallel = bench.parallel,
                                              .inputs = bench.inputs,
                                              .is_shared = is_shared,
                                              .input_count = 2,
                                              .outputs = &bench.output,
                                              .output_count = 1,
                                              .first_row = FIRST_ROW,
                                              .row_count = rows,
                                              .most_failures = UINT64_MAX - 1};
    neuron_failure_list_destroy(&bench.failures);
}

/* Fails unless just these rows were found, and all others computed. */
static void
check_rows(uint64_t rows, uint64_t mask)
{
    size_t next = 0;

    for (uint64_t i = 0; i < rows; i += 1) {
        if ((mask >> i & 1) == 0) {
            assert_true(bench.y[i] == (float)i + 0.5F);
            continue;
        }
        assert_true(next < bench.failures.count);
        assert_int_equal(bench.failures.items[next].row, FIRST_ROW + i);
        next += 1;
    }
    assert_int_equal(bench.failures.count, next);
    assert_true(bench.y[rows] == -1.0F);
}

static void
find_subset(uint64_t rows, uint64_t mask)
{
    picky_refuse(mask, NEURON_UNSUPPORTED_MODEL);
    make_block(rows);
    assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
    check_rows(rows, mask);
}

static void
every_subset_of_few_rows_is_found(void **state)
{
    (void)state;
    for (uint64_t rows = 1; rows <= SUBSET_ROWS; rows += 1) {
        for (uint64_t mask = 0; mask < UINT64_C(1) << rows; mask += 1) {
            find_subset(rows, mask);
        }
    }
}

static void
few_runs_find_one_row_among_many(void **state)
{
    (void)state;
    neuron_data_parallel_set_split_size(bench.parallel, PICKY_ROWS);
    find_subset(PICKY_ROWS - 1, UINT64_C(1) << 40);
    neuron_data_parallel_set_split_size(bench.parallel, 0);
    /* Two halves six times, and the row once more. */
    assert_in_range(picky.runs, 7, 13);
}

static void
a_row_is_told_with_its_reason(void **state)
{
    (void)state;
    find_subset(9, 1 << 4);
    const struct neuron_row_failure *failure = &bench.failures.items[0];
    assert_int_equal(failure->stage, NEURON_BAD_RUN);
    assert_int_equal(failure->attempts, 2);
    assert_int_equal(failure->input, 0);
    assert_contains(failure->reason, "row 4 is not liked");
}

static void
the_kind_of_failure_follows_from_the_status(void **state)
{
    static const struct {
        enum neuron_status status;
        enum neuron_bad_stage stage;
    } cases[] = {{NEURON_UNSUPPORTED_MODEL, NEURON_BAD_RUN},
                 {NEURON_INVALID_ARGUMENT, NEURON_BAD_RUN},
                 {NEURON_SYSTEM, NEURON_BAD_RUN}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        picky_refuse(1, cases[i].status);
        make_block(2);
        assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
        check_rows(2, 1);
        assert_int_equal(bench.failures.items[0].stage, cases[i].stage);
    }
}

static void
a_row_that_fails_by_chance_is_not_given_up(void **state)
{
    (void)state;
    picky_refuse(1 << 2, NEURON_SYSTEM);
    picky.failures_left[2] = 3; /* in 0-3, in 2-3, and alone */
    make_block(8);
    assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
    check_rows(8, 0);
}

static void
only_a_model_has_results_that_are_no_numbers(void **state)
{
    (void)state;
    picky_refuse(3, NEURON_NUMERICAL_ERROR);
    make_block(4);
    assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
    assert_int_equal(bench.failures.count, 0);
    make_block(4);
    bench.rescue.is_custom = true;
    assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
    check_rows(4, 3);
    assert_int_equal(bench.failures.items[0].stage, NEURON_BAD_RUN);
}

static void
what_is_no_matter_of_rows_ends_the_search(void **state)
{
    (void)state;
    picky_refuse(1 << 5, NEURON_OUT_OF_MEMORY);
    make_block(8);
    assert_status(NEURON_OUT_OF_MEMORY,
                  neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
    assert_contains(error.text, "row 5 is not liked");
    assert_int_equal(bench.failures.count, 0);
    make_block(1);
    picky_refuse(1, NEURON_OUT_OF_MEMORY);
    assert_status(NEURON_OUT_OF_MEMORY,
                  neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
}

static void
more_failures_than_allowed_are_not_looked_for(void **state)
{
    (void)state;
    for (uint64_t most = 0; most < 4; most += 1) {
        picky_refuse(0xFFFF, NEURON_SYSTEM);
        make_block(16);
        bench.rescue.most_failures = most;
        assert_ok(neuron_row_rescue_run(&bench.rescue, &bench.failures, &error), &error);
        assert_int_equal(bench.failures.count, most + 1);
        assert_int_equal(bench.failures.items[most].row, FIRST_ROW + most);
    }
}

static void
statuses_that_speak_of_rows_are_told_from_others(void **state)
{
    (void)state;
    assert_true(neuron_row_rescue_helps(NEURON_UNSUPPORTED_MODEL));
    assert_true(neuron_row_rescue_helps(NEURON_PEER_LOST));
    assert_true(neuron_row_rescue_helps(NEURON_TIMED_OUT));
    assert_false(neuron_row_rescue_helps(NEURON_OK));
    assert_false(neuron_row_rescue_helps(NEURON_CANCELLED));
    assert_false(neuron_row_rescue_helps(NEURON_OUT_OF_MEMORY));
    assert_false(neuron_row_rescue_helps(NEURON_QUEUE_FULL));
    assert_false(neuron_row_rescue_helps((enum neuron_status)4711));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subset_of_few_rows_is_found),
        cmocka_unit_test(few_runs_find_one_row_among_many),
        cmocka_unit_test(a_row_is_told_with_its_reason),
        cmocka_unit_test(the_kind_of_failure_follows_from_the_status),
        cmocka_unit_test(a_row_that_fails_by_chance_is_not_given_up),
        cmocka_unit_test(only_a_model_has_results_that_are_no_numbers),
        cmocka_unit_test(what_is_no_matter_of_rows_ends_the_search),
        cmocka_unit_test(more_failures_than_allowed_are_not_looked_for),
        cmocka_unit_test(statuses_that_speak_of_rows_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
