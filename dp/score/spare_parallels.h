/* SPDX-License-Identifier: Apache-2.0 */
/* Other ways to run the rows of a rank, made when they are first wanted. */
#ifndef NEURON_SCORE_SPARE_PARALLELS_H
#define NEURON_SCORE_SPARE_PARALLELS_H

#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"
#include "score/scored_program.h"

/* One thread at a time. */
struct neuron_spare_parallels;

/*
 * Makes none yet.
 *
 * options  of the rank's own object: device ids, isolation. Both and the runtime are borrowed, and
 *          outlive the new object.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_spare_parallels_create(const struct neuron_scored_program *program,
                              struct neuron_runtime *runtime,
                              const struct neuron_data_parallel_options *options,
                              struct neuron_spare_parallels **spares, struct neuron_error *error);

/*
 * One whose runs are done by processes that may die: for rows at which this one died. Where the
 * program of these processes is not installed, the rank's own object must do: a line says so once.
 *
 * own  the rank's.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_spare_parallels_isolated(struct neuron_spare_parallels *spares,
                                struct neuron_data_parallel *own,
                                struct neuron_data_parallel **parallel, struct neuron_error *error);

/* One on a single core, another than nc:`avoid` if the rank has another: for comparing results. */
NEURON_MUST_CHECK enum neuron_status
neuron_spare_parallels_single(struct neuron_spare_parallels *spares, uint32_t avoid,
                              struct neuron_data_parallel **parallel, struct neuron_error *error);

/* Destroys them. Accepts NULL. */
void
neuron_spare_parallels_destroy(struct neuron_spare_parallels *spares);

#endif
