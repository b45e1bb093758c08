/* SPDX-License-Identifier: Apache-2.0 */
/* The same network traced and imported is the same file: a residual block, and one of attention. */
#include "neuron/trace_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

#include "neuron/compiler.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_normalization.h"
#include "neuron/trace_reduce.h"
#include "neuron/trace_window.h"
#include "onnx_check.h"
#include "test_folder.h"

enum { NUMBERS_LIMIT = 1024, FILE_LIMIT_BYTES = 1 << 16, OPSET = 13 };

static size_t
read_whole(const char *path, char *bytes)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size_bytes = fread(bytes, 1, FILE_LIMIT_BYTES, file);
    assert_int_equal(fclose(file), 0);
    assert_true(size_bytes < FILE_LIMIT_BYTES);
    return size_bytes;
}

/* The weights that the ONNX builder writes for this seed, under the name that they have there. */
static struct neuron_value
weights(struct neuron_trace *trace, int64_t rows, int64_t columns, uint32_t seed)
{
    static const char *const names[] = {
        [1] = "w",   [2] = "scale", [3] = "shift",  [4] = "mean", [11] = "wq",
        [12] = "wk", [13] = "wo",   [14] = "gamma", [15] = "beta"};
    float numbers[NUMBERS_LIMIT];
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32,
                                            .rank = columns == 0 ? 1 : 2,
                                            .shape = {rows, columns},
                                            .data = numbers};

    onnx_fill_weights(numbers, (size_t)(rows * (columns == 0 ? 1 : columns)), seed);
    return neuron_constant_named(trace, names[seed], &view);
}

static const float variances[4] = {0.5F, 1.0F, 2.0F, 4.0F};

static struct neuron_value
normalize(struct neuron_trace *trace, struct neuron_value value)
{
    float numbers[4];
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {4}, .data = numbers};

    memcpy(numbers, variances, sizeof(numbers));
    const struct neuron_channel_moments moments = {.scale = weights(trace, 4, 0, 2),
                                                   .shift = weights(trace, 4, 0, 3),
                                                   .mean = weights(trace, 4, 0, 4),
                                                   .variance = neuron_constant(trace, &view)};

    return neuron_batch_norm(trace, value, &moments, 1e-5F);
}

/* Convolution, batch normalization, the input added, relu, the mean over height and width. */
static enum neuron_status
residual_block(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    const int64_t dims[4] = {4, 4, 3, 3};
    const int32_t axes[2] = {2, 3};
    const struct neuron_reduce_options all = {.axes = axes, .axis_count = 2};
    struct neuron_value filters = neuron_reshape(trace, weights(trace, 4, 36, 1), dims, 4);
    struct neuron_value value =
        neuron_conv(trace, x[0], filters, (struct neuron_value){0}, &padded);

    (void)user;
    value = neuron_add(trace, normalize(trace, value), x[0]);
    y[0] = neuron_reduce_mean(trace, neuron_relu(trace, value), &all);
    return neuron_trace_status(trace);
}

static struct neuron_graph *
import_residual_block(void)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,4,6,6");
    onnx_add_weights(model, "w", "4,4,3,3", 1);
    onnx_add_weights(model, "scale", "4", 2);
    onnx_add_weights(model, "shift", "4", 3);
    onnx_add_weights(model, "mean", "4", 4);
    onnx_add_tensor(model, "variance", ONNX_FLOAT, "4", variances, sizeof(variances));
    onnx_begin_node(model, "Conv", "x w", "conv");
    onnx_add_list(model, "pads", "1,1,1,1");
    onnx_end_node(model);
    onnx_add_node(model, "BatchNormalization", "conv scale shift mean variance", "norm");
    onnx_add_node(model, "Add", "norm x", "sum");
    onnx_add_node(model, "Relu", "sum", "relu");
    onnx_begin_node(model, "ReduceMean", "relu", "y");
    onnx_add_list(model, "axes", "2,3");
    onnx_add_integer(model, "keepdims", 0);
    onnx_end_node(model);
    onnx_add_output(model, "y");
    return onnx_expect_graph(model, OPSET);
}

/* A layer normalization as exporters take it apart. */
static struct neuron_value
record_layer_norm(struct neuron_trace *trace, struct neuron_value x)
{
    const int32_t last = -1;
    const struct neuron_reduce_options along = {.axes = &last, .axis_count = 1, .keep_dims = true};
    struct neuron_value centered = neuron_subtract(trace, x, neuron_reduce_mean(trace, x, &along));
    struct neuron_value squares = neuron_power(trace, centered, neuron_scalar(trace, 2.0F));
    struct neuron_value variance =
        neuron_add(trace, neuron_reduce_mean(trace, squares, &along), neuron_scalar(trace, 1e-5F));
    struct neuron_value normal = neuron_divide(trace, centered, neuron_sqrt(trace, variance));

    normal = neuron_multiply(trace, normal, weights(trace, 8, 0, 14));
    return neuron_add(trace, normal, weights(trace, 8, 0, 15));
}

