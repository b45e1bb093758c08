/* SPDX-License-Identifier: Apache-2.0 */
/* Models of several shapes: one file, one copy of the weights, and runs of any shape that fits. */
#include "neuron/model_buckets.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "neuron/compiler.h"
#include "neuron/data_parallel.h"
#include "neuron/model_weights.h"
#include "neuron/module.h"
#include "neuron/trace.h"

#include "check.h"
#include "model_bench.h"

enum { DEPTH = 64, ROOM = 16 * 8 * DEPTH, THREAD_COUNT = 3 };

static const int64_t shapes[][2] = {{2, 4}, {16, 8}, {4, 8}};
static float weights[DEPTH * DEPTH];

/* x [B,S,D] times weights [D,D], which no bucket changes. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {DEPTH, DEPTH}, .data = weights};

    (void)user;
    y[0] = neuron_relu(trace, neuron_matmul(trace, x[0], neuron_constant_named(trace, "w", &view)));
    return neuron_trace_status(trace);
}

static void
fill(float *numbers, int count, uint32_t seed)
{
    for (int i = 0; i < count; i += 1) {
        seed = seed * 1664525U + 1013904223U;
        numbers[i] = (float)(seed >> 16) / 32768.0F - 1.0F;
    }
}

static struct neuron_tensor_view
view_of(float *numbers, int64_t rows, int64_t columns)
{
    return (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 3, .shape = {rows, columns, DEPTH}, .data = numbers};
}

static struct neuron_graph *
trace_shape(const int64_t *shape)
{
    const struct neuron_tensor_view example = view_of(NULL, shape[0], shape[1]);
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    fill(weights, DEPTH * DEPTH, 7);
    assert_ok(neuron_trace(record, &signature, NULL, &graph, &error), &error);
    return graph;
}

/* Compiles the first `count` of the shapes, and loads the file. */
static struct neuron_model *
load(const struct model_bench *bench, uint32_t count, const struct neuron_compiler_options *options)
{
    struct neuron_graph *graphs[3] = {NULL};
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    for (uint32_t i = 0; i < count; i += 1) {
        graphs[i] = trace_shape(shapes[i]);
    }
    test_folder_path(&bench->folder, "m.neff", path);
    assert_ok(neuron_compile_buckets((const struct neuron_graph *const *)graphs, count, options,
                                     path, &error),
              &error);
    for (uint32_t i = 0; i < count; i += 1) {
        neuron_graph_destroy(graphs[i]);
    }
    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

static off_t
file_size(const struct model_bench *bench)
{
    struct stat status = {0};
    char path[TEST_PATH_BYTES];

    assert_int_equal(stat(test_folder_path(&bench->folder, "m.neff", path), &status), 0);
    return status.st_size;
}

/* Runs so many rows and columns, and compares with what the numbers give. Returns the status. */
static bool
is_right(struct neuron_module *module, int64_t rows, int64_t columns)
{
    static const float tolerance = 1e-4F;
    _Thread_local static float x[ROOM];
    _Thread_local static float y[ROOM];
    const struct neuron_tensor_view input = view_of(x, rows, columns);
    const struct neuron_tensor_view output = view_of(y, rows, columns);
    bool is_right = true;

    fill(x, (int)(rows * columns) * DEPTH, (uint32_t)(rows * 100 + columns));
    is_right = neuron_module_run(module, &input, 1, &output, 1, NULL) == NEURON_OK;
    for (int64_t i = 0; i < rows * columns * DEPTH; i += 1) {
        float sum = 0.0F;

        for (int64_t j = 0; j < DEPTH; j += 1) {
            sum += x[i / DEPTH * DEPTH + j] * weights[j * DEPTH + i % DEPTH];
        }
        float difference = y[i] - (sum > 0.0F ? sum : 0.0F);
        is_right = is_right && difference < tolerance && difference > -tolerance;
    }
    return is_right;
}

static struct neuron_module *
create_module(const struct model_bench *bench, const struct neuron_model *model)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    return module;
}

static void
buckets_stand_in_one_file_with_one_copy_of_the_weights(void **state)
{
    const struct model_bench *bench = *state;
    struct neuron_model *single = load(bench, 1, NULL);
    off_t single_bytes = file_size(bench);

    assert_int_equal(neuron_model_bucket_count(single), 1);
    struct neuron_model *model = load(bench, 3, NULL);
    assert_true(file_size(bench) < single_bytes + 4096);
    assert_int_equal(neuron_model_bucket_count(model), 3);
    /* The largest is what the model is to those who know no buckets. */
    assert_ptr_equal(neuron_model_bucket_input(model, 0, 0), neuron_model_input(model, 0));
    assert_int_equal(neuron_model_input(model, 0)->shape.dims[0], 16);
    assert_int_equal(neuron_model_bucket_input(model, 1, 0)->shape.dims[0], 4);
    assert_int_equal(neuron_model_bucket_output(model, 2, 0)->shape.dims[1], 4);
    neuron_model_destroy(model);
    neuron_model_destroy(single);
}

