/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sub-graph of the branch that is taken becomes part of the graph as if it stood there. Its
 * names are its own, and it sees those around it; how deep sub-graphs nest was bounded when the
 * file was read. Problems inside go to the report like all others.
 */
#include "frontend/onnx/import_branch.h"

#include "frontend/onnx/import_scope.h"
#include "frontend/onnx/importer.h"
#include "frontend/onnx/onnx_attributes.h"

/* Finds the branch that is taken. */
static enum neuron_status
choose_branch(const struct neuron_onnx_call *call, const Neuron__Onnx__Graph **branch)
{
    const struct neuron_onnx_constant *condition = neuron_onnx_call_known(call, 0);

    if (condition == NULL) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its condition, %.60s, depends on the data of a run; control flow on "
                           "data is not imported",
                           call->inputs[0]->name);
    }
    if (condition->shape.type != NEURON_BOOL || neuron_onnx_constant_count(condition) != 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its condition is not one bool");
    }
    const Neuron__Onnx__Attribute *found = neuron_onnx_attribute_find(
        call->node, neuron_onnx_read_whole(condition, 0) != 0 ? "then_branch" : "else_branch");
    if (found == NULL || found->g == NULL || found->g->n_inputs > 0 ||
        found->g->n_outputs != call->node->n_outputs) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the branch that is taken is missing, has inputs, or has not as many "
                           "outputs as the node");
    }
    *branch = found->g;
    return NEURON_OK;
}

/* Imports all of the graph at hand but inputs and outputs. */
static enum neuron_status
import_nodes(struct neuron_onnx_importer *importer, struct neuron_error *error)
{
    uint32_t input_count = 0;
    enum neuron_status status = neuron_onnx_scope_gather(importer, &input_count, error);

    if (status == NEURON_OK) {
        status = neuron_onnx_scope_import_initializers(importer, error);
    }
    for (size_t i = 0; status == NEURON_OK && i < importer->graph->n_nodes; i += 1) {
        status = neuron_onnx_import_node(importer, i, error);
    }
    return status;
}

/* Makes a value of the graph of an output of the branch. */
static enum neuron_status
hand_out(struct neuron_onnx_call *call, const char *name, struct neuron_value *traced)
{
    struct neuron_onnx_value *value = neuron_onnx_names_find(&call->importer->names, name);
    const struct neuron_onnx_call reader = {
        .inputs = &value, .input_count = 1, .trace = call->trace};

    if (value == NULL ||
        (value->state != NEURON_ONNX_KNOWN && value->state != NEURON_ONNX_COMPUTED)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "%.60s of the branch that is taken could not be imported", name);
    }
    *traced = neuron_onnx_call_value(&reader, 0);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_import_branch(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_onnx_importer *importer = call->importer;
    const Neuron__Onnx__Graph *branch = NULL;
    enum neuron_status status = choose_branch(call, &branch);

    if (status != NEURON_OK) {
        return status;
    }
    const Neuron__Onnx__Graph *graph = importer->graph;
    struct neuron_onnx_names names = importer->names;
    importer->graph = branch;
    importer->names = (struct neuron_onnx_names){.around = &names};
    status = import_nodes(importer, call->error);
    for (size_t i = 0; status == NEURON_OK && i < branch->n_outputs; i += 1) {
        status = hand_out(call, branch->outputs[i]->name,
                          i == 0 ? &result->traced : &result->more[i - 1]);
    }
    neuron_onnx_names_destroy(&importer->names);
    importer->graph = graph;
    importer->names = names;
    return status;
}
