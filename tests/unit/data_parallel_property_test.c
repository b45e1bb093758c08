/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random models on random cores, cut at random: every bit is what the model gives when it is run
 * piece by piece in a plain loop, and every byte is written. NEURON_TEST_SEED is another seed to
 * begin with; a failure prints the one of its trial.
 */
#include "check.h"

#include <stdlib.h>

#include "parallel_trial.h"
#include "random_numbers.h"

enum { TRIALS = 400, CALLS = 4 };

static uint32_t
draw(struct parallel_trial *trial, uint32_t limit)
{
    return random_below(&trial->random, limit);
}

/* Runs over outputs that are one byte all over, and compares them with what must come out. */
static void
run_painted(struct parallel_trial *trial, const struct trial_batch *batch, unsigned char byte)
{
    const struct neuron_data_parallel_call_options options = {.report = trial->report};
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < batch->tensors.output_count; i += 1) {
        guarded_tensor_paint(&batch->outputs[i], byte);
    }
    if (draw(trial, 2) == 0) {
        assert_ok(neuron_data_parallel_run_with(trial->parallel, &batch->tensors, &options, &error),
                  &error);
    } else {
        assert_ok(
            neuron_data_parallel_submit(trial->parallel, &batch->tensors, &options, &call, &error),
            &error);
        assert_ok(neuron_data_parallel_wait(call, &error), &error);
    }
    for (uint32_t i = 0; i < batch->tensors.output_count; i += 1) {
        const struct guarded_tensor *output = &batch->outputs[i];

        assert_true(guarded_tensor_is_guarded(output, byte));
        assert_memory_equal(output->view.data, batch->expected[i].view.data, output->bytes);
    }
}

/* How many rows the chunk has, which begins at that row; fails unless it was run exactly once. */
static int64_t
count_chunk_rows(const struct parallel_trial *trial, int64_t chunk, int64_t first_row)
{
    uint64_t count = neuron_data_parallel_report_event_count(trial->report);
    int64_t row_count = 0;
    uint64_t found = 0;

    for (uint64_t i = 0; i < count; i += 1) {
        const struct neuron_data_parallel_event *event =
            neuron_data_parallel_report_event(trial->report, i);

        if (event->chunk == chunk) {
            assert_int_equal(event->first_row, first_row);
            row_count = event->row_count;
            found += 1;
        }
    }
    assert_int_equal(found, 1);
    assert_true(row_count > 0);
    return row_count;
}

/* The rows of the chunks are those of the call, each once. */
static void
check_report(const struct parallel_trial *trial, const struct trial_batch *batch)
{
    uint64_t count = neuron_data_parallel_report_event_count(trial->report);
    int64_t rows = 0;

    parallel_trial_check_places(trial);
    for (uint64_t chunk = 0; chunk < count; chunk += 1) {
        rows += count_chunk_rows(trial, (int64_t)chunk, rows);
    }
    if (parallel_trial_is_dynamic(trial)) {
        assert_int_equal(rows, batch->extent);
    } else {
        assert_int_equal(count, batch->extent);
    }
}

/* Whole compiled batches are read and written where they are. */
static void
check_copies(const struct parallel_trial *trial, const struct trial_batch *batch)
{
    int64_t compiled = parallel_trial_compiled_extent(trial);
    int64_t split = neuron_data_parallel_split_size(trial->parallel);
    uint64_t copied = 0;

    for (uint32_t i = 0; i < neuron_data_parallel_report_share_count(trial->report); i += 1) {
        copied += neuron_data_parallel_report_share(trial->report, i)->copied_bytes;
    }
    if (parallel_trial_is_dynamic(trial) && batch->extent % compiled == 0 &&
        split % compiled == 0) {
        assert_int_equal(copied, 0);
    }
}

