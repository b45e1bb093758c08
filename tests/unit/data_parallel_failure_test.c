/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that fail, inboxes that are full, and memory that must not be asked for. */
#include "check.h"

#include <stdatomic.h>

#include "neuron/data_parallel.h"

#include "faulty_runtime.h"
#include "parallel_bench.h"
#include "scored_batch.h"
#include "traced_model.h"

enum { CORES = FAULTY_CORES, REPEATS = 200 };

static int
prepare(void **state)
{
    static struct parallel_bench bench;

    parallel_bench_create(&bench, "pack:1 core:3 pu:1", CORES, load_dense_model());
    *state = &bench;
    return 0;
}

static int
clean_up(void **state)
{
    parallel_bench_destroy(*state);
    return 0;
}

static int
reset(void **state)
{
    (void)state;
    faulty_runtime_reset();
    return 0;
}

static void
poison_row(const struct scored_batch *batch, int64_t row)
{
    float *rows = batch->inputs[0].data;

    rows[row * FAULTY_COLUMNS] = FAULTY_NUMBER;
}

/* The object still does what it is for. */
static void
assert_still_works(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
                   int64_t rows)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, rows);
    scored_batch_expect(&batch, bench->loop);
    assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    assert_true(scored_batch_is_right(&batch));
    scored_batch_destroy(&batch);
}

static void
a_failure_names_its_chunk_rows_and_core(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 40);
    poison_row(&batch, 30);
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, &error), &error);
    assert_contains(error.text, "chunk 7 (rows 28-31) on nc:");
    assert_contains(error.text, ": the kernel refused row 2");
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, NULL), NULL);
    assert_still_works(bench, bench->parallel, 40);
    scored_batch_destroy(&batch);
}

static void
the_rows_of_a_short_chunk_are_named_as_they_are(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 38);
    poison_row(&batch, 37);
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, &error), &error);
    assert_contains(error.text, "chunk 9 (rows 36-37) on nc:");
    neuron_data_parallel_set_split_size(bench->parallel, 10);
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, &error), &error);
    assert_contains(error.text, "chunk 3 (rows 30-37) on nc:");
    neuron_data_parallel_set_split_size(bench->parallel, 0);
    scored_batch_destroy(&batch);
}

/* Two cores fail at the same time, and take turns in having the first rows. */
static void
the_first_failure_in_the_order_of_rows_is_reported(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 8);
    poison_row(&batch, 1);
    poison_row(&batch, 6);
    atomic_store(&faulty_runtime.meeting, 2);
    for (int i = 0; i < REPEATS; i += 1) {
        atomic_store(&faulty_runtime.arrived, 0);
        assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, &error), &error);
        assert_int_equal(atomic_load(&faulty_runtime.arrived), 2);
        assert_contains(error.text, "chunk 0 (rows 0-3) on nc:");
        assert_contains(error.text, ": the kernel refused row 1");
    }
    scored_batch_destroy(&batch);
}

static void
no_row_before_the_reported_failure_is_left_out(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 60);
    for (int64_t row = 8; row < 60; row += 4) {
        poison_row(&batch, row);
    }
    for (int i = 0; i < REPEATS; i += 1) {
        assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, &error), &error);
        assert_contains(error.text, "chunk 2 (rows 8-11) on nc:");
    }
    scored_batch_destroy(&batch);
}

/* How soon the others see it is theirs; that none ever does would be a fault. */
static void
other_cores_stop_after_a_failure(void **state)
{
    enum { CHUNKS = 300 };
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    uint32_t shortened = 0;

    scored_batch_create(&batch, bench->model, (int64_t)CHUNKS * TRACED_ROWS);
    poison_row(&batch, 0);
    for (int i = 0; i < REPEATS; i += 1) {
        atomic_store(&faulty_runtime.runs, 0);
        assert_status(NEURON_SYSTEM, scored_batch_run(&batch, bench->parallel, NULL), NULL);
        shortened += atomic_load(&faulty_runtime.runs) < CHUNKS ? 1 : 0;
    }
    assert_true(shortened > 0);
    scored_batch_destroy(&batch);
}

