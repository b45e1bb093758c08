/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of the file are gathered first, so that a name with two meanings is found and readers
 * are counted. Initializers, inputs, nodes and outputs follow; what cannot be imported goes to the
 * report, and everything behind it is looked at all the same.
 */
#include "frontend/onnx/onnx_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/importer.h"
#include "frontend/onnx/onnx_file.h"
#include "frontend/onnx/operators.h"

enum { PORT_LIMIT = 4096 /* most inputs, and most outputs; a NEFF holds no more */ };

/* What external data may take in all. */
static const uint64_t external_limit_bytes = (uint64_t)64 << 30;

/* Finds the opset of the operators of ONNX itself. */
static enum neuron_status
find_opset(const Neuron__Onnx__Model *model, int64_t *opset, struct neuron_error *error)
{
    int64_t version = 0;

    for (size_t i = 0; i < model->n_operator_sets; i += 1) {
        const Neuron__Onnx__OperatorSet *set = model->operator_sets[i];

        if (set->domain[0] == '\0' || strcmp(set->domain, "ai.onnx") == 0) {
            version = set->version;
        }
    }
    if (version < NEURON_ONNX_OLDEST_OPSET || version > NEURON_ONNX_NEWEST_OPSET) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "has opset %" PRId64 "; %d to %d are imported: export it again, or "
                           "convert it",
                           version, NEURON_ONNX_OLDEST_OPSET, NEURON_ONNX_NEWEST_OPSET);
    }
    *opset = version;
    return NEURON_OK;
}

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

static void
count_read(const struct neuron_onnx_importer *importer, const char *name)
{
    struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, name);

    if (value != NULL) {
        value->reads += 1;
    }
}

static void
count_reads(const struct neuron_onnx_importer *importer)
{
    const Neuron__Onnx__Graph *graph = importer->graph;

    for (size_t i = 0; i < graph->n_nodes; i += 1) {
        for (size_t j = 0; j < graph->nodes[i]->n_inputs; j += 1) {
            count_read(importer, graph->nodes[i]->inputs[j]);
        }
    }
    for (size_t i = 0; i < graph->n_outputs; i += 1) {
        count_read(importer, graph->outputs[i]->name);
    }
}

/* Gathers all names of the file. */
static enum neuron_status
gather_names(struct neuron_onnx_importer *importer, uint32_t *input_count,
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
    if (status == NEURON_OK) {
        count_reads(importer);
    }
    return status;
}

/* Makes constants of the initializers. */
static enum neuron_status
import_initializers(struct neuron_onnx_importer *importer, struct neuron_error *error)
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
        value->state = status == NEURON_OK ? NEURON_ONNX_KNOWN : NEURON_ONNX_REFUSED;
        if (status != NEURON_OK) {
            neuron_onnx_report_refuse(importer->report, tensor->name, "tensor", 0, reason.text);
        }
    }
    return NEURON_OK;
}

/* Says why an output cannot be one; NULL where it can, or where that was said before. */
static const char *
refuse_output(const struct neuron_graph *graph, uint32_t index, const char *name,
              const struct neuron_onnx_value *value)
{
    if (value == NULL || value->state == NEURON_ONNX_PENDING ||
        value->state == NEURON_ONNX_LEFT_OUT) {
        return "it is an output of the model, and nothing here computes it";
    }
    if (name[0] == '\0' || strlen(name) >= NEURON_NAME_LIMIT_BYTES) {
        return "the name of an output has 1 to 255 bytes";
    }
    for (uint32_t i = 0; i < index; i += 1) {
        if (strcmp(graph->outputs[i].spec.name, name) == 0) {
            return "two outputs have this name";
        }
    }
    return NULL;
}

static enum neuron_status
import_outputs(struct neuron_onnx_importer *importer, struct neuron_error *error)
{
    struct neuron_graph *graph = importer->trace.graph;

    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        struct neuron_graph_port *port = &graph->outputs[i];
        const char *name = importer->graph->outputs[i]->name;
        struct neuron_onnx_value *value = neuron_onnx_names_find(&importer->names, name);
        const char *reason = refuse_output(graph, i, name, value);
        struct neuron_onnx_call reader = {
            .inputs = &value, .input_count = 1, .trace = &importer->trace};

        if (reason != NULL) {
            neuron_onnx_report_refuse(importer->report, name, "output", 0, reason);
            continue;
        }
        (void)snprintf(port->spec.name, sizeof(port->spec.name), "%s", name);
        if (value->state == NEURON_ONNX_REFUSED) {
            continue;
        }
        struct neuron_value traced = neuron_onnx_call_value(&reader, 0);
        if (traced.id == 0) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s", importer->trace.error.text);
        }
        port->value = traced.id - 1;
        port->spec.shape = value->constant.shape;
    }
    return NEURON_OK;
}

