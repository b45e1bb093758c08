/* SPDX-License-Identifier: Apache-2.0 */
/* DataParallel over models that take several cores each. */
#include "check.h"

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"
#include "neuron/module.h"
#include "neuron/trace.h"

#include "parallel_bench.h"
#include "scored_batch.h"
#include "staged_model.h"

enum { CORES = STAGED_CORES, ROW_COUNTS = 60 };

/* Some layers, each row by itself. */
static enum neuron_status
layers(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    struct neuron_value layer = inputs[0];

    (void)user;
    for (int i = 0; i < 4; i += 1) {
        layer = neuron_tanh(trace, neuron_add(trace, neuron_multiply(trace, layer, inputs[0]),
                                              neuron_softmax(trace, layer, -1)));
    }
    outputs[0] = layer;
    return neuron_trace_status(trace);
}

/* A module of one replica, for what must come out. */
static struct neuron_module *
load_loop(const struct test_runtime *owner, const struct neuron_model *model)
{
    const struct neuron_module_placement first = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 0, .nc_count = NEURON_AUTOMATIC};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(owner->runtime, model, &first, &module, &error), &error);
    return module;
}

static void
assert_right(const struct neuron_model *model, struct neuron_module *loop,
             struct neuron_data_parallel *parallel, int64_t rows)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, model, rows);
    scored_batch_expect(&batch, loop);
    assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    assert_true(scored_batch_is_right(&batch));
    scored_batch_destroy(&batch);
}

/* Over all cores, with every number of rows, and larger chunks than runs. */
static void
check_model(const struct test_runtime *owner, const struct neuron_model *model)
{
    struct neuron_module *loop = load_loop(owner, model);
    struct neuron_data_parallel *parallel = parallel_create(owner, model, NULL);

    assert_int_equal(neuron_data_parallel_core_count(parallel), CORES);
    assert_int_equal(neuron_data_parallel_replica_count(parallel),
                     CORES / neuron_model_core_count(model));
    assert_int_equal(neuron_data_parallel_num_workers(parallel), 2 * CORES);
    for (int64_t rows = 0; rows < ROW_COUNTS; rows += 1) {
        assert_right(model, loop, parallel, rows);
    }
    neuron_data_parallel_set_split_size(parallel, 7);
    assert_right(model, loop, parallel, 61);
    neuron_data_parallel_set_num_workers(parallel, 1);
    assert_right(model, loop, parallel, 61);
    neuron_data_parallel_destroy(parallel);
    neuron_module_destroy(loop);
}

static void
pipelines_are_replicated_over_groups_of_cores(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    check_model(*state, staged.model);
    staged_model_destroy(&staged);
}

static void
a_pipeline_over_all_cores_is_one_replica(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, CORES);
    check_model(*state, staged.model);
    staged_model_destroy(&staged);
}

static void
wide_models_are_replicated_over_groups_of_cores(void **state)
{
    struct staged_model staged = {0};

    staged_model_create_wide(&staged, staged_trace_over(layers, "[4,6]", 1, NULL), 2);
    check_model(*state, staged.model);
    staged_model_destroy(&staged);
}

static void
device_ids_name_the_first_core_of_each_replica(void **state)
{
    static const char *const ids[] = {"nc:2", "nc:0"};
    static const char *const beyond[] = {"nc:3"};
    const struct neuron_data_parallel_options both = {.device_ids = ids, .device_id_count = 2};
    const struct neuron_data_parallel_options too_far = {.device_ids = beyond,
                                                         .device_id_count = 1};
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_data_parallel_report *report = NULL;
    struct neuron_error error = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    parallel = parallel_create(owner, staged.model, &both);
    assert_int_equal(neuron_data_parallel_replica_count(parallel), 2);
    assert_ok(neuron_data_parallel_report_create(parallel, &report, &error), &error);
    assert_int_equal(neuron_data_parallel_report_share_count(report), 2);
    neuron_data_parallel_report_destroy(report);
    neuron_data_parallel_destroy(parallel);
    assert_status(
        NEURON_NO_SUCH_CORE,
        neuron_data_parallel_create(owner->runtime, staged.model, &too_far, &parallel, &error),
        &error);
    staged_model_destroy(&staged);
}

static void
a_module_of_several_cores_is_used_where_it_stands(void **state)
{
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    struct neuron_module *loop = load_loop(owner, staged.model);
    assert_ok(neuron_data_parallel_create_on_module(loop, NULL, &parallel, &error), &error);
    assert_int_equal(neuron_data_parallel_replica_count(parallel), 1);
    assert_right(staged.model, loop, parallel, 30);
    neuron_data_parallel_destroy(parallel);
    neuron_module_destroy(loop);
    staged_model_destroy(&staged);
}

static void
a_module_that_is_used_is_not_moved(void **state)
{
    const struct neuron_module_placement elsewhere = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 2, .nc_count = NEURON_AUTOMATIC};
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    struct neuron_module *loop = load_loop(owner, staged.model);
    assert_ok(neuron_data_parallel_create_on_module(loop, NULL, &parallel, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_module_place(loop, &elsewhere, &error), &error);
    assert_contains(error.text, "rely on where its replicas are");
    assert_int_equal(neuron_module_replica_core(loop, 0), 0);
    neuron_data_parallel_destroy(parallel);
    assert_ok(neuron_module_place(loop, &elsewhere, &error), &error);
    assert_int_equal(neuron_module_replica_core(loop, 0), 2);
    neuron_module_destroy(loop);
    staged_model_destroy(&staged);
}

static void
a_refused_object_leaves_the_module_where_it_was(void **state)
{
    static const char *const ids[] = {"2"};
    const struct neuron_data_parallel_options no_such_dim = {
        .device_ids = ids, .device_id_count = 1, .dim = 99};
    const struct neuron_data_parallel_options no_ids = {.device_id_count = 1};
    const struct test_runtime *owner = *state;
    struct staged_model staged = {0};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    struct neuron_module *loop = load_loop(owner, staged.model);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_create_on_module(loop, &no_such_dim, &parallel, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_create_on_module(loop, &no_ids, &parallel, &error), &error);
    assert_contains(error.text, "device_ids is NULL");
    assert_null(parallel);
    assert_int_equal(neuron_module_replica_core(loop, 0), 0);
    neuron_module_destroy(loop);
    staged_model_destroy(&staged);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pipelines_are_replicated_over_groups_of_cores,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_pipeline_over_all_cores_is_one_replica,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(wide_models_are_replicated_over_groups_of_cores,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(device_ids_name_the_first_core_of_each_replica,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_module_of_several_cores_is_used_where_it_stands,
                                        staged_runtime_setup, staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_module_that_is_used_is_not_moved, staged_runtime_setup,
                                        staged_runtime_teardown),
        cmocka_unit_test_setup_teardown(a_refused_object_leaves_the_module_where_it_was,
                                        staged_runtime_setup, staged_runtime_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