static void
a_core_stops_at_its_own_failure(void **state)
{
    static const char *const ids[] = {"1"};
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    scored_batch_create(&batch, bench->model, 4000);
    poison_row(&batch, 9);
    atomic_store(&faulty_runtime.runs, 0);
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, parallel, &error), &error);
    assert_int_equal(atomic_load(&faulty_runtime.runs), 3);
    assert_contains(error.text, "chunk 2 (rows 8-11) on nc:1 (core 1): ");
    scored_batch_destroy(&batch);
    neuron_data_parallel_destroy(parallel);
}

/* All inboxes are full but one. */
static void
fill_all_but(int willing)
{
    for (int i = 0; i < CORES; i += 1) {
        atomic_store(&faulty_runtime.is_full[i], i != willing);
    }
}

static void
a_batch_is_done_by_the_cores_that_take_work(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    for (int64_t rows = 1; rows <= 30; rows += 7) {
        scored_batch_create(&batch, bench->model, rows);
        scored_batch_expect(&batch, bench->loop);
        for (int willing = 0; willing < CORES; willing += 1) {
            fill_all_but(willing);
            assert_ok(scored_batch_run(&batch, bench->parallel, &error), &error);
            assert_true(scored_batch_is_right(&batch));
        }
        faulty_runtime_reset();
        scored_batch_destroy(&batch);
    }
}

static void
a_batch_that_no_core_takes_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 40);
    for (int i = 0; i < CORES; i += 1) {
        atomic_store(&faulty_runtime.is_full[i], true);
    }
    assert_status(NEURON_QUEUE_FULL, scored_batch_run(&batch, bench->parallel, &error), &error);
    assert_contains(error.text, "is full");
    assert_int_equal(atomic_load(&faulty_runtime.runs), 0);
    faulty_runtime_reset();
    assert_still_works(bench, bench->parallel, 40);
    scored_batch_destroy(&batch);
}

static void
without_dynamic_batching_failures_are_told_alike(void **state)
{
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.without_dynamic_batching = true};
    struct neuron_data_parallel *parallel = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    scored_batch_create(&batch, bench->model, (int64_t)CORES * TRACED_ROWS);
    poison_row(&batch, 7);
    poison_row(&batch, 8);
    assert_status(NEURON_SYSTEM, scored_batch_run(&batch, parallel, &error), &error);
    assert_contains(error.text, "chunk 1 (rows 4-7) on nc:");
    assert_contains(error.text, "): the kernel refused row 3");
    atomic_store(&faulty_runtime.is_full[2], true);
    assert_still_works(bench, parallel, (int64_t)CORES * TRACED_ROWS);
    faulty_runtime_reset();
    assert_still_works(bench, parallel, (int64_t)CORES * TRACED_ROWS);
    scored_batch_destroy(&batch);
    neuron_data_parallel_destroy(parallel);
}

static void
an_object_is_not_made_on_a_core_that_takes_no_work(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    atomic_store(&faulty_runtime.is_full[1], true);
    assert_status(
        NEURON_QUEUE_FULL,
        neuron_data_parallel_create(bench->owner.runtime, bench->model, NULL, &parallel, &error),
        &error);
    assert_null(parallel);
    assert_contains(error.text, "nc:1");
}

/* A stale row of the buffer would fail here; with other kernels it might be a slow or trapping NaN.
 */
static void
a_padded_run_sees_nothing_of_the_one_before(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch poisoned;
    struct neuron_error error = {0};

    scored_batch_create(&poisoned, bench->model, TRACED_ROWS - 1);
    poison_row(&poisoned, TRACED_ROWS - 2);
    for (int i = 0; i < CORES; i += 1) {
        fill_all_but(i);
        assert_status(NEURON_SYSTEM, scored_batch_run(&poisoned, bench->parallel, &error), &error);
    }
    faulty_runtime_reset();
    for (int i = 0; i < CORES; i += 1) {
        assert_still_works(bench, bench->parallel, 1);
    }
    scored_batch_destroy(&poisoned);
}