static void
every_shape_that_fits_is_answered(void **state)
{
    struct neuron_model *model = load(*state, 3, NULL);
    struct neuron_module *module = create_module(*state, model);

    for (int64_t rows = 1; rows <= 16; rows += 1) {
        for (int64_t columns = 1; columns <= 8; columns += 1) {
            assert_true(is_right(module, rows, columns));
        }
    }
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
buckets_are_loaded_late_as_other_models_are(void **state)
{
    static const struct neuron_compiler_options options[] = {
        {.lazy_load = true}, {.async_load = true}, {.lazy_load = true, .async_load = true}};

    for (int i = 0; i < 3; i += 1) {
        struct neuron_model *model = load(*state, 3, &options[i]);
        struct neuron_module *module = create_module(*state, model);

        assert_true(is_right(module, 1, 3));
        assert_true(is_right(module, 9, 8));
        neuron_module_destroy(module);
        neuron_model_destroy(model);
    }
}

struct runner {
    pthread_t thread;
    struct neuron_module *module;
    int64_t rows;
    bool is_right;
};

static void *
run_often(void *argument)
{
    struct runner *runner = argument;

    runner->is_right = true;
    for (int i = 0; runner->is_right && i < 8; i += 1) {
        runner->is_right = is_right(runner->module, runner->rows, 1 + i);
    }
    return NULL;
}

static void
threads_run_different_shapes_at_once(void **state)
{
    struct neuron_model *model = load(*state, 3, NULL);
    struct neuron_module *module = create_module(*state, model);
    struct runner runners[THREAD_COUNT];

    for (int i = 0; i < THREAD_COUNT; i += 1) {
        runners[i] = (struct runner){.module = module, .rows = 1 + 5 * i};
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_often, &runners[i]), 0);
    }
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_join(runners[i].thread, NULL), 0);
        assert_true(runners[i].is_right);
    }
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
expect_refusal(struct neuron_module *module, const struct neuron_tensor_view *input,
               const struct neuron_tensor_view *output, const char *text)
{
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_module_run(module, input, 1, output, 1, &error),
                  &error);
    assert_contains(error.text, text);
}

static void
tensors_that_do_not_fit_are_refused(void **state)
{
    struct neuron_model *model = load(*state, 3, NULL);
    struct neuron_module *module = create_module(*state, model);
    static float x[2 * ROOM];
    static float y[2 * ROOM];
    const struct neuron_tensor_view large = view_of(x, 17, 8);
    const struct neuron_tensor_view good = view_of(x, 3, 5);
    const struct neuron_tensor_view output = view_of(y, 4, 8);
    const struct neuron_tensor_view right = view_of(y, 3, 5);
    const struct neuron_tensor_view nothing = view_of(NULL, 3, 5);

    expect_refusal(module, &large, &output, "the largest takes float32[16,8,64]");
    expect_refusal(module, &good, &output,
                   "output output_0 is float32[4,8,64]; for these inputs it is float32[3,5,64]");
    expect_refusal(module, &nothing, &right, "has no data");
    expect_refusal(module, &good, &nothing, "has no data");
    assert_true(is_right(module, 3, 5));
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
data_parallel_runs_the_largest_bucket(void **state)
{
    const struct model_bench *bench = *state;
    struct neuron_model *model = load(bench, 3, NULL);
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};
    static float x[ROOM * 2];
    static float y[ROOM * 2];
    const struct neuron_tensor_view input = view_of(x, 21, 8);
    const struct neuron_tensor_view output = view_of(y, 21, 8);

    assert_ok(neuron_data_parallel_create(bench->runtime, model, NULL, &parallel, &error), &error);
    memset(y, 1, sizeof(y));
    assert_ok(neuron_data_parallel_run(parallel, &input, 1, &output, 1, &error), &error);
    for (int i = 0; i < 21 * 8 * DEPTH; i += 1) {
        assert_true(y[i] == 0.0F);
    }
    neuron_data_parallel_destroy(parallel);
    neuron_model_destroy(model);
}

static void
buckets_keep_the_weights_that_they_have(void **state)
{
    const struct neuron_compiler_options apart = {.weights_apart = true};
    struct neuron_model *model = load(*state, 2, NULL);
    struct neuron_model *replaced = NULL;
    struct neuron_graph *graphs[2] = {trace_shape(shapes[0]), trace_shape(shapes[1])};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_model_replace_weights(model, "w.npz", &replaced, &error), &error);
    assert_contains(error.text, "has buckets");
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_compile_buckets((const struct neuron_graph *const *)graphs, 2, &apart,
                                         "/nowhere/m", &error),
                  &error);
    assert_contains(error.text, "has its weights in its file");
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_compile_buckets(NULL, 0, NULL, "/nowhere/m", &error), &error);
    neuron_graph_destroy(graphs[0]);
    neuron_graph_destroy(graphs[1]);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(buckets_stand_in_one_file_with_one_copy_of_the_weights,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(every_shape_that_fits_is_answered, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(buckets_are_loaded_late_as_other_models_are,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_run_different_shapes_at_once, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(tensors_that_do_not_fit_are_refused, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(data_parallel_runs_the_largest_bucket, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(buckets_keep_the_weights_that_they_have, model_bench_setup,
                                        model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
