/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that failed, and why, for people and programs: OUTPUT.errors.jsonl. */
#ifndef NEURON_SCORE_ERRORS_FILE_H
#define NEURON_SCORE_ERRORS_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/journal.h"

/* What the lines are made from. All of it is borrowed. */
struct neuron_errors_file {
    const char *path; /* neuron_errors_file_name() makes it */
    const struct neuron_row_failure *failures;
    size_t failure_count;
    uint64_t first_row;                      /* of the job in its input: added to each row */
    const struct neuron_tensor_spec *inputs; /* of the model */
    uint32_t input_count;
};

/* Names the file of an output: "scores.npy.errors.jsonl". The caller frees it; NULL when there is
 * no memory. */
char *
neuron_errors_file_name(const char *output_path);

/*
 * Writes one object a failure, in their order:
 *
 *   {"row":4100,"input":"age","stage":"read","reason":"...","attempts":1}
 *
 * The input is null but where reading it failed; the stage is one of read, run, nan, time, crash.
 * The file appears whole, on disk, or not at all, in place of an earlier one; with no failures
 * there is none.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_errors_file_write(const struct neuron_errors_file *errors, struct neuron_error *error);

/* The word of a stage, as it stands in that file; NULL for a number that is none. */
const char *
neuron_bad_stage_name(enum neuron_bad_stage stage);

#endif
