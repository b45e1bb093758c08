/* SPDX-License-Identifier: Apache-2.0 */
#include "staged_model.h"

#include "check.h"
#include "compiler/compile_graph.h"
#include "graph/graph_body.h"
#include "module/model_body.h"
#include "tensor_text.h"

/* Cuts the nodes at random places. */
static void
cut(struct neuron_core_split *split, uint32_t node_count, uint32_t seed)
{
    uint32_t begin = 0;

    for (uint32_t i = 0; i < split->core_count; i += 1) {
        uint32_t spare = node_count - begin - (split->core_count - i - 1);

        seed = seed * 1664525U + 1013904223U;
        split->stage_ends[i] = begin + 1 + (seed >> 16) % spare;
        begin = split->stage_ends[i];
    }
    split->stage_ends[split->core_count - 1] = node_count;
}

void
staged_model_create(struct staged_model *staged, struct neuron_graph *traced, uint32_t stage_count,
                    uint32_t seed)
{
    struct neuron_graph *compiled = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_compile_graph(traced, NULL, &compiled, &error), &error);
    uint32_t node_count = compiled->node_count;
    struct neuron_core_split *split = &compiled->split;
    split->kind = NEURON_SPLIT_KIND_PIPELINE;
    split->core_count = stage_count < node_count ? stage_count : node_count;
    for (uint32_t i = 0; i < split->core_count; i += 1) {
        split->stage_ends[i] = node_count * (i + 1) / split->core_count;
    }
    if (seed != 0) {
        cut(split, node_count, seed);
    }
    assert_ok(neuron_core_split_check(split, node_count, &error), &error);
    assert_ok(neuron_model_adopt(compiled, "staged", &staged->model, &error), &error);
    staged->traced = traced;
}

void
staged_model_create_wide(struct staged_model *staged, struct neuron_graph *traced,
                         uint32_t core_count)
{
    const struct neuron_compiler_options options = {.core_count = core_count,
                                                    .split = NEURON_SPLIT_WIDE};
    struct neuron_graph *compiled = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_compile_graph(traced, &options, &compiled, &error), &error);
    assert_ok(neuron_model_adopt(compiled, "wide", &staged->model, &error), &error);
    staged->traced = traced;
}

struct neuron_graph *
staged_trace_over(neuron_trace_fn *function, const char *examples, uint32_t output_count,
                  void *user)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {.example_inputs = views,
                                               .output_count = output_count};
    struct neuron_graph *traced = NULL;
    struct neuron_error error = {0};

    signature.input_count = parse_tensors(examples, views);
    assert_ok(neuron_trace(function, &signature, user, &traced, &error), &error);
    return traced;
}

void
staged_model_trace(struct staged_model *staged, neuron_trace_fn *function, const char *examples,
                   uint32_t output_count, uint32_t stage_count)
{
    staged_model_create(staged, staged_trace_over(function, examples, output_count, NULL),
                        stage_count, 0);
}

void
staged_model_destroy(struct staged_model *staged)
{
    neuron_model_destroy(staged->model);
    neuron_graph_destroy(staged->traced);
    *staged = (struct staged_model){0};
}

int
staged_runtime_setup(void **state)
{
    static struct test_runtime owner;

    test_runtime_create(&owner, "core:4 pu:1", STAGED_CORES);
    *state = &owner;
    return 0;
}

int
staged_runtime_teardown(void **state)
{
    test_runtime_destroy(*state);
    return 0;
}

struct neuron_module *
staged_module_create(const struct test_runtime *owner, const struct neuron_model *model,
                     int32_t start, int32_t count)
{
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = start, .nc_count = count};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(owner->runtime, model, &placement, &module, &error), &error);
    return module;
}
