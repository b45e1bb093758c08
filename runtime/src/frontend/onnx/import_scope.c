/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/import_scope.h"

/* Adds a name; one that is there already, or empty, is a problem. */
static enum neuron_status
add_name(struct neuron_onnx_importer *importer, const char *name, const char *kind,
         enum neuron_onnx_state state, struct neuron_error *error)
{
    struct neuron_onnx_value *value = NULL;
    enum neuron_status status = neuron_onnx_names_add(&importer->names, name, &value, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (value == NULL || name[0] == '\0') {
        neuron_onnx_report_refuse(importer->report, name, kind, importer->opset,
                                  value == NULL ? "its name, or the name of its output, is used "
                                                  "twice in the file"
                                                : "it has no name");
        return NEURON_OK;
    }
    value->state = state;
    return NEURON_OK;
}

/* Adds the inputs that are no initializers, and counts them. */
static enum neuron_status
add_input_names(struct neuron_onnx_importer *importer, uint32_t *input_count,
                struct neuron_error *error)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < graph->n_inputs; i += 1) {
        const struct neuron_onnx_value *value =
            neuron_onnx_names_find(&importer->names, graph->inputs[i]->name);

        if (value == NULL || value->state == NEURON_ONNX_COMPUTED) {
            status =
                add_name(importer, graph->inputs[i]->name, "input", NEURON_ONNX_COMPUTED, error);
            *input_count += 1;
        }
    }
    return status;
}

static enum neuron_status
add_node_names(struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
               struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < node->n_outputs; i += 1) {
        if (node->outputs[i][0] != '\0') {
            status = add_name(importer, node->outputs[i], node->operator_type, NEURON_ONNX_PENDING,
                              error);
        }
    }
    return status;
}

enum neuron_status
neuron_onnx_scope_gather(struct neuron_onnx_importer *importer, uint32_t *input_count,
                         struct neuron_error *error)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    size_t room = graph->n_initializers + graph->n_inputs;

    for (size_t i = 0; i < graph->n_nodes; i += 1) {
        room += graph->nodes[i]->n_outputs;
    }
    enum neuron_status status = neuron_onnx_names_create(room, &importer->names, error);
    for (size_t i = 0; status == NEURON_OK && i < graph->n_initializers; i += 1) {
        status =
            add_name(importer, graph->initializers[i]->name, "tensor", NEURON_ONNX_REFUSED, error);
    }
    if (status == NEURON_OK) {
        status = add_input_names(importer, input_count, error);
    }
    for (size_t i = 0; status == NEURON_OK && i < graph->n_nodes; i += 1) {
        status = add_node_names(importer, graph->nodes[i], error);
    }
    return status;
}

/* Says whether a tensor is one of those that training makes. Lists of int64 and bool are shapes,
   axes and the like: they are what the network is, not what it learned. */
static bool
is_learned(const struct neuron_tensor_shape *shape)
{
    return shape->rank > 1 || (shape->type != NEURON_INT64 && shape->type != NEURON_BOOL);
}

enum neuron_status
neuron_onnx_scope_import_initializers(struct neuron_onnx_importer *importer,
                                      struct neuron_error *error)
{
    const Neuron__Onnx__Graph *graph = importer->graph;

    if (graph->n_sparse_initializers > 0) {
        neuron_onnx_report_refuse(importer->report, "", "tensor", 0,
                                  "the file has sparse tensors, which are not imported");
    }
    for (size_t i = 0; i < graph->n_initializers; i += 1) {
        const Neuron__Onnx__Tensor *tensor = graph->initializers[i];
        struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, tensor->name);
        struct neuron_error reason = {0};

        if (value == NULL || value->state == NEURON_ONNX_KNOWN) {
            continue; /* a second one of the name, which was reported */
        }
        enum neuron_status status =
            neuron_onnx_tensor_read(tensor, &importer->source, &value->constant, &reason);
        if (status == NEURON_OUT_OF_MEMORY) {
            return NEURON_FAIL(error, status, "tensor %.60s: %s", tensor->name, reason.text);
        }
        value->owns_bytes = status == NEURON_OK;
        /* Branches may repeat names of each other. */
        value->is_weight = status == NEURON_OK && importer->names.around == NULL &&
                           is_learned(&value->constant.shape);
        value->is_kept =
            value->is_weight && importer->options != NULL && importer->options->keeps_weights;
        value->state = status == NEURON_OK ? NEURON_ONNX_KNOWN : NEURON_ONNX_REFUSED;
        if (status != NEURON_OK) {
            neuron_onnx_report_refuse(importer->report, tensor->name, "tensor", 0, reason.text);
        }
    }
    return NEURON_OK;
}
