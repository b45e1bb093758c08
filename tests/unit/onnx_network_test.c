/* SPDX-License-Identifier: Apache-2.0 */
/* Whole networks: imported, compiled, run, and compared with straightforward loops. */
#include "neuron/onnx.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "model_bench.h"
#include "onnx_check.h"

enum { TENSOR_LIMIT = 8192 };

/* A tensor on its way through the reference operators. */
struct step {
    struct neuron_tensor_view view;
    float numbers[TENSOR_LIMIT];
};

static void
set_shape(struct step *step, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t dims[4] = {a, b, c, d};

    step->view = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .data = step->numbers};
    for (int i = 0; i < 4 && dims[i] != 0; i += 1) {
        step->view.shape[i] = dims[i];
        step->view.rank += 1;
    }
    assert_true(tensor_element_count(&step->view) <= TENSOR_LIMIT);
}

/* Applies an operator to a step and one or two tensors of weights. */
static void
apply(reference_fn *reference, struct operator_choice choice, const struct neuron_tensor_view *all,
      uint32_t count, struct step *to)
{
    struct operator_arguments arguments = {.count = count};

    memcpy(arguments.tensors, all, count * sizeof(*all));
    choice.arguments = &arguments;
    reference(&choice, &to->view);
}

/* The weights that the builder writes for this seed. */
static void
set_weights(struct step *step, uint32_t seed)
{
    onnx_fill_weights(step->numbers, tensor_element_count(&step->view), seed);
}

/* Runs an imported graph over one input, and compares. */
static void
expect_result(const struct model_bench *bench, struct neuron_graph *graph, const struct step *input,
              const struct step *expected)
{
    static struct step actual;
    struct neuron_model *model = compile_and_load(bench, graph);

    actual.view = expected->view;
    actual.view.data = actual.numbers;
    run_once(bench, model, &input->view, &actual.view);
    check_close(&actual.view, &expected->view, 1e-5, "imported network");
    neuron_model_destroy(model);
}

static struct onnx_model *
build_lenet(void)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,1,12,12");
    onnx_add_weights(model, "w1", "4,1,3,3", 1);
    onnx_add_weights(model, "b1", "4", 2);
    onnx_add_weights(model, "w2", "5,64", 3);
    onnx_add_weights(model, "b2", "5", 4);
    onnx_begin_node(model, "Conv", "x w1 b1", "c");
    onnx_add_string(model, "auto_pad", "VALID");
    onnx_end_node(model);
    onnx_add_node(model, "Relu", "c", "r");
    onnx_begin_node(model, "MaxPool", "r", "p");
    onnx_add_list(model, "kernel_shape", "3,3");
    onnx_add_list(model, "strides", "3,3");
    onnx_add_integer(model, "ceil_mode", 1);
    onnx_end_node(model);
    onnx_add_node(model, "Flatten", "p", "f");
    onnx_begin_node(model, "Gemm", "f w2 b2", "g");
    onnx_add_integer(model, "transB", 1);
    onnx_end_node(model);
    onnx_add_node(model, "Softmax", "g", "y");
    onnx_add_output(model, "y");
    return model;
}

/* What stands before the classifier: convolution, rectifier, pooling to [2,64]. */
static void
compute_features(const struct step *x, struct step *features)
{
    static struct step weights, bias, convolved, rectified;
    static const struct neuron_pool2d_options pool = {
        .kernel = {3, 3}, .strides = {3, 3}, .pads = {0, 0, 2, 2}};
    const struct neuron_conv2d_options conv = {.groups = 1};

    set_shape(&weights, 4, 1, 3, 3);
    set_weights(&weights, 1);
    set_shape(&bias, 4, 0, 0, 0);
    set_weights(&bias, 2);
    set_shape(&convolved, 2, 4, 10, 10);
    apply(reference_conv2d, (struct operator_choice){.conv2d = &conv},
          (struct neuron_tensor_view[]){x->view, weights.view, bias.view}, 3, &convolved);
    set_shape(&rectified, 2, 4, 10, 10);
    apply(reference_relu, (struct operator_choice){0}, &convolved.view, 1, &rectified);
    set_shape(features, 2, 4, 4, 4);
    apply(reference_max_pool2d, (struct operator_choice){.pool2d = &pool}, &rectified.view, 1,
          features);
    set_shape(features, 2, 64, 0, 0);
}

static void
a_lenet_gives_the_numbers_of_the_loops(void **state)
{
    static struct step x, weights, bias, features, scores, y;
    const struct neuron_gemm_options gemm = {.alpha = 1.0F, .beta = 1.0F, .transpose_b = true};

    set_shape(&x, 2, 1, 12, 12);
    fill_tensor(&x.view, 9);
    compute_features(&x, &features);
    set_shape(&weights, 5, 64, 0, 0);
    set_weights(&weights, 3);
    set_shape(&bias, 5, 0, 0, 0);
    set_weights(&bias, 4);
    set_shape(&scores, 2, 5, 0, 0);
    apply(reference_gemm, (struct operator_choice){.gemm = &gemm},
          (struct neuron_tensor_view[]){features.view, weights.view, bias.view}, 3, &scores);
    set_shape(&y, 2, 5, 0, 0);
    apply(reference_softmax, (struct operator_choice){.axis = 1}, &scores.view, 1, &y);
    expect_result(*state, onnx_expect_graph(build_lenet(), 13), &x, &y);
}

