/* SPDX-License-Identifier: Apache-2.0 */
/* The csv or jsonl file of a job, from the rows in its part file. */
#ifndef NEURON_SCORE_TEXT_OUTPUT_H
#define NEURON_SCORE_TEXT_OUTPUT_H

#include <stdint.h>

#include "neuron/status.h"
#include "score/output_set.h"

/*
 * Renders a file under its temporary name, PATH.text.part, and puts it on disk.
 *
 *   csv    a line of names, then a line a row: join key, what passes through, and the values of
 *          each output as NAME, or as NAME_0, NAME_1... in row-major order;
 *   jsonl  an object a row: {"id":7,"scores":[0.5,0.25]}, arrays nested as the output's shape.
 *
 * file  of the set, csv or jsonl.
 * sum   receives the XXH3 of the file.
 *
 * Returns NEURON_SYSTEM, NEURON_CANCELLED or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_text_output_write(const struct neuron_output_set *set, uint32_t file,
                         const struct neuron_output_end *end, uint64_t *sum,
                         struct neuron_error *error);

#endif
