/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of any size on a plain module: the numbers, and who computes them. */
#include "check.h"

#include <stdio.h>

#include "neuron/compiler.h"
#include "neuron/model_buckets.h"
#include "neuron/module.h"
#include "neuron/trace.h"
#include "neuron/trace_move.h"

#include "batched_module.h"
#include "random_numbers.h"
#include "staged_model.h"
#include "test_folder.h"
#include "test_runtime.h"
#include "traced_model.h"

enum {
    CORES = STAGED_CORES,
    ROWS = TRACED_ROWS,
    RANDOM_BATCHES = 60,
    ALL_ROWS = 25 * CORES * ROWS
};

static struct neuron_module *
create_plain(const struct test_runtime *owner, const struct neuron_model *model)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(owner->runtime, model, NULL, &module, &error), &error);
    return module;
}

/* Runs batches of several sizes, and compares them with runs of the compiled one. */
static void
check_sizes(const struct test_runtime *owner, const struct neuron_model *model)
{
    static const int64_t sizes[] = {1, ROWS - 1, ROWS, ROWS + 1, 12, 37, 200, 2, 0, 5};
    struct neuron_module *module = batched_module_create(owner->runtime, model);
    struct neuron_module *plain = create_plain(owner, model);
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        struct module_batch batch;

        module_batch_create(&batch, model, sizes[i], (uint32_t)i);
        assert_ok(module_batch_run(&batch, module, &error), &error);
        module_batch_check(&batch, plain);
        module_batch_destroy(&batch);
    }
    neuron_module_destroy(plain);
    neuron_module_destroy(module);
}

static void
a_batch_of_any_size_is_what_its_chunks_are(void **state)
{
    struct neuron_model *model = load_dense_model();

    check_sizes(*state, model);
    neuron_model_destroy(model);
    model = load_two_by_two_model();
    check_sizes(*state, model);
    neuron_model_destroy(model);
}

static enum neuron_status
layer(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_tanh(trace, neuron_add(trace, neuron_matmul(trace, x[0], x[1]), x[2]));
    return neuron_trace_status(trace);
}

static enum neuron_status
look_up(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_gather(trace, x[0], x[1], 0);
    return neuron_trace_status(trace);
}

static void
inputs_that_rows_share_go_whole_to_each_chunk(void **state)
{
    struct neuron_model *model = load_traced(layer, "[4,4] [4,4] [4]", 1);

    check_sizes(*state, model);
    neuron_model_destroy(model);
    model = load_traced(look_up, "[3,5] int64[4,2]", 1);
    check_sizes(*state, model);
    neuron_model_destroy(model);
}

static enum neuron_status
two_steps(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    (void)user;
    y[0] = neuron_softmax(trace, neuron_tanh(trace, neuron_matmul(trace, x[0], x[1])), -1);
    y[1] = neuron_relu(trace, x[0]);
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_text(neuron_trace_fn *function, const char *examples, uint32_t output_count)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {.example_inputs = views,
                                               .output_count = output_count};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    signature.input_count = parse_tensors(examples, views);
    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    return graph;
}

static void
cores_that_share_a_model_take_batches(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, two_steps, "[4,6] [6,5]", 2, 2);
    assert_int_equal(neuron_model_core_count(staged.model), 2);
    check_sizes(*state, staged.model);
    staged_model_destroy(&staged);
    staged_model_create_wide(&staged, trace_text(two_steps, "[4,6] [6,5]", 2), 2);
    check_sizes(*state, staged.model);
    staged_model_destroy(&staged);
}

/* Compiles graphs of one function to one file, and loads it. */
static struct neuron_model *
load_buckets(neuron_trace_fn *function, const char *const *examples, uint32_t count,
             const struct neuron_compiler_options *options)
{
    struct neuron_graph *graphs[TENSOR_TEXT_LIMIT] = {NULL};
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    for (uint32_t i = 0; i < count; i += 1) {
        graphs[i] = trace_text(function, examples[i], 1);
    }
    test_folder_create(&folder);
    test_folder_path(&folder, "m.neff", path);
    assert_ok(neuron_compile_buckets((const struct neuron_graph *const *)graphs, count, options,
                                     path, &error),
              &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    for (uint32_t i = 0; i < count; i += 1) {
        neuron_graph_destroy(graphs[i]);
    }
    test_folder_destroy(&folder);
    return model;
}

static void
models_that_are_loaded_late_take_batches(void **state)
{
    static const char *const example[] = {"[4,6] [6,5] [5]"};

    for (unsigned i = 1; i < 4; i += 1) {
        const struct neuron_compiler_options options = {.lazy_load = i % 2 == 1,
                                                        .async_load = i >= 2};
        struct neuron_model *model = load_buckets(layer, example, 1, &options);

        check_sizes(*state, model);
        neuron_model_destroy(model);
    }
}

/* x + 1000 times the columns and + the rows that the graph was made for. */
static enum neuron_status
add_size(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, x[0]);
    float size = (float)(1000 * shape.dims[1] + shape.dims[0]);

    (void)user;
    y[0] = neuron_add(trace, x[0], neuron_scalar(trace, size));
    return neuron_trace_status(trace);
}

/* Runs zeros of so many rows and columns, and compares each row with the bucket that must have run
   it: full ones with `full`, those from row `tail` on with `last`. */
