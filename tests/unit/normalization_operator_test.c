/* SPDX-License-Identifier: Apache-2.0 */
/* Normalizations against straightforward loops, in several types. */
#include "neuron/trace_normalization.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "neuron/trace_elementwise.h"
#include "tensor_text.h"
#include "traced_run.h"

enum norm_call {
    NORM_STANDARDIZE, /* from axis 1 on */
    NORM_MEAN,
    NORM_DEVIATION,
    NORM_INSTANCE,
    NORM_GROUP,    /* of 2 channels, with a factor for each group */
    NORM_CHANNELS, /* the same, with a factor for each channel */
    NORM_VARIANCE, /* over dimensions 0 and 2 */
    NORM_LP,       /* along dimension 1, power 3 */
    NORM_BATCH
};

struct norm_case {
    enum norm_call call;
    enum neuron_type type;
};

enum { BATCH = 2, CHANNELS = 4, PLACES = 3, COUNT = BATCH * CHANNELS * PLACES };

static const float epsilon = 0.125F;
static float numbers[COUNT];
static const float scales[CHANNELS] = {1.0F, -2.0F, 0.5F, 3.0F};
static const float shifts[CHANNELS] = {0.25F, 1.0F, -1.0F, 0.0F};
static const float means[CHANNELS] = {0.5F, -0.25F, 0.125F, 0.0F};
static const float variances[CHANNELS] = {1.0F, 2.0F, 0.5F, 0.25F};

static struct neuron_value
vector(struct neuron_trace *trace, const float *values, int64_t count)
{
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 1, .shape = {count}};
    float copy[CHANNELS];

    memcpy(copy, values, (size_t)count * sizeof(*values));
    view.data = copy;
    return neuron_constant(trace, &view);
}

static struct neuron_value
record_batch_norm(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_channel_moments moments = {.scale = vector(trace, scales, CHANNELS),
                                                   .shift = vector(trace, shifts, CHANNELS),
                                                   .mean = vector(trace, means, CHANNELS),
                                                   .variance = vector(trace, variances, CHANNELS)};

    return neuron_batch_norm(trace, x, &moments, epsilon);
}

static struct neuron_value
record_call(struct neuron_trace *trace, enum norm_call call, struct neuron_value x)
{
    const struct neuron_group_norm_options groups = {.groups = 2, .epsilon = epsilon};
    int64_t factors = call == NORM_GROUP ? 2 : CHANNELS;
    struct neuron_value scale = vector(trace, scales, factors);
    struct neuron_value shift = vector(trace, shifts, factors);

    switch ((int)call) {
    case NORM_STANDARDIZE:
        return neuron_standardize(trace, x, 1, epsilon);
    case NORM_MEAN:
        return neuron_layer_norm_mean(trace, x, 1);
    case NORM_DEVIATION:
        return neuron_layer_norm_inverse_deviation(trace, x, -2, epsilon);
    case NORM_INSTANCE:
        return neuron_instance_norm(trace, x, scale, shift, epsilon);
    case NORM_GROUP:
    case NORM_CHANNELS:
        return neuron_group_norm(trace, x, scale, shift, &groups);
    case NORM_VARIANCE:
        return neuron_mean_variance_norm(trace, x, 1U << 0 | 1U << 2);
    case NORM_LP:
        return neuron_lp_norm(trace, x, 1, 3.0F);
    case NORM_BATCH:
        return record_batch_norm(trace, x);
    }
    return (struct neuron_value){0};
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct norm_case *norm = user;
    struct neuron_value input = neuron_cast(trace, x[0], norm->type);

    y[0] = neuron_cast(trace, record_call(trace, norm->call, input), NEURON_FLOAT32);
    return neuron_trace_status(trace);
}

/* Says whether two elements are normalized together. */
static bool
belong(enum norm_call call, int left, int right)
{
    int left_channel = left / PLACES % CHANNELS;
    int right_channel = right / PLACES % CHANNELS;
    bool is_same_row = left / PLACES / CHANNELS == right / PLACES / CHANNELS;

    switch ((int)call) {
    case NORM_INSTANCE:
        return left / PLACES == right / PLACES;
    case NORM_GROUP:
    case NORM_CHANNELS:
        return is_same_row && left_channel / 2 == right_channel / 2;
    case NORM_VARIANCE:
        return left_channel == right_channel;
    case NORM_LP:
        return is_same_row && left % PLACES == right % PLACES;
    default:
        return is_same_row;
    }
}

