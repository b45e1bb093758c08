/* SPDX-License-Identifier: Apache-2.0 */
/* A program whose runs happen in a process of their own. */
#ifndef NEURON_DP_ISOLATED_PROGRAM_H
#define NEURON_DP_ISOLATED_PROGRAM_H

#include <stdint.h>

#include "neuron/status.h"

#include "chunk_program.h"
#include "isolated_source.h"

/* Which core of a source's runtime, and how. */
struct neuron_isolated_place {
    uint32_t nc;            /* of the first of the replica's cores */
    uint32_t hang_limit_ms; /* how long a run may take before its process is killed; 0 for ever */
    /* Most rows of a run: a model's compiled batch, or 1 for one that is given whole tensors; the
       limit of a custom program makes it less. */
    int64_t run_rows;
};

/*
 * Starts a process on the core, and loads the program there. Its runs read and write `buffers`,
 * which are all there is: the addresses of a run are not looked at. A process that was lost is
 * replaced before the next run; where that fails, or three in a row are lost while they load, the
 * run returns NEURON_STOPPED. The deadline of a run ends its wait for a process that loads, not the
 * loading: a later run finds it done.
 *
 * source   outlives the program.
 * program  receives one with run(). Unchanged on failure.
 *
 * Returns NEURON_SYSTEM when the process cannot be started, NEURON_PEER_LOST when it ended or hung
 * while it loaded, NEURON_OUT_OF_MEMORY, or why it could not load.
 * The thread of the core's executor, for this and for all that the program has. Blocks, without
 * using the core, while the process computes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_program_create(const struct neuron_isolated_source *source,
                               const struct neuron_isolated_place *place,
                               struct neuron_chunk_program *program, struct neuron_error *error);

#endif
