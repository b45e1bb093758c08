/* SPDX-License-Identifier: Apache-2.0 */
/* The documented examples of DataParallel, on invented machines of the documented size. */
#include "check.h"

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"
#include "neuron/trace_window.h"

#include "guarded_tensor.h"
#include "parallel_bench.h"
#include "scored_batch.h"
#include "tensor_text.h"
#include "traced_model.h"

/* Chips are devices: four of four cores each, or twelve of two. */
#define INF1_6XLARGE  "numa:4 core:4 pu:1"
#define INF1_XLARGE   "numa:1 core:4 pu:1"
#define INF2_48XLARGE "numa:12 core:2 pu:1"
#define INF2_XLARGE   "numa:1 core:2 pu:1"

static struct neuron_value
weights(struct neuron_trace *trace, const char *text, uint32_t seed)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};

    assert_int_equal(parse_tensors(text, views), 1);
    allocate_tensor(&views[0]);
    fill_tensor(&views[0], seed);
    struct neuron_value value = neuron_constant(trace, &views[0]);
    free_tensor(&views[0]);
    return value;
}

/* float32[1,3,224,224] -> float32[1,10]: what ResNet-50 is, but for 49 layers. */
static enum neuron_status
classify(struct neuron_trace *trace, const struct neuron_value *inputs,
         struct neuron_value *outputs, void *user)
{
    const struct neuron_pool_options pool = {.kernel = {8, 8}, .strides = {8, 8}};
    const struct neuron_conv_options conv = {.strides = {2, 2}, .pads = {1, 1, 1, 1}};
    struct neuron_value value = neuron_max_pool(trace, inputs[0], &pool);

    (void)user;
    value =
        neuron_conv(trace, value, weights(trace, "[8,3,3,3]", 1), weights(trace, "[8]", 2), &conv);
    value = neuron_global_average_pool(trace, neuron_relu(trace, value));
    value = neuron_matmul(trace, neuron_flatten(trace, value, 1), weights(trace, "[8,10]", 3));
    outputs[0] = neuron_softmax(trace, value, -1);
    return neuron_trace_status(trace);
}

/* float32[1,3,8,8] -> float32[1,3,8,8]: the example for another dimension. */
static enum neuron_status
convolve(struct neuron_trace *trace, const struct neuron_value *inputs,
         struct neuron_value *outputs, void *user)
{
    const struct neuron_conv_options conv = {.pads = {1, 1, 1, 1}};
    struct neuron_value value = neuron_conv(trace, inputs[0], weights(trace, "[3,3,3,3]", 4),
                                            weights(trace, "[3]", 5), &conv);

    (void)user;
    outputs[0] = neuron_add(trace, value, neuron_scalar(trace, 1.0F));
    return neuron_trace_status(trace);
}

static void
begin(struct parallel_bench *bench, const char *machine, uint32_t core_count)
{
    parallel_bench_create(bench, machine, core_count, load_traced(classify, "[1,3,224,224]", 1));
}

/* Runs so many images, which must give what each gives alone. */
static void
assert_right(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
             int64_t images)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, images);
    scored_batch_expect(&batch, bench->loop);
    assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    assert_true(scored_batch_is_right(&batch));
    scored_batch_destroy(&batch);
}

static void
assert_refused(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
               int64_t images, const char *text)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, images);
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, parallel, &error), &error);
    assert_string_equal(error.text, text);
    scored_batch_destroy(&batch);
}

static struct neuron_data_parallel *
make(const struct parallel_bench *bench, const struct neuron_data_parallel_options *options)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_data_parallel_create(bench->owner.runtime, bench->model, options, &parallel, &error),
        &error);
    return parallel;
}

/* A batch of 5 on all cores: some get none, or, of fewer, some get more than one. */
static void
check_default(const char *machine, uint32_t core_count)
{
    struct parallel_bench bench;

    begin(&bench, machine, core_count);
    assert_int_equal(neuron_runtime_core_count(bench.owner.runtime), core_count);
    assert_int_equal(neuron_data_parallel_core_count(bench.parallel), core_count);
    assert_int_equal(neuron_data_parallel_num_workers(bench.parallel), 2 * core_count);
    assert_true(neuron_data_parallel_has_dynamic_batching(bench.parallel, NULL));
    assert_right(&bench, bench.parallel, 5);
    parallel_bench_destroy(&bench);
}

