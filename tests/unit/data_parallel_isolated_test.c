/* SPDX-License-Identifier: Apache-2.0 */
/* DataParallel over processes: the same bits as without, and the same numbers of cores. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"
#include "neuron/trace.h"

#include "descriptors.h"
#include "environment_variable.h"
#include "own_children.h"
#include "parallel_bench.h"
#include "scored_batch.h"
#include "staged_model.h"
#include "tensor_text.h"
#include "traced_model.h"

enum { CORES = STAGED_CORES, CHILD_LIMIT = 16 };

static const struct neuron_data_parallel_options isolated = {.isolation = NEURON_ISOLATION_PROCESS};

/* Runs a batch without isolation, for what must come out, and with it. */
static void
compare(struct scored_batch *batch, struct neuron_data_parallel *plain,
        struct neuron_data_parallel *apart)
{
    struct neuron_error error = {0};

    assert_ok(scored_batch_run(batch, plain, &error), &error);
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&batch->outputs[i]);

        memcpy(batch->expected[i].data, batch->outputs[i].data,
               neuron_tensor_shape_size_bytes(&shape));
        fill_tensor(&batch->outputs[i], 99);
    }
    assert_ok(scored_batch_run(batch, apart, &error), &error);
    assert_true(scored_batch_is_right(batch));
    scored_batch_destroy(batch);
}

/* Both have the same numbers, and there is a process for each replica. */
static void
check_counts(const struct neuron_data_parallel *plain, const struct neuron_data_parallel *apart)
{
    pid_t children[CHILD_LIMIT] = {0};
    uint32_t replicas = neuron_data_parallel_replica_count(apart);

    assert_int_equal(replicas, neuron_data_parallel_replica_count(plain));
    assert_int_equal(neuron_data_parallel_core_count(apart),
                     neuron_data_parallel_core_count(plain));
    assert_int_equal(list_children(getpid(), children, CHILD_LIMIT), replicas);
    assert_int_equal(neuron_data_parallel_has_dynamic_batching(apart, NULL),
                     neuron_data_parallel_has_dynamic_batching(plain, NULL));
}

/* Any number of rows, cut in several ways. */
static void
check_rows(const struct test_runtime *owner, const struct neuron_model *model)
{
    static const int64_t counts[] = {0, 1, 3, 4, 9, 33, 70};
    static const uint32_t splits[] = {0, 1, 3, 8};
    struct neuron_data_parallel *plain = parallel_create(owner, model, NULL);
    struct neuron_data_parallel *apart = parallel_create(owner, model, &isolated);
    struct scored_batch batch;

    check_counts(plain, apart);
    assert_true(neuron_data_parallel_has_dynamic_batching(apart, NULL));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
        for (size_t j = 0; j < sizeof(splits) / sizeof(splits[0]); j += 1) {
            neuron_data_parallel_set_split_size(apart, splits[j]);
            scored_batch_create(&batch, model, counts[i]);
            compare(&batch, plain, apart);
        }
    }
    neuron_data_parallel_disable_dynamic_batching(plain);
    neuron_data_parallel_disable_dynamic_batching(apart);
    scored_batch_create_multiple(&batch, model, neuron_data_parallel_replica_count(apart));
    compare(&batch, plain, apart);
    neuron_data_parallel_destroy(apart);
    neuron_data_parallel_destroy(plain);
}

static void
rows_give_the_same_bits(void **state)
{
    struct neuron_model *models[] = {load_dense_model(), load_two_by_two_model()};

    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i += 1) {
        check_rows(*state, models[i]);
        neuron_model_destroy(models[i]);
    }
}

/* What of the first input is above the second. */
static enum neuron_status
excess(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    (void)user;
    outputs[0] = neuron_relu(trace, neuron_subtract(trace, inputs[0], inputs[1]));
    return neuron_trace_status(trace);
}

static void
shared_inputs_give_the_same_bits(void **state)
{
    static const bool is_shared[] = {false, true};
    struct neuron_model *model = load_traced_shared(excess, "[4,3] [3]", is_shared, 1);

    check_rows(*state, model);
    neuron_model_destroy(model);
}

/* Rows that are mixed: exact shapes only. */
static void
exact_shapes_give_the_same_bits(void **state)
{
    struct neuron_model *model = load_product_model();
    struct neuron_data_parallel *plain = parallel_create(*state, model, NULL);
    struct neuron_data_parallel *apart = parallel_create(*state, model, &isolated);
    struct scored_batch batch;

    check_counts(plain, apart);
    scored_batch_create_multiple(&batch, model, CORES);
    compare(&batch, plain, apart);
    neuron_data_parallel_destroy(apart);
    neuron_data_parallel_destroy(plain);
    neuron_model_destroy(model);
}

