/* SPDX-License-Identifier: Apache-2.0 */
/* A concat of more inputs than oneDNN takes. */
#include "check.h"
#include "model_bench.h"

enum { ROWS = 2, PARTS = 3500 };

/* Two columns, by turns, side by side. */
static enum neuron_status
record_columns(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    struct neuron_value parts[PARTS];

    (void)user;
    for (int i = 0; i < PARTS; i += 1) {
        parts[i] = x[i % 2];
    }
    y[0] = neuron_concat(trace, parts, PARTS, 1);
    return neuron_trace_status(trace);
}

static void
thousands_of_inputs_lie_in_order(void **state)
{
    float columns[2][ROWS] = {{1, 2}, {3, 4}};
    static float found[ROWS][PARTS];
    const struct neuron_tensor_view inputs[2] = {
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, 1}, .data = columns[0]},
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, 1}, .data = columns[1]}};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, PARTS}, .data = found};
    const struct neuron_trace_signature signature = {
        .example_inputs = inputs, .input_count = 2, .output_count = 1};
    struct neuron_model *model = model_of(*state, record_columns, &signature, NULL);

    run_once(*state, model, inputs, &output);
    for (int row = 0; row < ROWS; row += 1) {
        for (int i = 0; i < PARTS; i += 1) {
            assert_float_equal(found[row][i], columns[i % 2][row], 0.0F);
        }
    }
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(thousands_of_inputs_lie_in_order, model_bench_setup,
                                        model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