/* Convolution and batch normalization of 3 channels, with the names of one stage. */
static void
add_stage(struct onnx_model *model, const char *names[7], uint32_t seed)
{
    static const float variance[3] = {0.5F, 1.0F, 2.0F};
    char inputs[64] = "";

    onnx_add_weights(model, names[1], "3,3,3,3", seed);
    onnx_add_weights(model, names[3], "3", seed + 1);
    onnx_add_weights(model, names[4], "3", seed + 2);
    onnx_add_weights(model, names[5], "3", seed + 3);
    onnx_add_tensor(model, names[6], ONNX_FLOAT, "3", variance, sizeof(variance));
    (void)snprintf(inputs, sizeof(inputs), "%s %s", names[0], names[1]);
    onnx_begin_node(model, "Conv", inputs, names[2]);
    onnx_add_list(model, "pads", "1,1,1,1");
    onnx_end_node(model);
}

static struct onnx_model *
build_block(void)
{
    const char *first[7] = {"x", "w1", "c1", "s1", "h1", "m1", "v1"};
    const char *second[7] = {"r1", "w2", "c2", "s2", "h2", "m2", "v2"};
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "1,3,6,6");
    add_stage(model, first, 10);
    onnx_add_node(model, "BatchNormalization", "c1 s1 h1 m1 v1", "n1");
    onnx_add_node(model, "Relu", "n1", "r1");
    add_stage(model, second, 20);
    onnx_add_node(model, "BatchNormalization", "c2 s2 h2 m2 v2", "n2");
    onnx_add_node(model, "Add", "n2 x", "sum");
    onnx_add_node(model, "Relu", "sum", "r2");
    onnx_add_node(model, "GlobalAveragePool", "r2", "pooled");
    onnx_add_node(model, "Flatten", "pooled", "y");
    onnx_add_output(model, "y");
    return model;
}

/* Normalizes the channels of a step in place, as the parameters of add_stage() say. */
static void
normalize(struct step *step, uint32_t seed)
{
    static const double variance[3] = {0.5, 1.0, 2.0};
    float scale[3], shift[3], mean[3];

    onnx_fill_weights(scale, 3, seed + 1);
    onnx_fill_weights(shift, 3, seed + 2);
    onnx_fill_weights(mean, 3, seed + 3);
    for (size_t i = 0; i < tensor_element_count(&step->view); i += 1) {
        size_t channel = i / 36 % 3;
        double centred = (double)step->numbers[i] - (double)mean[channel];

        step->numbers[i] =
            (float)(centred / sqrt(variance[channel] + 1e-5) * (double)scale[channel] +
                    (double)shift[channel]);
    }
}

static void
convolve_and_normalize(const struct step *from, uint32_t seed, struct step *to)
{
    static struct step weights;
    const struct neuron_conv2d_options conv = {.pads = {1, 1, 1, 1}, .groups = 1};

    set_shape(&weights, 3, 3, 3, 3);
    set_weights(&weights, seed);
    set_shape(to, 1, 3, 6, 6);
    apply(reference_conv2d, (struct operator_choice){.conv2d = &conv},
          (struct neuron_tensor_view[]){from->view, weights.view}, 2, to);
    normalize(to, seed);
}

static void
a_residual_block_gives_the_numbers_of_the_loops(void **state)
{
    static struct step x, first, rectified, second, sum, y;
    static const struct neuron_pool2d_options all = {.kernel = {6, 6}, .strides = {1, 1}};

    set_shape(&x, 1, 3, 6, 6);
    fill_tensor(&x.view, 5);
    convolve_and_normalize(&x, 10, &first);
    set_shape(&rectified, 1, 3, 6, 6);
    apply(reference_relu, (struct operator_choice){0}, &first.view, 1, &rectified);
    convolve_and_normalize(&rectified, 20, &second);
    set_shape(&sum, 1, 3, 6, 6);
    apply(reference_add, (struct operator_choice){0},
          (struct neuron_tensor_view[]){second.view, x.view}, 2, &sum);
    apply(reference_relu, (struct operator_choice){0}, &sum.view, 1, &rectified);
    set_shape(&y, 1, 3, 1, 1);
    apply(reference_average_pool2d, (struct operator_choice){.pool2d = &all}, &rectified.view, 1,
          &y);
    set_shape(&y, 1, 3, 0, 0);
    expect_result(*state, onnx_expect_graph(build_block(), 15), &x, &y);
}

static void
batch_normalizations_are_a_factor_and_a_shift(void **state)
{
    struct neuron_graph *graph = onnx_expect_graph(build_block(), 15);

    (void)state;
    /* 2 of conv2d, multiply, add and relu; add, pool, reshape */
    onnx_expect_output(graph, 11, "float32[1,3]");
    neuron_graph_destroy(graph);
}

static void
a_batch_normalization_stays_where_its_input_is_read_twice(void **state)
{
    const char *names[7] = {"x", "w1", "c1", "s1", "h1", "m1", "v1"};
    struct onnx_model *model = onnx_create();

    (void)state;
    onnx_add_input(model, "x", "1,3,6,6");
    add_stage(model, names, 10);
    onnx_add_node(model, "Identity", "c1", "same");
    onnx_add_node(model, "BatchNormalization", "c1 s1 h1 m1 v1", "n1");
    onnx_add_node(model, "Add", "n1 same", "y");
    onnx_add_output(model, "y");
    struct neuron_graph *graph = onnx_expect_graph(model, 9);
    onnx_expect_output(graph, 4, "float32[1,3,6,6]"); /* conv2d, multiply, add, add */
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lenet_gives_the_numbers_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_residual_block_gives_the_numbers_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test(batch_normalizations_are_a_factor_and_a_shift),
        cmocka_unit_test(a_batch_normalization_stays_where_its_input_is_read_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