static void
slices_of_another_dimension_give_the_same_bits(void **state)
{
    const struct neuron_data_parallel_options columns = {.dim = 1};
    const struct neuron_data_parallel_options apart_columns = {
        .dim = 1, .isolation = NEURON_ISOLATION_PROCESS};
    struct neuron_model *model = load_traced(excess, "[4,3] [4,3]", 1);
    struct neuron_data_parallel *plain = parallel_create(*state, model, &columns);
    struct neuron_data_parallel *apart = parallel_create(*state, model, &apart_columns);
    struct scored_batch batch = {.input_count = 2, .output_count = 1};
    struct neuron_tensor_view *views[] = {&batch.inputs[0], &batch.inputs[1], &batch.outputs[0],
                                          &batch.expected[0]};

    for (uint32_t i = 0; i < sizeof(views) / sizeof(views[0]); i += 1) {
        *views[i] = neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, NULL);
        views[i]->shape[1] *= CORES;
        allocate_tensor(views[i]);
        fill_tensor(views[i], i + 1);
    }
    check_counts(plain, apart);
    compare(&batch, plain, apart);
    neuron_data_parallel_destroy(apart);
    neuron_data_parallel_destroy(plain);
    neuron_model_destroy(model);
}

/* Some layers, each row by itself. */
static enum neuron_status
layers(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    struct neuron_value layer = inputs[0];

    (void)user;
    for (int i = 0; i < 4; i += 1) {
        layer = neuron_tanh(trace, neuron_add(trace, layer, neuron_softmax(trace, layer, -1)));
    }
    outputs[0] = layer;
    return neuron_trace_status(trace);
}

static void
models_of_several_cores_give_the_same_bits(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    check_rows(*state, staged.model);
    staged_model_destroy(&staged);
    staged_model_create_wide(&staged, staged_trace_over(layers, "[4,6]", 1, NULL), 2);
    check_rows(*state, staged.model);
    staged_model_destroy(&staged);
    staged_model_trace(&staged, layers, "[4,6]", 1, CORES);
    check_rows(*state, staged.model);
    staged_model_destroy(&staged);
}

static void
named_cores_have_the_processes(void **state)
{
    static const char *const ids[] = {"nc:2", "0"};
    const struct neuron_data_parallel_options plain_two = {.device_ids = ids, .device_id_count = 2};
    const struct neuron_data_parallel_options two = {
        .device_ids = ids, .device_id_count = 2, .isolation = NEURON_ISOLATION_PROCESS};
    struct neuron_model *model = load_dense_model();
    struct neuron_data_parallel *plain = parallel_create(*state, model, &plain_two);
    struct neuron_data_parallel *apart = parallel_create(*state, model, &two);
    struct scored_batch batch;

    check_counts(plain, apart);
    scored_batch_create(&batch, model, 33);
    compare(&batch, plain, apart);
    neuron_data_parallel_destroy(apart);
    neuron_data_parallel_destroy(plain);
    neuron_model_destroy(model);
}

/* How many replicas the runtime knows of on a core. */
static uint32_t
replicas_on(const struct test_runtime *owner, uint32_t nc)
{
    struct neuron_core_counters counters = {0};

    neuron_runtime_read_counters(owner->runtime, nc, &counters);
    return counters.replica_count;
}

static void
replicas_elsewhere_count_on_their_cores(void **state)
{
    static const char *const ids[] = {"nc:1"};
    const struct neuron_data_parallel_options one = {
        .device_ids = ids, .device_id_count = 1, .isolation = NEURON_ISOLATION_PROCESS};
    struct neuron_model *model = load_dense_model();
    struct neuron_data_parallel *apart = parallel_create(*state, model, &one);

    assert_int_equal(replicas_on(*state, 0), 0);
    assert_int_equal(replicas_on(*state, 1), 1);
    neuron_data_parallel_destroy(apart);
    assert_int_equal(replicas_on(*state, 1), 0);
    neuron_model_destroy(model);
}

static void
nothing_is_left_behind(void **state)
{
    uint32_t before = open_descriptor_count();
    struct neuron_model *model = load_dense_model();
    pid_t child = 0;

    for (int i = 0; i < 3; i += 1) {
        struct neuron_data_parallel *apart = parallel_create(*state, model, &isolated);

        neuron_data_parallel_destroy(apart);
        assert_int_equal(list_children(getpid(), &child, 1), 0);
    }
    neuron_model_destroy(model);
    assert_int_equal(open_descriptor_count(), before);
}

