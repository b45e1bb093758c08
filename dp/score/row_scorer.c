/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_scorer.h"

#include <stdlib.h>

#include "neuron/clock.h"

#include "neuron/data_parallel_call.h"

/* Makes room for the results of a block. */
static enum neuron_status
grow_results(struct neuron_row_scorer *scorer, uint64_t rows, struct neuron_error *error)
{
    enum { ALIGNMENT_BYTES = 64 };
    size_t needed = 0;

    if (__builtin_mul_overflow(rows, scorer->output_row_bytes, &needed) ||
        __builtin_add_overflow(needed, ALIGNMENT_BYTES, &needed)) {
        needed = SIZE_MAX;
    }
    needed -= needed % ALIGNMENT_BYTES;
    if (needed <= scorer->results_bytes) {
        return NEURON_OK;
    }
    free(scorer->results);
    scorer->results_bytes = 0;
    scorer->results = aligned_alloc(ALIGNMENT_BYTES, needed);
    if (scorer->results == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory for the results of %llu rows; use a smaller batch",
                           (unsigned long long)rows);
    }
    scorer->results_bytes = needed;
    return NEURON_OK;
}

/* Runs a block on all cores. */
static enum neuron_status
run_block(struct neuron_row_scorer *scorer, const struct neuron_row_range *range,
          const struct neuron_tensor_view *rows, const struct neuron_tensor_view *results,
          struct neuron_error *error)
{
    const struct neuron_batch_tensors tensors = {
        .inputs = rows, .outputs = results, .input_count = 1, .output_count = 1};
    const struct neuron_data_parallel_call_options options = {
        .report = scorer->slowest != NULL ? neuron_slowest_block_next(scorer->slowest) : NULL};

    enum neuron_status status =
        neuron_data_parallel_run_with(scorer->parallel, &tensors, &options, error);
    if (status == NEURON_OK && scorer->slowest != NULL) {
        neuron_slowest_block_note(scorer->slowest, range);
    }
    return status;
}

static enum neuron_status
score_block(struct neuron_row_scorer *scorer, uint64_t first, uint64_t count,
            struct neuron_error *error)
{
    struct neuron_tensor_view rows = {0};
    struct neuron_tensor_shape shape = scorer->output_shape;

    enum neuron_status status = neuron_part_file_check(scorer->output, error);
    if (status == NEURON_OK) {
        status = grow_results(scorer, count, error);
    }
    if (status == NEURON_OK) {
        status = neuron_npy_input_take(scorer->input, first, count, &rows, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    shape.dims[0] = (int64_t)count;
    struct neuron_tensor_view results = neuron_tensor_view_of(&shape, scorer->results);
    const struct neuron_row_range range = {.first = first, .count = count};
    status = run_block(scorer, &range, &rows, &results, error);
    if (status == NEURON_OK) {
        status = neuron_npy_input_check(scorer->input, error);
    }
    if (status == NEURON_OK) {
        status = neuron_part_file_write(scorer->output, first * scorer->output_row_bytes,
                                        scorer->results, count * scorer->output_row_bytes, error);
    }
    return status;
}

static double
now_s(void)
{
    return (double)neuron_clock_ns() / NEURON_NS_PER_S;
}

static enum neuron_status
score_blocks(struct neuron_row_scorer *scorer, const struct neuron_row_range *rows,
             struct neuron_error *error)
{
    double rows_per_s = 0.0;
    uint64_t done = 0;

    while (done < rows->count) {
        double start_s = now_s();
        uint64_t count = neuron_block_rows(&scorer->limits, rows_per_s);

        count = count < rows->count - done ? count : rows->count - done;
        if (*scorer->stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED,
                               "stopped by a signal after %llu of %llu rows; no output is left",
                               (unsigned long long)done, (unsigned long long)rows->count);
        }
        enum neuron_status status = score_block(scorer, rows->first + done, count, error);
        if (status != NEURON_OK) {
            return status;
        }
        done += count;
        double end_s = now_s();
        rows_per_s = end_s > start_s ? (double)count / (end_s - start_s) : 1e18;
        neuron_progress_show(&scorer->progress, done, end_s);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_row_scorer_run(struct neuron_row_scorer *scorer, const struct neuron_row_range *rows,
                      struct neuron_error *error)
{
    enum neuron_status status = score_blocks(scorer, rows, error);

    free(scorer->results);
    scorer->results = NULL;
    scorer->results_bytes = 0;
    return status;
}
