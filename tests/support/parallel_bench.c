/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel_bench.h"

#include "check.h"

struct neuron_data_parallel *
parallel_create(const struct test_runtime *owner, const struct neuron_model *model,
                const struct neuron_data_parallel_options *options)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(owner->runtime, model, options, &parallel, &error),
              &error);
    return parallel;
}

void
parallel_bench_create(struct parallel_bench *bench, const char *machine, uint32_t core_count,
                      struct neuron_model *model)
{
    struct neuron_error error = {0};

    test_runtime_create(&bench->owner, machine, core_count);
    bench->model = model;
    assert_ok(neuron_module_create(bench->owner.runtime, model, NULL, &bench->loop, &error),
              &error);
    bench->parallel = parallel_create(&bench->owner, model, NULL);
}

void
parallel_bench_destroy(struct parallel_bench *bench)
{
    neuron_data_parallel_destroy(bench->parallel);
    neuron_module_destroy(bench->loop);
    neuron_model_destroy(bench->model);
    test_runtime_destroy(&bench->owner);
}
