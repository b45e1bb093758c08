/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose custom program has the fault that `config` names. */
#include <stdio.h>
#include <string.h>

#include "neuron/custom_program.h"

static enum neuron_status
run_nothing(void *instance, const struct neuron_tensor_view *inputs,
            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    (void)instance;
    (void)inputs;
    (void)outputs;
    (void)error;
    return NEURON_OK;
}

const struct neuron_custom_program *
neuron_custom_program(const char *config, struct neuron_error *error)
{
    static struct neuron_custom_tensor tensor = {
        .spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};
    static struct neuron_custom_program program;
    /* All that there is of it: AddressSanitizer sees whoever reads on. */
    static const uint32_t other_version = NEURON_CUSTOM_PROGRAM_VERSION + 6;

    tensor.spec.shape.type = NEURON_FLOAT32;
    program = (struct neuron_custom_program){.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                             .name = "faulty",
                                             .inputs = &tensor,
                                             .outputs = &tensor,
                                             .input_count = 1,
                                             .output_count = 1,
                                             .run = run_nothing};
    if (strcmp(config, "version") == 0) {
        return (const void *)&other_version;
    }
    if (strcmp(config, "run") == 0) {
        program.run = NULL;
    } else if (strcmp(config, "type") == 0) {
        tensor.spec.shape.type = (enum neuron_type)77;
    } else if (strcmp(config, "text") == 0) {
        (void)snprintf(error->text, sizeof(error->text), "the licence has run out");
        return NULL;
    } else if (strcmp(config, "status") == 0) {
        error->status = (enum neuron_status)4711;
        return NULL;
    } else if (strcmp(config, "silence") == 0) {
        return NULL;
    }
    return &program;
}
