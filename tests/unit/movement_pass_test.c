/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

static const uint32_t forth[4] = {0, 2, 3, 1};
static const uint32_t back[4] = {0, 3, 1, 2};

static enum neuron_status
record_reshapes(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    struct neuron_value value = neuron_reshape(trace, x[0], (const int64_t[]){8, 48}, 2);

    y[0] = neuron_reshape(trace, value, (const int64_t[]){2, 2, 96}, 3);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_transposes(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *user)
{
    (void)user;
    y[0] = neuron_transpose(trace, neuron_transpose(trace, x[0], forth), forth);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_around(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    struct neuron_value value = neuron_tanh(trace, neuron_transpose(trace, x[0], forth));

    y[0] = neuron_transpose(trace, value, user == NULL ? back : forth);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_ones(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    (void)user;
    struct neuron_value value = neuron_reshape(trace, x[0], (const int64_t[]){8, 1, 48}, 3);

    y[0] = neuron_transpose(trace, neuron_tanh(trace, value), (const uint32_t[]){1, 0, 2});
    return neuron_trace_status(trace);
}

static enum neuron_status
record_shared(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    (void)user;
    struct neuron_value value = neuron_tanh(trace, neuron_transpose(trace, x[0], forth));

    y[0] = neuron_add(trace, neuron_transpose(trace, value, back),
                      neuron_reshape(trace, value, (const int64_t[]){2, 4, 6, 8}, 4));
    return neuron_trace_status(trace);
}

static void
moves_in_a_row_become_one(void **state)
{
    (void)state;
    pass_expect(neuron_pass_movement, record_reshapes, NULL, 1, NEURON_OPERATOR_RESHAPE);
    pass_expect(neuron_pass_movement, record_transposes, NULL, 1, NEURON_OPERATOR_TRANSPOSE);
}

static void
transposes_around_an_elementwise_operator_cancel(void **state)
{
    (void)state;
    pass_expect(neuron_pass_movement, record_around, NULL, 1, NEURON_OPERATOR_TANH);
}

static void
a_transpose_of_dimensions_of_one_is_a_reshape(void **state)
{
    (void)state;
    pass_expect(neuron_pass_movement, record_ones, NULL, 3, NEURON_OPERATOR_RESHAPE);
}

static void
transposes_that_do_not_cancel_stay(void **state)
{
    (void)state;
    int other = 1;

    pass_expect(neuron_pass_movement, record_around, &other, 3, NEURON_OPERATOR_TRANSPOSE);
    pass_expect(neuron_pass_movement, record_shared, NULL, 5, NEURON_OPERATOR_ADD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_in_a_row_become_one),
        cmocka_unit_test(transposes_around_an_elementwise_operator_cancel),
        cmocka_unit_test(a_transpose_of_dimensions_of_one_is_a_reshape),
        cmocka_unit_test(transposes_that_do_not_cancel_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
