/* SPDX-License-Identifier: Apache-2.0 */
/* The cores of a rank, with the model on them. */
#ifndef NEURON_SCORE_RANK_CORES_H
#define NEURON_SCORE_RANK_CORES_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "score/command_line.h"
#include "score/scored_program.h"
#include "score/spare_parallels.h"

/* All of it belongs to it. Zeroed it has none. */
struct neuron_rank_cores {
    struct neuron_runtime *runtime;
    struct neuron_data_parallel *parallel;
    struct neuron_data_parallel_options options; /* of that */
    struct neuron_spare_parallels *spares;
    uint64_t load_ns; /* that all this took */
};

/*
 * Claims the cores that the options name, and puts the program on them.
 *
 * options, program  outlive the cores.
 * cores             zeroed before; released by the caller, also after a failure.
 *
 * Returns as neuron_runtime_create() and neuron_data_parallel_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_cores_claim(const struct neuron_score_options *options,
                        const struct neuron_scored_program *program,
                        struct neuron_rank_cores *cores, struct neuron_error *error);

/* Rows that keep one core busy once. At least 1. */
uint64_t
neuron_rank_cores_chunk_rows(const struct neuron_score_options *options,
                             const struct neuron_scored_program *program);

/* Writes the machine's numbers of the cores in use: "4-7". */
void
neuron_rank_cores_format(const struct neuron_rank_cores *cores, char *text, size_t size_bytes);

/* Gives everything back. Accepts zeroed ones. */
void
neuron_rank_cores_release(struct neuron_rank_cores *cores);

#endif