static void
default_usage_runs_on_all_cores(void **state)
{
    (void)state;
    check_default(INF1_XLARGE, 4);
    check_default(INF1_6XLARGE, 16);
    check_default(INF2_XLARGE, 2);
    check_default(INF2_48XLARGE, 24);
}

/* The chunks that the shares of a report ran, which are on the cores from 0 on. */
static uint64_t
count_chunks(const struct neuron_data_parallel_report *report)
{
    uint64_t chunks = 0;

    for (uint32_t i = 0; i < neuron_data_parallel_report_share_count(report); i += 1) {
        assert_int_equal(neuron_data_parallel_report_share(report, i)->nc, i);
        chunks += neuron_data_parallel_report_share(report, i)->chunk_count;
    }
    return chunks;
}

/* Runs 5 images on three cores, which must be the first. */
static void
assert_three_are_used(const struct parallel_bench *bench, struct neuron_data_parallel *parallel)
{
    struct neuron_data_parallel_report *report = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 5);
    scored_batch_expect(&batch, bench->loop);
    assert_ok(neuron_data_parallel_report_create(parallel, &report, &error), &error);
    const struct neuron_data_parallel_call_options call = {.report = report};
    const struct neuron_batch_tensors tensors = {
        .inputs = batch.inputs, .outputs = batch.outputs, .input_count = 1, .output_count = 1};
    assert_ok(neuron_data_parallel_run_with(parallel, &tensors, &call, &error), &error);
    assert_true(scored_batch_is_right(&batch));
    assert_int_equal(neuron_data_parallel_report_share_count(report), 3);
    assert_int_equal(count_chunks(report), 5);
    neuron_data_parallel_report_destroy(report);
    scored_batch_destroy(&batch);
}

static void
cores_that_are_specified_are_used_alone(void **state)
{
    static const char *const ids[] = {"nc:0", "nc:1", "nc:2"};
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 3};
    struct parallel_bench bench;

    (void)state;
    begin(&bench, INF1_6XLARGE, 16);
    struct neuron_data_parallel *parallel = make(&bench, &options);
    assert_int_equal(neuron_data_parallel_core_count(parallel), 3);
    assert_int_equal(neuron_data_parallel_num_workers(parallel), 6);
    assert_three_are_used(&bench, parallel);
    for (uint32_t nc = 3; nc < 16; nc += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(bench.owner.runtime, nc, &counters);
        assert_int_equal(counters.run_count, 0);
    }
    neuron_data_parallel_destroy(parallel);
    parallel_bench_destroy(&bench);
}

static void
one_object_takes_batches_of_any_size(void **state)
{
    struct parallel_bench bench;

    (void)state;
    begin(&bench, INF1_XLARGE, 4);
    for (int64_t images = 2; images <= 6; images += 1) {
        assert_right(&bench, bench.parallel, images);
    }
    parallel_bench_destroy(&bench);
}

static void
without_dynamic_batching_each_core_gets_one_compiled_batch(void **state)
{
    struct parallel_bench bench;

    (void)state;
    begin(&bench, INF1_XLARGE, 4);
    neuron_data_parallel_disable_dynamic_batching(bench.parallel);
    assert_right(&bench, bench.parallel, 4);
    assert_refused(&bench, bench.parallel, 8,
                   "input 0 \"input_0\" is float32[8,3,224,224], but must be "
                   "float32[4,3,224,224], 4 times the compiled shape, as dynamic batching is off");
    assert_right(&bench, bench.parallel, 4);
    parallel_bench_destroy(&bench);

    begin(&bench, INF2_XLARGE, 2);
    const struct neuron_data_parallel_options options = {.without_dynamic_batching = true};
    struct neuron_data_parallel *parallel = make(&bench, &options);
    assert_right(&bench, parallel, 2);
    assert_refused(&bench, parallel, 4,
                   "input 0 \"input_0\" is float32[4,3,224,224], but must be "
                   "float32[2,3,224,224], 2 times the compiled shape, as dynamic batching is off");
    neuron_data_parallel_destroy(parallel);
    parallel_bench_destroy(&bench);
}

