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

#include "frontend/onnx/import_scope.h"
#include "frontend/onnx/importer.h"
#include "frontend/onnx/onnx_file.h"
#include "frontend/onnx/operators.h"

enum { PORT_LIMIT = 4096 /* most inputs, and most outputs; a NEFF holds no more */ };

/* What external data may take in all. */
static const uint64_t external_limit_bytes = (uint64_t)64 << 30;

/* The opset of the operators on tables; 0 for a file without. */
static int64_t
find_table_opset(const Neuron__Onnx__Model *model)
{
    for (size_t i = 0; i < model->n_operator_sets; i += 1) {
        if (strcmp(model->operator_sets[i]->domain, "ai.onnx.ml") == 0) {
            return model->operator_sets[i]->version;
        }
    }
    return 0;
}

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
    if (version == 0 && find_table_opset(model) > 0) {
        version = NEURON_ONNX_NEWEST_OPSET; /* a file of tables alone need not name it */
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
    enum neuron_status status = neuron_onnx_scope_gather(importer, &input_count, error);

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
        status = neuron_onnx_scope_import_initializers(importer, error);
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
        importer->table_opset = find_table_opset(model);
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
import_file(const struct neuron_onnx_file *file, uint64_t folded_cost,
            const struct neuron_onnx_options *options, struct neuron_graph **graph,
            struct neuron_onnx_report **report, struct neuron_error *error)
{
    const struct neuron_onnx_options defaults = {0};
    struct neuron_onnx_importer importer = {
        .options = options == NULL ? &defaults : options,
        .report = neuron_onnx_report_create(),
        .source = {.folder = file->folder, .external_bytes = external_limit_bytes},
        .folded_cost = folded_cost,
    };

    importer.trace.folded_cost = &importer.folded_cost;
    importer.source.report = importer.report;
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
        status = import_file(&file, bytes->folded_cost, options, graph, report, error);
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
        status = import_file(&file, NEURON_ONNX_FOLDED_COST, options, graph, report, &reason);
    }
    neuron_onnx_file_close(&file);
    return status == NEURON_OK ? status : NEURON_FAIL(error, status, "%s: %s", path, reason.text);
}
