/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library with a custom program: y = 2 * x + bias, in rows of as many columns as `config` says.
 * It is linked with nothing of ours, and keeps its answer in static variables, as libraries may.
 */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/custom_program.h"

static enum neuron_status
scale_rows(void *instance, const struct neuron_tensor_view *inputs,
           const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const float *x = inputs[0].data;
    const float *bias = inputs[1].data;
    float *y = outputs[0].data;
    int64_t columns = inputs[0].shape[1];

    (void)instance;
    (void)error;
    for (int64_t i = 0; i < inputs[0].shape[0] * columns; i += 1) {
        y[i] = 2.0F * x[i] + bias[i % columns];
    }
    return NEURON_OK;
}

const struct neuron_custom_program *
neuron_custom_program(const char *config, struct neuron_error *error)
{
    static struct neuron_custom_tensor inputs[2] = {
        {.spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 2}}},
        {.spec = {.name = "bias", .shape = {.type = NEURON_FLOAT32, .rank = 1}}, .is_shared = true},
    };
    static struct neuron_custom_tensor output = {
        .spec = {.name = "y", .shape = {.type = NEURON_FLOAT32, .rank = 2}}};
    static struct neuron_custom_program program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                   .name = "scale",
                                                   .inputs = inputs,
                                                   .outputs = &output,
                                                   .input_count = 2,
                                                   .output_count = 1,
                                                   .run = scale_rows};
    int64_t columns = config == NULL ? 0 : strtoll(config, NULL, 10);

    if (columns < 1) {
        error->status = NEURON_INVALID_ARGUMENT;
        (void)snprintf(error->text, sizeof(error->text), "\"%s\" is no number of columns",
                       config == NULL ? "" : config);
        return NULL;
    }
    inputs[0].spec.shape.dims[1] = columns;
    inputs[1].spec.shape.dims[0] = columns;
    output.spec.shape.dims[1] = columns;
    program.config = config;
    return &program;
}
