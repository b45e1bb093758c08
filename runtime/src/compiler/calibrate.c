/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of the graph, in float32, gives the operands as its outputs.
 */
#include "compiler/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/sample_rows.h"
#include "compiler/trial.h"

static bool
is_calibrated(const struct neuron_graph *graph, const struct neuron_node *node)
{
    return node->attributes.precision == NEURON_PRECISION_INT8 &&
           graph->values[node->inputs[1]].origin == NEURON_VALUE_CONSTANT;
}

static uint32_t
count_calibrated(const struct neuron_graph *graph)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        count += is_calibrated(graph, &graph->nodes[i]) ? 1 : 0;
    }
    return count;
}

/* Makes a copy in float32 whose outputs are the operands, in the order of the nodes. */
static enum neuron_status
copy_with_operands(const struct neuron_graph *graph, struct neuron_graph **copy,
                   struct neuron_error *error)
{
    struct neuron_graph_port *outputs =
        calloc((size_t)count_calibrated(graph) + 1, sizeof(*outputs));
    struct neuron_graph *created = NULL;
    uint32_t count = 0;

    if (outputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for calibration");
    }
    enum neuron_status status = neuron_graph_copy(graph, &created, error);
    if (status != NEURON_OK) {
        free(outputs);
        return status;
    }
    for (uint32_t i = 0; i < created->node_count; i += 1) {
        struct neuron_node *node = &created->nodes[i];

        if (is_calibrated(created, node)) {
            outputs[count].value = node->inputs[0];
            outputs[count].spec.shape = created->values[node->inputs[0]].shape;
            count += 1;
        }
        node->attributes.precision = NEURON_PRECISION_FLOAT32;
        node->attributes.rounds_result = false;
    }
    free(created->outputs);
    created->outputs = outputs;
    created->output_count = count;
    *copy = created;
    return NEURON_OK;
}

/* Raises a peak to the largest magnitude of a tensor; false for what is no number. */
static bool
raise_peak(const struct neuron_tensor_shape *shape, const float *numbers, float *peak)
{
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(shape, &count); /* of a value: it fits */
    for (size_t i = 0; i < count; i += 1) {
        if (!isfinite(numbers[i])) {
            return false;
        }
        *peak = fabsf(numbers[i]) > *peak ? fabsf(numbers[i]) : *peak;
    }
    return true;
}

/* Notes what a run gave. */
static enum neuron_status
note_peaks(struct neuron_graph *graph, const struct neuron_trial *trial, struct neuron_error *error)
{
    uint32_t output = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (!is_calibrated(graph, node)) {
            continue;
        }
        if (!raise_peak(&graph->values[node->inputs[0]].shape, trial->outputs[output],
                        &node->attributes.input_peak)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "calibration: an operand of node %u (%s) holds what is no number; "
                               "look at the rows",
                               i, neuron_operator_name(node->kind));
        }
        output += 1;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_calibrate(struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                 struct neuron_error *error)
{
    struct neuron_graph *copy = NULL;
    struct neuron_trial trial = {0};
    uint64_t run_count = 0;

    enum neuron_status status = neuron_sample_rows_check(graph, rows, &run_count, error);
    if (status != NEURON_OK || count_calibrated(graph) == 0) {
        return status;
    }
    status = copy_with_operands(graph, &copy, error);
    if (status == NEURON_OK) {
        status = neuron_trial_open(copy, &trial, error);
    }
    for (uint64_t run = 0; status == NEURON_OK && run < run_count; run += 1) {
        neuron_sample_rows_copy(copy, rows, run, trial.inputs);
        status = neuron_trial_run(&trial, error);
        if (status == NEURON_OK) {
            status = note_peaks(graph, &trial, error);
        }
    }
    neuron_trial_close(&trial);
    neuron_graph_destroy(copy);
    return status;
}
