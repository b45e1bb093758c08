/* SPDX-License-Identifier: Apache-2.0 */
#include "score/dry_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "neuron/clock.h"
#include "score/block_plan.h"
#include "score/job_files.h"
#include "score/journal.h"
#include "score/rank_cores.h"
#include "score/score_slot.h"

enum { PROBE_MS = 300 };

static void
print_tensors(const struct neuron_job_files *files)
{
    const struct neuron_scored_program *program = files->program;
    const struct neuron_tensor_spec *inputs = neuron_scored_program_inputs(program);
    const struct neuron_tensor_spec *outputs = neuron_scored_program_outputs(program);
    char shape[128] = "";

    (void)printf("model   %s, runs of %" PRIu64 " rows\n", files->options->model_path,
                 neuron_scored_program_batch_rows(program));
    for (uint32_t i = 0; i < neuron_scored_program_input_count(program); i += 1) {
        (void)printf("input   %s %s%s\n", inputs[i].name,
                     neuron_tensor_shape_format(&inputs[i].shape, shape, sizeof(shape)),
                     neuron_scored_program_shared(program)[i] ? ", shared by all rows" : "");
    }
    for (uint32_t i = 0; i < neuron_row_source_file_count(files->source); i += 1) {
        (void)printf("from    %s, %lld bytes\n", neuron_row_source_file_path(files->source, i),
                     (long long)neuron_row_source_file_stat(files->source, i)->st_size);
    }
    for (uint32_t i = 0; i < neuron_scored_program_output_count(program); i += 1) {
        (void)printf("output  %s %s\n", outputs[i].name,
                     neuron_tensor_shape_format(&outputs[i].shape, shape, sizeof(shape)));
    }
    for (uint32_t i = 0; i < neuron_output_set_file_count(files->outputs); i += 1) {
        (void)printf("to      %s\n", neuron_output_set_file_path(files->outputs, i));
    }
}

/* The folder of a path, which the caller frees; NULL where there is no memory. */
static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
}

static enum neuron_status
print_disk(const struct neuron_job_files *files, struct neuron_error *error)
{
    const char *path = neuron_output_set_path(files->outputs);
    uint64_t needed = neuron_output_set_size_bytes(files->outputs);
    struct statvfs system = {0};
    char *folder = folder_of(path);
    enum neuron_status status = NEURON_OK;

    if (folder == NULL || statvfs(folder, &system) != 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "the folder of %s cannot be used: %s", path,
                             strerrordesc_np(errno));
    } else {
        uint64_t free_bytes = (uint64_t)system.f_bavail * system.f_frsize;

        (void)printf("disk    %" PRIu64 " bytes needed, %" PRIu64 " free%s\n", needed, free_bytes,
                     needed > free_bytes ? ": too few, unless parts are there already" : "");
    }
    free(folder);
    return status;
}

/* Whether an unfinished job is there, and how far it is. */
static void
print_journal(const struct neuron_job_files *files, uint64_t *done_rows)
{
    struct neuron_journal *journal = NULL;
    char difference[NEURON_ERROR_TEXT_BYTES] = "";

    if (neuron_journal_read(files->journal_path, &journal, NULL) != NEURON_OK) {
        (void)printf("job     a new one\n");
        return;
    }
    const struct neuron_journal_contents *contents = neuron_journal_contents(journal);
    (void)neuron_job_fingerprint_compare(files->fingerprint, contents->fingerprint, difference,
                                         sizeof(difference));
    if (difference[0] != '\0') {
        (void)printf("job     another one is there, %s: %s\n",
                     contents->state == NEURON_JOURNAL_ENDED ? "finished" : "unfinished",
                     difference);
    } else {
        for (size_t i = 0; i < contents->piece_count; i += 1) {
            *done_rows += contents->pieces[i].rows.count;
        }
        (void)printf("job     %s, %" PRIu64 " of %" PRIu64 " rows are done\n",
                     contents->state == NEURON_JOURNAL_ENDED ? "finished" : "unfinished",
                     *done_rows, contents->rows);
    }
    neuron_journal_destroy(journal);
}

