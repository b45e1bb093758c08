/* SPDX-License-Identifier: Apache-2.0 */
/* Traced to a file in one call; and a model that is imported gives the same file. */
#include "neuron/trace_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "neuron/model.h"
#include "neuron/trace_elementwise.h"
#include "onnx_check.h"
#include "test_folder.h"

enum { FILE_LIMIT_BYTES = 1 << 17, WEIGHT_LIMIT = 1024 };

/* The weights that the ONNX builder writes for this seed, under the name that they have there. */
static struct neuron_value
weights(struct neuron_trace *trace, struct neuron_tensor_view view, uint32_t seed)
{
    static const char *const names[] = {NULL, "w", "bias", "b", "c"};
    float numbers[WEIGHT_LIMIT];

    view.type = NEURON_FLOAT32;
    view.data = numbers;
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&view);
    size_t count = neuron_tensor_shape_size_bytes(&shape) / sizeof(float);
    assert_true(count <= WEIGHT_LIMIT);
    onnx_fill_weights(numbers, count, seed);
    return neuron_constant_named(trace, names[seed], &view);
}

/* Convolution, relu, pooling, a dense layer, and a gelu that is taken apart. */
static enum neuron_status
network(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    const struct neuron_pool2d_options pool = {.kernel = {2, 2}, .strides = {2, 2}};
    const struct neuron_gemm_options gemm = {.alpha = 1.0F, .beta = 1.0F, .transpose_b = true};
    struct neuron_value value = neuron_conv2d(
        trace, x[0],
        weights(trace, (struct neuron_tensor_view){.rank = 4, .shape = {4, 3, 3, 3}}, 1),
        weights(trace, (struct neuron_tensor_view){.rank = 1, .shape = {4}}, 2), NULL);

    (void)user;
    value = neuron_max_pool2d(trace, neuron_relu(trace, value), &pool);
    value = neuron_flatten(trace, value, 1);
    value = neuron_gemm(
        trace, value, weights(trace, (struct neuron_tensor_view){.rank = 2, .shape = {5, 36}}, 3),
        weights(trace, (struct neuron_tensor_view){.rank = 1, .shape = {5}}, 4), &gemm);
    struct neuron_value function =
        neuron_erf(trace, neuron_divide(trace, value, neuron_scalar(trace, 1.41421354F)));
    struct neuron_value gate = neuron_add(trace, function, neuron_scalar(trace, 1.0F));
    y[0] = neuron_multiply(trace, neuron_multiply(trace, value, gate), neuron_scalar(trace, 0.5F));
    return neuron_trace_status(trace);
}

static void
add_scalar(struct onnx_model *model, const char *name, float number)
{
    onnx_add_tensor(model, name, ONNX_FLOAT, "", &number, sizeof(number));
}

/* The same network as a file of ONNX. */
static struct neuron_graph *
import_network(void)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,3,8,8");
    add_scalar(model, "half", 0.5F);
    add_scalar(model, "one", 1.0F);
    add_scalar(model, "root", 1.41421354F);
    onnx_add_weights(model, "c", "5", 4);
    onnx_add_weights(model, "b", "5,36", 3);
    onnx_add_weights(model, "bias", "4", 2);
    onnx_add_weights(model, "w", "4,3,3,3", 1);
    onnx_add_node(model, "Conv", "x w bias", "conv");
    onnx_add_node(model, "Relu", "conv", "relu");
    onnx_begin_node(model, "MaxPool", "relu", "pool");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_end_node(model);
    onnx_add_node(model, "Flatten", "pool", "flat");
    onnx_begin_node(model, "Gemm", "flat b c", "dense");
    onnx_add_integer(model, "transB", 1);
    onnx_end_node(model);
    onnx_add_node(model, "Div", "dense root", "quotient");
    onnx_add_node(model, "Erf", "quotient", "function");
    onnx_add_node(model, "Add", "function one", "gate");
    onnx_add_node(model, "Mul", "dense gate", "product");
    onnx_add_node(model, "Mul", "product half", "y");
    onnx_add_output(model, "y");
    return onnx_expect_graph(model, 13);
}

/* Traces the network to a file with these options. */
static enum neuron_status
trace_network(const struct neuron_trace_options *options, const char *path,
              struct neuron_error *error)
{
    static const char *const inputs[] = {"x"};
    static const char *const outputs[] = {"y"};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 3, 8, 8}};
    const struct neuron_trace_signature signature = {.example_inputs = &view,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = inputs,
                                                     .output_names = outputs};

    return neuron_trace_compile(network, &signature, NULL, options, path, error);
}

static size_t
read_file(const char *path, char *bytes)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size_bytes = fread(bytes, 1, FILE_LIMIT_BYTES, file);
    assert_int_equal(fclose(file), 0);
    assert_true(size_bytes < FILE_LIMIT_BYTES);
    bytes[size_bytes] = '\0';
    return size_bytes;
}

