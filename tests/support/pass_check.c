/* SPDX-License-Identifier: Apache-2.0 */
#include "pass_check.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

#include "engine_run.h"

static bool
is_near(float number, float wanted)
{
    const float tolerance = 2e-5F;

    /* Written so that what is no number is far from everything. */
    return fabsf(wanted - number) <= tolerance + tolerance * fabsf(wanted);
}

static void
assert_same(const float *before, const float *after, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        if (!is_near(after[i], before[i])) {
            print_error("element %zu was %.9g and is %.9g\n", i, (double)before[i],
                        (double)after[i]);
        }
        assert_true(is_near(after[i], before[i]));
    }
}

struct neuron_graph *
pass_check(neuron_pass_fn *pass, neuron_trace_fn *function, void *user, const int64_t dims[4])
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {dims[0], dims[1], dims[2], dims[3]}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    size_t input_count = (size_t)(dims[0] * dims[1] * dims[2] * dims[3]);
    float *input = calloc(input_count, sizeof(*input));
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_non_null(input);
    for (size_t i = 0; i < input_count; i += 1) {
        input[i] = (float)(i * 7 % 31) / 8.0F - 1.53F;
    }
    assert_ok(neuron_trace(function, &signature, user, &graph, &error), &error);
    void *const inputs[1] = {input};
    float *before = engine_run_to_floats(graph, inputs);
    assert_ok(pass == NULL ? neuron_passes_run(graph, NULL, NULL, &error) : pass(graph, &error),
              &error);
    neuron_graph_remove_unused(graph);
    float *after = engine_run_to_floats(graph, inputs);
    assert_same(before, after, count_elements(&graph->outputs[0].spec.shape));
    free(input);
    free(before);
    free(after);
    return graph;
}

uint32_t
pass_count_kind(const struct neuron_graph *graph, enum neuron_operator kind)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        count += graph->nodes[i].kind == kind ? 1 : 0;
    }
    return count;
}

void
pass_expect(neuron_pass_fn *pass, neuron_trace_fn *function, void *user, uint32_t node_count,
            enum neuron_operator last)
{
    const int64_t dims[4] = {2, 4, 6, 8};
    struct neuron_graph *graph = pass_check(pass, function, user, dims);

    assert_int_equal(graph->node_count, node_count);
    assert_int_equal(graph->nodes[node_count - 1].kind, last);
    neuron_graph_destroy(graph);
}