static void
expect_buckets(struct neuron_module *module, const int64_t shape[2], float full, int64_t tail,
               float last)
{
    struct neuron_tensor_view views[2];
    struct neuron_error error = {0};

    for (size_t i = 0; i < 2; i += 1) {
        views[i] = (struct neuron_tensor_view){
            .type = NEURON_FLOAT32, .rank = 2, .shape = {shape[0], shape[1]}};
        allocate_tensor(&views[i]);
    }
    assert_ok(neuron_module_run(module, &views[0], 1, &views[1], 1, &error), &error);
    for (int64_t i = 0; i < shape[0] * shape[1]; i += 1) {
        float found = ((const float *)views[1].data)[i];

        assert_true(found == (i / shape[1] < tail ? full : last));
    }
    free_tensor(&views[0]);
    free_tensor(&views[1]);
}

static void
the_rest_of_a_batch_goes_to_the_smallest_bucket_with_room(void **state)
{
    static const char *const examples[] = {"[8,3]", "[2,3]", "[4,3]"};
    const struct test_runtime *owner = *state;
    struct neuron_model *model = load_buckets(add_size, examples, 3, NULL);
    struct neuron_module *module = batched_module_create(owner->runtime, model);

    expect_buckets(module, (const int64_t[]){8, 3}, 3008, 8, 0);
    expect_buckets(module, (const int64_t[]){1, 3}, 0, 0, 3002);
    expect_buckets(module, (const int64_t[]){3, 3}, 0, 0, 3004);
    expect_buckets(module, (const int64_t[]){19, 3}, 3008, 16, 3004);
    expect_buckets(module, (const int64_t[]){82, 3}, 3008, 80, 3002);
    expect_buckets(module, (const int64_t[]){32, 3}, 3008, 32, 0);
    expect_buckets(module, (const int64_t[]){0, 3}, 0, 0, 0);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
buckets_of_other_dimensions_are_chosen_as_ever(void **state)
{
    static const char *const columns[] = {"[4,6]", "[4,2]"};
    static const char *const both[] = {"[2,8]", "[4,2]"};
    const struct test_runtime *owner = *state;
    struct neuron_model *model = load_buckets(add_size, columns, 2, NULL);
    struct neuron_module *module = batched_module_create(owner->runtime, model);

    /* The batch is the same in all. */
    expect_buckets(module, (const int64_t[]){11, 2}, 2004, 11, 0);
    expect_buckets(module, (const int64_t[]){11, 4}, 6004, 11, 0);
    expect_buckets(module, (const int64_t[]){3, 1}, 2004, 3, 0);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
    model = load_buckets(add_size, both, 2, NULL);
    module = batched_module_create(owner->runtime, model);
    /* What is too wide for the one of most rows goes to the other in pieces. */
    expect_buckets(module, (const int64_t[]){11, 2}, 2004, 11, 0);
    expect_buckets(module, (const int64_t[]){11, 3}, 8002, 11, 0);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static uint64_t
run_count(const struct test_runtime *owner, uint32_t nc)
{
    struct neuron_core_counters counters = {0};

    neuron_runtime_read_counters(owner->runtime, nc, &counters);
    return counters.run_count;
}

static void
chunks_go_to_the_replicas_in_turn(void **state)
{
    const struct test_runtime *owner = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_module *module = batched_module_create(owner->runtime, model);
    struct neuron_error error = {0};
    uint64_t before[CORES];
    struct module_batch batch;

    for (uint32_t i = 0; i < CORES; i += 1) {
        before[i] = run_count(owner, i);
    }
    module_batch_create(&batch, model, ALL_ROWS, 1);
    assert_ok(module_batch_run(&batch, module, &error), &error);
    for (uint32_t i = 0; i < CORES; i += 1) {
        assert_int_equal(run_count(owner, i) - before[i], 25);
    }
    module_batch_destroy(&batch);
    /* No rows are no run, and one row is one. */
    for (int64_t rows = 0; rows < 2; rows += 1) {
        module_batch_create(&batch, model, rows, 1);
        assert_ok(module_batch_run(&batch, module, &error), &error);
        assert_int_equal(run_count(owner, 0) - before[0], 25 + rows);
        module_batch_destroy(&batch);
    }
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
random_batches_are_what_their_chunks_are(void **state)
{
    const struct test_runtime *owner = *state;
    uint64_t numbers = 7;

    for (uint32_t i = 0; i < RANDOM_BATCHES; i += 1) {
        char examples[64];
        uint32_t rows = 1 + random_below(&numbers, 9);
        uint32_t depth = 1 + random_below(&numbers, 40);
        uint32_t columns = 1 + random_below(&numbers, 20);

        (void)snprintf(examples, sizeof(examples), "[%u,%u] [%u,%u]", rows, depth, depth, columns);
        struct neuron_model *model = load_traced(two_steps, examples, 2);
        struct neuron_module *module = batched_module_create(owner->runtime, model);
        struct neuron_module *plain = create_plain(owner, model);
        struct neuron_error error = {0};
        struct module_batch batch;

        module_batch_create(&batch, model, 1 + random_below(&numbers, 100), i);
        assert_ok(module_batch_run(&batch, module, &error), &error);
        module_batch_check(&batch, plain);
        module_batch_destroy(&batch);
        neuron_module_destroy(plain);
        neuron_module_destroy(module);
        neuron_model_destroy(model);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_of_any_size_is_what_its_chunks_are),
        cmocka_unit_test(inputs_that_rows_share_go_whole_to_each_chunk),
        cmocka_unit_test(cores_that_share_a_model_take_batches),
        cmocka_unit_test(models_that_are_loaded_late_take_batches),
        cmocka_unit_test(the_rest_of_a_batch_goes_to_the_smallest_bucket_with_room),
        cmocka_unit_test(buckets_of_other_dimensions_are_chosen_as_ever),
        cmocka_unit_test(chunks_go_to_the_replicas_in_turn),
        cmocka_unit_test(random_batches_are_what_their_chunks_are),
    };

    return cmocka_run_group_tests(tests, staged_runtime_setup, staged_runtime_teardown);
}
