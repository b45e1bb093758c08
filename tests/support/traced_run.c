/* SPDX-License-Identifier: Apache-2.0 */
#include "traced_run.h"

#include <math.h>

#include "check.h"

enum { RESULT_BYTES = 4096 };

static struct neuron_model *
make_model(const struct model_bench *bench, neuron_trace_fn *function, void *user,
           const struct neuron_tensor_view *inputs, uint32_t input_count)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = inputs, .input_count = input_count, .output_count = 1};

    return model_of(bench, function, &signature, user);
}

void
run_traced(const struct model_bench *bench, neuron_trace_fn *function, void *user,
           const struct neuron_tensor_view *inputs, uint32_t input_count,
           const struct neuron_tensor_view *output)
{
    struct neuron_model *model = make_model(bench, function, user, inputs, input_count);

    run_once(bench, model, inputs, output);
    neuron_model_destroy(model);
}

void
expect_run_refused(const struct model_bench *bench, neuron_trace_fn *function, void *user,
                   const struct neuron_tensor_view *inputs, uint32_t input_count, const char *text)
{
    struct neuron_model *model = make_model(bench, function, user, inputs, input_count);
    unsigned char bytes[RESULT_BYTES];
    struct neuron_tensor_view output =
        neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, bytes);
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_run(module, inputs, input_count, &output, 1, &error), &error);
    assert_contains(error.text, text);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

/* The first number that is too far from what is expected; `count` where none is. */
static size_t
find_stray(const float *numbers, const float *expected, size_t count, double tolerance)
{
    size_t i = 0;

    while (i < count && fabs((double)numbers[i] - (double)expected[i]) <= tolerance) {
        i += 1;
    }
    return i;
}

void
expect_numbers(const float *numbers, const float *expected, size_t count, double tolerance)
{
    size_t stray = find_stray(numbers, expected, count, tolerance);

    if (stray < count) {
        print_error("number %zu is %g, not %g\n", stray, (double)numbers[stray],
                    (double)expected[stray]);
    }
    assert_int_equal(stray, count);
}
