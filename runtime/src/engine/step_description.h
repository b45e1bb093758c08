/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a plan are, for people who look at their times. */
#ifndef NEURON_ENGINE_STEP_DESCRIPTION_H
#define NEURON_ENGINE_STEP_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/plan.h"

/* Texts live as long as the plan. */
struct neuron_step_description {
    uint32_t node;              /* of the graph, that it works for; UINT32_MAX for none */
    const char *kernel;         /* what is done: "convolution", or "reorder" before it */
    const char *implementation; /* by which code: "jit:avx2" */
    bool is_narrow;             /* the node's result, of float32, is kept as bfloat16 */
};

/* Says how many steps a run has. */
uint32_t
neuron_plan_step_count(const struct neuron_plan *plan);

/* Says whether a value of the graph, of float32, is kept as bfloat16. */
bool
neuron_plan_is_narrow(const struct neuron_plan *plan, uint32_t value);

/* Describes a step, whose number is below their count. */
struct neuron_step_description
neuron_plan_describe_step(const struct neuron_plan *plan, uint32_t step);

#endif
