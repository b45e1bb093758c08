/* SPDX-License-Identifier: Apache-2.0 */
#include "score/score_job.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "neuron/data_parallel.h"
#include "neuron/model.h"
#include "neuron/npy.h"
#include "neuron/runtime.h"
#include "score/fingerprint.h"
#include "score/model_fit.h"
#include "score/npy_input.h"
#include "score/output_path.h"
#include "score/part_file.h"
#include "score/progress.h"
#include "score/report.h"
#include "score/row_scorer.h"
#include "score/scored_model.h"
#include "score/slowest_block.h"

enum { BLOCK_LIMIT_BYTES = 64 * 1024 * 1024 };

/* All that a rank holds while it works. */
struct scoring {
    const struct neuron_score_job *job;
    const struct neuron_score_options *options;
    struct neuron_npy_input *input;
    struct neuron_model *model;
    struct neuron_tensor_shape output; /* of all ranks together */
    size_t output_row_bytes;
    char *part_path;
    struct neuron_part_file *part;
    bool is_refused; /* the part file is not for this rank to touch */
    struct neuron_runtime *runtime;
    struct neuron_data_parallel *parallel;
    struct neuron_core_set *cores; /* those in use, by the machine's numbers */
    struct neuron_row_range rows;  /* of this rank */
};

