/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of which a chunk fails, and batches from many threads while the module moves. */
#include "check.h"

#include <math.h>
#include <pthread.h>

#include "neuron/compiler.h"
#include "neuron/model_buckets.h"
#include "neuron/module.h"
#include "neuron/trace.h"
#include "neuron/trace_move.h"

#include "batched_module.h"
#include "invented_machine.h"
#include "test_folder.h"
#include "traced_model.h"

enum {
    CORES = 2,
    ROWS = TRACED_ROWS,
    THREAD_COUNT = 8,
    CALLS = 30,
    TABLE_ROWS = 5,
    MOST_ROWS = 3 * ROWS
};

struct bench {
    struct test_folder folder; /* of the leases */
    struct neuron_runtime *runtime;
};

/* A runtime that searches for NaN. */
static int
set_up(void **state)
{
    static struct bench bench;
    struct neuron_error error = {0};

    test_folder_create(&bench.folder);
    invent_machine("core:2 pu:1");
    const struct neuron_runtime_options options = {.lease.directory = bench.folder.path,
                                                   .numerical_check = NEURON_NUMERICAL_CHECK_NAN};
    assert_ok(neuron_runtime_create(&options, &bench.runtime, &error), &error);
    *state = &bench;
    return 0;
}

static int
clean_up(void **state)
{
    struct bench *bench = *state;

    neuron_runtime_destroy(bench->runtime);
    test_folder_destroy(&bench->folder);
    return 0;
}

/* table, ids -> rows of the table; an id that is none fails the run. */
static enum neuron_status
look_up(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_gather(trace, x[0], x[1], 0);
    return neuron_trace_status(trace);
}

static enum neuron_status
divide(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_divide(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

static void
set_id(const struct module_batch *batch, int64_t row, int64_t id)
{
    ((int64_t *)batch->inputs[1].data)[row] = id;
}

static void
set_zero(const struct module_batch *batch, int64_t row)
{
    for (size_t i = 0; i < 2; i += 1) {
        ((float *)batch->inputs[i].data)[row] = 0.0F;
    }
}

static void
the_first_chunk_that_fails_decides(void **state)
{
    const struct bench *bench = *state;
    struct neuron_model *model = load_traced(look_up, "[5,3] int64[4]", 1);
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_error error = {0};
    struct module_batch batch;

    module_batch_create(&batch, model, 18, 1);
    for (int i = 0; i < CALLS; i += 1) {
        set_id(&batch, 9, TABLE_ROWS);
        set_id(&batch, 13, TABLE_ROWS);
        set_id(&batch, 17, TABLE_ROWS);
        assert_true(module_batch_run(&batch, module, &error) != NEURON_OK);
        assert_contains(error.text, "rows 8 to 11 of 18: ");
        set_id(&batch, 9, 1);
        set_id(&batch, 13, 1);
        /* Of the last one, the rows that are there. */
        assert_true(module_batch_run(&batch, module, &error) != NEURON_OK);
        assert_contains(error.text, "rows 16 to 17 of 18: ");
        set_id(&batch, 17, 1);
        assert_ok(module_batch_run(&batch, module, &error), &error);
    }
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
a_batch_of_one_chunk_fails_as_a_run_does(void **state)
{
    const struct bench *bench = *state;
    struct neuron_model *model = load_traced(look_up, "[5,3] int64[4]", 1);
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_error error = {0};
    struct module_batch batch;

    module_batch_create(&batch, model, 3, 1);
    set_id(&batch, 1, -TABLE_ROWS - 1);
    assert_true(module_batch_run(&batch, module, &error) != NEURON_OK);
    assert_int_not_equal(error.text[0], 'r');
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
a_nan_is_told_and_all_outputs_are_there(void **state)
{
    const struct bench *bench = *state;
    struct neuron_model *model = load_traced(divide, "[4] [4]", 1);
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_error error = {0};
    struct module_batch batch;

    module_batch_create(&batch, model, 22, 5);
    set_zero(&batch, 21);
    set_zero(&batch, 5);
    for (int i = 0; i < CALLS; i += 1) {
        assert_status(NEURON_NUMERICAL_ERROR, module_batch_run(&batch, module, &error), &error);
        assert_contains(error.text, "rows 4 to 7 of 22: output output_0 of traced holds a NaN");
    }
    for (int64_t i = 0; i < 22; i += 1) {
        const float *quotients = batch.outputs[0].data;
        const float *x = batch.inputs[0].data;
        const float *y = batch.inputs[1].data;

        assert_true(i == 5 || i == 21 ? isnan(quotients[i]) : quotients[i] == x[i] / y[i]);
    }
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

/* Zeros would be divided by zeros. */
static void
padding_is_never_blamed(void **state)
{
    const struct bench *bench = *state;
    struct neuron_model *model = load_traced(divide, "[4] [4]", 1);
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_error error = {0};

    for (int64_t rows = 1; rows < MOST_ROWS; rows += 1) {
        struct module_batch batch;

        module_batch_create(&batch, model, rows, (uint32_t)rows);
        assert_ok(module_batch_run(&batch, module, &error), &error);
        module_batch_destroy(&batch);
    }
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static struct neuron_graph *
trace_quotient(int64_t rows, int64_t columns)
{
    const struct neuron_tensor_view examples[] = {
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {rows, columns}},
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {rows, columns}}};
    const struct neuron_trace_signature signature = {
        .example_inputs = examples, .input_count = 2, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(divide, &signature, NULL, &graph, &error), &error);
    return graph;
}

static struct neuron_model *
load_quotient_buckets(const struct bench *bench)
{
    struct neuron_graph *graphs[] = {trace_quotient(4, 6), trace_quotient(2, 3)};
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(&bench->folder, "m.neff", path);
    assert_ok(
        neuron_compile_buckets((const struct neuron_graph *const *)graphs, 2, NULL, path, &error),
        &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    neuron_graph_destroy(graphs[0]);
    neuron_graph_destroy(graphs[1]);
    return model;
}

/* Buckets are padded with zeros beside the rows: what these give is cut off before the search. */
static void
what_a_bucket_cuts_off_is_not_searched(void **state)
{
    const struct bench *bench = *state;
    struct neuron_model *model = load_quotient_buckets(bench);
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_error error = {0};
    struct module_batch batch;

    module_batch_create(&batch, model, 11, 1);
    /* The memory has room for more. */
    batch.inputs[0].shape[1] = 5;
    batch.inputs[1].shape[1] = 5;
    batch.outputs[0].shape[1] = 5;
    assert_ok(module_batch_run(&batch, module, &error), &error);
    set_zero(&batch, 10 * 5 + 4);
    assert_status(NEURON_NUMERICAL_ERROR, module_batch_run(&batch, module, &error), &error);
    assert_contains(error.text, "rows 8 to 10 of 11: output output_0");
    batch.outputs[0].shape[1] = 6;
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&batch, module, &error), &error);
    assert_contains(error.text, "output output_0 is float32[11,6]; for these inputs it is "
                                "float32[11,5]");
    batch.inputs[0].shape[1] = 7;
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&batch, module, &error), &error);
    assert_contains(error.text, "fits no bucket");
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

/* One that calls, with batches of its own; the outputs are compared at the end. */
struct caller {
    pthread_t thread;
    struct neuron_module *module;
    struct module_batch batch;
    uint32_t failed;
};

static void *
call_again_and_again(void *argument)
{
    struct caller *caller = argument;

    for (uint32_t i = 0; i < CALLS; i += 1) {
        if (module_batch_run(&caller->batch, caller->module, NULL) != NEURON_OK) {
            caller->failed += 1;
        }
    }
    return NULL;
}

static void
start_callers(struct caller callers[THREAD_COUNT], struct neuron_module *module)
{
    for (uint32_t i = 0; i < THREAD_COUNT; i += 1) {
        callers[i] = (struct caller){.module = module};
        module_batch_create(&callers[i].batch, neuron_module_model(module), 1 + 19 * (int64_t)i, i);
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, call_again_and_again, &callers[i]), 0);
    }
}

