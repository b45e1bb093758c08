/* SPDX-License-Identifier: Apache-2.0 */
/* Subsets of bad rows of blocks up to 16 rows, with runs that cost nothing. */
#include "check.h"

#include "score/row_rescue.h"

/* Of longer blocks than that only some subsets are tried, in the time that there is. */
enum { ROWS = 16, ALL_SUBSETS_ROWS = 13, STEP = 11 };

static uint64_t bad_rows;
static float x[ROWS];
static float y[ROWS];
static const struct neuron_tensor_view x_view = {NEURON_FLOAT32, 1, {ROWS}, x};
static const struct neuron_tensor_view y_view = {NEURON_FLOAT32, 1, {ROWS}, y};

/* The linker makes the name.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__wrap_neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                                const struct neuron_tensor_view *inputs, uint32_t input_count,
                                const struct neuron_tensor_view *outputs, uint32_t output_count,
                                struct neuron_error *error);

/* As a run does: all rows, or a failure and nothing to rely on. */
enum neuron_status
__wrap_neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                                const struct neuron_tensor_view *inputs, uint32_t input_count,
                                const struct neuron_tensor_view *outputs, uint32_t output_count,
                                struct neuron_error *error)
{
    const float *from = inputs[0].data;
    float *to = outputs[0].data;
    bool is_bad = input_count != 1 || output_count != 1 || parallel != NULL ||
                  inputs[0].shape[0] != outputs[0].shape[0];

    for (int64_t i = 0; i < inputs[0].shape[0]; i += 1) {
        is_bad = is_bad || (bad_rows >> (int)from[i] & 1) != 0;
    }
    for (int64_t i = 0; i < inputs[0].shape[0]; i += 1) {
        to[i] = is_bad ? -1.0F : from[i] + 0.5F;
    }
    (void)error;
    return is_bad ? NEURON_SYSTEM : NEURON_OK; /* a text would take longer than the rest */
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

/* Says whether just the bad rows of a block were found, and the others have results. */
static bool
is_found(uint64_t rows, uint64_t mask, struct neuron_failure_list *failures)
{
    static const bool is_shared[1] = {false};
    const struct neuron_row_rescue rescue = {.inputs = &x_view,
                                             .is_shared = is_shared,
                                             .input_count = 1,
                                             .outputs = &y_view,
                                             .output_count = 1,
                                             .row_count = rows,
                                             .most_failures = UINT64_MAX - 1};
    size_t next = 0;
    bool fits = true;

    bad_rows = mask;
    failures->count = 0;
    fits = neuron_row_rescue_run(&rescue, failures, NULL) == NEURON_OK;
    for (uint64_t row = 0; fits && row < rows; row += 1) {
        if ((mask >> row & 1) != 0) {
            fits = next < failures->count && failures->items[next].row == row;
            next += 1;
        } else {
            fits = y[row] == (float)row + 0.5F;
        }
    }
    return fits && next == failures->count;
}

/* Returns how many subsets of a block's rows are not found. */
static uint64_t
count_missed(uint64_t rows, struct neuron_failure_list *failures)
{
    uint64_t step = rows <= ALL_SUBSETS_ROWS ? 1 : STEP;
    uint64_t missed = 0;

    for (uint64_t mask = 0; mask < UINT64_C(1) << rows; mask += step) {
        missed += is_found(rows, mask, failures) ? 0 : 1;
    }
    return missed;
}

static void
subsets_are_found(void **state)
{
    struct neuron_failure_list failures = {.items = NULL};

    (void)state;
    for (int i = 0; i < ROWS; i += 1) {
        x[i] = (float)i;
    }
    for (uint64_t rows = 1; rows <= ROWS; rows += 1) {
        assert_int_equal(count_missed(rows, &failures), 0);
    }
    neuron_failure_list_destroy(&failures);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subsets_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
