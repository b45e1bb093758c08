/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/fold_node.h"

#include <stdlib.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/plan.h"
#include "engine/program.h"
#include "engine/single_thread.h"
#include "graph/weight.h"

enum { SCRATCH_ALIGNMENT = 64 };

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for folding constants");
}

bool
neuron_node_is_constant(const struct neuron_graph *graph, const struct neuron_node *node)
{
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        if (!neuron_weight_is_fixed(graph, node->inputs[i])) {
            return false;
        }
    }
    return true;
}

/* Runs a kernel of our own with the scratch memory that it wants. */
static enum neuron_status
run_kernel(const struct neuron_kernel *kernel, struct neuron_kernel_call *call,
           struct neuron_error *error)
{
    size_t size_bytes = kernel->scratch_bytes == NULL ? 0 : kernel->scratch_bytes(call);

    if (size_bytes > 0) {
        call->scratch = aligned_alloc(SCRATCH_ALIGNMENT, size_bytes + SCRATCH_ALIGNMENT -
                                                             size_bytes % SCRATCH_ALIGNMENT);
        if (call->scratch == NULL) {
            return refuse_memory(error);
        }
    }
    enum neuron_status status = kernel->run(call, error);
    free(call->scratch);
    return status;
}

/* Computes by a kernel of our own. */
static enum neuron_status
compute_here(const struct neuron_graph *graph, const struct neuron_node *node, void *result,
             struct neuron_error *error)
{
    const struct neuron_kernel *kernel = neuron_kernel_find(node->kind);
    struct neuron_tensor_view *inputs = calloc((size_t)node->input_count + 1, sizeof(*inputs));

    if (inputs == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[node->inputs[i]];

        inputs[i] = neuron_tensor_view_of(&value->shape, NULL);
        /* Kernels only read their inputs, but a view has no const. */
        memcpy(&inputs[i].data, &value->constant, sizeof(value->constant));
    }
    struct neuron_kernel_call call = {
        .kind = node->kind,
        .attributes = &node->attributes,
        .inputs = inputs,
        .input_count = node->input_count,
        .output = neuron_tensor_view_of(&graph->values[node->output].shape, result)};
    enum neuron_status status = run_kernel(kernel, &call, error);
    free(inputs);
    return status;
}

/* A graph of this one node, which borrows its constants. */
static enum neuron_status
cut_out(const struct neuron_graph *graph, const struct neuron_node *node,
        struct neuron_graph **single, struct neuron_error *error)
{
    struct neuron_graph *created = NULL;
    struct neuron_node copy = *node;
    uint32_t *inputs = calloc((size_t)node->input_count + 1, sizeof(*inputs));
    enum neuron_status status =
        inputs == NULL ? refuse_memory(error) : neuron_graph_create(0, 1, &created, error);

    for (uint32_t i = 0; status == NEURON_OK && i < node->input_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[node->inputs[i]];

        status = neuron_graph_add_value(created, &value->shape, NEURON_VALUE_CONSTANT,
                                        value->constant, &inputs[i], error);
    }
    copy.inputs = inputs;
    if (status == NEURON_OK) {
        status = neuron_graph_add_node(created, &copy, &created->outputs[0].value, error);
    }
    free(inputs);
    if (status != NEURON_OK) {
        neuron_graph_destroy(created);
        return status;
    }
    created->outputs[0].spec.shape = created->values[created->outputs[0].value].shape;
    *single = created;
    return NEURON_OK;
}

/* Computes by the engine. */
static enum neuron_status
compute_by_program(const struct neuron_graph *graph, const struct neuron_node *node, void *result,
                   struct neuron_error *error)
{
    struct neuron_graph *single = NULL;
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;
    void *const results[1] = {result};
    int threads = neuron_engine_use_single_thread();
    enum neuron_status status = cut_out(graph, node, &single, error);

    if (status == NEURON_OK) {
        status = neuron_plan_create(single, NULL, &plan, error);
    }
    if (status == NEURON_OK) {
        status = neuron_program_create(plan, NULL, &program, error);
    }
    if (status == NEURON_OK) {
        status = neuron_program_run(program, NULL, results, 0, error);
    }
    neuron_engine_restore_threads(threads);
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
    neuron_graph_destroy(single);
    return status;
}

enum neuron_status
neuron_fold_node(struct neuron_graph *graph, const struct neuron_node *node,
                 struct neuron_error *error)
{
    struct neuron_graph_value *value = &graph->values[node->output];
    void *result = neuron_graph_allocate_constant(&value->shape);
    enum neuron_status status = NEURON_OK;

    if (result == NULL) {
        return refuse_memory(error);
    }
    if (neuron_kernel_find(node->kind)->run != NULL) {
        status = compute_here(graph, node, result, error);
    } else {
        status = compute_by_program(graph, node, result, error);
    }
    if (status != NEURON_OK) {
        free(result);
        return status;
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        neuron_weight_fix(graph, node->inputs[i]);
    }
    value->origin = NEURON_VALUE_CONSTANT;
    value->constant = result;
    value->owned = result;
    return NEURON_OK;
}