static bool
has_every_core_worked(void)
{
    bool has_worked = true;

    for (int i = 0; i < CORES; i += 1) {
        has_worked = has_worked && atomic_load(&faulty_runtime.submitted[i]) > 0;
    }
    return has_worked;
}

/* Not always in turn: a core that has not quite left the call before is passed over. */
static void
single_chunks_go_round_the_cores(void **state)
{
    enum { CALLS_LIMIT = 20000 };
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 1);
    for (int i = 0; i < CALLS_LIMIT && !has_every_core_worked(); i += 1) {
        assert_ok(scored_batch_run(&batch, bench->parallel, &error), &error);
    }
    assert_true(has_every_core_worked());
    scored_batch_destroy(&batch);
}

/* And once more wherever a core finds another request in its inbox, which then has its turn. */
static void
a_batch_is_a_request_a_core_not_a_chunk(void **state)
{
    enum { CHUNKS = 1001 };
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};
    uint32_t submitted = 0;

    scored_batch_create(&batch, bench->model, (int64_t)CHUNKS * TRACED_ROWS - 3);
    assert_ok(scored_batch_run(&batch, bench->parallel, &error), &error);
    assert_int_equal(atomic_load(&faulty_runtime.runs), CHUNKS);
    for (int i = 0; i < CORES; i += 1) {
        submitted += atomic_load(&faulty_runtime.submitted[i]);
    }
    assert_in_range(submitted, 1, CHUNKS / 4);
    scored_batch_destroy(&batch);
}

/* One core, which leaves each call before it begins the next: of two calls one is always free. */
static void
calls_after_the_first_allocate_nothing(void **state)
{
    static const char *const ids[] = {"2"};
    enum { CALLS_MADE = 2, ALLOCATIONS_OF_A_CALL = 16 };
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    scored_batch_create(&batch, bench->model, 41);
    atomic_store(&faulty_runtime.allocations, 0);
    for (int i = 0; i < REPEATS; i += 1) {
        assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    }
    assert_in_range(atomic_load(&faulty_runtime.allocations), 1,
                    CALLS_MADE * ALLOCATIONS_OF_A_CALL);
    scored_batch_destroy(&batch);
    neuron_data_parallel_destroy(parallel);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_failure_names_its_chunk_rows_and_core, reset),
        cmocka_unit_test_setup(the_rows_of_a_short_chunk_are_named_as_they_are, reset),
        cmocka_unit_test_setup(the_first_failure_in_the_order_of_rows_is_reported, reset),
        cmocka_unit_test_setup(no_row_before_the_reported_failure_is_left_out, reset),
        cmocka_unit_test_setup(other_cores_stop_after_a_failure, reset),
        cmocka_unit_test_setup(a_core_stops_at_its_own_failure, reset),
        cmocka_unit_test_setup(a_batch_is_done_by_the_cores_that_take_work, reset),
        cmocka_unit_test_setup(a_batch_that_no_core_takes_is_refused, reset),
        cmocka_unit_test_setup(without_dynamic_batching_failures_are_told_alike, reset),
        cmocka_unit_test_setup(an_object_is_not_made_on_a_core_that_takes_no_work, reset),
        cmocka_unit_test_setup(a_padded_run_sees_nothing_of_the_one_before, reset),
        cmocka_unit_test_setup(single_chunks_go_round_the_cores, reset),
        cmocka_unit_test_setup(a_batch_is_a_request_a_core_not_a_chunk, reset),
        cmocka_unit_test_setup(calls_after_the_first_allocate_nothing, reset),
    };
    return cmocka_run_group_tests_name("data_parallel_failure", tests, prepare, clean_up);
}
