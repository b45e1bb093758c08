/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_graph.h"

#include "check.h"

enum { NUMBER_COUNT = 4096 };

struct neuron_value
sample_constant(struct neuron_trace *trace, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t dims[4] = {a, b, c, d};
    float numbers[NUMBER_COUNT];
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .data = numbers};

    for (int i = 0; i < NUMBER_COUNT; i += 1) {
        numbers[i] = (float)(i % 17) / 8.0F - 1.0F;
    }
    for (int i = 0; i < 4 && dims[i] != 0; i += 1) {
        view.shape[i] = dims[i];
        view.rank += 1;
    }
    assert_true(neuron_tensor_shape_size_bytes(&(struct neuron_tensor_shape){
                    .type = view.type, .rank = view.rank, .dims = {a, b, c, d}}) <=
                sizeof(numbers));
    return neuron_constant(trace, &view);
}

struct neuron_graph *
trace_sample(neuron_trace_fn *function, int64_t n, int64_t c, int64_t h, int64_t w)
{
    static const char *const names[] = {"x"};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {n, c, h, w}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1, .input_names = names};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    return graph;
}

/* Windows: [2,4,9,8] -> [2,6,4,3]. */
static struct neuron_value
record_windows(struct neuron_trace *trace, struct neuron_value image)
{
    const struct neuron_conv2d_options convolution = {
        .strides = {2, 1}, .dilations = {1, 2}, .pads = {1, 2, 0, 1}, .groups = 2};
    const struct neuron_pool2d_options largest = {
        .kernel = {2, 2}, .strides = {1, 2}, .pads = {0, 0, 1, 0}};
    const struct neuron_pool2d_options average = {
        .kernel = {2, 3}, .strides = {1, 1}, .pads = {1, 1, 0, 1}, .count_padding = true};
    struct neuron_value features = neuron_conv2d(trace, image, sample_constant(trace, 6, 2, 3, 3),
                                                 sample_constant(trace, 6, 0, 0, 0), &convolution);

    features = neuron_gelu(trace, neuron_max_pool2d(trace, features, &largest));
    return neuron_average_pool2d(trace, features, &average);
}

static enum neuron_status
record_sample(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    static const uint32_t order[] = {0, 2, 3, 1};
    const struct neuron_gemm_options product = {.alpha = 1.0F, .beta = 1.0F, .transpose_b = true};

    (void)user;
    struct neuron_value moved = neuron_transpose(trace, record_windows(trace, x[0]), order);
    struct neuron_value rows = neuron_flatten(trace, neuron_sigmoid(trace, moved), 1);
    int64_t width = neuron_value_shape(trace, rows).dims[1];
    rows = neuron_gemm(trace, rows, sample_constant(trace, 5, width, 0, 0),
                       sample_constant(trace, 5, 0, 0, 0), &product);
    rows = neuron_layer_norm(trace, neuron_tanh(trace, rows), sample_constant(trace, 5, 0, 0, 0),
                             sample_constant(trace, 5, 0, 0, 0), 1, 1e-4F);
    const struct neuron_value parts[3] = {rows, neuron_subtract(trace, rows, rows),
                                          neuron_divide(trace, rows, neuron_scalar(trace, 3.0F))};
    y[0] = neuron_softmax(trace, neuron_concat(trace, parts, 3, -1), -1);
    y[1] = x[1];
    return neuron_trace_status(trace);
}

struct neuron_graph *
sample_graph(void)
{
    static const char *const input_names[] = {"image", "extra"};
    static const char *const output_names[] = {"classes", "same"};
    const struct neuron_tensor_view views[] = {
        {.type = NEURON_FLOAT32, .rank = 4, .shape = {2, 4, 9, 8}},
        {.type = NEURON_INT32, .rank = 1, .shape = {2}}};
    const struct neuron_trace_signature signature = {.example_inputs = views,
                                                     .input_count = 2,
                                                     .output_count = 2,
                                                     .input_names = input_names,
                                                     .output_names = output_names};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_sample, &signature, NULL, &graph, &error), &error);
    return graph;
}
