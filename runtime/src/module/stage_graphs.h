/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a model for several cores: a graph each, and what goes from one to another. */
#ifndef NEURON_MODULE_STAGE_GRAPHS_H
#define NEURON_MODULE_STAGE_GRAPHS_H

#include <stddef.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "graph/graph_part.h"
#include "neuron/status.h"

/*
 * Where an input or output of a stage lies. A stage reads the caller's inputs where they are, and
 * what an earlier stage wrote to the caller's outputs there, too; all else that goes over a cut has
 * a place in a slot, of which each run under way has one.
 */
enum neuron_stage_place { NEURON_STAGE_INPUT, NEURON_STAGE_OUTPUT, NEURON_STAGE_SLOT };

struct neuron_stage_port {
    enum neuron_stage_place place;
    uint32_t index; /* INPUT, OUTPUT: of the model */
    size_t offset;  /* SLOT: into it, a multiple of 64 */
};

struct neuron_stage_graph {
    struct neuron_graph_part part;
    struct neuron_stage_port *ports; /* owned: the inputs of the part, then its outputs */
};

/* Never changes. */
struct neuron_stage_graphs {
    struct neuron_stage_graph *stages; /* owned */
    uint32_t stage_count;
    size_t slot_bytes; /* a multiple of 64 */
};

/*
 * Cuts a graph as its split says.
 *
 * graph   a pipeline. Constants are borrowed from it, and it lives longer.
 * stages  receives the stages, to be destroyed. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_stage_graphs_create(const struct neuron_graph *graph, struct neuron_stage_graphs **stages,
                           struct neuron_error *error);

/* Accepts NULL. */
void
neuron_stage_graphs_destroy(struct neuron_stage_graphs *stages);

#endif
