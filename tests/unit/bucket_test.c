/* SPDX-License-Identifier: Apache-2.0 */
/* Which graphs are buckets of one network, and which of them tensors take. */
#include "graph/bucket.h"

#include <string.h>

#include "neuron/trace.h"

#include "check.h"

enum { GRAPH_LIMIT = 4 };

/* Graphs of two inputs, and what was told of them. */
struct bench {
    struct neuron_graph *graphs[GRAPH_LIMIT];
    struct neuron_buckets buckets;
};

/* ids [B,S] and mask [S], to their product [B,S], and to the ids twice in a row [B,2S]. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_value both[2] = {x[0], x[0]};

    (void)user;
    y[0] = neuron_multiply(trace, x[0], x[1]);
    y[1] = neuron_concat(trace, both, 2, 1);
    return neuron_trace_status(trace);
}

/* A matrix as one line [1,B*S], with the mask left alone. */
static enum neuron_status
flatten(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_flatten(trace, x[0], 0);
    y[1] = neuron_relu(trace, x[1]);
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace(neuron_trace_fn *function, int64_t rows, int64_t columns)
{
    static const char *const names[] = {"ids", "mask"};
    static const bool is_shared[] = {false, true};
    const struct neuron_tensor_view examples[] = {
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {rows, columns}},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {columns}}};
    const struct neuron_trace_signature signature = {.example_inputs = examples,
                                                     .input_count = 2,
                                                     .output_count = 2,
                                                     .input_names = names,
                                                     .input_is_shared = is_shared};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    return graph;
}

/* Buckets of these rows and columns, up to a 0. */
static void
create(struct bench *bench, neuron_trace_fn *function, const int64_t (*shapes)[2])
{
    *bench = (struct bench){.buckets = {.count = 0}};
    while (shapes[bench->buckets.count][0] > 0) {
        const int64_t *shape = shapes[bench->buckets.count];

        bench->graphs[bench->buckets.count] = trace(function, shape[0], shape[1]);
        bench->buckets.count += 1;
    }
    bench->buckets.graphs = (const struct neuron_graph *const *)bench->graphs;
}

static void
destroy(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->buckets.count; i += 1) {
        neuron_graph_destroy(bench->graphs[i]);
    }
}

static const int64_t three[][2] = {{4, 128}, {4, 64}, {1, 32}, {0, 0}};

/* Tensors of these rows, columns and mask take that bucket. */
static void
expect_bucket(const struct bench *bench, int64_t rows, int64_t columns, uint32_t wanted)
{
    const struct neuron_tensor_shape shapes[] = {
        {.type = NEURON_FLOAT32, .rank = 2, .dims = {rows, columns}},
        {.type = NEURON_FLOAT32, .rank = 1, .dims = {columns}}};
    struct neuron_tensor_shape outputs[2];
    struct neuron_error error = {0};
    uint32_t bucket = UINT32_MAX;

    assert_ok(neuron_buckets_choose(&bench->buckets, shapes, &bucket, outputs, &error), &error);
    assert_int_equal(bucket, wanted);
    assert_int_equal(outputs[0].dims[0], rows);
    assert_int_equal(outputs[0].dims[1], columns);
    assert_int_equal(outputs[1].dims[0], rows);
    assert_int_equal(outputs[1].dims[1], 2 * columns);
}

static void
tensors_take_the_smallest_bucket_that_they_fit_into(void **state)
{
    struct bench bench;
    struct neuron_error error = {0};

    (void)state;
    create(&bench, record, three);
    assert_ok(neuron_buckets_check(&bench.buckets, &error), &error);
    expect_bucket(&bench, 4, 128, 0);
    expect_bucket(&bench, 1, 65, 0);
    expect_bucket(&bench, 4, 64, 1);
    expect_bucket(&bench, 2, 1, 1);
    expect_bucket(&bench, 1, 33, 1);
    expect_bucket(&bench, 1, 32, 2);
    expect_bucket(&bench, 1, 1, 2);
    destroy(&bench);
}

static void
expect_none(const struct bench *bench, const struct neuron_tensor_shape *shapes, const char *text)
{
    struct neuron_tensor_shape outputs[2] = {{.rank = 7}};
    struct neuron_error error = {0};
    uint32_t bucket = 9;

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_buckets_choose(&bench->buckets, shapes, &bucket, outputs, &error), &error);
    assert_contains(error.text, text);
    assert_int_equal(bucket, 9);
    assert_int_equal(outputs[0].rank, 7);
}

