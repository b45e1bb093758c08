/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels run on the executors' threads alone. oneDNN would start a team of OpenMP threads for
 * each of these layers, and CTest asks for teams of four in the environment.
 */
#include "check.h"

#include <stdlib.h>

#include "neuron/data_parallel.h"
#include "neuron/trace.h"

#include "test_runtime.h"
#include "thread_state.h"
#include "traced_model.h"

enum { BATCH = 2, CHANNELS = 32, SIDE = 56, FEATURES = 512, OF_ZEROMQ = 1 };

/* Weights of no particular worth. */
static struct neuron_value
record_weights(struct neuron_trace *trace, struct neuron_tensor_view view)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&view);

    view.data = calloc(1, neuron_tensor_shape_size_bytes(&shape));
    assert_non_null(view.data);
    struct neuron_value value = neuron_constant(trace, &view);
    free(view.data);
    return value;
}

/* One layer of each kind of kernel, all large enough for a team. */
static enum neuron_status
record_layers(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *unused)
{
    const struct neuron_conv2d_options same = {.pads = {1, 1, 1, 1}};
    const struct neuron_pool2d_options halve = {.kernel = {2, 2}, .strides = {2, 2}};
    const struct neuron_value none = {0};
    struct neuron_value kernel = record_weights(
        trace, (struct neuron_tensor_view){
                   .type = NEURON_FLOAT32, .rank = 4, .shape = {CHANNELS, CHANNELS, 3, 3}});
    struct neuron_value v = neuron_relu(trace, neuron_conv2d(trace, x[0], kernel, none, &same));

    v = neuron_flatten(trace, neuron_max_pool2d(trace, v, &halve), 1);
    v = neuron_matmul(
        trace, v,
        record_weights(trace, (struct neuron_tensor_view){
                                  .type = NEURON_FLOAT32,
                                  .rank = 2,
                                  .shape = {CHANNELS * SIDE / 2 * SIDE / 2, FEATURES}}));
    v = neuron_gelu(trace, neuron_add(trace, v, neuron_scalar(trace, 0.5F)));
    (void)unused;
    y[0] = neuron_softmax(trace, v, 1);
    return neuron_trace_status(trace);
}

/* Runs enough rows for every core. */
static void
run_rows(struct neuron_data_parallel *parallel, int64_t rows)
{
    struct neuron_tensor_view images = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {rows, CHANNELS, SIDE, SIDE}};
    struct neuron_tensor_view scores = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {rows, FEATURES}};
    struct neuron_error error = {0};

    images.data = calloc((size_t)rows * CHANNELS * SIDE * SIDE, sizeof(float));
    scores.data = calloc((size_t)rows * FEATURES, sizeof(float));
    assert_non_null(images.data);
    assert_non_null(scores.data);
    assert_ok(neuron_data_parallel_run(parallel, &images, 1, &scores, 1, &error), &error);
    free(images.data);
    free(scores.data);
}

static void
kernels_start_no_threads(void **state)
{
    struct test_runtime owner = {0};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};
    unsigned at_start = thread_count_at_rest();
    struct neuron_model *model = load_traced(record_layers, "[2,32,56,56]", 1);

    (void)state;
    /* Compiling and loading start none either. */
    assert_int_equal(thread_count(), at_start);
    test_runtime_create(&owner, NULL, 0);
    unsigned cores = neuron_runtime_core_count(owner.runtime);
    assert_ok(neuron_data_parallel_create(owner.runtime, model, NULL, &parallel, &error), &error);
    for (int64_t rows = 1; rows <= (int64_t)4 * BATCH * cores; rows += 1) {
        run_rows(parallel, rows);
        assert_in_range(thread_count(), at_start + cores, at_start + cores + OF_ZEROMQ);
    }
    neuron_data_parallel_destroy(parallel);
    neuron_model_destroy(model);
    test_runtime_destroy(&owner);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_start_no_threads)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