/* One head of attention with its residual and layer normalization. */
static enum neuron_status
attention_block(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    const uint32_t swap[3] = {0, 2, 1};
    struct neuron_value query = neuron_matmul(trace, x[0], weights(trace, 8, 8, 11));
    struct neuron_value key = neuron_matmul(trace, x[0], weights(trace, 8, 8, 12));
    struct neuron_value scores = neuron_matmul(trace, query, neuron_transpose(trace, key, swap));

    (void)user;
    scores = neuron_divide(trace, scores, neuron_scalar(trace, sqrtf(8.0F)));
    struct neuron_value context = neuron_matmul(trace, neuron_softmax(trace, scores, -1), x[0]);
    context = neuron_matmul(trace, context, weights(trace, 8, 8, 13));
    y[0] = record_layer_norm(trace, neuron_add(trace, context, x[0]));
    return neuron_trace_status(trace);
}

static void
add_scalar(struct onnx_model *model, const char *name, float number)
{
    onnx_add_tensor(model, name, ONNX_FLOAT, "", &number, sizeof(number));
}

static void
add_mean(struct onnx_model *model, const char *from, const char *to)
{
    onnx_begin_node(model, "ReduceMean", from, to);
    onnx_add_list(model, "axes", "-1");
    onnx_end_node(model);
}

static void
add_layer_norm(struct onnx_model *model)
{
    add_scalar(model, "two", 2.0F);
    add_scalar(model, "epsilon", 1e-5F);
    onnx_add_weights(model, "gamma", "8", 14);
    onnx_add_weights(model, "beta", "8", 15);
    add_mean(model, "sum", "mean");
    onnx_add_node(model, "Sub", "sum mean", "centered");
    onnx_add_node(model, "Pow", "centered two", "squares");
    add_mean(model, "squares", "variance");
    onnx_add_node(model, "Add", "variance epsilon", "above");
    onnx_add_node(model, "Sqrt", "above", "root");
    onnx_add_node(model, "Div", "centered root", "normal");
    onnx_add_node(model, "Mul", "normal gamma", "scaled");
    onnx_add_node(model, "Add", "scaled beta", "y");
}

static struct neuron_graph *
import_attention_block(void)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,6,8");
    onnx_add_weights(model, "wq", "8,8", 11);
    onnx_add_weights(model, "wk", "8,8", 12);
    onnx_add_weights(model, "wo", "8,8", 13);
    add_scalar(model, "scale", sqrtf(8.0F));
    onnx_add_node(model, "MatMul", "x wq", "query");
    onnx_add_node(model, "MatMul", "x wk", "key");
    onnx_begin_node(model, "Transpose", "key", "turned");
    onnx_add_list(model, "perm", "0,2,1");
    onnx_end_node(model);
    onnx_add_node(model, "MatMul", "query turned", "products");
    onnx_add_node(model, "Div", "products scale", "scores");
    onnx_add_node(model, "Softmax", "scores", "weights");
    onnx_add_node(model, "MatMul", "weights x", "context");
    onnx_add_node(model, "MatMul", "context wo", "projected");
    onnx_add_node(model, "Add", "projected x", "sum");
    add_layer_norm(model);
    onnx_add_output(model, "y");
    return onnx_expect_graph(model, OPSET);
}

/* Compiles both, and compares the files. */
static void
expect_same_file(const struct test_folder *folder, neuron_trace_fn *function,
                 const struct neuron_tensor_view *input, struct neuron_graph *imported)
{
    static char files[2][FILE_LIMIT_BYTES];
    static const char *const inputs[] = {"x"};
    static const char *const outputs[] = {"y"};
    static const char *const arguments[] = {"--name=block"};
    const struct neuron_trace_signature signature = {.example_inputs = input,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = inputs,
                                                     .output_names = outputs};
    const struct neuron_trace_options options = {.compiler_args = arguments,
                                                 .compiler_arg_count = 1};
    const struct neuron_compiler_options compiler = {.model_name = "block"};
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    assert_ok(neuron_trace_compile(function, &signature, NULL, &options,
                                   test_folder_path(folder, "traced.neff", path), &error),
              &error);
    size_t size_bytes = read_whole(path, files[0]);
    assert_ok(neuron_compile(imported, &compiler, test_folder_path(folder, "imported.neff", path),
                             &error),
              &error);
    assert_int_equal(read_whole(path, files[1]), size_bytes);
    assert_memory_equal(files[0], files[1], size_bytes);
    neuron_graph_destroy(imported);
}

static void
a_residual_block_gives_the_same_file(void **state)
{
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 4, 6, 6}};

    expect_same_file(*state, residual_block, &input, import_residual_block());
}

static void
an_attention_block_gives_the_same_file(void **state)
{
    const struct neuron_tensor_view input = {.type = NEURON_FLOAT32, .rank = 3, .shape = {2, 6, 8}};

    expect_same_file(*state, attention_block, &input, import_attention_block());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_residual_block_gives_the_same_file, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(an_attention_block_gives_the_same_file, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