static void
tensors_that_fit_no_bucket_are_refused_with_the_largest(void **state)
{
    struct neuron_tensor_shape shapes[] = {{.type = NEURON_FLOAT32, .rank = 2, .dims = {4, 129}},
                                           {.type = NEURON_FLOAT32, .rank = 1, .dims = {129}}};
    struct bench bench;

    (void)state;
    create(&bench, record, three);
    expect_none(&bench, shapes,
                "input ids is float32[4,129], and with the others fits no bucket; "
                "the largest takes float32[4,128]");
    shapes[0].dims[1] = 0;
    expect_none(&bench, shapes, "input ids is float32[4,0]");
    shapes[0].dims[1] = 20;
    shapes[1].dims[0] = 21;
    expect_none(&bench, shapes,
                "dimension 1 of input ids is 20 and dimension 0 of input mask is "
                "21; in all buckets they are alike");
    shapes[1].type = NEURON_INT64;
    expect_none(&bench, shapes, "input mask is int64[21]");
    shapes[0].rank = 1;
    expect_none(&bench, shapes, "input ids is float32[4]");
    destroy(&bench);
}

static void
expect_no_buckets(neuron_trace_fn *function, const int64_t (*shapes)[2], const char *text)
{
    struct bench bench;
    struct neuron_error error = {0};

    create(&bench, function, shapes);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_buckets_check(&bench.buckets, &error), &error);
    assert_contains(error.text, text);
    destroy(&bench);
}

static void
graphs_that_cannot_be_told_apart_are_no_buckets(void **state)
{
    static const int64_t twice[][2] = {{4, 8}, {4, 8}, {0, 0}};
    static const int64_t upwards[][2] = {{4, 8}, {4, 9}, {0, 0}};
    static const int64_t square[][2] = {{8, 8}, {4, 4}, {0, 0}};
    static const int64_t areas[][2] = {{8, 7}, {4, 5}, {0, 0}};

    (void)state;
    expect_no_buckets(record, twice, "two buckets have the same shapes");
    expect_no_buckets(record, upwards, "a larger bucket stands behind a smaller one");
    expect_no_buckets(record, square, "dimensions 0 and 1 of input ids are alike in every bucket");
    expect_no_buckets(flatten, areas, "dimension 1 of output output_0 differs between buckets");
}

static void
graphs_of_other_ports_are_no_buckets(void **state)
{
    struct bench bench;
    struct neuron_error error = {0};

    (void)state;
    create(&bench, record, three);
    bench.graphs[1]->inputs[1].spec.name[0] = 'n';
    assert_status(NEURON_INVALID_ARGUMENT, neuron_buckets_check(&bench.buckets, &error), &error);
    assert_contains(error.text, "input mask of one is nask of another");
    bench.graphs[1]->inputs[1].spec.name[0] = 'm';
    bench.graphs[2]->output_count = 1;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_buckets_check(&bench.buckets, &error), &error);
    assert_contains(error.text, "2 inputs and 2 outputs, another 2 and 1");
    bench.graphs[2]->output_count = 2;
    destroy(&bench);
}

static void
padding_is_proved_harmless_for_batches_alone(void **state)
{
    struct bench bench;

    (void)state;
    create(&bench, record, three);
    assert_true(neuron_buckets_input_varies(&bench.buckets, 0, 0));
    assert_true(neuron_buckets_padding_is_harmless(&bench.buckets, 0, 0));
    assert_false(neuron_buckets_padding_is_harmless(&bench.buckets, 0, 1));
    assert_false(neuron_buckets_padding_is_harmless(&bench.buckets, 1, 0));
    destroy(&bench);
    create(&bench, flatten, three);
    assert_false(neuron_buckets_padding_is_harmless(&bench.buckets, 0, 0));
    destroy(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_take_the_smallest_bucket_that_they_fit_into),
        cmocka_unit_test(tensors_that_fit_no_bucket_are_refused_with_the_largest),
        cmocka_unit_test(graphs_that_cannot_be_told_apart_are_no_buckets),
        cmocka_unit_test(graphs_of_other_ports_are_no_buckets),
        cmocka_unit_test(padding_is_proved_harmless_for_batches_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
