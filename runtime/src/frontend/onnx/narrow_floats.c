/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/narrow_floats.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/trace_elementwise.h"

/* The operators that the graph has in float32 alone, or as steps in float32. */
static const char *const widened[] = {
    /* Reductions, and along one axis. */
    "Softmax",
    "LogSoftmax",
    "Hardmax",

    /* Normalizations. */
    "BatchNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "LpNormalization",
    "MeanVarianceNormalization",
    "LRN",

    /* Products. */
    "MatMul",
    "Gemm",
    "Einsum",

    /* Windows. */
    "Conv",
    "ConvTranspose",
    "MaxPool",
    "AveragePool",
    "LpPool",
    "GlobalMaxPool",
    "GlobalAveragePool",
    "GlobalLpPool",
    "MaxUnpool",

    /* Recurrent. */
    "LSTM",
    "GRU",
    "RNN",
};

static bool
is_narrow(enum neuron_type type)
{
    return type == NEURON_FLOAT16 || type == NEURON_BFLOAT16;
}

static bool
is_widened(const struct neuron_onnx_operator *chosen)
{
    for (size_t i = 0; i < sizeof(widened) / sizeof(widened[0]); i += 1) {
        if (strcmp(widened[i], chosen->name) == 0) {
            return true;
        }
    }
    return false;
}

/* The type of the first input that is a half float; NEURON_NO_TYPE when there is none. */
static enum neuron_type
find_narrow(const struct neuron_onnx_call *call)
{
    for (uint32_t i = 0; i < call->input_count; i += 1) {
        if (neuron_onnx_call_has(call, i) && is_narrow(neuron_onnx_call_shape(call, i)->type)) {
            return neuron_onnx_call_shape(call, i)->type;
        }
    }
    return NEURON_NO_TYPE;
}

/* Fills in what stands for an input: the same elements as float32. */
static void
widen(const struct neuron_onnx_call *call, uint32_t input, struct neuron_onnx_value *wide)
{
    struct neuron_trace *trace = call->trace;

    *wide = *call->inputs[input];
    wide->owns_bytes = false;
    wide->traced = neuron_cast(trace, neuron_onnx_call_value(call, input), NEURON_FLOAT32);
    if (wide->traced.id == 0) {
        return; /* the trace has failed */
    }
    const struct neuron_graph_value *value = &trace->graph->values[wide->traced.id - 1];
    bool is_known = value->origin == NEURON_VALUE_CONSTANT;

    wide->state = is_known ? NEURON_ONNX_KNOWN : NEURON_ONNX_COMPUTED;
    wide->constant.shape = value->shape;
    /* Nothing writes to them, but those that the importer owns have no const. */
    memcpy(&wide->constant.bytes, &value->constant, sizeof(value->constant));
}

static struct neuron_value
narrow(const struct neuron_onnx_call *call, struct neuron_value value, enum neuron_type type)
{
    bool is_wide = neuron_value_shape(call->trace, value).type == NEURON_FLOAT32;

    return is_wide ? neuron_cast(call->trace, value, type) : value;
}

/* Casts all results back. */
static enum neuron_status
narrow_results(struct neuron_onnx_call *call, const struct neuron_onnx_value *wide,
               enum neuron_type type, struct neuron_onnx_result *result)
{
    if (result->same != NULL) {
        for (uint32_t i = 0; i < call->input_count; i += 1) {
            result->same = result->same == &wide[i] ? call->inputs[i] : result->same;
        }
    } else {
        result->traced = narrow(call, result->traced, type);
    }
    for (size_t i = 0; i + 1 < call->node->n_outputs; i += 1) {
        if (result->more[i].id != 0) {
            result->more[i] = narrow(call, result->more[i], type);
        }
    }
    return neuron_onnx_call_status(call);
}

/* `wide` and `inputs` have room for all inputs. */
static enum neuron_status
translate_between(const struct neuron_onnx_operator *chosen, struct neuron_onnx_call *call,
                  struct neuron_onnx_value *wide, struct neuron_onnx_value **inputs,
                  struct neuron_onnx_result *result)
{
    struct neuron_onnx_call inner = *call;
    enum neuron_type type = find_narrow(call);

    for (uint32_t i = 0; i < call->input_count; i += 1) {
        inputs[i] = call->inputs[i];
        if (neuron_onnx_call_has(call, i) && is_narrow(neuron_onnx_call_shape(call, i)->type)) {
            widen(call, i, &wide[i]);
            inputs[i] = &wide[i];
        }
    }
    enum neuron_status status = neuron_onnx_call_status(call);
    if (status == NEURON_OK) {
        inner.inputs = inputs;
        status = chosen->translate(&inner, result);
    }
    return status == NEURON_OK ? narrow_results(call, wide, type, result) : status;
}

enum neuron_status
neuron_onnx_translate_widened(const struct neuron_onnx_operator *chosen,
                              struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    if (!is_widened(chosen) || find_narrow(call) == NEURON_NO_TYPE) {
        return chosen->translate(call, result);
    }
    size_t count = (size_t)call->input_count + 1;
    struct neuron_onnx_value *wide = calloc(count, sizeof(*wide));
    struct neuron_onnx_value **inputs = calloc(count, sizeof(struct neuron_onnx_value *));
    enum neuron_status status = NEURON_OK;

    if (wide == NULL || inputs == NULL) {
        status = NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory for a node");
    } else {
        status = translate_between(chosen, call, wide, inputs, result);
    }
    free(wide);
    free(inputs);
    return status;
}
