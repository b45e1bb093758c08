/* SPDX-License-Identifier: Apache-2.0 */
/* Which values are never negative. */
#include "check.h"

#include "engine/value_signs.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_window.h"
#include "traced_operators.h"

enum { VALUE_LIMIT = 16 };

/* Records the operators given one after another. */
static enum neuron_status
record_chain(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    struct neuron_value value = x[0];

    for (unary_fn *const *operators = user; *operators != NULL; operators += 1) {
        value = (*operators)(trace, value);
    }
    y[0] = value;
    return neuron_trace_status(trace);
}

static bool
is_positive(unary_fn *first, unary_fn *second, unary_fn *third)
{
    struct {
        unary_fn *operators[4];
    } chain = {{first, second, third, NULL}};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 2, 4, 4}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    bool signs[VALUE_LIMIT];
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_chain, &signature, chain.operators, &graph, &error), &error);
    assert_true(graph->value_count <= VALUE_LIMIT);
    neuron_value_signs_find(graph, signs);
    assert_false(signs[graph->inputs[0].value]);
    bool is = signs[graph->outputs[0].value];
    neuron_graph_destroy(graph);
    return is;
}

static struct neuron_value
clip_above_zero(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_clip(trace, input, 0.0F, 6.0F);
}

static struct neuron_value
clip_around_zero(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_clip(trace, input, -1.0F, 6.0F);
}

static struct neuron_value
softmax(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_softmax(trace, input, 1);
}

static struct neuron_value
leaky_relu(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_leaky_relu(trace, input, 0.1F);
}

static struct neuron_value
turn(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_transpose(trace, input, NULL);
}

static struct neuron_value
flatten(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_flatten(trace, input, 1);
}

static struct neuron_value
max_pool(struct neuron_trace *trace, struct neuron_value input)
{
    const struct neuron_pool_options window = {.kernel = {2, 2}};

    return neuron_max_pool(trace, input, &window);
}

static struct neuron_value
shift_down(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_subtract(trace, input, neuron_scalar(trace, 1.0F));
}

static void
functions_without_negative_results_are_known(void **state)
{
    static unary_fn *const functions[] = {neuron_relu, neuron_sigmoid, clip_above_zero, softmax};

    (void)state;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i += 1) {
        assert_true(is_positive(functions[i], NULL, NULL));
        /* Elements that are moved, or chosen, stay what they are. */
        assert_true(is_positive(functions[i], turn, NULL));
        assert_true(is_positive(functions[i], flatten, NULL));
        assert_true(is_positive(functions[i], max_pool, flatten));
    }
}

static void
functions_with_negative_results_are_not_taken_for_such(void **state)
{
    static unary_fn *const functions[] = {neuron_tanh,      neuron_gelu, neuron_swish,
                                          neuron_gelu_tanh, leaky_relu,  clip_around_zero,
                                          neuron_negate,    neuron_sin,  neuron_hard_swish,
                                          neuron_mish,      shift_down,  neuron_log};

    (void)state;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i += 1) {
        assert_false(is_positive(functions[i], NULL, NULL));
        assert_false(is_positive(neuron_relu, shift_down, functions[i]));
    }
    assert_false(is_positive(max_pool, turn, NULL));
    assert_false(is_positive(neuron_relu, shift_down, turn));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_without_negative_results_are_known),
        cmocka_unit_test(functions_with_negative_results_are_not_taken_for_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