static void
join_callers(struct caller callers[THREAD_COUNT], struct neuron_module *plain)
{
    for (uint32_t i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].failed, 0);
        module_batch_check(&callers[i].batch, plain);
        module_batch_destroy(&callers[i].batch);
    }
}

static void
threads_share_the_replicas_while_the_module_moves(void **state)
{
    static const uint32_t order[] = {1, 0};
    const struct bench *bench = *state;
    const struct neuron_module_placement placements[] = {
        {.kind = NEURON_PLACEMENT_RUN, .start_nc = 1, .nc_count = 1},
        {.kind = NEURON_PLACEMENT_SELECTION, .cores = order, .core_count = 2}};
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_module *module = batched_module_create(bench->runtime, model);
    struct neuron_module *plain = NULL;
    struct caller callers[THREAD_COUNT];
    struct neuron_error error = {0};

    start_callers(callers, module);
    for (uint32_t i = 0; i < CALLS; i += 1) {
        assert_ok(neuron_module_place(module, &placements[i % 2], &error), &error);
        assert_ok(neuron_module_enable_dynamic_batching(module, &error), &error);
    }
    assert_ok(neuron_module_create(bench->runtime, model, NULL, &plain, &error), &error);
    join_callers(callers, plain);
    neuron_module_destroy(plain);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_chunk_that_fails_decides),
        cmocka_unit_test(a_batch_of_one_chunk_fails_as_a_run_does),
        cmocka_unit_test(a_nan_is_told_and_all_outputs_are_there),
        cmocka_unit_test(padding_is_never_blamed),
        cmocka_unit_test(what_a_bucket_cuts_off_is_not_searched),
        cmocka_unit_test(threads_share_the_replicas_while_the_module_moves),
    };

    return cmocka_run_group_tests(tests, set_up, clean_up);
}