/* Mean, variance and sum of cubes of all that an element is normalized with. */
struct moments {
    double mean;
    double variance;
    double cubes;
};

static struct moments
find_moments(enum norm_call call, int element)
{
    struct moments moments = {0};
    double count = 0.0;
    double squares = 0.0;

    for (int i = 0; i < COUNT; i += 1) {
        double number = belong(call, element, i) ? (double)numbers[i] : 0.0;

        count += belong(call, element, i) ? 1.0 : 0.0;
        moments.mean += number;
        squares += number * number;
        moments.cubes += fabs(number * number * number);
    }
    moments.mean /= count;
    moments.variance = squares / count - moments.mean * moments.mean;
    return moments;
}

static double
expected(enum norm_call call, int element)
{
    struct moments moments = find_moments(call, element);
    int channel = element / PLACES % CHANNELS;
    int factor = call == NORM_GROUP ? channel / 2 : channel;
    double deviation = sqrt(moments.variance + (call == NORM_VARIANCE ? 0.0 : (double)epsilon));
    double normal = ((double)numbers[element] - moments.mean) / deviation;

    switch ((int)call) {
    case NORM_MEAN:
        return moments.mean;
    case NORM_DEVIATION:
        return 1.0 / deviation;
    case NORM_LP:
        return (double)numbers[element] / cbrt(moments.cubes);
    case NORM_BATCH:
        normal = ((double)numbers[element] - (double)means[channel]) /
                 sqrt((double)variances[channel] + (double)epsilon);
        break;
    case NORM_STANDARDIZE:
    case NORM_VARIANCE:
        return normal;
    default:
        break;
    }
    return normal * (double)scales[factor] + (double)shifts[factor];
}

/* Runs a call over the numbers; says how many results there are. */
static int
run_norm(void **state, struct norm_case *norm, float *results)
{
    bool is_short = norm->call == NORM_MEAN || norm->call == NORM_DEVIATION;
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {BATCH, CHANNELS, PLACES}, .data = numbers};
    struct neuron_tensor_view output = input;

    for (int i = 0; i < COUNT; i += 1) {
        numbers[i] = (float)((i * 37 + i * i * 11) % 64 - 32) / 16.0F;
    }
    output.shape[1] = is_short ? 1 : CHANNELS;
    output.shape[2] = is_short ? 1 : PLACES;
    output.data = results;
    run_traced(*state, record, norm, &input, 1, &output);
    return is_short ? BATCH : COUNT;
}

static void
check_norm(void **state, enum norm_call call, enum neuron_type type, double tolerance)
{
    struct norm_case norm = {.call = call, .type = type};
    float results[COUNT] = {0};
    int count = run_norm(state, &norm, results);

    for (int i = 0; i < count; i += 1) {
        double wanted = expected(call, i * (COUNT / count));
        double limit = tolerance * fmax(1.0, fabs(wanted));

        if (!(fabs((double)results[i] - wanted) <= limit)) {
            print_error("call %d, type %d: number %d is %g, not %g\n", (int)call, (int)type, i,
                        (double)results[i], wanted);
        }
        assert_true(fabs((double)results[i] - wanted) <= limit);
    }
}

static void
normalizations_are_those_of_the_loops(void **state)
{
    for (int call = NORM_STANDARDIZE; call <= NORM_BATCH; call += 1) {
        check_norm(state, (enum norm_call)call, NEURON_FLOAT32, 2e-6);
    }
}

static void
float64_is_as_exact_as_the_result(void **state)
{
    static const enum norm_call calls[] = {NORM_STANDARDIZE, NORM_MEAN,  NORM_DEVIATION,
                                           NORM_INSTANCE,    NORM_GROUP, NORM_CHANNELS,
                                           NORM_BATCH};

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i += 1) {
        check_norm(state, calls[i], NEURON_FLOAT64, 3e-7);
    }
}

static void
float16_rounds_the_result_alone(void **state)
{
    static const enum norm_call calls[] = {NORM_STANDARDIZE, NORM_MEAN,  NORM_DEVIATION,
                                           NORM_INSTANCE,    NORM_GROUP, NORM_CHANNELS,
                                           NORM_BATCH};

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i += 1) {
        check_norm(state, calls[i], NEURON_FLOAT16, 2e-3);
    }
}

