/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

struct form {
    int64_t factor[4]; /* dimensions of what is multiplied; none for none */
    bool has_bias;
    bool is_read_twice;
    bool has_activation; /* between the product and the factor */
};

static struct neuron_value
scale(struct neuron_trace *trace, const struct form *form, struct neuron_value product)
{
    struct neuron_value value = form->has_activation ? neuron_relu(trace, product) : product;
    struct neuron_value factor =
        sample_constant(trace, form->factor[0], form->factor[1], form->factor[2], form->factor[3]);

    value = neuron_multiply(trace, value, factor);
    if (form->has_bias) {
        value = neuron_add(trace, value, factor);
    }
    return form->is_read_twice ? neuron_add(trace, value, product) : value;
}

static enum neuron_status
convolve(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const struct form *form = user;
    struct neuron_value bias =
        form->has_bias ? sample_constant(trace, 6, 0, 0, 0) : (struct neuron_value){0};

    y[0] = scale(trace, form,
                 neuron_conv2d(trace, x[0], sample_constant(trace, 6, 4, 3, 3), bias, NULL));
    return neuron_trace_status(trace);
}

static enum neuron_status
multiply(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    y[0] = scale(trace, user, neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0)));
    return neuron_trace_status(trace);
}

static enum neuron_status
attend(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const uint32_t swap[4] = {0, 1, 3, 2};
    struct neuron_value query = neuron_matmul(trace, x[0], sample_constant(trace, 8, 8, 0, 0));
    struct neuron_value scores = neuron_matmul(trace, neuron_transpose(trace, query, user),
                                               neuron_transpose(trace, x[0], swap));

    y[0] = neuron_divide(trace, scores, neuron_scalar(trace, 2.0F));
    return neuron_trace_status(trace);
}

static void
factors_by_channel_move_into_weights(void **state)
{
    (void)state;
    struct form form = {.factor = {6, 1, 1}};

    pass_expect(neuron_pass_scale_fold, convolve, &form, 1, NEURON_OPERATOR_CONV);
    form.has_bias = true;
    pass_expect(neuron_pass_scale_fold, convolve, &form, 1, NEURON_OPERATOR_CONV);
    form = (struct form){.factor = {5}};
    pass_expect(neuron_pass_scale_fold, multiply, &form, 1, NEURON_OPERATOR_MATMUL);
    form = (struct form){.factor = {1, 1}};
    pass_expect(neuron_pass_scale_fold, multiply, &form, 1, NEURON_OPERATOR_MATMUL);
}

static void
the_factor_of_scores_moves_into_the_weights_of_the_query(void **state)
{
    (void)state;
    uint32_t order[4] = {0, 1, 2, 3};

    pass_expect(neuron_pass_scale_fold, attend, order, 4, NEURON_OPERATOR_MATMUL);
}

static void
other_shapes_are_left_alone(void **state)
{
    (void)state;
    struct form form = {.factor = {7, 1}};

    form.factor[0] = 4;
    pass_expect(neuron_pass_scale_fold, convolve, &form, 2, NEURON_OPERATOR_MULTIPLY);
    form = (struct form){.factor = {6, 1}};
    pass_expect(neuron_pass_scale_fold, multiply, &form, 2, NEURON_OPERATOR_MULTIPLY);
}

static void
what_others_read_and_what_was_activated_is_left_alone(void **state)
{
    (void)state;
    struct form form = {.factor = {5}, .is_read_twice = true};

    pass_expect(neuron_pass_scale_fold, multiply, &form, 3, NEURON_OPERATOR_ADD);
    form = (struct form){.factor = {5}, .has_activation = true};
    pass_expect(neuron_pass_scale_fold, multiply, &form, 3, NEURON_OPERATOR_MULTIPLY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_by_channel_move_into_weights),
        cmocka_unit_test(the_factor_of_scores_moves_into_the_weights_of_the_query),
        cmocka_unit_test(other_shapes_are_left_alone),
        cmocka_unit_test(what_others_read_and_what_was_activated_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