static void
run_right(struct parallel_trial *trial, int64_t extent)
{
    struct trial_batch batch;

    trial_batch_create(&batch, trial, extent);
    trial_batch_expect(&batch, trial);
    run_painted(trial, &batch, 0xA5);
    run_painted(trial, &batch, 0x5A);
    check_report(trial, &batch);
    check_copies(trial, &batch);
    trial_batch_destroy(&batch);
}

/* What does not fit is refused, and nothing is written. */
static void
run_wrong(struct parallel_trial *trial, int64_t extent)
{
    struct trial_batch batch;
    struct neuron_error error = {0};

    trial_batch_create(&batch, trial, extent);
    for (uint32_t i = 0; i < batch.tensors.output_count; i += 1) {
        guarded_tensor_paint(&batch.outputs[i], 0x77);
        guarded_tensor_paint(&batch.expected[i], 0x77);
    }
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_run_with(trial->parallel, &batch.tensors, NULL, &error),
                  &error);
    assert_contains(error.text, ", but must be ");
    for (uint32_t i = 0; i < batch.tensors.output_count; i += 1) {
        assert_memory_equal(batch.outputs[i].view.data, batch.expected[i].view.data,
                            batch.outputs[i].bytes);
    }
    trial_batch_destroy(&batch);
}

static void
call_dynamic(struct parallel_trial *trial)
{
    uint32_t compiled = (uint32_t)parallel_trial_compiled_extent(trial);
    uint32_t replicas = neuron_data_parallel_replica_count(trial->parallel);
    uint32_t split = draw(trial, 2) * draw(trial, 2 + 3 * compiled);
    const uint32_t extents[] = {0,
                                1 + draw(trial, compiled),
                                compiled,
                                compiled * (1 + draw(trial, 2 * replicas)),
                                1 + draw(trial, 3 * compiled * replicas),
                                1 + draw(trial, 3 * compiled * replicas)};

    neuron_data_parallel_set_split_size(trial->parallel, split);
    assert_int_equal(neuron_data_parallel_split_size(trial->parallel), split);
    neuron_data_parallel_set_num_workers(trial->parallel, draw(trial, 2) * draw(trial, 9));
    run_right(trial, extents[draw(trial, sizeof(extents) / sizeof(extents[0]))]);
}

static void
call_exact(struct parallel_trial *trial)
{
    uint32_t replicas = neuron_data_parallel_replica_count(trial->parallel);
    uint32_t other = draw(trial, 2 * replicas + 2);

    neuron_data_parallel_set_num_workers(trial->parallel, draw(trial, 2) * draw(trial, 9));
    if (draw(trial, 3) == 0 && other != replicas && other != 0) {
        run_wrong(trial, other);
    } else {
        run_right(trial, draw(trial, 8) == 0 ? 0 : replicas);
    }
}

/* Some calls; then, of an object that takes any number of rows, one that takes the exact one. */
static void
check_trial(struct parallel_trial *trial)
{
    for (int i = 0; i < CALLS; i += 1) {
        if (parallel_trial_is_dynamic(trial)) {
            call_dynamic(trial);
        } else {
            call_exact(trial);
        }
    }
    neuron_data_parallel_disable_dynamic_batching(trial->parallel);
    assert_false(parallel_trial_is_dynamic(trial));
    call_exact(trial);
}

static void
every_bit_is_that_of_a_plain_loop(void **state)
{
    static struct parallel_trial trial;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment. */
    const char *text = getenv("NEURON_TEST_SEED");
    uint64_t first = text == NULL ? 1 : strtoull(text, NULL, 0);

    *state = &trial;
    for (uint64_t seed = first; seed < first + TRIALS; seed += 1) {
        parallel_trial_begin(&trial, seed);
        check_trial(&trial);
        parallel_trial_end(&trial);
    }
}

static int
tell_seed(void **state)
{
    const struct parallel_trial *trial = *state;

    if (trial != NULL && trial->seed != 0) {
        print_error("NEURON_TEST_SEED=%llu begins with the trial that failed\n",
                    (unsigned long long)trial->seed);
    }
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_bit_is_that_of_a_plain_loop, tell_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