static void
zeros_have_no_direction_and_stay(void **state)
{
    struct norm_case norm = {.call = NORM_LP, .type = NEURON_FLOAT32};
    float zeros[4] = {0};
    float results[4] = {1, 1, 1, 1};
    struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {2, 2}, .data = zeros};
    struct neuron_tensor_view output = input;

    output.data = results;
    run_traced(*state, record, &norm, &input, 1, &output);
    expect_numbers(results, zeros, 4, 0.0);
}

/* Moments that a run computes: the inputs, in the order of a batch normalization. */
static enum neuron_status
norm_by_inputs(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const struct neuron_channel_moments moments = {
        .scale = x[1], .shift = x[2], .mean = x[3], .variance = x[4]};

    (void)user;
    y[0] = neuron_batch_norm(trace, x[0], &moments, 1.0F);
    return neuron_trace_status(trace);
}

static void
moments_may_come_with_the_run(void **state)
{
    static const float wanted[4] = {5.0F, 7.0F, 2.0F, 2.0F};
    float results[4] = {0};
    struct neuron_tensor_view inputs[5];
    struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {1, 2, 2}, .data = results};

    for (int i = 0; i < 5; i += 1) {
        inputs[i] = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 1, .shape = {2}};
    }
    inputs[0] = output;
    inputs[0].data = (float[]){3, 4, 5, 5};
    inputs[1].data = (float[]){2, 1};
    inputs[2].data = (float[]){1, 1};
    inputs[3].data = (float[]){1, 3};
    inputs[4].data = (float[]){0, 3};
    run_traced(*state, norm_by_inputs, NULL, inputs, 5, &output);
    expect_numbers(results, wanted, 4, 1e-6);
}

/* What a call that fails says. */
static void
expect_refused(neuron_trace_fn *function, const struct neuron_tensor_view *input, const char *text)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = input, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_trace(function, &signature, NULL, &graph, &error),
                  &error);
    assert_contains(error.text, text);
}

static enum neuron_status
group_of_three(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const struct neuron_group_norm_options options = {.groups = 3};
    struct neuron_value factors = vector(trace, scales, 3);

    (void)user;
    y[0] = neuron_group_norm(trace, x[0], factors, factors, &options);
    return neuron_trace_status(trace);
}

static enum neuron_status
few_factors(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    struct neuron_value factors = vector(trace, scales, 3);

    (void)user;
    y[0] = neuron_instance_norm(trace, x[0], factors, factors, epsilon);
    return neuron_trace_status(trace);
}

static enum neuron_status
few_moments(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    struct neuron_value factors = vector(trace, scales, 4);
    const struct neuron_channel_moments moments = {
        .scale = factors, .shift = factors, .mean = factors, .variance = vector(trace, scales, 1)};

    (void)user;
    y[0] = neuron_batch_norm(trace, x[0], &moments, epsilon);
    return neuron_trace_status(trace);
}

static enum neuron_status
no_axes(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_mean_variance_norm(trace, x[0], 1U << 3);
    return neuron_trace_status(trace);
}

static enum neuron_status
negative_power(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    y[0] = neuron_lp_norm(trace, x[0], 1, -1.0F);
    return neuron_trace_status(trace);
}

static void
what_does_not_fit_is_refused_by_name(void **state)
{
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {BATCH, CHANNELS, PLACES}};

    (void)state;
    expect_refused(group_of_three, &input, "group_norm: float32[2,4,3]");
    expect_refused(few_factors, &input, "instance_norm: float32[2,4,3]");
    expect_refused(few_moments, &input, "batch_norm: float32[2,4,3]");
    expect_refused(no_axes, &input, "mean_variance_norm: float32[2,4,3]");
    expect_refused(negative_power, &input, "lp_norm: ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalizations_are_those_of_the_loops),
        cmocka_unit_test(float64_is_as_exact_as_the_result),
        cmocka_unit_test(float16_rounds_the_result_alone),
        cmocka_unit_test(zeros_have_no_direction_and_stay),
        cmocka_unit_test(moments_may_come_with_the_run),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
