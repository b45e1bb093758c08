/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_run.h"

#include <stdlib.h>

#include "engine/plan.h"
#include "engine/program.h"
#include "engine/single_thread.h"
#include "graph/node_cost.h"
#include "graph/weight.h"

enum { NODE_LIMIT = 32, VALUE_LIMIT_BYTES = 1 << 18, COST_LIMIT = 1 << 22, TIMEOUT_MS = 2000 };

/* Says whether a fuzzer can run it thousands of times, and it lacks no weights. */
static bool
is_small(const struct neuron_graph *graph)
{
    struct neuron_node_cost cost = {0};

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (neuron_tensor_shape_size_bytes(&graph->values[i].shape) > VALUE_LIMIT_BYTES) {
            return false;
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        neuron_node_cost_add(graph, &graph->nodes[i], &cost);
    }
    return neuron_weight_check_all(graph, NULL) == NEURON_OK && graph->node_count <= NODE_LIMIT &&
           cost.flops < COST_LIMIT && cost.moved_bytes < COST_LIMIT;
}

/* Memory of exactly the tensor's size. Its bytes may be anything, those of bool, too. */
static void *
allocate_tensor(const struct neuron_tensor_spec *spec, uint32_t *seed)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&spec->shape);
    unsigned char *bytes = malloc(size_bytes);

    for (size_t i = 0; bytes != NULL && i < size_bytes; i += 1) {
        *seed = *seed * 1664525U + 1013904223U;
        bytes[i] = (unsigned char)(*seed >> 24);
    }
    return bytes;
}

static void
free_all(void **tensors, uint32_t count)
{
    for (uint32_t i = 0; tensors != NULL && i < count; i += 1) {
        free(tensors[i]);
    }
    free(tensors);
}

/* Runs a program on memory of its own; a run that fails says why, and is no finding. */
static void
run_program(const struct neuron_graph *graph, struct neuron_program *program, uint32_t seed)
{
    void **inputs = calloc((size_t)graph->input_count + 1, sizeof(void *));
    void **outputs = calloc((size_t)graph->output_count + 1, sizeof(void *));
    struct neuron_error error = {0};

    if (inputs != NULL && outputs != NULL) {
        for (uint32_t i = 0; i < graph->input_count; i += 1) {
            inputs[i] = allocate_tensor(&graph->inputs[i].spec, &seed);
        }
        for (uint32_t i = 0; i < graph->output_count; i += 1) {
            outputs[i] = allocate_tensor(&graph->outputs[i].spec, &seed);
        }
        if (neuron_program_run(program, inputs, outputs, TIMEOUT_MS, &error) != NEURON_OK &&
            error.text[0] == '\0') {
            abort();
        }
    }
    free_all(inputs, graph->input_count);
    free_all(outputs, graph->output_count);
}

void
graph_run(const struct neuron_graph *graph, uint32_t seed)
{
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;
    struct neuron_error error = {0};

    if (!is_small(graph)) {
        return;
    }
    int threads = neuron_engine_use_single_thread();
    if (neuron_plan_create(graph, NULL, &plan, &error) == NEURON_OK &&
        neuron_program_create(plan, NULL, &program, &error) == NEURON_OK) {
        run_program(graph, program, seed);
    }
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
    neuron_engine_restore_threads(threads);
}
