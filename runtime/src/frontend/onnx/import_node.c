/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/import_branch.h"
#include "frontend/onnx/importer.h"
#include "frontend/onnx/narrow_floats.h"
#include "frontend/onnx/operators.h"
#include "frontend/onnx/refused_operators.h"
#include "graph/node_cost.h"

/* What a node is called in a report: many exporters give none a name. */
static void
name_node(const Neuron__Onnx__Node *node, size_t index, char *name, size_t room_bytes)
{
    bool has_output = node->n_outputs > 0 && node->outputs[0][0] != '\0';

    if (node->name[0] != '\0') {
        (void)snprintf(name, room_bytes, "%s", node->name);
    } else if (has_output) {
        (void)snprintf(name, room_bytes, "%s", node->outputs[0]);
    } else {
        (void)snprintf(name, room_bytes, "node %zu", index);
    }
}

/* Says whether any output has a name. */
static bool
has_output(const Neuron__Onnx__Node *node)
{
    for (size_t i = 0; i < node->n_outputs; i += 1) {
        if (node->outputs[i][0] != '\0') {
            return true;
        }
    }
    return false;
}

/* The domain is one that is imported, in an opset that is. */
static enum neuron_status
check_domain(const struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
             struct neuron_error *error)
{
    bool is_of_tables = strcmp(node->domain, "ai.onnx.ml") == 0;

    if (!is_of_tables && node->domain[0] != '\0' && strcmp(node->domain, "ai.onnx") != 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "it is of the domain %.60s; operators of ONNX itself and of ai.onnx.ml "
                           "are imported",
                           node->domain);
    }
    if (is_of_tables &&
        (importer->table_opset < 1 || importer->table_opset > NEURON_ONNX_NEWEST_TABLE_OPSET)) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the file has opset %" PRId64 " of ai.onnx.ml; 1 to %d are imported",
                           importer->table_opset, NEURON_ONNX_NEWEST_TABLE_OPSET);
    }
    if (is_of_tables && (strcmp(node->operator_type, "ZipMap") == 0 ||
                         strcmp(node->operator_type, "CastMap") == 0)) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "there are no maps here; export without ZipMap");
    }
    return NEURON_OK;
}

/* Finds the operator, and checks that this opset has it with so many inputs and an output. */
static enum neuron_status
choose_operator(const struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
                const struct neuron_onnx_operator **chosen, struct neuron_error *error)
{
    bool is_of_tables = strcmp(node->domain, "ai.onnx.ml") == 0;
    const struct neuron_onnx_operator *found =
        is_of_tables ? neuron_onnx_table_operator_find(node->operator_type)
                     : neuron_onnx_operator_find(node->operator_type);
    uint32_t given = 0;

    enum neuron_status status = check_domain(importer, node, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (found == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s",
                           neuron_onnx_refused_reason(node->operator_type));
    }
    if (importer->opset < found->since) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "opset %" PRId64 " does not have it; it came with %" PRId64,
                           importer->opset, found->since);
    }
    while (given < node->n_inputs && node->inputs[given][0] != '\0') {
        given += 1;
    }
    if (given < found->fewest_inputs || node->n_inputs > found->most_inputs) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "it has %zu inputs, not %u to %u",
                           node->n_inputs, found->fewest_inputs, found->most_inputs);
    }
    if (found->most_inputs == NEURON_ONNX_ANY_INPUTS && given != node->n_inputs) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "its input %u is left out", given);
    }
    if (!has_output(node)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "it has no output");
    }
    *chosen = found;
    return NEURON_OK;
}

/* Finds one input. Sets `is_stuck` for one that was refused before. */
static enum neuron_status
resolve_input(const struct neuron_onnx_importer *importer, const char *name,
              struct neuron_onnx_value **value, bool *is_stuck, struct neuron_error *error)
{
    struct neuron_onnx_value *found = neuron_onnx_names_find(&importer->names, name);

    *value = found;
    if (found == NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "it reads %.80s, which nothing in the file gives", name);
    }
    if (found->state == NEURON_ONNX_PENDING) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "it reads %.80s, which no node before it computes; nodes must stand in "
                           "order, without a cycle",
                           name);
    }
    if (found->state == NEURON_ONNX_LEFT_OUT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "it reads %.80s, a further output of its operator that is not computed",
                           name);
    }
    *is_stuck = *is_stuck || found->state == NEURON_ONNX_REFUSED;
    return NEURON_OK;
}

