/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random networks of convolutions and what stands between them, on a core and by folding: traced
 * with its input as a constant, each node of a network is computed alone by kernels of our own, in
 * memory of its own. Layouts, results that lie over dying inputs, and fusions must not show.
 */
#include "check.h"

#include "model_bench.h"
#include "random_network.h"
#include "tensor_text.h"

enum { NETWORKS = 1500 };

static void
check_network(const struct model_bench *bench, uint32_t seed)
{
    struct neuron_tensor_view input = random_network_view();
    struct neuron_tensor_view outputs[RANDOM_OUTPUTS];
    struct recipe recipe = {.seed = seed};

    allocate_tensor(&input);
    fill_tensor(&input, seed);
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        outputs[i] = random_network_view();
        allocate_tensor(&outputs[i]);
    }
    struct neuron_model *model = compile_and_load(bench, random_network_trace(&recipe));
    run_once(bench, model, &input, outputs);
    random_network_check(seed, &input, outputs);
    neuron_model_destroy(model);
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        free_tensor(&outputs[i]);
    }
    free_tensor(&input);
}

static void
random_networks_give_what_their_nodes_give_alone(void **state)
{
    for (uint32_t seed = 1; seed <= NETWORKS; seed += 1) {
        check_network(*state, seed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_networks_give_what_their_nodes_give_alone,
                                        model_bench_setup, model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