/* Computes what must come out of a tensor that is cut along dimension 2: piece by piece. */
static void
expect_slices(struct neuron_module *loop, const struct neuron_tensor_view *input,
              const struct neuron_tensor_view *output)
{
    struct neuron_tensor_view pieces[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_error error = {0};

    assert_int_equal(parse_tensors("[1,3,8,8] [1,3,8,8]", pieces), 2);
    allocate_tensor(&pieces[0]);
    allocate_tensor(&pieces[1]);
    for (int64_t first = 0; first < input->shape[2]; first += 8) {
        const struct tensor_part part = {.axis = 2, .first = first};

        tensor_part_take(input, &pieces[0], &part);
        assert_ok(neuron_module_run(loop, &pieces[0], 1, &pieces[1], 1, &error), &error);
        tensor_part_put(output, &pieces[1], &part);
    }
    free_tensor(&pieces[0]);
    free_tensor(&pieces[1]);
}

/* Runs a tensor "[1,3,N,8]" along dimension 2. */
static void
assert_slices_are_right(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
                        const char *text)
{
    struct neuron_tensor_view input[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_error error = {0};

    assert_int_equal(parse_tensors(text, input), 1);
    struct neuron_tensor_view output = input[0];
    struct neuron_tensor_view expected = input[0];
    allocate_tensor(&input[0]);
    allocate_tensor(&output);
    allocate_tensor(&expected);
    fill_tensor(&input[0], 6);
    fill_tensor(&output, 7);
    expect_slices(bench->loop, &input[0], &expected);
    assert_ok(neuron_data_parallel_run(parallel, input, 1, &output, 1, &error), &error);
    assert_memory_equal(output.data, expected.data, tensor_element_count(&output) * sizeof(float));
    free_tensor(&input[0]);
    free_tensor(&output);
    free_tensor(&expected);
}

static void
assert_slices_are_refused(struct neuron_data_parallel *parallel, const char *text,
                          const char *reason)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_error error = {0};

    assert_int_equal(parse_tensors(text, views), 1);
    views[1] = views[0];
    allocate_tensor(&views[0]);
    allocate_tensor(&views[1]);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_run(parallel, &views[0], 1, &views[1], 1, &error), &error);
    assert_string_equal(error.text, reason);
    free_tensor(&views[0]);
    free_tensor(&views[1]);
}

static void
another_dimension_is_cut_exactly(void **state)
{
    const struct neuron_data_parallel_options along_height = {.dim = 2};
    struct parallel_bench bench;
    struct neuron_error error = {0};

    (void)state;
    parallel_bench_create(&bench, INF1_XLARGE, 4, load_traced(convolve, "[1,3,8,8]", 1));
    struct neuron_data_parallel *parallel = make(&bench, &along_height);
    assert_false(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_string_equal(error.text, "dimension 2 is cut, and only dimension 0 can be padded");
    assert_slices_are_right(&bench, parallel, "[1,3,32,8]");
    assert_slices_are_refused(parallel, "[1,3,24,8]",
                              "input 0 \"input_0\" is float32[1,3,24,8], but must be "
                              "float32[1,3,32,8]: dimension 2 is cut into 4 of the compiled 8");
    neuron_data_parallel_destroy(parallel);
    parallel_bench_destroy(&bench);

    parallel_bench_create(&bench, INF2_XLARGE, 2, load_traced(convolve, "[1,3,8,8]", 1));
    parallel = make(&bench, &along_height);
    assert_slices_are_right(&bench, parallel, "[1,3,16,8]");
    assert_slices_are_refused(parallel, "[4,3,8,8]",
                              "input 0 \"input_0\" is float32[4,3,8,8], but must be "
                              "float32[1,3,16,8]: dimension 2 is cut into 2 of the compiled 8");
    neuron_data_parallel_destroy(parallel);
    parallel_bench_destroy(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_usage_runs_on_all_cores),
        cmocka_unit_test(cores_that_are_specified_are_used_alone),
        cmocka_unit_test(one_object_takes_batches_of_any_size),
        cmocka_unit_test(without_dynamic_batching_each_core_gets_one_compiled_batch),
        cmocka_unit_test(another_dimension_is_cut_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
