/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM, GRU and RNN. */
#include "frontend/onnx/translate.h"

#include <string.h>
#include <strings.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_recurrent.h"

/* A function by name, with what it has where the file gives no numbers. */
struct named_gate {
    const char *name;
    struct neuron_gate gate;
    bool has_alpha;
    bool has_beta;
};

static const struct named_gate named_gates[] = {
    {"Sigmoid", {NEURON_GATE_SIGMOID, 0.0F, 0.0F}, false, false},
    {"Tanh", {NEURON_GATE_TANH, 0.0F, 0.0F}, false, false},
    {"Relu", {NEURON_GATE_RELU, 0.0F, 0.0F}, false, false},
    {"Affine", {NEURON_GATE_AFFINE, 1.0F, 0.0F}, true, true},
    {"LeakyRelu", {NEURON_GATE_LEAKY_RELU, 0.01F, 0.0F}, true, false},
    {"ThresholdedRelu", {NEURON_GATE_THRESHOLDED_RELU, 1.0F, 0.0F}, true, false},
    {"ScaledTanh", {NEURON_GATE_SCALED_TANH, 1.0F, 1.0F}, true, true},
    {"HardSigmoid", {NEURON_GATE_HARD_SIGMOID, 0.2F, 0.5F}, true, true},
    {"Elu", {NEURON_GATE_ELU, 1.0F, 0.0F}, true, false},
    {"Softsign", {NEURON_GATE_SOFTSIGN, 0.0F, 0.0F}, false, false},
    {"Softplus", {NEURON_GATE_SOFTPLUS, 0.0F, 0.0F}, false, false},
};

/* The lists of the attributes; functions take their numbers from the front of both. */
struct gate_lists {
    struct neuron_onnx_texts names;
    struct neuron_onnx_floats alphas;
    struct neuron_onnx_floats betas;
};

static float
take_number(struct neuron_onnx_floats *list, float fallback)
{
    float number = fallback;

    if (list->count > 0) {
        number = list->numbers[0];
        list->numbers += 1;
        list->count -= 1;
    }
    return number;
}

/* Exporters write the names in upper and lower case. */
static enum neuron_status
read_gate(const struct neuron_onnx_call *call, const ProtobufCBinaryData *name,
          struct gate_lists *lists, struct neuron_gate *gate)
{
    for (size_t i = 0; i < sizeof(named_gates) / sizeof(named_gates[0]); i += 1) {
        const struct named_gate *named = &named_gates[i];

        if (name->len == strlen(named->name) &&
            strncasecmp((const char *)name->data, named->name, name->len) == 0) {
            *gate = named->gate;
            gate->alpha = named->has_alpha ? take_number(&lists->alphas, gate->alpha) : 0.0F;
            gate->beta = named->has_beta ? take_number(&lists->betas, gate->beta) : 0.0F;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                       "one of its activations is no function that ONNX has for it");
}

/* Reads the functions of all gates, if the file names them. */
static enum neuron_status
read_gates(const struct neuron_onnx_call *call, uint32_t function_count, uint32_t direction_count,
           struct neuron_recurrent_options *options)
{
    struct gate_lists lists = {.names = {0}};

    enum neuron_status status =
        neuron_onnx_attribute_texts(call->node, "activations", &lists.names, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_floats(call->node, "activation_alpha", &lists.alphas,
                                              call->error);
    }
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_floats(call->node, "activation_beta", &lists.betas, call->error);
    }
    if (status == NEURON_OK && lists.names.count != 0 &&
        lists.names.count != (size_t)function_count * direction_count) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "it has %zu activations, not %u for each direction", lists.names.count,
                           function_count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < lists.names.count; i += 1) {
        status = read_gate(call, &lists.names.texts[i], &lists,
                           &options->gates[i / function_count][i % function_count]);
    }
    return status;
}

