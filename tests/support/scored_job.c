/* SPDX-License-Identifier: Apache-2.0 */
#include "scored_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "neuron/npy.h"

static struct neuron_error error;

int
scored_job_set_up(void **state)
{
    struct scored_job *job = calloc(1, sizeof(*job));

    assert_non_null(job);
    test_runtime_create(&job->owner, "numa:1 core:2 pu:1", JOB_CORES);
    job->inputs[0].name = "x";
    job->inputs[1] = (struct neuron_named_text){
        "order", test_folder_path(&job->owner.folder, "order.npy", job->order_path)};
    job->outputs[0].value = test_folder_path(&job->owner.folder, "y.npy", job->y_path);
    job->options = (struct neuron_score_options){.model_path = CUSTOM_TROUBLE,
                                                 .inputs = {job->inputs, 2},
                                                 .outputs = {job->outputs, 1},
                                                 .end_row = UINT64_MAX,
                                                 .on_error = NEURON_ON_ERROR_SKIP,
                                                 .max_errors = UINT64_MAX,
                                                 .max_error_share = 1.0,
                                                 .fill = (double)NAN};
    for (int i = 0; i < JOB_ROWS; i += 1) {
        job->x[i] = (float)i;
    }
    *state = job;
    return 0;
}

int
scored_job_tear_down(void **state)
{
    struct scored_job *job = *state;

    neuron_spare_parallels_destroy(job->spares);
    neuron_data_parallel_destroy(job->parallel);
    neuron_output_set_destroy(job->set);
    neuron_row_source_destroy(job->source);
    neuron_scored_program_destroy(job->program);
    test_runtime_destroy(&job->owner);
    free(job);
    return 0;
}

static void
write_inputs(struct scored_job *job)
{
    const struct neuron_tensor_view x = {NEURON_FLOAT32, 1, {JOB_ROWS}, job->x};
    int32_t order = 0;
    const struct neuron_tensor_view orders = {NEURON_INT32, 1, {1}, &order};

    job->inputs[0].value =
        test_folder_path(&job->owner.folder, job->x_text == NULL ? "x.npy" : "x.csv", job->x_path);
    if (job->x_text == NULL) {
        assert_ok(neuron_npy_save(&x, job->x_path, &error), &error);
    } else {
        test_file_put(job->x_path, job->x_text, strlen(job->x_text));
    }
    assert_ok(neuron_npy_save(&orders, job->order_path, &error), &error);
}

static void
open_files(struct scored_job *job)
{
    const struct neuron_row_source_plan plan = {
        .model_path = job->options.model_path,
        .inputs = neuron_scored_program_inputs(job->program),
        .is_shared = neuron_scored_program_shared(job->program),
        .input_count = neuron_scored_program_input_count(job->program),
        .options = &job->options};

    assert_ok(neuron_row_source_open(&plan, &job->source, &error), &error);
    const struct neuron_output_plan outputs = {
        .model_path = job->options.model_path,
        .outputs = neuron_scored_program_outputs(job->program),
        .output_count = neuron_scored_program_output_count(job->program),
        .rows = neuron_row_source_rows(job->source),
        .options = &job->options};
    assert_ok(neuron_output_set_plan(&outputs, &job->set, &error), &error);
    assert_ok(neuron_output_set_reserve(job->set, NULL, &error), &error);
}

void
scored_job_open(struct scored_job *job)
{
    write_inputs(job);
    assert_ok(neuron_scored_program_load(&job->options, &job->program, &error), &error);
    open_files(job);
    assert_ok(neuron_scored_program_place(job->program, job->owner.runtime, &job->parallel_options,
                                          &job->parallel, &error),
              &error);
    assert_ok(neuron_spare_parallels_create(job->program, job->owner.runtime,
                                            &job->parallel_options, &job->spares, &error),
              &error);
    job->tools = (struct neuron_rank_tools){.options = &job->options,
                                            .program = job->program,
                                            .source = job->source,
                                            .outputs = job->set,
                                            .parallel = job->parallel,
                                            .spares = job->spares,
                                            .block_rows = JOB_BLOCK_ROWS};
}

void
scored_job_read(const struct scored_job *job, float y[JOB_ROWS])
{
    const struct neuron_row_range all = {.first = 0, .count = JOB_ROWS};

    assert_ok(neuron_output_set_read(job->set, 0, all, y, &error), &error);
}

void
scored_job_check(const struct neuron_row_range *rows, const float *y, uint64_t mask, float filled)
{
    for (uint64_t i = 0; i < rows->count; i += 1) {
        uint64_t row = rows->first + i;
        float expected = (mask >> row & 1) != 0 ? filled : 2.0F * (float)row;

        assert_true(y[i] == expected || (isnan(y[i]) && isnan(expected)));
    }
}
