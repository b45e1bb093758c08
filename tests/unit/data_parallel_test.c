/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the batch, the cores and the cut: each row's result is that of a plain loop. */
#include "check.h"

#include <pthread.h>

#include "neuron/data_parallel.h"

#include "parallel_bench.h"
#include "scored_batch.h"
#include "traced_model.h"

enum {
    CORES = 3,
    CALLERS = 4,
    CALLS = 60 /* of each caller */
};

static const char *const ids[CORES] = {"0", "nc:1", "2"};

static int
prepare(void **state, struct neuron_model *(*load)(void))
{
    static struct parallel_bench bench;

    parallel_bench_create(&bench, "pack:1 core:3 pu:1", CORES, load());
    *state = &bench;
    return 0;
}

static int
prepare_dense(void **state)
{
    return prepare(state, load_dense_model);
}

static int
prepare_two_by_two(void **state)
{
    return prepare(state, load_two_by_two_model);
}

static int
clean_up(void **state)
{
    parallel_bench_destroy(*state);
    return 0;
}

/* A DataParallel object over the first `cores` cores. */
static struct neuron_data_parallel *
create_parallel(const struct parallel_bench *bench, uint32_t cores)
{
    const struct neuron_data_parallel_options options = {.device_ids = ids,
                                                         .device_id_count = cores};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    return parallel;
}

/* Runs a batch of so many rows and compares every bit. */
static void
assert_rows_are_right(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
                      int64_t rows)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, rows);
    scored_batch_expect(&batch, bench->loop);
    assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    if (!scored_batch_is_right(&batch)) {
        fail_msg("%d rows on %u cores differ from the loop", (int)rows,
                 neuron_data_parallel_core_count(parallel));
    }
    scored_batch_destroy(&batch);
}

static void
every_number_of_rows_is_scored_as_by_a_loop(void **state)
{
    const struct parallel_bench *bench = *state;

    for (uint32_t cores = 1; cores <= CORES; cores += 1) {
        struct neuron_data_parallel *parallel = create_parallel(bench, cores);

        for (int64_t rows = 0; rows <= 3 * (int64_t)cores * TRACED_ROWS; rows += 1) {
            assert_rows_are_right(bench, parallel, rows);
        }
        neuron_data_parallel_destroy(parallel);
    }
}

static void
every_split_size_gives_the_same_rows(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = create_parallel(bench, 2);

    for (uint32_t split_rows = 0; split_rows <= 3 * TRACED_ROWS; split_rows += 1) {
        neuron_data_parallel_set_split_size(parallel, split_rows);
        for (int64_t rows = 0; rows <= 25; rows += 1) {
            assert_rows_are_right(bench, parallel, rows);
        }
    }
    neuron_data_parallel_set_split_size(parallel, UINT32_MAX);
    assert_rows_are_right(bench, parallel, 37);
    neuron_data_parallel_destroy(parallel);
}

static void
a_large_batch_is_scored_as_by_a_loop(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = create_parallel(bench, CORES);

    assert_rows_are_right(bench, parallel, 10007);
    neuron_data_parallel_destroy(parallel);
}

static void
all_cores_of_the_process_are_the_default(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_data_parallel_create(bench->owner.runtime, bench->model, NULL, &parallel, &error),
        &error);
    assert_int_equal(neuron_data_parallel_core_count(parallel), CORES);
    assert_true(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_rows_are_right(bench, parallel, 37);
    neuron_data_parallel_destroy(parallel);
}

/* What one thread of the test below does, and what came of it. */
struct caller {
    pthread_t thread;
    struct neuron_data_parallel *parallel;
    struct scored_batch batch;
    uint32_t failed_calls;
    uint32_t wrong_calls;
};

static void *
call_again_and_again(void *argument)
{
    struct caller *caller = argument;

    for (int i = 0; i < CALLS; i += 1) {
        if (scored_batch_run(&caller->batch, caller->parallel, NULL) != NEURON_OK) {
            caller->failed_calls += 1;
        } else if (!scored_batch_is_right(&caller->batch)) {
            caller->wrong_calls += 1;
        }
    }
    return NULL;
}