static double
seconds_of(clockid_t clock)
{
    struct timespec now = {0};

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Neither the output nor its part file may replace a file that is read. */
static enum neuron_status
check_output(const struct scoring *scoring, const struct stat *read, const char *what,
             struct neuron_error *error)
{
    enum neuron_status status =
        neuron_output_path_check(scoring->options->output_path, read, what, error);

    return status == NEURON_OK ? neuron_output_path_check(scoring->part_path, read, what, error)
                               : status;
}

/* The same for the model and its weights; that they are there is found out by loading them. */
static enum neuron_status
check_output_against_model(const struct scoring *scoring, struct neuron_error *error)
{
    const char *weights_path = scoring->options->weights_path;
    enum neuron_status status = NEURON_OK;
    struct stat file = {0};

    if (stat(scoring->options->model_path, &file) == 0) {
        status = check_output(scoring, &file, "the model", error);
    }
    if (status == NEURON_OK && weights_path != NULL && stat(weights_path, &file) == 0) {
        status = check_output(scoring, &file, "the weights", error);
    }
    return status;
}

/* Says once, by the first rank, what this machine lacks of what the model was compiled for. */
static void
note_machine(const struct scoring *scoring)
{
    struct neuron_error lack = {.text = ""};

    if (scoring->job->identity->rank == 0 &&
        neuron_model_check_machine(scoring->model, &lack) != NEURON_OK) {
        (void)fprintf(stderr, "neuron-score: note: %s: %s\n", scoring->options->model_path,
                      lack.text);
    }
}

/* Opens what is read, and finds out what will be written. */
static enum neuron_status
open_files(struct scoring *scoring, struct neuron_error *error)
{
    const struct neuron_score_options *options = scoring->options;

    enum neuron_status status =
        neuron_output_path_name_part(options->output_path, &scoring->part_path, error);
    if (status == NEURON_OK) {
        status = neuron_npy_input_open(options->input_path, &scoring->input, error);
    }
    if (status == NEURON_OK) {
        status = check_output(scoring, neuron_npy_input_file(scoring->input), "the input", error);
    }
    if (status == NEURON_OK) {
        status = check_output_against_model(scoring, error);
    }
    if (status == NEURON_OK) {
        status = neuron_scored_model_load(options, &scoring->model, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    note_machine(scoring);
    const struct neuron_model_fit fit = {.model = scoring->model,
                                         .model_path = options->model_path,
                                         .rows = neuron_npy_input_shape(scoring->input),
                                         .rows_path = options->input_path};
    return neuron_model_fit_check(&fit, &scoring->output, error);
}

/* The size of one row; 0 where a dimension is 0. */
static size_t
row_size_bytes(const struct neuron_tensor_shape *shape)
{
    struct neuron_tensor_shape row = *shape;

    row.dims[0] = 1;
    return neuron_tensor_shape_size_bytes(&row);
}

static uint64_t
fingerprint_of(const struct scoring *scoring, const char *header, size_t header_bytes)
{
    enum neuron_fingerprint_scope scope = scoring->job->identity->is_local
                                              ? NEURON_FINGERPRINT_ONE_HOST
                                              : NEURON_FINGERPRINT_ANY_HOST;
    struct stat model = {0};

    (void)stat(scoring->options->model_path, &model);
    uint64_t fingerprint = neuron_fingerprint_add(NEURON_FINGERPRINT_START, header, header_bytes);
    if (scoring->options->weights_path != NULL) {
        fingerprint = neuron_fingerprint_add(fingerprint, neuron_model_identity(scoring->model),
                                             NEURON_MODEL_IDENTITY_BYTES);
    }
    fingerprint =
        neuron_fingerprint_add_file(fingerprint, neuron_npy_input_file(scoring->input), scope);
    return neuron_fingerprint_add_file(fingerprint, &model, scope);
}

/* Joins the ranks that write the output, or is the first of them. */
static enum neuron_status
join_output(struct scoring *scoring, struct neuron_error *error)
{
    const struct neuron_rank_identity *identity = scoring->job->identity;
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t header_bytes = 0;
    uint64_t rows = (uint64_t)scoring->output.dims[0];
    uint64_t payload_bytes = 0;

    enum neuron_status status = neuron_npy_format(&scoring->output, header, &header_bytes, error);
    if (status != NEURON_OK) {
        return status;
    }
    scoring->output_row_bytes = row_size_bytes(&scoring->output);
    if (__builtin_mul_overflow(rows, (uint64_t)scoring->output_row_bytes, &payload_bytes)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s would be larger than any file; score fewer rows",
                           scoring->options->output_path);
    }
    const struct neuron_part_plan plan = {
        .path = scoring->part_path,
        .header = header,
        .header_bytes = header_bytes,
        .payload_bytes = payload_bytes,
        .rows = rows,
        .fingerprint = fingerprint_of(scoring, header, header_bytes),
        .start_ns = scoring->job->start_ns,
        .identity = identity,
        .stop_signal = scoring->job->stop_signal,
    };
    scoring->rows = neuron_row_range_of_rank(rows, identity->rank, identity->world_size);
    status = neuron_part_file_join(&plan, &scoring->part, error);
    scoring->is_refused = status != NEURON_OK;
    return status;
}

/* Finds the machine's numbers of the cores that the options name. */
static enum neuron_status
find_cores(struct scoring *scoring, struct neuron_error *error)
{
    const struct neuron_score_options *options = scoring->options;
    const struct neuron_core_set *owned = neuron_runtime_cores(scoring->runtime);

    if (options->device_id_count == 0) {
        return neuron_core_set_copy(owned, &scoring->cores, error);
    }
    enum neuron_status status = neuron_core_set_create(0, 0, &scoring->cores, error);
    for (uint32_t i = 0; status == NEURON_OK && i < options->device_id_count; i += 1) {
        /* DataParallel has accepted the ids: each is a number, or one behind "nc:". */
        const char *id = options->device_ids[i];
        const char *number = strncmp(id, "nc:", 3) == 0 ? id + 3 : id;
        uint32_t position = (uint32_t)strtoul(number, NULL, 10);

        status = neuron_core_set_add(scoring->cores, neuron_core_set_at(owned, position), error);
    }
    return status;
}

/* Claims the cores and loads the model to them. */
static enum neuron_status
claim_cores(struct scoring *scoring, struct neuron_error *error)
{
    const struct neuron_score_options *options = scoring->options;
    const struct neuron_data_parallel_options choice = {
        .device_ids = options->device_ids, .device_id_count = options->device_id_count};

    enum neuron_status status = neuron_runtime_create(NULL, &scoring->runtime, error);
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create(scoring->runtime, scoring->model, &choice,
                                             &scoring->parallel, error);
    }
    if (status == NEURON_OK) {
        neuron_data_parallel_set_split_size(scoring->parallel, options->split_size_rows);
        status = find_cores(scoring, error);
    }
    return status;
}

static struct neuron_block_limits
limits_of(const struct scoring *scoring)
{
    size_t input_row_bytes = row_size_bytes(neuron_npy_input_shape(scoring->input));
    uint64_t batch_rows = (uint64_t)neuron_model_input(scoring->model, 0)->shape.dims[0];
    uint64_t chunk_rows =
        scoring->options->split_size_rows > 0 ? scoring->options->split_size_rows : batch_rows;
    struct neuron_block_limits limits = {.chunk_rows = chunk_rows,
                                         .row_size_bytes = input_row_bytes,
                                         .size_bytes = BLOCK_LIMIT_BYTES};

    if (limits.row_size_bytes < scoring->output_row_bytes) {
        limits.row_size_bytes = scoring->output_row_bytes;
    }
    if (__builtin_mul_overflow(chunk_rows,
                               (uint64_t)neuron_data_parallel_core_count(scoring->parallel),
                               &limits.round_rows)) {
        limits.round_rows = UINT64_MAX;
    }
    return limits;
}

/* Says what this rank did, where there are several. */
static void
report_rank(const struct scoring *scoring, double seconds)
{
    const struct neuron_rank_identity *identity = scoring->job->identity;
    const struct neuron_rank_report report = {
        .rows = scoring->rows, .seconds = seconds, .cores = scoring->cores};
    char text[NEURON_REPORT_LINE_BYTES] = "";

    if (identity->world_size > 1 && !scoring->options->is_quiet) {
        neuron_ignore(neuron_report_print(
            neuron_rank_report_format(&report, identity->rank, text, sizeof(text)), NULL));
    }
}

/* Says what the job did, when this rank was its last. */
static enum neuron_status
report_job(const struct scoring *scoring, const struct neuron_part_outcome *outcome,
           struct neuron_error *error)
{
    double seconds = seconds_of(CLOCK_REALTIME) - (double)outcome->start_ns * 1e-9;
    const struct neuron_job_report report = {.rows = (uint64_t)scoring->output.dims[0],
                                             .seconds = seconds > 0.0 ? seconds : 0.0,
                                             .core_count = outcome->core_count,
                                             .world_size = scoring->job->identity->world_size,
                                             .output_path = scoring->options->output_path};
    char text[NEURON_REPORT_LINE_BYTES] = "";

    if (!outcome->is_complete || scoring->options->is_quiet) {
        return NEURON_OK;
    }
    return neuron_report_print(neuron_job_report_format(&report, text, sizeof(text)), error);
}

/* Scores this rank's rows, with progress shown where somebody watches. */
static enum neuron_status
score_rows(const struct scoring *scoring, struct neuron_error *error)
{
    bool is_shown = scoring->job->identity->rank == 0 && !scoring->options->is_quiet;
    struct neuron_slowest_block *slowest = NULL;

    if (scoring->options->shows_timeline) {
        enum neuron_status status = neuron_slowest_block_create(scoring->parallel, &slowest, error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    struct neuron_row_scorer scorer = {
        .input = scoring->input,
        .parallel = scoring->parallel,
        .output = scoring->part,
        .output_shape = scoring->output,
        .output_row_bytes = scoring->output_row_bytes,
        .limits = limits_of(scoring),
        .progress = neuron_progress_start(is_shown ? STDERR_FILENO : -1, scoring->rows.count,
                                          seconds_of(CLOCK_MONOTONIC)),
        .slowest = slowest,
        .stop_signal = scoring->job->stop_signal,
    };

    enum neuron_status status = neuron_row_scorer_run(&scorer, &scoring->rows, error);
    neuron_progress_stop(&scorer.progress);
    if (status == NEURON_OK && slowest != NULL) {
        neuron_slowest_block_print(slowest, scoring->job->identity, stderr);
    }
    neuron_slowest_block_destroy(slowest);
    return status;
}

static enum neuron_status
score_and_finish(struct scoring *scoring, struct neuron_error *error)
{
    double start_s = seconds_of(CLOCK_MONOTONIC);
    struct neuron_part_outcome outcome = {0};

    enum neuron_status status = score_rows(scoring, error);
    if (status != NEURON_OK) {
        return status;
    }
    report_rank(scoring, seconds_of(CLOCK_MONOTONIC) - start_s);
    status =
        neuron_part_file_finish(scoring->part, neuron_data_parallel_core_count(scoring->parallel),
                                scoring->options->output_path, &outcome, error);
    return status == NEURON_OK ? report_job(scoring, &outcome, error) : status;
}

/* A rank that fails takes the unfinished output with it, so that the others stop. */
static void
abandon_output(struct scoring *scoring)
{
    if (scoring->part != NULL) {
        neuron_part_file_abandon(scoring->part);
    } else if (scoring->part_path != NULL && !scoring->is_refused) {
        neuron_part_file_abandon_job(scoring->part_path, scoring->job->identity->job_id);
    }
}

static void
release_all(struct scoring *scoring)
{
    neuron_core_set_destroy(scoring->cores);
    neuron_data_parallel_destroy(scoring->parallel);
    neuron_runtime_destroy(scoring->runtime);
    neuron_part_file_destroy(scoring->part);
    neuron_model_destroy(scoring->model);
    neuron_npy_input_destroy(scoring->input);
    free(scoring->part_path);
}

enum neuron_status
neuron_score_job_run(const struct neuron_score_job *job, struct neuron_error *error)
{
    struct scoring scoring = {.job = job, .options = job->options};

    enum neuron_status status = open_files(&scoring, error);
    if (status == NEURON_OK) {
        status = join_output(&scoring, error);
    }
    if (status == NEURON_OK) {
        status = claim_cores(&scoring, error);
    }
    if (status == NEURON_OK) {
        status = score_and_finish(&scoring, error);
    }
    if (status != NEURON_OK) {
        abandon_output(&scoring);
    }
    release_all(&scoring);
    return status;
}
