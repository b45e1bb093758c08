/* SPDX-License-Identifier: Apache-2.0 */
/* Where the largest elements stand, the way back, and normalization across channels. */
#include <string.h>

#include "check.h"
#include "neuron/trace_window.h"
#include "traced_run.h"

static float image[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const struct neuron_tensor_view square = {
    .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 4, 4}, .data = image};

static enum neuron_status
indices(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    y[0] = neuron_max_pool_indices(trace, x[0], user);
    return neuron_trace_status(trace);
}

static void
expect_indices(void **state, struct neuron_pool_options options,
               const struct neuron_tensor_view *input, const int64_t dims[2],
               const int64_t *expected)
{
    int64_t found[16] = {0};
    struct neuron_tensor_view output = {
        .type = NEURON_INT64, .rank = 4, .shape = {1, 1, dims[0], dims[1]}, .data = found};

    output.shape[1] = input->shape[1];
    run_traced(*state, indices, &options, input, 1, &output);
    assert_memory_equal(found, expected,
                        (size_t)(input->shape[1] * dims[0] * dims[1]) * sizeof(found[0]));
}

static void
indices_count_in_the_whole_input(void **state)
{
    const struct neuron_pool_options halves = {.kernel = {2, 2}, .strides = {2, 2}};
    struct neuron_tensor_view two = square;

    expect_indices(state, halves, &square, (int64_t[]){2, 2}, (int64_t[]){5, 7, 13, 15});
    two.shape[1] = 2;
    two.shape[2] = 2;
    expect_indices(state, halves, &two, (int64_t[]){1, 2}, (int64_t[]){5, 7, 13, 15});
}

static void
indices_may_count_columns_first(void **state)
{
    const struct neuron_pool_options options = {
        .kernel = {2, 2}, .strides = {2, 2}, .column_major = true};

    expect_indices(state, options, &square, (int64_t[]){2, 2}, (int64_t[]){5, 13, 7, 15});
}

static void
padding_and_gaps_do_not_move_indices(void **state)
{
    const struct neuron_pool_options padded = {
        .kernel = {3, 3}, .strides = {3, 3}, .pads = {1, 1, 1, 1}};
    const struct neuron_pool_options gaps = {.kernel = {2, 2}, .dilations = {3, 2}};

    expect_indices(state, padded, &square, (int64_t[]){2, 2}, (int64_t[]){5, 7, 13, 15});
    expect_indices(state, gaps, &square, (int64_t[]){1, 2}, (int64_t[]){14, 15});
}

static void
of_equal_elements_the_first_counts(void **state)
{
    const struct neuron_pool_options all = {.kernel = {4, 4}};
    float same[16] = {0};
    struct neuron_tensor_view flat = square;

    flat.data = same;
    expect_indices(state, all, &flat, (int64_t[]){1, 1}, (int64_t[]){0});
}

/* The shape that the indices count in, and that of the result. */
struct unpooling {
    int64_t counted[4];
    int64_t dims[4];
};

static enum neuron_status
unpool(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct unpooling *unpooling = user;

    y[0] = neuron_max_unpool(trace, x[0], x[1], unpooling->counted, unpooling->dims);
    return neuron_trace_status(trace);
}

static void
make_unpool_inputs(struct neuron_tensor_view *inputs, float *numbers, int64_t *places)
{
    inputs[0] =
        (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 1, 2}};
    inputs[1] = inputs[0];
    inputs[0].data = numbers;
    inputs[1].type = NEURON_INT64;
    inputs[1].data = places;
}

static void
elements_go_back_to_their_places(void **state)
{
    static const float expected[6] = {0, 0, 0, 3, 2, 0};
    struct unpooling unpooling = {.counted = {1, 1, 2, 2}, .dims = {1, 1, 2, 3}};
    float results[6] = {9, 9, 9, 9, 9, 9};
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 2, 3}, .data = results};

    make_unpool_inputs(inputs, (float[]){2, 3}, (int64_t[]){3, 2});
    run_traced(*state, unpool, &unpooling, inputs, 2, &output);
    expect_numbers(results, expected, 6, 0.0);
}

static void
an_index_outside_is_refused_in_a_run(void **state)
{
    struct unpooling unpooling = {.counted = {1, 1, 2, 2}, .dims = {1, 1, 2, 3}};
    struct neuron_tensor_view inputs[2];

    make_unpool_inputs(inputs, (float[]){2, 3}, (int64_t[]){3, 4});
    expect_run_refused(*state, unpool, &unpooling, inputs, 2, "max_unpool: index 4 is outside");
    make_unpool_inputs(inputs, (float[]){2, 3}, (int64_t[]){-1, 0});
    expect_run_refused(*state, unpool, &unpooling, inputs, 2, "max_unpool: index -1 is outside");
}

static enum neuron_status
normalize(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    const float *beta = user;

    y[0] = neuron_lrn(trace, x[0], 2, 2.0F, *beta, 1.0F);
    return neuron_trace_status(trace);
}

static void
channels_are_divided_by_their_neighbours(void **state)
{
    /* 1 + the squares of each and the one behind it: 6, 14, 10 at both places. */
    static const float expected[6] = {1.0F / 6, -1.0F / 6, 2.0F / 14, 2.0F / 14, 3.0F / 10, 0.3F};
    float numbers[6] = {1, -1, 2, 2, 3, 3};
    float results[6] = {0};
    float beta = 1.0F;
    struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {1, 3, 2}, .data = numbers};
    struct neuron_tensor_view output = input;

    output.data = results;
    run_traced(*state, normalize, &beta, &input, 1, &output);
    expect_numbers(results, expected, 6, 1e-6);
    beta = 0.75F;
    run_traced(*state, normalize, &beta, &input, 1, &output);
    assert_true(results[0] > 0.2608F && results[0] < 0.2609F);
}

static enum neuron_status
global(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    const struct neuron_value pools[3] = {neuron_global_max_pool(trace, x[0]),
                                          neuron_global_average_pool(trace, x[0]),
                                          neuron_global_lp_pool(trace, x[0], 1.0F)};

    y[0] = neuron_concat(trace, pools, 3, 1);
    return neuron_trace_status(trace);
}

static void
global_pools_see_everything(void **state)
{
    static const float expected[3] = {16.0F, 8.5F, 136.0F};
    float results[3] = {0};
    struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 3, 1, 1}, .data = results};

    run_traced(*state, global, NULL, &square, 1, &output);
    expect_numbers(results, expected, 3, 1e-5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_count_in_the_whole_input),
        cmocka_unit_test(indices_may_count_columns_first),
        cmocka_unit_test(padding_and_gaps_do_not_move_indices),
        cmocka_unit_test(of_equal_elements_the_first_counts),
        cmocka_unit_test(elements_go_back_to_their_places),
        cmocka_unit_test(an_index_outside_is_refused_in_a_run),
        cmocka_unit_test(channels_are_divided_by_their_neighbours),
        cmocka_unit_test(global_pools_see_everything),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
