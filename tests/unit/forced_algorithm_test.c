/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Algorithms that a file names for products that they do not fit, or that this machine does not
 * have, are not taken: results are the same by all of them.
 */
#include "check.h"

#include <stdlib.h>

#include "compiler/compile_graph.h"
#include "engine_run.h"
#include "neuron/trace_window.h"
#include "product_case.h"

/* The result of a compiled case by an algorithm. The caller frees it. */
static struct neuron_tensor_view
run_by(const struct product *product, enum neuron_algorithm algorithm)
{
    const struct neuron_compiler_options direct = {.optimization_level = 1};
    struct neuron_graph *graph = trace_product(product);
    struct neuron_graph *compiled = NULL;
    struct neuron_error error;
    void *const inputs[2] = {product->arguments.tensors[0].data,
                             product->arguments.tensors[1].data};

    assert_ok(neuron_compile_graph(graph, &direct, &compiled, &error), &error);
    for (uint32_t i = 0; i < compiled->node_count; i += 1) {
        compiled->nodes[i].attributes.algorithm = algorithm;
    }
    struct neuron_tensor_view result = neuron_tensor_view_of(
        &compiled->outputs[0].spec.shape, engine_run_to_floats(compiled, inputs));
    neuron_graph_destroy(compiled);
    neuron_graph_destroy(graph);
    return result;
}

static void
expect_same_by_all(const struct product_case *what)
{
    struct product product;

    create_product(what, &product);
    struct neuron_tensor_view exact = run_product_exactly(&product);
    for (int i = 0; i < NEURON_ALGORITHM_END; i += 1) {
        struct neuron_tensor_view actual = run_by(&product, (enum neuron_algorithm)i);

        if (!is_same_product(&actual, &exact)) {
            print_error("another result by %s: %s\n",
                        neuron_algorithm_name((enum neuron_algorithm)i), what->tensors);
        }
        assert_true(is_same_product(&actual, &exact));
        free_tensor(&actual);
    }
    free_tensor(&exact);
    destroy_product(&product);
}

static void
products_that_no_algorithm_fits_are_the_same_by_all(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        expect_same_by_all(what);
    }
}

static void
windows_of_every_size_are_the_same_by_all(void **state)
{
    static const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    static const struct neuron_conv_options wide = {.pads = {2, 0, 1, 2}};
    static const struct neuron_conv_options strided = {.strides = {2, 2}, .pads = {1, 1, 1, 1}};
    static const struct product_case cases[] = {
        {.tensors = "[1,16,4,4] [16,16,3,3]", .multiply = multiply_conv, .options = &padded},
        {.tensors = "[2,32,9,7] [48,32,3,3] [48]", .multiply = multiply_conv, .options = &padded},
        {.tensors = "[1,16,3,3] [16,16,3,3]", .multiply = multiply_conv},
        {.tensors = "[1,16,1,1] [16,16,3,3]", .multiply = multiply_conv, .options = &padded},
        {.tensors = "[1,17,6,5] [19,17,3,3] [19]", .multiply = multiply_conv, .options = &padded},
        {.tensors = "[1,16,8,6] [16,16,3,3]", .multiply = multiply_conv, .options = &wide},
        {.tensors = "[1,3,12,12] [16,3,3,3]", .multiply = multiply_conv, .options = &padded},
        {.tensors = "[1,16,8,8] [16,16,3,3]", .multiply = multiply_conv, .options = &strided},
        {.tensors = "[1,16,8,8] [1,16,3,3]", .multiply = multiply_conv, .options = &padded}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct product_case activated = cases[i];

        expect_same_by_all(&activated);
        activated.activate = neuron_relu;
        expect_same_by_all(&activated);
        activated.activate = neuron_gelu;
        expect_same_by_all(&activated);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_no_algorithm_fits_are_the_same_by_all),
        cmocka_unit_test(windows_of_every_size_are_the_same_by_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
