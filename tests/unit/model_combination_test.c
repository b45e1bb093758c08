/* SPDX-License-Identifier: Apache-2.0 */
/* Weights by name, buckets, late loading, precisions, several cores and the cache of packed
   weights: what goes together gives the right numbers, what does not is refused when it is
   compiled. */
#include "neuron/model_weights.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/compiler.h"
#include "neuron/model_buckets.h"
#include "neuron/module.h"
#include "neuron/npz.h"
#include "neuron/trace.h"

#include "check.h"
#include "invented_machine.h"
#include "module/model_body.h"
#include "test_folder.h"

/* Both weights take more than the MiB below which none is kept on disk, as int8 too. */
enum { ROWS = 2, DEPTH = 768, WEIGHT_ELEMENTS = DEPTH * DEPTH };

/* Two weights of one number each: every output of row r is (r + 1) * first * second * DEPTH^2. */
struct network {
    struct test_folder folder;
    float *weights[2];
};

static struct neuron_tensor_view
square_of(float *numbers)
{
    return (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {DEPTH, DEPTH}, .data = numbers};
}

static void
fill(const struct network *network, float first, float second)
{
    for (int i = 0; i < WEIGHT_ELEMENTS; i += 1) {
        network->weights[0][i] = first;
        network->weights[1][i] = second;
    }
}

static int
setup(void **state)
{
    struct network *network = calloc(1, sizeof(*network));

    assert_non_null(network);
    test_folder_create(&network->folder);
    invent_machine("core:2 pu:1");
    for (int i = 0; i < 2; i += 1) {
        network->weights[i] = calloc(WEIGHT_ELEMENTS, sizeof(float));
        assert_non_null(network->weights[i]);
    }
    *state = network;
    return 0;
}

static int
teardown(void **state)
{
    struct network *network = *state;

    test_folder_destroy(&network->folder);
    free(network->weights[0]);
    free(network->weights[1]);
    free(network);
    return 0;
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct network *network = user;
    const struct neuron_tensor_view first = square_of(network->weights[0]);
    const struct neuron_tensor_view second = square_of(network->weights[1]);

    y[0] =
        neuron_relu(trace, neuron_matmul(trace, x[0], neuron_constant_named(trace, "a", &first)));
    y[0] = neuron_matmul(trace, y[0], neuron_constant_named(trace, "b", &second));
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace(struct network *network, int64_t rows)
{
    const struct neuron_tensor_view example = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {rows, DEPTH}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(record, &signature, network, &graph, &error), &error);
    return graph;
}

static struct neuron_model *
load(struct network *network, const struct neuron_compiler_options *options)
{
    struct neuron_graph *graph = trace(network, ROWS);
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(&network->folder, "m.neff", path);
    assert_ok(neuron_compile(graph, options, path, &error), &error);
    neuron_graph_destroy(graph);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

/* Gives a model two weights of one number each. */
static struct neuron_model *
give(const struct network *network, const struct neuron_model *model, float first, float second,
     const char *name)
{
    struct neuron_npz_entry entries[2] = {{.name = "a", .tensor = square_of(network->weights[0])},
                                          {.name = "b", .tensor = square_of(network->weights[1])}};
    struct neuron_model *given = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    fill(network, first, second);
    test_folder_path(&network->folder, name, path);
    assert_ok(neuron_npz_save(entries, 2, path, &error), &error);
    assert_ok(neuron_model_replace_weights(model, path, &given, &error), &error);
    return given;
}

/* A runtime with a cache in the network's folder. */
static struct neuron_runtime *
start(const struct network *network)
{
    struct neuron_runtime_options options = {.core_count = 0};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    char cache[TEST_PATH_BYTES];

    test_folder_path(&network->folder, "cache", cache);
    options.lease.directory = network->folder.path;
    (void)snprintf(options.cache_folder, sizeof(options.cache_folder), "%s", cache);
    assert_ok(neuron_runtime_create(&options, &runtime, &error), &error);
    return runtime;
}

/* Runs a model in a module of its own. */
static void
check(struct neuron_runtime *runtime, const struct neuron_model *model, int64_t rows,
      double product)
{
    static float input[ROWS * DEPTH];
    static float output[ROWS * DEPTH];
    const struct neuron_tensor_view x = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {rows, DEPTH}, .data = input};
    const struct neuron_tensor_view y = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {rows, DEPTH}, .data = output};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    for (int i = 0; i < ROWS * DEPTH; i += 1) {
        int row = i / DEPTH;

        input[i] = (float)(row + 1);
        output[i] = 0.0F;
    }
    assert_ok(neuron_module_create(runtime, model, NULL, &module, &error), &error);
    assert_ok(neuron_module_run(module, &x, 1, &y, 1, &error), &error);
    for (int64_t i = 0; i < rows * DEPTH; i += 1) {
        int64_t row = i / DEPTH;
        double expected = (double)(row + 1) * product * DEPTH * DEPTH;

        assert_true((double)output[i] > expected * 0.98 && (double)output[i] < expected * 1.02);
    }
    neuron_module_destroy(module);
}

