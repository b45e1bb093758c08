/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "score/errors_file.h"
#include "score/job_identity.h"
#include "score/written_files.h"

static enum neuron_status
open_source(struct neuron_job_files *files, const volatile sig_atomic_t *stop_signal,
            struct neuron_error *error)
{
    const struct neuron_row_source_plan plan = {
        .model_path = files->options->model_path,
        .inputs = neuron_scored_program_inputs(files->program),
        .is_shared = neuron_scored_program_shared(files->program),
        .input_count = neuron_scored_program_input_count(files->program),
        .options = files->options,
        .stop_signal = stop_signal};

    enum neuron_status status = neuron_row_source_open(&plan, &files->source, error);
    if (status == NEURON_OK) {
        files->rows = neuron_row_source_rows(files->source);
    }
    return status;
}

static enum neuron_status
plan_outputs(struct neuron_job_files *files, struct neuron_error *error)
{
    files->output_plan = (struct neuron_output_plan){
        .model_path = files->options->model_path,
        .outputs = neuron_scored_program_outputs(files->program),
        .output_count = neuron_scored_program_output_count(files->program),
        .rows = files->rows,
        .options = files->options};

    enum neuron_status status = neuron_output_set_plan(&files->output_plan, &files->outputs, error);
    if (status == NEURON_OK && files->options->labels_path != NULL) {
        status = neuron_labels_open(&files->output_plan, &files->labels, error);
    }
    return status;
}

static enum neuron_status
name_files(struct neuron_job_files *files, struct neuron_error *error)
{
    const char *path = neuron_output_set_path(files->outputs);

    if (asprintf(&files->journal_path, "%s.journal", path) < 0 ||
        asprintf(&files->server_path, "%s.server", path) < 0 ||
        (files->errors_path = neuron_errors_file_name(path)) == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the names of files");
    }
    return NEURON_OK;
}

/* No output may take the place of something else, and nothing that is written that of another. */
static enum neuron_status
check_outputs(const struct neuron_job_files *files, struct neuron_error *error)
{
    struct stat model = {0};

    (void)stat(files->options->model_path, &model);
    enum neuron_status status = neuron_output_set_check(files->outputs, &model, "the model", error);
    return status == NEURON_OK ? neuron_written_files_check(files, error) : status;
}

/* Columns that pass through are found out to be there before anything is scored for them. */
static enum neuron_status
check_columns(const struct neuron_job_files *files, struct neuron_error *error)
{
    struct neuron_column_reader *columns = NULL;
    enum neuron_status status = neuron_job_files_open_columns(files, &columns, error);

    neuron_column_reader_destroy(columns);
    return status;
}

enum neuron_status
neuron_job_files_open_columns(const struct neuron_job_files *files,
                              struct neuron_column_reader **columns, struct neuron_error *error)
{
    const struct neuron_score_options *options = files->options;
    uint32_t count = options->passthrough_count + (options->join_key != NULL ? 1 : 0);
    const char **names = calloc((size_t)count + 1, sizeof(char *));
    uint32_t next = 0;

    if (names == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the names of columns");
    }
    if (options->join_key != NULL) {
        names[next] = options->join_key;
        next += 1;
    }
    for (uint32_t i = 0; i < options->passthrough_count; i += 1) {
        names[next + i] = options->passthrough[i];
    }
    enum neuron_status status = NEURON_OK;
    if (count > 0) {
        status = neuron_column_reader_open(files->source, names, count, 0, columns, error);
    }
    free(names);
    return status;
}

static enum neuron_status
identify(struct neuron_job_files *files, struct neuron_error *error)
{
    enum neuron_status status = neuron_job_fingerprint_create(&files->fingerprint, error);

    if (status == NEURON_OK) {
        status = neuron_scored_program_identify(files->program, files->fingerprint, error);
    }
    if (status == NEURON_OK) {
        status = neuron_row_source_identify(files->source, files->fingerprint, error);
    }
    return status == NEURON_OK ? neuron_job_identify_outputs(files, error) : status;
}

enum neuron_status
neuron_job_files_open(const struct neuron_score_options *options,
                      const volatile sig_atomic_t *stop_signal, struct neuron_job_files *files,
                      struct neuron_error *error)
{
    *files = (struct neuron_job_files){.options = options};
    enum neuron_status status = neuron_scored_program_load(options, &files->program, error);

    if (status == NEURON_OK) {
        status = open_source(files, stop_signal, error);
    }
    if (status == NEURON_OK) {
        status = plan_outputs(files, error);
    }
    if (status == NEURON_OK) {
        status = name_files(files, error);
    }
    if (status == NEURON_OK) {
        status = check_outputs(files, error);
    }
    if (status == NEURON_OK) {
        status = check_columns(files, error);
    }
    return status == NEURON_OK ? identify(files, error) : status;
}

void
neuron_job_files_destroy(struct neuron_job_files *files)
{
    neuron_job_fingerprint_destroy(files->fingerprint);
    neuron_labels_destroy(files->labels);
    neuron_output_set_destroy(files->outputs);
    neuron_row_source_destroy(files->source);
    neuron_scored_program_destroy(files->program);
    free(files->journal_path);
    free(files->server_path);
    free(files->errors_path);
    *files = (struct neuron_job_files){0};
}
