/* SPDX-License-Identifier: Apache-2.0 */
#include "product_case.h"

#include <math.h>

#include "check.h"

#include "compiler/compile_graph.h"
#include "engine_run.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_window.h"

struct neuron_value
multiply_matrices(struct neuron_trace *trace, const struct neuron_value *operands,
                  struct neuron_value bias, const void *options)
{
    struct neuron_value product = neuron_matmul(trace, operands[0], operands[1]);

    (void)options;
    return bias.id == 0 ? product : neuron_add(trace, product, bias);
}

struct neuron_value
multiply_gemm(struct neuron_trace *trace, const struct neuron_value *operands,
              struct neuron_value bias, const void *options)
{
    return neuron_gemm(trace, operands[0], operands[1], bias, options);
}

struct neuron_value
multiply_conv(struct neuron_trace *trace, const struct neuron_value *operands,
              struct neuron_value bias, const void *options)
{
    return neuron_conv(trace, operands[0], operands[1], bias, options);
}

struct neuron_value
multiply_conv_transpose(struct neuron_trace *trace, const struct neuron_value *operands,
                        struct neuron_value bias, const void *options)
{
    return neuron_conv_transpose(trace, operands[0], operands[1], bias, options);
}

static const struct neuron_gemm_options right_turned = {
    .alpha = 1.0F, .beta = 1.0F, .transpose_b = true};
static const struct neuron_gemm_options left_turned = {
    .alpha = 1.0F, .beta = 1.0F, .transpose_a = true};
static const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
static const struct neuron_conv_options sparse = {
    .strides = {2, 1}, .dilations = {1, 2}, .pads = {1, 2, 0, 1}};
static const struct neuron_conv_options two_groups = {.pads = {1, 1, 1, 1}, .groups = 2};
static const struct neuron_conv_options depthwise = {.pads = {1, 1, 1, 1}, .groups = 16};
static const struct neuron_conv_transpose_options doubling = {.strides = {2, 2}};
static const struct neuron_conv_transpose_options grouped_doubling = {.strides = {2, 2},
                                                                      .groups = 2};

const struct product_case product_cases[] = {
    {.tensors = "[7,33] [33,20]", .multiply = multiply_matrices, .channel_axis = 1},
    {.tensors = "[1,64] [64,10] [10]", .multiply = multiply_matrices, .channel_axis = 1},
    {.tensors = "[5,1] [1,3]", .multiply = multiply_matrices, .channel_axis = 1},
    {.tensors = "[4,1000] [1000,8]", .multiply = multiply_matrices, .channel_axis = 1},
    {.tensors = "[2,5,8] [8,6] [6]", .multiply = multiply_matrices, .channel_axis = 1},
    {.tensors = "[6,16] [16,16] [16] [6,16]",
     .multiply = multiply_matrices,
     .channel_axis = 1,
     .has_residual = true},
    {.tensors = "[7,33] [20,33] [20]",
     .multiply = multiply_gemm,
     .options = &right_turned,
     .channel_axis = 0},
    {.tensors = "[33,7] [33,20] [20]",
     .multiply = multiply_gemm,
     .options = &left_turned,
     .channel_axis = 1},
    {.tensors = "[2,3,5,8] [2,3,8,6]", .multiply = multiply_matrices, .right_is_given = true},
    {.tensors = "[2,1,5,8] [3,8,6]", .multiply = multiply_matrices, .right_is_given = true},
    {.tensors = "[2,5,8] [2,8,6]",
     .multiply = multiply_matrices,
     .channel_axis = 2,
     .may_lack_int8_kernel = true},
    {.tensors = "[2,3,9,9] [8,3,3,3] [8]", .multiply = multiply_conv, .options = &padded},
    {.tensors = "[2,3,9,9] [8,3,3,3]", .multiply = multiply_conv, .options = &sparse},
    {.tensors = "[1,32,6,6] [24,32,1,1] [24]", .multiply = multiply_conv},
    {.tensors = "[1,16,6,6] [16,16,3,3] [16] [1,16,6,6]",
     .multiply = multiply_conv,
     .options = &padded,
     .has_residual = true},
    {.tensors = "[1,8,6,6] [12,4,3,3] [12]", .multiply = multiply_conv, .options = &two_groups},
    {.tensors = "[1,16,7,7] [16,1,3,3] [16]",
     .multiply = multiply_conv,
     .options = &depthwise,
     .may_lack_int8_kernel = true},
    {.tensors = "[1,16,7,7] [32,1,3,3]",
     .multiply = multiply_conv,
     .options = &depthwise,
     .may_lack_int8_kernel = true},
    {.tensors = "[2,4,12] [6,4,3] [6]", .multiply = multiply_conv},
    {.tensors = "[1,3,5,5,5] [4,3,2,2,2]", .multiply = multiply_conv},
    {.tensors = "[1,6,5,5] [6,4,3,3] [4]",
     .multiply = multiply_conv_transpose,
     .options = &doubling,
     .channel_axis = 1,
     .may_lack_int8_kernel = true},
    {.tensors = "[1,6,5,5] [6,2,3,3]",
     .multiply = multiply_conv_transpose,
     .options = &grouped_doubling,
     .may_lack_int8_kernel = true},
    {.tensors = NULL}};