static enum neuron_status
resolve_inputs(const struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
               struct neuron_onnx_value **inputs, bool *is_stuck, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < node->n_inputs; i += 1) {
        if (node->inputs[i][0] != '\0') {
            status = resolve_input(importer, node->inputs[i], &inputs[i], is_stuck, error);
        }
    }
    return status;
}

/* All inputs of a node that gives a constant are known. */
static enum neuron_status
check_known(const struct neuron_onnx_operator *chosen, const struct neuron_onnx_call *call)
{
    for (uint32_t i = 0; chosen->need == NEURON_ONNX_NEEDS_ALL_KNOWN && i < call->input_count;
         i += 1) {
        if (call->inputs[i] != NULL && call->inputs[i]->state != NEURON_ONNX_KNOWN) {
            return neuron_onnx_call_refuse_unknown(call, i, "an input");
        }
    }
    return NEURON_OK;
}

/* Translates a node. */
static enum neuron_status
perform(const struct neuron_onnx_operator *chosen, struct neuron_onnx_call *call,
        struct neuron_onnx_result *result)
{
    enum neuron_status status = check_known(chosen, call);

    if (status == NEURON_OK) {
        status = neuron_onnx_translate_widened(chosen, call, result);
    }
    /* A failed trace takes nothing more; the nodes behind this one are to be looked at, too. */
    call->trace->status = NEURON_OK;
    return status;
}

/* Gives an output a value of the graph, which is a constant where it was computed at once. */
static void
settle_traced(const struct neuron_onnx_importer *importer, struct neuron_onnx_value *output,
              struct neuron_value traced)
{
    const struct neuron_graph_value *value = &importer->trace.graph->values[traced.id - 1];

    output->traced = traced;
    output->state = NEURON_ONNX_COMPUTED;
    output->constant.shape = value->shape;
    if (value->origin == NEURON_VALUE_CONSTANT) {
        output->state = NEURON_ONNX_KNOWN;
        /* Nothing writes to them, but those that the importer owns have no const. */
        memcpy(&output->constant.bytes, &value->constant, sizeof(value->constant));
    }
}

/* Gives the first output what came of the node. */
static void
settle_output(const struct neuron_onnx_importer *importer, struct neuron_onnx_value *output,
              const struct neuron_onnx_result *result)
{
    if (result->same != NULL) {
        output->same = result->same;
        output->state = result->same->state;
    } else if (result->constant.bytes != NULL) {
        output->state = NEURON_ONNX_KNOWN;
        output->constant = result->constant;
        output->owns_bytes = true;
    } else {
        settle_traced(importer, output, result->traced);
    }
}

/* Gives the outputs behind the first what came of them. */
static void
settle_more(const struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
            const struct neuron_onnx_result *result)
{
    for (size_t i = 1; i < node->n_outputs; i += 1) {
        struct neuron_onnx_value *output =
            neuron_onnx_names_find(&importer->names, node->outputs[i]);

        if (output != NULL && output->state == NEURON_ONNX_PENDING && result->more[i - 1].id != 0) {
            settle_traced(importer, output, result->more[i - 1]);
        }
    }
}

/* Sets the states of all outputs; the names of two nodes' outputs may be one in a bad file. */
static void
mark_outputs(const struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
             enum neuron_onnx_state first, enum neuron_onnx_state others)
{
    for (size_t i = 0; i < node->n_outputs; i += 1) {
        struct neuron_onnx_value *output =
            neuron_onnx_names_find(&importer->names, node->outputs[i]);

        if (output != NULL && output->state == NEURON_ONNX_PENDING) {
            output->state = i == 0 ? first : others;
        }
    }
}

/* Counts what the nodes of the graph from `first` on cost. */
static void
count_cost(const struct neuron_graph *graph, uint32_t first, struct neuron_onnx_operator_use *use)
{
    struct neuron_node_cost cost = {
        .flops = use->flops, .moved_bytes = use->moved_bytes, .weight_bytes = use->weight_bytes};

    for (uint32_t i = first; i < graph->node_count; i += 1) {
        neuron_node_cost_add(graph, &graph->nodes[i], &cost);
    }
    use->flops = cost.flops;
    use->moved_bytes = cost.moved_bytes;
    use->weight_bytes = cost.weight_bytes;
}

