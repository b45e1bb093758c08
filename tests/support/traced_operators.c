/* SPDX-License-Identifier: Apache-2.0 */
#include "traced_operators.h"

#include "check.h"

/* An argument by position: a traced input, a constant, or an invalid value past the end. */
static struct neuron_value
argument(struct neuron_trace *trace, const struct operator_choice *choice,
         const struct neuron_value *inputs, uint32_t position)
{
    const struct operator_arguments *arguments = choice->arguments;
    struct neuron_value none = {0};

    if (position < arguments->input_count) {
        return inputs[position];
    }
    if (position < arguments->count) {
        return neuron_constant(trace, &arguments->tensors[position]);
    }
    return none;
}

enum neuron_status
record_unary(struct neuron_trace *trace, const struct neuron_value *inputs,
             struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = choice->unary(trace, first);
    return neuron_trace_status(trace);
}

enum neuron_status
record_binary(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);
    struct neuron_value second = argument(trace, choice, inputs, 1);

    outputs[0] = choice->binary(trace, first, second);
    return neuron_trace_status(trace);
}

enum neuron_status
record_clip(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_clip(trace, first, choice->low, choice->high);
    return neuron_trace_status(trace);
}

enum neuron_status
record_softmax(struct neuron_trace *trace, const struct neuron_value *inputs,
               struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_softmax(trace, first, choice->axis);
    return neuron_trace_status(trace);
}

enum neuron_status
record_layer_norm(struct neuron_trace *trace, const struct neuron_value *inputs,
                  struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);
    struct neuron_value second = argument(trace, choice, inputs, 1);
    struct neuron_value third = argument(trace, choice, inputs, 2);

    outputs[0] = neuron_layer_norm(trace, first, second, third, choice->axis, choice->epsilon);
    return neuron_trace_status(trace);
}

enum neuron_status
record_matmul(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);
    struct neuron_value second = argument(trace, choice, inputs, 1);

    outputs[0] = neuron_matmul(trace, first, second);
    return neuron_trace_status(trace);
}

enum neuron_status
record_gemm(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);
    struct neuron_value second = argument(trace, choice, inputs, 1);
    struct neuron_value third = argument(trace, choice, inputs, 2);

    outputs[0] = neuron_gemm(trace, first, second, third, choice->gemm);
    return neuron_trace_status(trace);
}

enum neuron_status
record_conv2d(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);
    struct neuron_value second = argument(trace, choice, inputs, 1);
    struct neuron_value third = argument(trace, choice, inputs, 2);

    outputs[0] = neuron_conv2d(trace, first, second, third, choice->conv2d);
    return neuron_trace_status(trace);
}

enum neuron_status
record_max_pool2d(struct neuron_trace *trace, const struct neuron_value *inputs,
                  struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_max_pool2d(trace, first, choice->pool2d);
    return neuron_trace_status(trace);
}

enum neuron_status
record_average_pool2d(struct neuron_trace *trace, const struct neuron_value *inputs,
                      struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_average_pool2d(trace, first, choice->pool2d);
    return neuron_trace_status(trace);
}

enum neuron_status
record_reshape(struct neuron_trace *trace, const struct neuron_value *inputs,
               struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_reshape(trace, first, choice->dims, choice->rank);
    return neuron_trace_status(trace);
}

enum neuron_status
record_flatten(struct neuron_trace *trace, const struct neuron_value *inputs,
               struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_flatten(trace, first, choice->axis);
    return neuron_trace_status(trace);
}

enum neuron_status
record_transpose(struct neuron_trace *trace, const struct neuron_value *inputs,
                 struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value first = argument(trace, choice, inputs, 0);

    outputs[0] = neuron_transpose(trace, first, choice->order);
    return neuron_trace_status(trace);
}

enum neuron_status
record_concat(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    struct neuron_value values[TENSOR_TEXT_LIMIT];

    for (uint32_t i = 0; i < choice->arguments->count; i += 1) {
        values[i] = argument(trace, choice, inputs, i);
    }
    outputs[0] = neuron_concat(trace, values, choice->arguments->count, choice->axis);
    return neuron_trace_status(trace);
}

enum neuron_status
trace_operator(neuron_trace_fn *record, const struct operator_choice *choice,
               const struct operator_arguments *arguments, struct neuron_graph **graph,
               struct neuron_error *error)
{
    struct operator_choice complete = *choice;
    struct neuron_trace_signature signature = {.example_inputs = arguments->tensors,
                                               .input_count = arguments->input_count,
                                               .output_count = 1};

    complete.arguments = arguments;
    return neuron_trace(record, &signature, &complete, graph, error);
}