void
create_product(const struct product_case *what, struct product *product)
{
    struct operator_arguments *arguments = &product->arguments;

    *product = (struct product){.what = what};
    arguments->count = parse_tensors(what->tensors, arguments->tensors);
    arguments->input_count = what->right_is_given ? 2 : 1;
    for (uint32_t i = 0; i < arguments->count; i += 1) {
        allocate_tensor(&arguments->tensors[i]);
        fill_tensor(&arguments->tensors[i], i + 1);
    }
}

void
destroy_product(struct product *product)
{
    for (uint32_t i = 0; i < product->arguments.count; i += 1) {
        free_tensor(&product->arguments.tensors[i]);
    }
}

static enum neuron_status
record_product(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const struct product *product = user;
    const struct product_case *what = product->what;
    struct neuron_value values[TENSOR_TEXT_LIMIT] = {{0}};
    uint32_t count = product->arguments.count;

    for (uint32_t i = 0; i < count; i += 1) {
        values[i] = i < product->arguments.input_count
                        ? x[i]
                        : neuron_constant(trace, &product->arguments.tensors[i]);
    }
    for (uint32_t i = 0; product->rounds_operands && i < 2; i += 1) {
        values[i] =
            neuron_cast(trace, neuron_cast(trace, values[i], NEURON_BFLOAT16), NEURON_FLOAT32);
    }
    uint32_t bias = count - (what->has_residual ? 1 : 0);
    y[0] = what->multiply(trace, values, bias > 2 ? values[2] : (struct neuron_value){0},
                          what->options);
    if (what->has_residual) {
        y[0] = neuron_add(trace, y[0], values[count - 1]);
    }
    if (what->activate != NULL) {
        y[0] = what->activate(trace, y[0]);
    }
    return neuron_trace_status(trace);
}

struct neuron_graph *
trace_product(const struct product *product)
{
    const struct neuron_trace_signature signature = {.example_inputs = product->arguments.tensors,
                                                     .input_count = product->arguments.input_count,
                                                     .output_count = 1};
    struct product copy = *product;
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_product, &signature, &copy, &graph, &error), &error);
    return graph;
}

static struct neuron_tensor_view
run_traced_graph(const struct product *product, const struct neuron_graph *graph)
{
    void *const inputs[2] = {product->arguments.tensors[0].data,
                             product->arguments.tensors[1].data};

    return neuron_tensor_view_of(&graph->outputs[0].spec.shape,
                                 engine_run_to_floats(graph, inputs));
}

struct neuron_tensor_view
run_product_exactly(const struct product *product)
{
    struct neuron_graph *graph = trace_product(product);
    struct neuron_tensor_view result = run_traced_graph(product, graph);

    neuron_graph_destroy(graph);
    return result;
}

struct neuron_tensor_view
run_product(const struct product *product, const struct neuron_compiler_options *options)
{
    struct neuron_graph *graph = trace_product(product);
    struct neuron_graph *compiled = NULL;
    struct neuron_error error;

    assert_ok(neuron_compile_graph(graph, options, &compiled, &error), &error);
    struct neuron_tensor_view result = run_traced_graph(product, compiled);
    neuron_graph_destroy(compiled);
    neuron_graph_destroy(graph);
    return result;
}

/* The largest magnitude: sums of many products cancel, and keep the rounding of what they add. */
static float
find_peak(const struct neuron_tensor_view *view)
{
    float peak = 1.0F;

    for (size_t i = 0; i < tensor_element_count(view); i += 1) {
        peak = fmaxf(peak, fabsf(((const float *)view->data)[i]));
    }
    return peak;
}

bool
is_same_product(const struct neuron_tensor_view *actual, const struct neuron_tensor_view *expected)
{
    const float *left = actual->data;
    const float *right = expected->data;
    float floor = 5e-6F * find_peak(expected);

    for (size_t i = 0; i < tensor_element_count(expected); i += 1) {
        /* Written so that what is no number is like nothing. */
        if (!(fabsf(left[i] - right[i]) <= fmaxf(floor, 2e-5F * fmaxf(1.0F, fabsf(right[i]))))) {
            return false;
        }
    }
    return true;
}
