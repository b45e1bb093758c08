/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forest as a custom program: rows of float32 features in, a float32 score each out.
 *
 * It needs the headers of the installed package, and none of its libraries.
 */
#include <stdio.h>

#include <neuron/custom_program.h>

#include "forest.h"

/* Grows the forest on the thread of its core, so that it lies in the memory near that. */
static enum neuron_status
create_forest(const char *config, const struct neuron_custom_place *place, void **instance,
              struct neuron_error *error)
{
    struct forest_shape shape;

    (void)place;
    if (!forest_shape_parse(config, &shape, error->text, sizeof(error->text))) {
        return NEURON_INVALID_ARGUMENT;
    }
    *instance = forest_create(&shape);
    if (*instance == NULL) {
        (void)snprintf(error->text, sizeof(error->text),
                       "no memory for %u trees of depth %u: grow fewer", (unsigned)shape.trees,
                       (unsigned)shape.depth);
        return NEURON_OUT_OF_MEMORY;
    }
    return NEURON_OK;
}

static enum neuron_status
score_rows(void *instance, const struct neuron_tensor_view *inputs,
           const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    (void)error;
    forest_score(instance, inputs[0].data, inputs[0].shape[0], outputs[0].data);
    return NEURON_OK;
}

static void
destroy_forest(void *instance)
{
    forest_destroy(instance);
}

const struct neuron_custom_program *
neuron_custom_program(const char *config, struct neuron_error *error)
{
    static struct neuron_custom_tensor features = {
        .spec = {.name = "features", .shape = {.type = NEURON_FLOAT32, .rank = 2}}};
    static const struct neuron_custom_tensor scores = {
        .spec = {.name = "scores", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};
    static struct neuron_custom_program program = {
        .version = NEURON_CUSTOM_PROGRAM_VERSION,
        .name = "trees",
        .inputs = &features,
        .outputs = &scores,
        .input_count = 1,
        .output_count = 1,
        .create = create_forest,
        .run = score_rows,
        .destroy = destroy_forest,
    };
    struct forest_shape shape;

    if (!forest_shape_parse(config, &shape, error->text, sizeof(error->text))) {
        error->status = NEURON_INVALID_ARGUMENT;
        return NULL;
    }
    features.spec.shape.dims[1] = shape.features;
    program.config = config;
    return &program;
}