/* Fills in the graph, as far as that goes. */
static enum neuron_status
import_body(struct neuron_onnx_importer *importer, struct neuron_error *error)
{
    const Neuron__Onnx__Graph *graph = importer->graph;
    uint32_t input_count = 0;
    enum neuron_status status = gather_names(importer, &input_count, error);

    if (status == NEURON_OK &&
        (input_count > PORT_LIMIT || graph->n_outputs > PORT_LIMIT || graph->n_outputs == 0)) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "has %u inputs and %zu outputs; a model has 1 output at least, and %d "
                           "of each at most",
                           input_count, graph->n_outputs, PORT_LIMIT);
    }
    if (status == NEURON_OK) {
        status = neuron_graph_create(input_count, (uint32_t)graph->n_outputs,
                                     &importer->trace.graph, error);
    }
    if (status == NEURON_OK) {
        status = import_initializers(importer, error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_import_inputs(importer, error);
    }
    for (size_t i = 0; status == NEURON_OK && i < graph->n_nodes; i += 1) {
        status = neuron_onnx_import_node(importer, i, error);
    }
    return status == NEURON_OK ? import_outputs(importer, error) : status;
}

/* The first problem, and how many there are. */
static enum neuron_status
refuse_model(const struct neuron_onnx_importer *importer, struct neuron_error *error)
{
    const struct neuron_onnx_problem *first = neuron_onnx_report_problem(importer->report, 0);
    uint32_t total = neuron_onnx_report_total(importer->report);
    enum neuron_status status =
        importer->has_misfit_options ? NEURON_INVALID_ARGUMENT : NEURON_UNSUPPORTED_MODEL;

    return NEURON_FAIL(error, status, "%u part%s cannot be imported; the first: %s %.40s: %s",
                       total, total == 1 ? "" : "s", first->operator_name, first->name,
                       first->reason);
}

static enum neuron_status
import_model(struct neuron_onnx_importer *importer, const Neuron__Onnx__Model *model,
             struct neuron_graph **graph, struct neuron_error *error)
{
    enum neuron_status status = find_opset(model, &importer->opset, error);

    if (status == NEURON_OK) {
        importer->graph = model->graph;
        status = import_body(importer, error);
    }
    if (status == NEURON_OK && neuron_onnx_report_total(importer->report) > 0) {
        status = refuse_model(importer, error);
    }
    neuron_onnx_names_destroy(&importer->names);
    if (status != NEURON_OK) {
        neuron_graph_destroy(importer->trace.graph);
        return status;
    }
    neuron_graph_remove_unused(importer->trace.graph);
    *graph = importer->trace.graph;
    return NEURON_OK;
}

/* Imports an open file, and hands the report out where it is wanted. */
static enum neuron_status
import_file(const struct neuron_onnx_file *file, uint64_t folded_bytes,
            const struct neuron_onnx_options *options, struct neuron_graph **graph,
            struct neuron_onnx_report **report, struct neuron_error *error)
{
    const struct neuron_onnx_options defaults = {0};
    struct neuron_onnx_importer importer = {
        .options = options == NULL ? &defaults : options,
        .report = neuron_onnx_report_create(),
        .source = {.folder = file->folder, .external_bytes = external_limit_bytes},
        .folded_bytes = folded_bytes,
    };

    if (report != NULL) {
        *report = importer.report;
    }
    if (importer.report == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a report");
    }
    enum neuron_status status = import_model(&importer, file->model, graph, error);
    if (report == NULL) {
        neuron_onnx_report_destroy(importer.report);
    }
    return status;
}

enum neuron_status
neuron_onnx_import_bytes(const struct neuron_onnx_bytes *bytes,
                         const struct neuron_onnx_options *options, struct neuron_graph **graph,
                         struct neuron_onnx_report **report, struct neuron_error *error)
{
    struct neuron_onnx_file file = {.folder = -1};

    if (report != NULL) {
        *report = NULL;
    }
    enum neuron_status status =
        neuron_onnx_file_parse(bytes->bytes, bytes->size_bytes, &file, error);
    if (status == NEURON_OK) {
        status = import_file(&file, bytes->folded_bytes, options, graph, report, error);
    }
    neuron_onnx_file_close(&file);
    return status;
}

enum neuron_status
neuron_onnx_import(const char *path, const struct neuron_onnx_options *options,
                   struct neuron_graph **graph, struct neuron_onnx_report **report,
                   struct neuron_error *error)
{
    struct neuron_onnx_file file = {.folder = -1};
    struct neuron_error reason = {0};

    if (report != NULL) {
        *report = NULL;
    }
    enum neuron_status status = neuron_onnx_file_read(path, &file, &reason);
    if (status == NEURON_OK) {
        status = import_file(&file, NEURON_ONNX_FOLDED_BYTES, options, graph, report, &reason);
    }
    neuron_onnx_file_close(&file);
    return status == NEURON_OK ? status : NEURON_FAIL(error, status, "%s: %s", path, reason.text);
}
