/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_run.h"

#include <stdlib.h>

#include "check.h"

#include "engine/plan.h"
#include "engine/program.h"
#include "engine/single_thread.h"

void
engine_run(const struct neuron_graph *graph, void *const *inputs, void *const *outputs)
{
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;
    struct neuron_error error;
    int threads = neuron_engine_use_single_thread();

    assert_ok(neuron_plan_create(graph, NULL, &plan, &error), &error);
    assert_ok(neuron_program_create(plan, NULL, &program, &error), &error);
    assert_ok(neuron_program_run(program, inputs, outputs, 0, &error), &error);
    neuron_engine_restore_threads(threads);
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
}

float *
engine_run_to_floats(const struct neuron_graph *graph, void *const *inputs)
{
    float *result =
        calloc(1, neuron_tensor_shape_size_bytes(&graph->outputs[0].spec.shape) + sizeof(float));
    void *const outputs[1] = {result};

    assert_non_null(result);
    assert_int_equal(graph->output_count, 1);
    engine_run(graph, inputs, outputs);
    return result;
}

size_t
count_elements(const struct neuron_tensor_shape *shape)
{
    size_t count = 0;

    assert_true(neuron_tensor_shape_element_count(shape, &count));
    return count;
}