static void
callers_at_the_same_time_get_their_own_rows(void **state)
{
    static const int64_t rows[CALLERS] = {1, 7, 48, 130};
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = create_parallel(bench, CORES);
    struct caller callers[CALLERS] = {0};

    for (int i = 0; i < CALLERS; i += 1) {
        callers[i].parallel = parallel;
        scored_batch_create(&callers[i].batch, bench->model, rows[i]);
        scored_batch_expect(&callers[i].batch, bench->loop);
    }
    for (int i = 0; i < CALLERS; i += 1) {
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, call_again_and_again, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
    }
    for (int i = 0; i < CALLERS; i += 1) {
        assert_int_equal(callers[i].failed_calls, 0);
        assert_int_equal(callers[i].wrong_calls, 0);
        scored_batch_destroy(&callers[i].batch);
    }
    neuron_data_parallel_destroy(parallel);
}

static void *
change_the_split_size(void *argument)
{
    for (uint32_t i = 0; i < 2000; i += 1) {
        neuron_data_parallel_set_split_size(argument, i % 11);
    }
    return NULL;
}

static void
the_split_size_may_change_while_others_call(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = create_parallel(bench, 2);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, change_the_split_size, parallel), 0);
    for (int64_t rows = 0; rows < 60; rows += 1) {
        assert_rows_are_right(bench, parallel, rows);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    neuron_data_parallel_destroy(parallel);
}

static void
two_objects_share_the_cores(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *left = create_parallel(bench, 2);
    struct neuron_data_parallel *right = create_parallel(bench, CORES);

    for (int64_t rows = 1; rows <= 20; rows += 1) {
        assert_rows_are_right(bench, left, rows);
        assert_rows_are_right(bench, right, rows);
    }
    neuron_data_parallel_destroy(left);
    neuron_data_parallel_destroy(right);
}

/* Creates with these device ids, which must fail, and gives the error. */
static struct neuron_error
refuse_ids(const struct parallel_bench *bench, const char *const *device_ids, uint32_t count,
           enum neuron_status expected)
{
    const struct neuron_data_parallel_options options = {.device_ids = device_ids,
                                                         .device_id_count = count};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_status(expected,
                  neuron_data_parallel_create(bench->owner.runtime, bench->model, &options,
                                              &parallel, &error),
                  &error);
    assert_null(parallel);
    return error;
}

static void
device_ids_that_name_no_core_are_refused(void **state)
{
    static const char *const foreign[] = {"nc:0", "nc:14"};
    static const char *const misspelt[] = {"nc:0", "core 1"};
    static const char *const twice[] = {"1", "nc:1"};
    const struct parallel_bench *bench = *state;
    struct neuron_error error = refuse_ids(bench, foreign, 2, NEURON_NO_SUCH_CORE);

    assert_string_equal(error.text, "device id nc:14: this process owns nc:0 to nc:2");
    error = refuse_ids(bench, misspelt, 2, NEURON_INVALID_SYNTAX);
    assert_contains(error.text, "\"core 1\"");
    error = refuse_ids(bench, twice, 2, NEURON_INVALID_ARGUMENT);
    assert_contains(error.text, "nc:1");
    error = refuse_ids(bench, twice, 0, NEURON_INVALID_ARGUMENT);
    assert_contains(error.text, "empty");
}

static void
destroying_nothing_is_allowed(void **state)
{
    (void)state;
    neuron_data_parallel_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest one_tensor[] = {
        cmocka_unit_test(every_number_of_rows_is_scored_as_by_a_loop),
        cmocka_unit_test(every_split_size_gives_the_same_rows),
        cmocka_unit_test(a_large_batch_is_scored_as_by_a_loop),
        cmocka_unit_test(all_cores_of_the_process_are_the_default),
        cmocka_unit_test(callers_at_the_same_time_get_their_own_rows),
        cmocka_unit_test(the_split_size_may_change_while_others_call),
        cmocka_unit_test(two_objects_share_the_cores),
        cmocka_unit_test(device_ids_that_name_no_core_are_refused),
        cmocka_unit_test(destroying_nothing_is_allowed),
    };
    const struct CMUnitTest two_tensors[] = {
        cmocka_unit_test(every_number_of_rows_is_scored_as_by_a_loop),
        cmocka_unit_test(every_split_size_gives_the_same_rows),
        cmocka_unit_test(callers_at_the_same_time_get_their_own_rows),
    };
    int failed = cmocka_run_group_tests(one_tensor, prepare_dense, clean_up);

    return failed + cmocka_run_group_tests(two_tensors, prepare_two_by_two, clean_up);
}