/* Settles all outputs of a node that was translated. */
static void
settle(struct neuron_onnx_importer *importer, const struct neuron_onnx_call *call,
       const struct neuron_onnx_result *result, struct neuron_onnx_operator_use *use)
{
    struct neuron_onnx_value *output =
        neuron_onnx_names_find(&importer->names, call->node->outputs[0]);

    if (output != NULL && output->state == NEURON_ONNX_PENDING) {
        settle_output(importer, output, result);
        use->folded_count += output->state == NEURON_ONNX_KNOWN ? 1 : 0;
    } else {
        /* It is left out, or its name is used twice, which was reported when the names were
           gathered. */
        free(result->constant.bytes);
    }
    settle_more(importer, call->node, result);
    mark_outputs(importer, call->node, NEURON_ONNX_LEFT_OUT, NEURON_ONNX_LEFT_OUT);
}

/* Runs a node whose inputs were found. */
static enum neuron_status
run_node(struct neuron_onnx_importer *importer, const struct neuron_onnx_operator *chosen,
         struct neuron_onnx_call *call, struct neuron_onnx_operator_use *use)
{
    struct neuron_onnx_result result = {.more =
                                            calloc(call->node->n_outputs, sizeof(*result.more))};
    uint32_t first = importer->trace.graph->node_count;

    if (result.more == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory for a node");
    }
    enum neuron_status status = perform(chosen, call, &result);
    if (status == NEURON_OK) {
        settle(importer, call, &result, use);
        /* The nodes of a branch were counted one by one. */
        if (chosen->translate != neuron_onnx_import_branch) {
            count_cost(importer->trace.graph, first, use);
        }
    } else {
        free(result.constant.bytes);
    }
    free(result.more);
    return status;
}

/* Imports a node with room for its inputs. */
static enum neuron_status
import_with_inputs(struct neuron_onnx_importer *importer, const Neuron__Onnx__Node *node,
                   struct neuron_onnx_value **inputs, struct neuron_error *error)
{
    const struct neuron_onnx_operator *chosen = NULL;
    struct neuron_onnx_operator_use *use =
        neuron_onnx_report_use_of(importer->report, node->domain, node->operator_type);
    struct neuron_onnx_call call = {.node = node,
                                    .opset = importer->opset,
                                    .inputs = inputs,
                                    .input_count = (uint32_t)node->n_inputs,
                                    .trace = &importer->trace,
                                    .source = &importer->source,
                                    .importer = importer,
                                    .error = error};
    bool is_stuck = false;

    use->node_count += 1;
    enum neuron_status status = choose_operator(importer, node, &chosen, error);
    if (status == NEURON_OK) {
        status = resolve_inputs(importer, node, inputs, &is_stuck, error);
    }
    if (status == NEURON_OK && !is_stuck) {
        status = run_node(importer, chosen, &call, use);
    }
    use->refused_count += status == NEURON_OK ? 0 : 1;
    if (status != NEURON_OK || is_stuck) {
        mark_outputs(importer, node, NEURON_ONNX_REFUSED, NEURON_ONNX_REFUSED);
    }
    return status;
}

enum neuron_status
neuron_onnx_import_node(struct neuron_onnx_importer *importer, size_t index,
                        struct neuron_error *error)
{
    const Neuron__Onnx__Node *node = importer->graph->nodes[index];
    struct neuron_onnx_value **inputs =
        calloc(node->n_inputs + 1, sizeof(struct neuron_onnx_value *));
    struct neuron_error reason = {0};
    char name[NEURON_ONNX_NAME_BYTES] = "";

    if (inputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a node");
    }
    enum neuron_status status = import_with_inputs(importer, node, inputs, &reason);
    free(inputs);
    if (status == NEURON_OK) {
        return NEURON_OK;
    }
    if (status == NEURON_OUT_OF_MEMORY) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    name_node(node, index, name, sizeof(name));
    neuron_onnx_report_refuse(importer->report, name, node->operator_type, importer->opset,
                              reason.text);
    return NEURON_OK;
}