static enum neuron_status
read_direction(const struct neuron_onnx_call *call, struct neuron_recurrent_options *options)
{
    if (neuron_onnx_attribute_is(call->node, "direction", "forward", true)) {
        options->direction = NEURON_RECURRENT_FORWARD;
    } else if (neuron_onnx_attribute_is(call->node, "direction", "reverse", false)) {
        options->direction = NEURON_RECURRENT_REVERSE;
    } else if (neuron_onnx_attribute_is(call->node, "direction", "bidirectional", false)) {
        options->direction = NEURON_RECURRENT_BIDIRECTIONAL;
    } else {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its direction is none of forward, reverse and bidirectional");
    }
    return NEURON_OK;
}

/* Reads the flags, which are integers, and the hidden size, which the recurrence has as well. */
static enum neuron_status
read_integers(const struct neuron_onnx_call *call, struct neuron_recurrent_options *options)
{
    static const char *const names[4] = {"input_forget", "linear_before_reset", "layout",
                                         "hidden_size"};
    const struct neuron_tensor_shape *recurrence = neuron_onnx_call_shape(call, 2);
    int64_t hidden = recurrence->rank == 3 ? recurrence->dims[2] : 0;
    int64_t numbers[4] = {0, 0, 0, hidden};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < 4; i += 1) {
        status = neuron_onnx_attribute_integer(call->node, names[i], &numbers[i], call->error);
    }
    if (status == NEURON_OK && numbers[3] != hidden) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its hidden size is not that of the recurrence");
    }
    options->couples_forget = numbers[0] != 0;
    options->resets_after_matmul = numbers[1] != 0;
    options->is_batch_first = numbers[2] != 0;
    return status;
}

static enum neuron_status
read_options(const struct neuron_onnx_call *call, uint32_t function_count,
             struct neuron_recurrent_options *options)
{
    enum neuron_status status = read_direction(call, options);

    if (status == NEURON_OK) {
        status = read_integers(call, options);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "clip", &options->clip, call->error);
    }
    if (status == NEURON_OK) {
        uint32_t directions = options->direction == NEURON_RECURRENT_BIDIRECTIONAL ? 2 : 1;

        status = read_gates(call, function_count, directions, options);
    }
    return status;
}

/* Hands out what the node has names for. */
static void
give_results(const struct neuron_onnx_call *call, const struct neuron_recurrent_results *results,
             struct neuron_onnx_result *result)
{
    result->traced = results->hidden;
    if (call->node->n_outputs > 1) {
        result->more[0] = results->last_hidden;
    }
    if (call->node->n_outputs > 2) {
        result->more[1] = results->last_cell;
    }
}

enum neuron_status
neuron_onnx_translate_recurrent(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool is_lstm = strcmp(call->node->operator_type, "LSTM") == 0;
    bool is_gru = strcmp(call->node->operator_type, "GRU") == 0;
    struct neuron_recurrent_options options = {.clip = 0.0F};
    struct neuron_recurrent_results results = {{0}, {0}, {0}};

    enum neuron_status status = read_options(call, is_lstm ? 3 : (is_gru ? 2 : 1), &options);
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_recurrent_inputs inputs = {.input = neuron_onnx_call_value(call, 0),
                                                   .weights = neuron_onnx_call_value(call, 1),
                                                   .recurrence = neuron_onnx_call_value(call, 2),
                                                   .bias = neuron_onnx_call_value(call, 3),
                                                   .lengths = neuron_onnx_call_value(call, 4),
                                                   .initial_hidden =
                                                       neuron_onnx_call_value(call, 5),
                                                   .initial_cell = neuron_onnx_call_value(call, 6),
                                                   .peepholes = neuron_onnx_call_value(call, 7)};
    if (is_lstm) {
        results = neuron_lstm(call->trace, &inputs, &options);
    } else if (is_gru) {
        results = neuron_gru(call->trace, &inputs, &options);
    } else {
        results = neuron_rnn(call->trace, &inputs, &options);
    }
    give_results(call, &results, result);
    return neuron_onnx_call_status(call);
}