/* Runs both again and again with one cache: from runtime to runtime, only that is left. */
static void
check_with_cache(const struct network *network, const struct neuron_model *const *models,
                 const double *products, int count)
{
    struct test_folder cache;

    for (int round = 0; round < 2; round += 1) {
        struct neuron_runtime *runtime = start(network);

        for (int i = 0; i < count; i += 1) {
            check(runtime, models[i], ROWS, products[i]);
        }
        neuron_runtime_destroy(runtime);
        (void)test_folder_path(&network->folder, "cache", cache.path);
        assert_true(test_folder_file_count(&cache) >= (size_t)count);
    }
}

static void
weight_sets_share_no_packed_weights(void **state)
{
    static const struct neuron_compiler_options inlined = {.weights_apart = false};
    static const struct neuron_compiler_options apart = {.weights_apart = true};
    static const double products[] = {0.5, 2.0, 3.0};
    struct network *network = *state;

    for (int i = 0; i < 2; i += 1) {
        fill(network, 0.5F, 1.0F);
        struct neuron_model *model = load(network, i == 0 ? &inlined : &apart);
        struct neuron_model *half = give(network, model, 0.5F, 1.0F, "half.npz");
        struct neuron_model *twice = give(network, model, 2.0F, 1.0F, "twice.npz");
        struct neuron_model *thrice = give(network, half, 1.0F, 3.0F, "thrice.npz");
        const struct neuron_model *const models[] = {half, twice, thrice};

        assert_int_equal(model->file.graph->has_identity, i == 0);
        assert_true(half->file.graph->has_identity);
        assert_memory_not_equal(half->file.graph->identity, twice->file.graph->identity,
                                NEURON_GRAPH_IDENTITY_BYTES);
        assert_memory_not_equal(half->file.graph->identity, thrice->file.graph->identity,
                                NEURON_GRAPH_IDENTITY_BYTES);
        check_with_cache(network, models, products, 3);
        neuron_model_destroy(thrice);
        neuron_model_destroy(twice);
        neuron_model_destroy(half);
        neuron_model_destroy(model);
    }
}

static void
weights_of_a_pipeline_can_be_replaced(void **state)
{
    static const struct neuron_compiler_options two_cores = {.core_count = 2};
    static const double products[] = {0.5, 6.0};
    struct network *network = *state;

    fill(network, 0.5F, 1.0F);
    struct neuron_model *model = load(network, &two_cores);
    struct neuron_model *given = give(network, model, 2.0F, 3.0F, "six.npz");
    const struct neuron_model *const models[] = {model, given};

    assert_int_equal(neuron_model_core_count(given), 2);
    check_with_cache(network, models, products, 2);
    neuron_model_destroy(given);
    neuron_model_destroy(model);
}

static void
buckets_share_no_packed_weights(void **state)
{
    struct network *network = *state;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    fill(network, 0.5F, 1.0F);
    struct neuron_graph *graphs[] = {trace(network, 1), trace(network, ROWS)};
    test_folder_path(&network->folder, "m.neff", path);
    assert_ok(
        neuron_compile_buckets((const struct neuron_graph *const *)graphs, 2, NULL, path, &error),
        &error);
    neuron_graph_destroy(graphs[0]);
    neuron_graph_destroy(graphs[1]);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    assert_true(model->smaller[0].file.graph->has_identity);
    assert_memory_not_equal(model->file.graph->identity, model->smaller[0].file.graph->identity,
                            NEURON_GRAPH_IDENTITY_BYTES);
    for (int round = 0; round < 2; round += 1) {
        struct neuron_runtime *runtime = start(network);

        check(runtime, model, 1, 0.5);
        check(runtime, model, ROWS, 0.5);
        neuron_runtime_destroy(runtime);
    }
    neuron_model_destroy(model);
}