/* Scores the first rows again and again for a while: how many a second there are. */
static enum neuron_status
probe(const struct neuron_job_files *files, const struct neuron_rank_cores *cores,
      uint64_t block_rows, double *rows_per_s, struct neuron_error *error)
{
    const struct neuron_slot_tools tools = {.options = files->options,
                                            .program = files->program,
                                            .source = files->source,
                                            .most_failures = 0};
    struct neuron_score_slot slot = {.tools = &tools};
    struct neuron_failure_list failures = {0};
    uint64_t begin_ns = neuron_clock_ns();
    uint64_t end_ns = begin_ns;
    uint64_t rows = 0;
    enum neuron_status status = NEURON_OK;

    for (int i = 0; status == NEURON_OK &&
                    (i < 2 || end_ns - begin_ns < (uint64_t)PROBE_MS * NEURON_NS_PER_MS);
         i += 1) {
        const struct neuron_row_range block = {.first = 0, .count = block_rows};

        status = neuron_score_slot_begin(&slot, block, cores->parallel, NULL, error);
        if (status == NEURON_OK) {
            rows += i == 0 ? 0 : slot.block.count;
            status = neuron_score_slot_finish(&slot, &failures, error);
        }
        neuron_score_slot_release(&slot);
        end_ns = neuron_clock_ns();
        begin_ns = i == 0 ? end_ns : begin_ns; /* the first one warms up */
    }
    *rows_per_s = end_ns > begin_ns ? (double)rows * 1e9 / (double)(end_ns - begin_ns) : 0.0;
    neuron_score_slot_destroy(&slot);
    neuron_failure_list_destroy(&failures);
    return status;
}

static enum neuron_status
print_time(const struct neuron_score_job *job, const struct neuron_job_files *files,
           uint64_t left_rows, struct neuron_error *error)
{
    struct neuron_rank_cores cores = {0};
    double rows_per_s = 0.0;
    char list[64] = "";

    enum neuron_status status =
        neuron_rank_cores_claim(job->options, files->program, &cores, error);
    if (status == NEURON_OK) {
        uint64_t block_rows = neuron_block_plan_rows(files, &cores);

        neuron_rank_cores_format(&cores, list, sizeof(list));
        (void)printf("ranks   %u, this one on cores %s (machine)\n", job->identity->world_size,
                     list);
        (void)printf("memory  about %" PRIu64 " bytes a rank for rows and results, %" PRIu64
                     " rows at a time\n",
                     NEURON_BLOCKS_IN_MEMORY * block_rows *
                         (neuron_row_source_row_bytes(files->source) +
                          neuron_output_set_row_bytes(files->outputs)),
                     block_rows);
        if (files->rows > 0) {
            status = probe(files, &cores, block_rows, &rows_per_s, error);
        }
    }
    if (status == NEURON_OK && rows_per_s > 0.0) {
        (void)printf("time    about %.1f s for %" PRIu64 " rows, at %.0f rows/s a rank\n",
                     (double)left_rows / rows_per_s / job->identity->world_size, left_rows,
                     rows_per_s);
    }
    neuron_rank_cores_release(&cores);
    return status;
}

enum neuron_status
neuron_dry_run(const struct neuron_score_job *job, struct neuron_error *error)
{
    struct neuron_job_files files = {0};
    uint64_t done_rows = 0;

    if (job->identity->rank != 0) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_job_files_open(job->options, job->stop_signal, &files, error);
    if (status == NEURON_OK) {
        print_tensors(&files);
        (void)printf("rows    %" PRIu64 "\n", files.rows);
        status = print_disk(&files, error);
    }
    if (status == NEURON_OK) {
        print_journal(&files, &done_rows);
        status = print_time(job, &files, files.rows - done_rows, error);
    }
    if (status == NEURON_OK && fflush(stdout) == EOF) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "standard output cannot be written: %s",
                             strerrordesc_np(errno));
    }
    neuron_job_files_destroy(&files);
    return status;
}
