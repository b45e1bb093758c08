/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a run goes: by operator, and by step. */
#ifndef NEURON_TOOLS_CC_PROFILE_H
#define NEURON_TOOLS_CC_PROFILE_H

#include <stdint.h>
#include <stdio.h>

#include "engine/program.h"
#include "engine/step_description.h"
#include "graph/graph_body.h"
#include "graph/node_cost.h"
#include "neuron/status.h"
#include "roofline.h"

/* One step, with all that is known of it. */
struct neuron_cc_step {
    struct neuron_step_description description;
    struct neuron_node_cost cost; /* of its node, where it is the node's last step; else zero */
    uint64_t total_ns;            /* in all profiled runs */
};

struct neuron_cc_profile {
    const struct neuron_graph *graph;
    struct neuron_cc_step *steps;
    struct neuron_step_time *last; /* times of the last profiled run */
    uint32_t step_count;
    uint32_t run_count;
};

/*
 * Makes a profile without any run.
 *
 * graph    that the plan was made from. Outlives the profile, as the plan does.
 * profile  receives it; to be closed. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_profile_open(const struct neuron_graph *graph, const struct neuron_plan *plan,
                       struct neuron_cc_profile *profile, struct neuron_error *error);

/* Adds the run whose times stand in `last`. */
void
neuron_cc_profile_add(struct neuron_cc_profile *profile);

/* The operator that a step works for: "conv2d", or "(output)". */
const char *
neuron_cc_step_operator(const struct neuron_cc_profile *profile, uint32_t step);

/* Writes the shape that a step's node computes into a text, and returns it; empty for no node. */
const char *
neuron_cc_step_shape(const struct neuron_cc_profile *profile, uint32_t step, char *text,
                     size_t size_bytes);

/*
 * Prints a line for each operator, the one that takes longest first, and one for each step.
 *
 * limits  of the core that the runs were on: what share of them was reached, and which binds.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_profile_print(FILE *stream, const struct neuron_cc_profile *profile,
                        const struct neuron_roofline *limits, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_cc_profile_close(struct neuron_cc_profile *profile);

#endif
