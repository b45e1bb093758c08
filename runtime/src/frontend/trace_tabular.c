/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_tabular.h"

#include <stdlib.h>

#include "frontend/trace_body.h"
#include "frontend/trace_part.h"

enum { NODE_WORDS = 3, CODE_FACTOR = 16, FEATURE_LIMIT = 1 << 26 };

/* Says what is wrong with a node; NULL where nothing is. */
static const char *
check_node(const struct neuron_tree_ensemble *ensemble, uint32_t index, int64_t features)
{
    const struct neuron_tree_node *node = &ensemble->nodes[index];
    uint64_t end = (uint64_t)node->yes + node->no;

    if (node->feature < 0) {
        return end > ensemble->weight_count ? "a leaf has weights that there are not" : NULL;
    }
    if (node->feature >= features || node->feature >= FEATURE_LIMIT) {
        return "a node reads a feature that a row does not have";
    }
    if ((uint32_t)node->branch > NEURON_TREE_NOT_EQUAL) {
        return "a node has no such branch";
    }
    bool is_behind = node->yes > index && node->no > index;
    return !is_behind || node->yes >= ensemble->node_count || node->no >= ensemble->node_count
               ? "a child does not stand behind its node"
               : NULL;
}

static const char *
check_ensemble(const struct neuron_tree_ensemble *ensemble, int64_t features)
{
    const char *why = NULL;

    if (ensemble->node_count == 0 || ensemble->root_count == 0 || ensemble->weight_count == 0 ||
        ensemble->target_count == 0 || ensemble->node_count > INT32_MAX ||
        ensemble->weight_count > INT32_MAX) {
        return "it has no nodes, no weights or no targets, or too many";
    }
    for (uint32_t i = 0; why == NULL && i < ensemble->node_count; i += 1) {
        why = check_node(ensemble, i, features);
    }
    for (uint32_t i = 0; why == NULL && i < ensemble->root_count; i += 1) {
        why = ensemble->roots[i] < ensemble->node_count ? NULL : "a root is no node";
    }
    for (uint32_t i = 0; why == NULL && i < ensemble->weight_count; i += 1) {
        why = ensemble->weight_targets[i] < ensemble->target_count ? NULL
                                                                   : "a weight is of no target";
    }
    return why;
}

/* The nodes and their thresholds as constants; both arrays have room for all. */
static void
record_nodes(struct neuron_trace *trace, const struct neuron_tree_ensemble *ensemble,
             int32_t *words, double *thresholds, struct neuron_value *inputs)
{
    const struct neuron_tensor_view nodes = {.type = NEURON_INT32,
                                             .rank = 2,
                                             .shape = {ensemble->node_count, NODE_WORDS},
                                             .data = words};
    const struct neuron_tensor_view limits = {
        .type = NEURON_FLOAT64, .rank = 1, .shape = {ensemble->node_count}, .data = thresholds};

    for (uint32_t i = 0; i < ensemble->node_count; i += 1) {
        const struct neuron_tree_node *node = &ensemble->nodes[i];
        int32_t code = node->feature * CODE_FACTOR + (int32_t)node->branch * 2 +
                       (node->missing_is_true ? 1 : 0);

        words[0] = node->feature < 0 ? -1 : code;
        words[1] = (int32_t)node->yes;
        words[2] = (int32_t)node->no;
        words += NODE_WORDS;
        thresholds[i] = node->feature < 0 ? 0.0 : node->threshold;
    }
    inputs[1] = neuron_constant(trace, &nodes);
    inputs[2] = neuron_constant(trace, &limits);
}

struct neuron_value
neuron_tree_ensemble(struct neuron_trace *trace, struct neuron_value input,
                     const struct neuron_tree_ensemble *ensemble)
{
    const struct neuron_attributes attributes = {.mode = (uint32_t)ensemble->aggregate};
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    const char *why =
        shape.rank == 2 ? check_ensemble(ensemble, shape.dims[1]) : "the input is no table of rows";
    struct neuron_value inputs[7] = {input};

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (why != NULL) {
        return neuron_trace_fail(
            trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT, "tree_ensemble: %s", why));
    }
    int32_t *words = calloc((size_t)ensemble->node_count * NODE_WORDS, sizeof(*words));
    double *thresholds = calloc(ensemble->node_count, sizeof(*thresholds));
    float *zeros = calloc(ensemble->target_count, sizeof(*zeros));
    if (words == NULL || thresholds == NULL || zeros == NULL) {
        (void)neuron_trace_fail(
            trace, NEURON_FAIL(&trace->error, NEURON_OUT_OF_MEMORY, "out of memory for a graph"));
    } else {
        record_nodes(trace, ensemble, words, thresholds, inputs);
        inputs[3] = neuron_trace_list(trace, NEURON_INT32, ensemble->roots, ensemble->root_count);
        inputs[4] = neuron_trace_list(trace, NEURON_INT32, ensemble->weight_targets,
                                      ensemble->weight_count);
        inputs[5] =
            neuron_trace_list(trace, NEURON_FLOAT32, ensemble->weights, ensemble->weight_count);
        inputs[6] = neuron_trace_list(trace, NEURON_FLOAT32,
                                      ensemble->base_values == NULL ? zeros : ensemble->base_values,
                                      ensemble->target_count);
    }
    free(words);
    free(thresholds);
    free(zeros);
    return trace->status == NEURON_OK
               ? neuron_trace_record(trace, NEURON_OPERATOR_TREE_ENSEMBLE, &attributes, inputs, 7)
               : (struct neuron_value){0};
}
