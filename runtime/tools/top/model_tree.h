/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of processes, their models, and the cores that these are on. */
#ifndef NEURON_TOOLS_TOP_MODEL_TREE_H
#define NEURON_TOOLS_TOP_MODEL_TREE_H

#include "node/node_watch.h"
#include "top/canvas.h"

/*
 * Adds a heading, and the models of each process that has some; says so where none has.
 *
 * process  whose models are shown; neuron_no_process for those of all processes.
 */
void
neuron_model_tree_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                      uint32_t process);

/*
 * Makes the set of the cores that a module is on, by the machine's numbers.
 *
 * cores  receives a set, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for numbers that are none, or NEURON_OUT_OF_MEMORY.
 */
struct neuron_core_set;
NEURON_MUST_CHECK enum neuron_status
neuron_module_cores(const struct neuron_counter_sample *runtime,
                    const struct neuron_module_sample *module, struct neuron_core_set **cores,
                    struct neuron_error *error);

#endif
