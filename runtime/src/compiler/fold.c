/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that read constants only give the same result in every run. They are cut out as a graph
 * without inputs, which is run once, here, on the engine that would have run it each time; so a
 * folded model gives the same bits as an unfolded one.
 */
#include "compiler/pass.h"

#include <stdlib.h>

#include "engine/plan.h"
#include "engine/program.h"
#include "engine/single_thread.h"

/* The values that can be folded, and those among them that are still read afterwards. */
struct folding {
    bool *is_fixed;   /* by value: constant, or computed from constants alone */
    uint32_t *wanted; /* computed, fixed, and read by a node that is not, or by an output */
    uint32_t wanted_count;
    void **results; /* of the wanted values */
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for folding constants");
}

static bool
has_fixed_inputs(const struct neuron_node *node, const bool *is_fixed)
{
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        if (!is_fixed[node->inputs[i]]) {
            return false;
        }
    }
    return true;
}

/* Adds a value to the wanted ones, once. */
static void
want(struct folding *folding, const struct neuron_graph *graph, uint32_t value)
{
    if (!folding->is_fixed[value] || graph->values[value].origin != NEURON_VALUE_COMPUTED) {
        return;
    }
    for (uint32_t i = 0; i < folding->wanted_count; i += 1) {
        if (folding->wanted[i] == value) {
            return;
        }
    }
    folding->wanted[folding->wanted_count] = value;
    folding->wanted_count += 1;
}

static void
find_wanted(struct folding *folding, const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        folding->is_fixed[i] = graph->values[i].origin == NEURON_VALUE_CONSTANT;
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        folding->is_fixed[node->output] = has_fixed_inputs(node, folding->is_fixed);
        for (uint32_t j = 0; !folding->is_fixed[node->output] && j < node->input_count; j += 1) {
            want(folding, graph, node->inputs[j]);
        }
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        want(folding, graph, graph->outputs[i].value);
    }
}

/* A copy of the graph that has no inputs, and the wanted values as its outputs. */
static enum neuron_status
cut_out(const struct neuron_graph *graph, const struct folding *folding,
        struct neuron_graph **fixed, struct neuron_error *error)
{
    struct neuron_graph *copy = NULL;
    struct neuron_graph_port *outputs = calloc(folding->wanted_count, sizeof(*outputs));
    enum neuron_status status =
        outputs == NULL ? refuse_memory(error) : neuron_graph_copy(graph, &copy, error);

    if (status != NEURON_OK) {
        free(outputs);
        return status;
    }
    for (uint32_t i = 0; i < folding->wanted_count; i += 1) {
        outputs[i].value = folding->wanted[i];
        outputs[i].spec.shape = graph->values[folding->wanted[i]].shape;
    }
    free(copy->outputs);
    copy->outputs = outputs;
    copy->output_count = folding->wanted_count;
    copy->input_count = 0;
    neuron_graph_remove_unused(copy);
    *fixed = copy;
    return NEURON_OK;
}

static enum neuron_status
run_once(const struct neuron_graph *fixed, void *const *results, struct neuron_error *error)
{
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;
    int threads = neuron_engine_use_single_thread();
    enum neuron_status status = neuron_plan_create(fixed, NULL, &plan, error);

    if (status == NEURON_OK) {
        status = neuron_program_create(plan, NULL, &program, error);
    }
    if (status == NEURON_OK) {
        status = neuron_program_run(program, NULL, results, 0, error);
    }
    neuron_engine_restore_threads(threads);
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
    return status;
}

/* Computes the wanted values into memory of their own. */
static enum neuron_status
compute(const struct neuron_graph *graph, struct folding *folding, struct neuron_error *error)
{
    struct neuron_graph *fixed = NULL;
    enum neuron_status status = cut_out(graph, folding, &fixed, error);

    for (uint32_t i = 0; status == NEURON_OK && i < folding->wanted_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[folding->wanted[i]];

        folding->results[i] = neuron_graph_allocate_constant(&value->shape);
        if (folding->results[i] == NULL) {
            status = refuse_memory(error);
        }
    }
    if (status == NEURON_OK) {
        status = run_once(fixed, folding->results, error);
    }
    neuron_graph_destroy(fixed);
    return status;
}

/* Makes constants of the wanted values, and takes out the nodes that computed them. */
static void
replace_nodes(struct neuron_graph *graph, struct folding *folding)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < folding->wanted_count; i += 1) {
        struct neuron_graph_value *value = &graph->values[folding->wanted[i]];

        value->origin = NEURON_VALUE_CONSTANT;
        value->constant = folding->results[i];
        value->owned = folding->results[i];
        folding->results[i] = NULL;
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (folding->is_fixed[graph->nodes[i].output]) {
            free(graph->nodes[i].inputs);
        } else {
            graph->nodes[kept] = graph->nodes[i];
            kept += 1;
        }
    }
    graph->node_count = kept;
}

enum neuron_status
neuron_pass_fold(struct neuron_graph *graph, struct neuron_error *error)
{
    struct folding folding = {
        .is_fixed = calloc((size_t)graph->value_count + 1, sizeof(*folding.is_fixed)),
        .wanted = calloc((size_t)graph->value_count + 1, sizeof(*folding.wanted)),
        .results = calloc((size_t)graph->value_count + 1, sizeof(void *)),
    };
    enum neuron_status status = NEURON_OK;

    if (folding.is_fixed == NULL || folding.wanted == NULL || folding.results == NULL) {
        status = refuse_memory(error);
    } else {
        find_wanted(&folding, graph);
    }
    if (status == NEURON_OK && folding.wanted_count > 0) {
        status = compute(graph, &folding, error);
        if (status == NEURON_OK) {
            replace_nodes(graph, &folding);
        }
    }
    for (uint32_t i = 0; folding.results != NULL && i < folding.wanted_count; i += 1) {
        free(folding.results[i]);
    }
    free(folding.is_fixed);
    free(folding.wanted);
    free(folding.results);
    return status;
}
