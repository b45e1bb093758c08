/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel_bench.h"

#include "check.h"

void
parallel_bench_create(struct parallel_bench *bench, const char *machine, uint32_t core_count,
                      struct neuron_model *model)
{
    struct neuron_error error = {0};

    test_runtime_create(&bench->owner, machine, core_count);
    bench->model = model;
    assert_ok(neuron_module_create(bench->owner.runtime, model, NULL, &bench->loop, &error),
              &error);
    assert_ok(
        neuron_data_parallel_create(bench->owner.runtime, model, NULL, &bench->parallel, &error),
        &error);
}

void
parallel_bench_destroy(struct parallel_bench *bench)
{
    neuron_data_parallel_destroy(bench->parallel);
    neuron_module_destroy(bench->loop);
    neuron_model_destroy(bench->model);
    test_runtime_destroy(&bench->owner);
}
