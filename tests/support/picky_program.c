/* SPDX-License-Identifier: Apache-2.0 */
#include "picky_program.h"

#include <stdio.h>
#include <string.h>

struct picky picky;

/* Says whether a run fails at a row this time. */
static bool
is_refused(int row)
{
    if (picky.rows[row] == NEURON_OK || picky.failures_left[row] == 0) {
        return false;
    }
    if (picky.failures_left[row] != UINT32_MAX) {
        picky.failures_left[row] -= 1;
    }
    return true;
}

static enum neuron_status
run_picky(void *instance, const struct neuron_tensor_view *inputs,
          const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const float *x = inputs[0].data;
    const float *bias = inputs[1].data;
    float *y = outputs[0].data;

    (void)instance;
    atomic_fetch_add(&picky.runs, 1);
    for (int64_t i = 0; i < inputs[0].shape[0]; i += 1) {
        int row = (int)x[i];

        if (is_refused(row)) {
            (void)snprintf(error->text, sizeof(error->text), "row %d is not liked", row);
            return picky.rows[row];
        }
        y[i] = x[i] + bias[0];
    }
    return NEURON_OK;
}

static const struct neuron_custom_tensor picky_inputs[2] = {
    {.spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 1}}},
    {.spec = {.name = "bias", .shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {1}}},
     .is_shared = true},
};
static const struct neuron_custom_tensor picky_output = {
    .spec = {.name = "y", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};

const struct neuron_custom_program picky_program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                    .name = "picky",
                                                    .inputs = picky_inputs,
                                                    .outputs = &picky_output,
                                                    .input_count = 2,
                                                    .output_count = 1,
                                                    .run = run_picky};

void
picky_refuse(uint64_t mask, enum neuron_status status)
{
    memset(&picky, 0, sizeof(picky));
    for (int i = 0; i < PICKY_ROWS; i += 1) {
        picky.rows[i] = (mask >> i & 1) != 0 ? status : NEURON_OK;
        picky.failures_left[i] = UINT32_MAX;
    }
}