static void
a_model_traced_and_imported_gives_the_same_file(void **state)
{
    static char traced[FILE_LIMIT_BYTES];
    static char imported[FILE_LIMIT_BYTES];
    static const char *const arguments[] = {"--name", "network"};
    const struct neuron_trace_options options = {.compiler_args = arguments,
                                                 .compiler_arg_count = 2};
    const struct neuron_compiler_options compiler = {.model_name = "network"};
    struct neuron_graph *graph = import_network();
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    assert_ok(trace_network(&options, test_folder_path(*state, "a.neff", path), &error), &error);
    size_t size_bytes = read_file(path, traced);
    assert_ok(neuron_compile(graph, &compiler, test_folder_path(*state, "b.neff", path), &error),
              &error);
    assert_int_equal(read_file(path, imported), size_bytes);
    assert_memory_equal(traced, imported, size_bytes);
    neuron_graph_destroy(graph);
}

static void
the_work_directory_keeps_the_graph_after_each_pass(void **state)
{
    static char text[FILE_LIMIT_BYTES];
    char folder[TEST_PATH_BYTES];
    char path[TEST_PATH_BYTES];
    const struct neuron_trace_options options = {.compiler_workdir =
                                                     test_folder_path(*state, "work", folder)};
    struct neuron_error error;

    assert_ok(trace_network(&options, test_folder_path(*state, "a.neff", path), &error), &error);
    (void)read_file(test_folder_path(*state, "work/00-imported.txt", path), text);
    assert_non_null(strstr(text, "input v0 float32[2,3,8,8] \"x\"\n"));
    assert_non_null(strstr(text, " = erf(v"));
    assert_non_null(strstr(text, "\"y\"\n"));
    (void)read_file(test_folder_path(*state, "work/07-gelu.txt", path), text);
    assert_null(strstr(text, " = erf(v"));
    assert_non_null(strstr(text, " = gelu(v"));
    (void)read_file(test_folder_path(*state, "work/10-fuse.txt", path), text);
    assert_non_null(strstr(text, "activation=gelu"));
    (void)read_file(test_folder_path(*state, "work/10-fuse.dot", path), text);
    assert_memory_equal(text, "digraph model {\n", 16);
    assert_non_null(strstr(text, "matmul + gelu\\nfloat32[2,5]"));
    assert_string_equal(text + strlen(text) - 2, "}\n");
}

static void
a_folder_that_cannot_be_made_is_named(void **state)
{
    char folder[TEST_PATH_BYTES];
    char path[TEST_PATH_BYTES];
    const struct neuron_trace_options options = {.compiler_workdir =
                                                     test_folder_path(*state, "none/work", folder)};
    struct neuron_error error;

    assert_status(NEURON_SYSTEM,
                  trace_network(&options, test_folder_path(*state, "a.neff", path), &error),
                  &error);
    assert_contains(error.text, "none/work: cannot make this folder: No such file or directory");
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
compiler_arguments_are_those_of_the_program(void **state)
{
    static const char *const arguments[] = {"--name=first", "--name", "second"};
    const struct neuron_trace_options options = {.compiler_args = arguments,
                                                 .compiler_arg_count = 3};
    struct neuron_model *model = NULL;
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    assert_ok(trace_network(&options, test_folder_path(*state, "a.neff", path), &error), &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    assert_string_equal(neuron_model_name(model), "second");
    neuron_model_destroy(model);
}

/* Refused before anything is traced or written. */
static void
expect_refused(const struct test_folder *folder, const struct neuron_trace_options *options,
               enum neuron_status expected, const char *text)
{
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    assert_status(expected, trace_network(options, test_folder_path(folder, "a", path), &error),
                  &error);
    assert_contains(error.text, text);
    assert_int_equal(test_folder_file_count(folder), 0);
}

static void
unknown_and_unfinished_arguments_are_refused(void **state)
{
    static const char *const unknown[] = {"--batch", "4"};
    static const char *const unfinished[] = {"--name"};
    static const char *const folder[] = {"--dump-passes=a"};
    struct neuron_trace_options options = {.compiler_args = unknown, .compiler_arg_count = 2};

    expect_refused(*state, &options, NEURON_INVALID_SYNTAX, "compiler argument --batch: there are");
    options = (struct neuron_trace_options){.compiler_args = unfinished, .compiler_arg_count = 1};
    expect_refused(*state, &options, NEURON_INVALID_SYNTAX, "--name: its value is missing");
    options = (struct neuron_trace_options){
        .compiler_workdir = "b", .compiler_args = folder, .compiler_arg_count = 1};
    expect_refused(*state, &options, NEURON_INVALID_ARGUMENT,
                   "--dump-passes a and the work directory b: give one");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_model_traced_and_imported_gives_the_same_file,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(the_work_directory_keeps_the_graph_after_each_pass,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_named, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(compiler_arguments_are_those_of_the_program,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(unknown_and_unfinished_arguments_are_refused,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
