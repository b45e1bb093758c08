/* SPDX-License-Identifier: Apache-2.0 */
/* What a job reads and writes, opened and checked against each other. */
#ifndef NEURON_SCORE_JOB_FILES_H
#define NEURON_SCORE_JOB_FILES_H

#include <signal.h>
#include <stdint.h>

#include "neuron/npy.h"
#include "neuron/status.h"
#include "score/column_reader.h"
#include "score/command_line.h"
#include "score/job_fingerprint.h"
#include "score/labels.h"
#include "score/output_set.h"
#include "score/row_source.h"
#include "score/scored_program.h"

/* All of it belongs to it. */
struct neuron_job_files {
    const struct neuron_score_options *options;
    struct neuron_scored_program *program;
    struct neuron_row_source *source;
    struct neuron_output_plan output_plan;
    struct neuron_output_set *outputs; /* planned; nothing of it is on disk yet */
    struct neuron_labels *labels;      /* NULL for none */
    struct neuron_job_fingerprint *fingerprint;
    uint64_t rows;
    char *journal_path;
    char *server_path; /* where the lease server says where it is */
    char *errors_path;
};

/*
 * Opens what is read, plans what is written, and checks that nothing that is read is replaced.
 *
 * files  overwritten; destroyed by the caller, also after a failure.
 *
 * Returns what is wrong with a file or an option. Nothing has been written.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_files_open(const struct neuron_score_options *options,
                      const volatile sig_atomic_t *stop_signal, struct neuron_job_files *files,
                      struct neuron_error *error);

/*
 * Opens the columns that pass through to the outputs, the join key first.
 *
 * columns  receives a reader, which the caller destroys; unchanged where none pass through.
 *
 * Returns as neuron_column_reader_open().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_files_open_columns(const struct neuron_job_files *files,
                              struct neuron_column_reader **columns, struct neuron_error *error);

/* Closes everything. Accepts zeroed ones. */
void
neuron_job_files_destroy(struct neuron_job_files *files);

#endif
