/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random networks in every precision, and by every algorithm: what they give is that of float32, to
 * what the precision leaves of it.
 */
#include "check.h"

#include <math.h>

#include "compiler/compile_graph.h"
#include "compiler/pass.h"
#include "engine_run.h"
#include "random_network.h"
#include "random_numbers.h"
#include "tensor_text.h"

enum {
    NETWORKS = 120,
    LAYERS = 20, /* at most, one on another */
    NUMBERS = RANDOM_OUTPUTS * RANDOM_CHANNELS * RANDOM_EXTENT * RANDOM_EXTENT
};

/* Memory of the outputs of one run. */
struct outputs {
    float numbers[NUMBERS];
};

static void
run_network(const struct neuron_graph *graph, uint32_t seed, struct outputs *outputs)
{
    struct neuron_tensor_view input =
        neuron_tensor_view_of(&neuron_graph_input(graph, 0)->shape, NULL);
    void *memory[RANDOM_OUTPUTS];

    allocate_tensor(&input);
    fill_tensor(&input, seed);
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        memory[i] = outputs->numbers + (size_t)i * RANDOM_CHANNELS * RANDOM_EXTENT * RANDOM_EXTENT;
    }
    engine_run(graph, (void *const[]){input.data}, memory);
    free_tensor(&input);
}

/* Fails unless both are near each other, in parts of 1 or of the largest number of all outputs. */
static void
expect_near(const struct outputs *actual, const struct outputs *expected, float tolerance,
            uint32_t seed)
{
    float peak = 1.0F;

    for (uint32_t i = 0; i < NUMBERS; i += 1) {
        peak = fmaxf(peak, fabsf(expected->numbers[i]));
    }
    for (uint32_t i = 0; i < NUMBERS; i += 1) {
        /* Written so that what is no number is near nothing. */
        bool is_near = fabsf(actual->numbers[i] - expected->numbers[i]) <= tolerance * peak;

        if (!is_near) {
            print_error("network %u: number %u is %.9g, not %.9g\n", seed, i,
                        (double)actual->numbers[i], (double)expected->numbers[i]);
        }
        assert_true(is_near);
    }
}

/* Sets an algorithm for convolutions, or NEURON_ALGORITHM_END for each another. */
static void
force_algorithm(struct neuron_graph *graph, enum neuron_algorithm algorithm)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (node->kind == NEURON_OPERATOR_CONV) {
            node->attributes.algorithm = algorithm == NEURON_ALGORITHM_END
                                             ? (enum neuron_algorithm)(i % NEURON_ALGORITHM_END)
                                             : algorithm;
        }
    }
}

/* Compiles every network with options; compares it with what its operators give in float32. */
static void
check_networks(const struct neuron_compiler_options *options, enum neuron_algorithm algorithm,
               float tolerance)
{
    for (uint32_t seed = 1; seed <= NETWORKS; seed += 1) {
        struct recipe network = {.seed = seed};
        struct neuron_graph *graph = random_network_trace(&network);
        struct neuron_graph *compiled = NULL;
        struct outputs actual;
        struct outputs expected;
        struct neuron_error error;

        run_network(graph, seed, &expected);
        assert_ok(neuron_compile_graph(graph, options, &compiled, &error), &error);
        force_algorithm(compiled, algorithm);
        run_network(compiled, seed, &actual);
        expect_near(&actual, &expected, tolerance, seed);
        neuron_graph_destroy(compiled);
        neuron_graph_destroy(graph);
    }
}

static void
operands_of_bfloat16_lose_what_their_bits_hold(void **state)
{
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_BF16};

    (void)state;
    check_networks(&options, NEURON_ALGORITHM_DEFAULT, (float)LAYERS / 256.0F);
}

static void
values_of_bfloat16_lose_what_their_bits_hold(void **state)
{
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_ALL,
                                                    .auto_cast_type = NEURON_AUTO_CAST_BF16};

    (void)state;
    check_networks(&options, NEURON_ALGORITHM_DEFAULT, (float)LAYERS / 256.0F);
}

static void
operands_of_8_bits_lose_what_their_bits_hold(void **state)
{
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_ALL,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8};

    (void)state;
    check_networks(&options, NEURON_ALGORITHM_DEFAULT, (float)LAYERS / 127.0F);
}

static void
float32_loses_nothing(void **state)
{
    const struct neuron_compiler_options options = {.optimization_level = 1};

    (void)state;
    check_networks(&options, NEURON_ALGORITHM_DEFAULT, 1e-4F);
}

static void
every_algorithm_gives_the_same_numbers(void **state)
{
    (void)state;
    for (int i = NEURON_ALGORITHM_DIRECT; i <= NEURON_ALGORITHM_END; i += 1) {
        check_networks(NULL, (enum neuron_algorithm)i, 1e-4F);
    }
}

static void
algorithms_and_precisions_go_together(void **state)
{
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_ALL};

    (void)state;
    for (int i = NEURON_ALGORITHM_DIRECT; i <= NEURON_ALGORITHM_END; i += 1) {
        check_networks(&options, (enum neuron_algorithm)i, (float)LAYERS / 256.0F);
    }
}

/* Gives each node a precision of its own, so that a value has readers of several. */
static void
mix_precisions(struct neuron_graph *graph, uint32_t seed)
{
    uint64_t state = seed;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_attributes *attributes = &graph->nodes[i].attributes;

        attributes->precision = (enum neuron_precision)random_below(&state, NEURON_PRECISION_END);
        attributes->rounds_result =
            attributes->precision == NEURON_PRECISION_BFLOAT16 && random_below(&state, 2) == 0;
        attributes->algorithm = (enum neuron_algorithm)random_below(&state, NEURON_ALGORITHM_END);
    }
}

static void
any_precision_of_any_operator_can_be_run(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4 * NETWORKS; seed += 1) {
        struct recipe network = {.seed = seed};
        struct neuron_graph *graph = random_network_trace(&network);
        struct neuron_error error;
        struct outputs actual;
        struct outputs expected;

        assert_ok(neuron_passes_run(graph, NULL, NULL, &error), &error);
        neuron_graph_remove_unused(graph);
        run_network(graph, seed, &expected);
        mix_precisions(graph, seed);
        run_network(graph, seed, &actual);
        expect_near(&actual, &expected, (float)LAYERS / 127.0F, seed);
        neuron_graph_destroy(graph);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float32_loses_nothing),
        cmocka_unit_test(operands_of_bfloat16_lose_what_their_bits_hold),
        cmocka_unit_test(values_of_bfloat16_lose_what_their_bits_hold),
        cmocka_unit_test(operands_of_8_bits_lose_what_their_bits_hold),
        cmocka_unit_test(every_algorithm_gives_the_same_numbers),
        cmocka_unit_test(algorithms_and_precisions_go_together),
        cmocka_unit_test(any_precision_of_any_operator_can_be_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