static void
precisions_are_chosen_when_weights_are_given(void **state)
{
    static const struct neuron_compiler_options options = {
        .weights_apart = true, .auto_cast = NEURON_AUTO_CAST_MATMULT, .optimization_level = 1};
    static const double product = 6.0;
    struct network *network = *state;

    fill(network, 0.5F, 1.0F);
    struct neuron_model *model = load(network, &options);
    struct neuron_model *given = give(network, model, 2.0F, 3.0F, "six.npz");
    const struct neuron_model *const models[] = {given};

    assert_int_equal(model->file.graph->target.later.auto_cast, NEURON_AUTO_CAST_MATMULT);
    assert_int_equal(model->file.graph->target.later.optimization_level, 1);
    assert_int_equal(given->file.graph->node_count, 2);
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_int_equal(given->file.graph->nodes[i].attributes.precision,
                         NEURON_PRECISION_BFLOAT16);
    }
    check_with_cache(network, models, &product, 1);
    neuron_model_destroy(given);
    neuron_model_destroy(model);
}

static void
peaks_of_other_weights_are_forgotten(void **state)
{
    struct network *network = *state;
    float *row = calloc(DEPTH, sizeof(*row));
    const struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {1, DEPTH}, .data = row};
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8,
                                                    .calibration = &rows};
    static const double product = 600.0;

    assert_non_null(row);
    for (int i = 0; i < DEPTH; i += 1) {
        row[i] = 2.0F;
    }
    fill(network, 0.5F, 1.0F);
    struct neuron_model *model = load(network, &options);
    struct neuron_model *given = give(network, model, 200.0F, 3.0F, "large.npz");
    const struct neuron_model *const models[] = {given};

    assert_true(model->file.graph->nodes[1].attributes.input_peak > 0.0F);
    check_with_cache(network, models, &product, 1);
    neuron_model_destroy(given);
    neuron_model_destroy(model);
    free(row);
}

static const struct neuron_tensor_view no_rows = {.type = NEURON_FLOAT32};
static const struct {
    struct neuron_compiler_options options;
    uint32_t bucket_count;
    const char *text;
} refused[] = {
    {{.core_count = 2, .weights_apart = true}, 1, "several cores has its weights in its file"},
    {{.core_count = 2, .split = NEURON_SPLIT_WIDE, .weights_apart = true}, 1, "several cores"},
    {{.core_count = 2, .lazy_load = true}, 1, "several cores is loaded at once"},
    {{.core_count = 2, .split = NEURON_SPLIT_WIDE, .async_load = true}, 1, "at once"},
    {{.core_count = 2}, 2, "several buckets is for one core, and this one for 2"},
    {{.weights_apart = true}, 2, "several buckets has its weights in its file"},
    {{.weights_apart = true, .optimization_level = 3}, 1, "level 3 measures with the weights"},
    {{.weights_apart = true, .calibration = &no_rows}, 1, "cannot be calibrated"},
};

static void
what_does_not_go_together_is_refused_by_the_compiler(void **state)
{
    struct network *network = *state;
    struct neuron_graph *graphs[] = {trace(network, 1), trace(network, ROWS)};
    char path[TEST_PATH_BYTES];

    test_folder_path(&network->folder, "refused.neff", path);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_compile_buckets((const struct neuron_graph *const *)graphs,
                                             refused[i].bucket_count, &refused[i].options, path,
                                             &error),
                      &error);
        assert_contains(error.text, refused[i].text);
    }
    neuron_graph_destroy(graphs[0]);
    neuron_graph_destroy(graphs[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(weight_sets_share_no_packed_weights, setup, teardown),
        cmocka_unit_test_setup_teardown(weights_of_a_pipeline_can_be_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(buckets_share_no_packed_weights, setup, teardown),
        cmocka_unit_test_setup_teardown(precisions_are_chosen_when_weights_are_given, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(peaks_of_other_weights_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_go_together_is_refused_by_the_compiler, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
