/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that reductions give on a core, against straightforward loops in double. */
#include "neuron/trace_reduce.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "model_bench.h"

typedef struct neuron_value
reduce_fn(struct neuron_trace *trace, struct neuron_value input,
          const struct neuron_reduce_options *options);

/* One of a kind: what is folded into the result, and what is done to it in the end. */
typedef double
fold_fn(double result, double element);
typedef double
finish_fn(double result, double count);

struct reduction_case {
    reduce_fn *record;
    double start;
    fold_fn *fold;
    finish_fn *finish;
    struct neuron_reduce_options options;
};

static double
add(double result, double element)
{
    return result + element;
}

static double
multiply(double result, double element)
{
    return result * element;
}

static double
add_absolute(double result, double element)
{
    return result + fabs(element);
}

static double
add_square(double result, double element)
{
    return result + element * element;
}

static double
add_exponential(double result, double element)
{
    return result + exp(element);
}

static double
leave(double result, double count)
{
    (void)count;
    return result;
}

static double
divide(double result, double count)
{
    return result / count;
}

static double
take_root(double result, double count)
{
    (void)count;
    return sqrt(result);
}

static double
take_logarithm(double result, double count)
{
    (void)count;
    return log(result);
}

static const struct reduction_case cases[] = {
    {.record = neuron_reduce_sum, .fold = add, .finish = leave},
    {.record = neuron_reduce_mean, .fold = add, .finish = divide},
    {.record = neuron_reduce_prod, .start = 1.0, .fold = multiply, .finish = leave},
    {.record = neuron_reduce_min, .start = 1e9, .fold = fmin, .finish = leave},
    {.record = neuron_reduce_max, .start = -1e9, .fold = fmax, .finish = leave},
    {.record = neuron_reduce_l1, .fold = add_absolute, .finish = leave},
    {.record = neuron_reduce_l2, .fold = add_square, .finish = take_root},
    {.record = neuron_reduce_sum_square, .fold = add_square, .finish = leave},
    {.record = neuron_reduce_log_sum_exp, .fold = add_exponential, .finish = take_logarithm},
};

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    const struct reduction_case *chosen = user;

    outputs[0] = chosen->record(trace, inputs[0], &chosen->options);
    return neuron_trace_status(trace);
}

static bool
is_reduced(const struct neuron_reduce_options *options, int32_t dimension)
{
    for (uint32_t i = 0; i < options->axis_count; i += 1) {
        if (options->axes[i] == dimension) {
            return true;
        }
    }
    return options->axis_count == 0;
}

/* Where the element of a position goes in a result that keeps the dimensions. */
static size_t
find_target(const struct neuron_tensor_view *input, const struct neuron_reduce_options *options,
            size_t position)
{
    size_t target = 0;
    size_t stride = 1;

    for (uint32_t i = input->rank; i > 0; i -= 1) {
        size_t dim = (size_t)input->shape[i - 1];

        if (!is_reduced(options, (int32_t)(i - 1))) {
            target += position % dim * stride;
            stride *= dim;
        }
        position /= dim;
    }
    return target;
}

static void
reduce_straightforwardly(const struct reduction_case *chosen,
                         const struct neuron_tensor_view *input,
                         const struct neuron_tensor_view *result)
{
    size_t count = tensor_element_count(input);
    size_t result_count = tensor_element_count(result);
    double *sums = calloc(result_count, sizeof(*sums));
    const float *elements = input->data;
    float *results = result->data;

    assert_non_null(sums);
    for (size_t i = 0; i < result_count; i += 1) {
        sums[i] = chosen->start;
    }
    for (size_t i = 0; i < count; i += 1) {
        double *sum = &sums[find_target(input, &chosen->options, i)];

        *sum = chosen->fold(*sum, (double)elements[i]);
    }
    for (size_t i = 0; i < result_count; i += 1) {
        results[i] = (float)chosen->finish(sums[i], (double)count / (double)result_count);
    }
    free(sums);
}

/* Runs every reduction over axes of one input. */
static void
check_all(const struct model_bench *bench, const char *shape, const int32_t *axes,
          uint32_t axis_count)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct reduction_case chosen = cases[i];
        struct neuron_tensor_view input[TENSOR_TEXT_LIMIT] = {{0}};
        const struct neuron_trace_signature signature = {
            .example_inputs = input, .input_count = 1, .output_count = 1};

        chosen.options = (struct neuron_reduce_options){axes, axis_count, i % 2 == 0};
        assert_int_equal(parse_tensors(shape, input), 1);
        allocate_tensor(&input[0]);
        fill_tensor(&input[0], (uint32_t)i + 1);
        struct neuron_model *model = model_of(bench, record, &signature, &chosen);
        struct neuron_tensor_view actual =
            neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, NULL);
        struct neuron_tensor_view expected = actual;
        allocate_tensor(&actual);
        allocate_tensor(&expected);
        run_once(bench, model, input, &actual);
        reduce_straightforwardly(&chosen, &input[0], &expected);
        check_close(&actual, &expected, 2e-6, shape);
        free_tensor(&actual);
        free_tensor(&expected);
        free_tensor(&input[0]);
        neuron_model_destroy(model);
    }
}

static void
rows_are_reduced(void **state)
{
    static const int32_t last[] = {1};
    static const int32_t both[] = {1, 2};

    check_all(*state, "[3,1000]", last, 1);
    check_all(*state, "[5,7]", last, 1);
    check_all(*state, "[4,1]", last, 1);
    check_all(*state, "[2,9,33]", both, 2);
}

static void
columns_are_reduced(void **state)
{
    static const int32_t first[] = {0};
    static const int32_t middle[] = {1};

    check_all(*state, "[9,700]", first, 1);
    check_all(*state, "[3,5,300]", middle, 1);
    check_all(*state, "[3,5,1]", middle, 1);
}

static void
axes_apart_are_reduced(void **state)
{
    static const int32_t outer[] = {0, 2};
    static const int32_t ends[] = {0, 3};

    check_all(*state, "[3,5,65]", outer, 2);
    check_all(*state, "[2,3,4,5]", outer, 2);
    check_all(*state, "[2,3,1,70]", ends, 2);
}

static void
everything_is_reduced(void **state)
{
    check_all(*state, "[3,5,65]", NULL, 0);
    check_all(*state, "[1]", NULL, 0);
    check_all(*state, "[]", NULL, 0);
}

static void
means_over_height_and_width_are_poolings(void **state)
{
    static const int32_t axes[] = {2, 3};

    check_all(*state, "[2,3,5,7]", axes, 2);
}

/* Traces a sum over these axes of [2,3]. */
static void
expect_refusal(const int32_t *axes, uint32_t axis_count)
{
    struct reduction_case chosen = {.record = neuron_reduce_sum,
                                    .options = {.axes = axes, .axis_count = axis_count}};
    const struct neuron_tensor_view input = {.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &input, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_trace(record, &signature, &chosen, &graph, &error), &error);
    assert_contains(error.text, "reduce_sum: float32[2,3]");
}

static void
axes_that_are_not_there_are_refused(void **state)
{
    static const int32_t beyond[] = {2};
    static const int32_t before[] = {-3};
    static const int32_t twice[] = {1, -1};

    (void)state;
    expect_refusal(beyond, 1);
    expect_refusal(before, 1);
    expect_refusal(twice, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_reduced),
        cmocka_unit_test(columns_are_reduced),
        cmocka_unit_test(axes_apart_are_reduced),
        cmocka_unit_test(everything_is_reduced),
        cmocka_unit_test(means_over_height_and_width_are_poolings),
        cmocka_unit_test(axes_that_are_not_there_are_refused),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