/* Kills every process of this one. */
static void
kill_all(void)
{
    pid_t children[CHILD_LIMIT] = {0};
    uint32_t count = list_children(getpid(), children, CHILD_LIMIT);

    assert_int_equal(count, CORES);
    for (uint32_t i = 0; i < count; i += 1) {
        assert_int_equal(kill(children[i], SIGKILL), 0);
        assert_true(process_ends(children[i]));
    }
}

static void
processes_killed_between_calls_cost_nothing(void **state)
{
    struct neuron_model *model = load_dense_model();
    struct neuron_data_parallel *plain = parallel_create(*state, model, NULL);
    struct neuron_data_parallel *apart = parallel_create(*state, model, &isolated);

    for (int i = 0; i < 4; i += 1) {
        struct scored_batch batch;

        kill_all();
        scored_batch_create(&batch, model, 333);
        compare(&batch, plain, apart);
        /* The next round finds a process on each core again. */
        neuron_data_parallel_destroy(apart);
        apart = parallel_create(*state, model, &isolated);
    }
    neuron_data_parallel_destroy(apart);
    neuron_data_parallel_destroy(plain);
    neuron_model_destroy(model);
}

/* Fails the test unless an object is refused, with a text. */
static void
assert_refused(const struct test_runtime *owner, const struct neuron_model *model,
               const struct neuron_data_parallel_options *options, enum neuron_status status,
               const char *text)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};
    pid_t child = 0;

    assert_status(status,
                  neuron_data_parallel_create(owner->runtime, model, options, &parallel, &error),
                  &error);
    assert_null(parallel);
    assert_contains(error.text, text);
    assert_int_equal(list_children(getpid(), &child, 1), 0);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        assert_int_equal(replicas_on(owner, nc), 0);
    }
}

static void
options_that_cannot_be_are_refused(void **state)
{
    static const char *const beyond[] = {"nc:4"};
    static const char *const over[] = {"nc:0", "nc:1"};
    const struct neuron_data_parallel_options no_such_core = {
        .device_ids = beyond, .device_id_count = 1, .isolation = NEURON_ISOLATION_PROCESS};
    const struct neuron_data_parallel_options overlapping = {
        .device_ids = over, .device_id_count = 2, .isolation = NEURON_ISOLATION_PROCESS};
    const struct neuron_data_parallel_options unknown = {.isolation = (enum neuron_isolation)7};
    const struct neuron_data_parallel_options limit_alone = {.hang_limit_ms = 5};
    struct neuron_model *model = load_dense_model();
    struct staged_model staged = {0};

    staged_model_trace(&staged, layers, "[4,6]", 1, 2);
    assert_refused(*state, model, &no_such_core, NEURON_NO_SUCH_CORE, "nc:4");
    assert_refused(*state, staged.model, &overlapping, NEURON_INVALID_ARGUMENT, "cannot both be");
    assert_refused(*state, model, &unknown, NEURON_INVALID_ARGUMENT, "7 is no kind of isolation");
    assert_refused(*state, model, &limit_alone, NEURON_INVALID_ARGUMENT, "hang_limit_ms 5");
    staged_model_destroy(&staged);
    neuron_model_destroy(model);
}

static void
a_missing_program_is_one_line(void **state)
{
    struct neuron_model *model = load_dense_model();
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment */
    const char *before = getenv("NEURON_EXECUTOR_PATH");
    char *kept = before == NULL ? NULL : strdup(before);

    set_variable("NEURON_EXECUTOR_PATH", "/nowhere/neuron-executor");
    assert_refused(*state, model, &isolated, NEURON_SYSTEM, "/nowhere/neuron-executor");
    set_variable("NEURON_EXECUTOR_PATH", kept);
    free(kept);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_give_the_same_bits),
        cmocka_unit_test(shared_inputs_give_the_same_bits),
        cmocka_unit_test(exact_shapes_give_the_same_bits),
        cmocka_unit_test(slices_of_another_dimension_give_the_same_bits),
        cmocka_unit_test(models_of_several_cores_give_the_same_bits),
        cmocka_unit_test(named_cores_have_the_processes),
        cmocka_unit_test(replicas_elsewhere_count_on_their_cores),
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(processes_killed_between_calls_cost_nothing),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(a_missing_program_is_one_line),
    };
    return cmocka_run_group_tests(tests, staged_runtime_setup, staged_runtime_teardown);
}
