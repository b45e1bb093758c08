/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

static enum neuron_status
record_neutral(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    struct neuron_value value = neuron_add(trace, x[0], neuron_scalar(trace, 0.0F));

    value = neuron_multiply(trace, neuron_scalar(trace, 1.0F), value);
    value = neuron_divide(trace, value, neuron_scalar(trace, 1.0F));
    value = neuron_subtract(trace, value, neuron_scalar(trace, 0.0F));
    y[0] = neuron_relu(trace, value);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_moves(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    const uint32_t order[4] = {0, 1, 2, 3};
    const int64_t dims[4] = {2, 4, 6, 8};
    struct neuron_value value = neuron_transpose(trace, x[0], order);

    value = neuron_reshape(trace, value, dims, 4);
    value = neuron_cast(trace, value, NEURON_FLOAT32);
    value = neuron_concat(trace, &value, 1, 2);
    y[0] = neuron_relu(trace, value);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_effective(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                 void *user)
{
    (void)user;
    const uint32_t order[4] = {0, 1, 3, 2};
    struct neuron_value value = neuron_subtract(trace, neuron_scalar(trace, 0.0F), x[0]);

    value = neuron_divide(trace, neuron_scalar(trace, 1.0F), value);
    y[0] = neuron_transpose(trace, value, order);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_stretch(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    /* The sum has another shape than what 0 is added to. */
    struct neuron_value zero =
        neuron_reshape(trace, neuron_scalar(trace, 0.0F), (const int64_t[]){1, 1, 1, 1, 1}, 5);

    y[0] = neuron_add(trace, x[0], zero);
    return neuron_trace_status(trace);
}

static void
numbers_without_effect_vanish(void **state)
{
    (void)state;
    pass_expect(neuron_pass_identity, record_neutral, NULL, 1, NEURON_OPERATOR_RELU);
}

static void
moves_that_move_nothing_vanish(void **state)
{
    (void)state;
    pass_expect(neuron_pass_identity, record_moves, NULL, 1, NEURON_OPERATOR_RELU);
}

static void
what_has_an_effect_stays(void **state)
{
    (void)state;
    pass_expect(neuron_pass_identity, record_effective, NULL, 3, NEURON_OPERATOR_TRANSPOSE);
    pass_expect(neuron_pass_identity, record_stretch, NULL, 2, NEURON_OPERATOR_ADD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_without_effect_vanish),
        cmocka_unit_test(moves_that_move_nothing_vanish),
        cmocka_unit_test(what_has_an_effect_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
