/* SPDX-License-Identifier: Apache-2.0 */
/* A model as data: operators, values, shapes. */
#ifndef NEURON_GRAPH_H
#define NEURON_GRAPH_H

#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A graph is made by a front end (neuron/trace.h) and does not change afterwards. Any thread may
 * read it. All of its values have a type and a fixed shape.
 */
struct neuron_graph;

/* Says how many inputs the graph takes. */
NEURON_API uint32_t
neuron_graph_input_count(const struct neuron_graph *graph);

/* Says how many outputs the graph gives. */
NEURON_API uint32_t
neuron_graph_output_count(const struct neuron_graph *graph);

/* Describes an input. `index` is below the count of inputs. Lives as long as the graph. */
NEURON_API const struct neuron_tensor_spec *
neuron_graph_input(const struct neuron_graph *graph, uint32_t index);

/* Describes an output. `index` is below the count of outputs. Lives as long as the graph. */
NEURON_API const struct neuron_tensor_spec *
neuron_graph_output(const struct neuron_graph *graph, uint32_t index);

/* Says how many operators the graph has. */
NEURON_API uint32_t
neuron_graph_operator_count(const struct neuron_graph *graph);

/* Destroys a graph. Accepts NULL. */
NEURON_API void
neuron_graph_destroy(struct neuron_graph *graph);

#ifdef __cplusplus
}
#endif

#endif
