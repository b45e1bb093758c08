/* SPDX-License-Identifier: Apache-2.0 */
#include "module/bucket_run.h"

#include <stdlib.h>

#include "module/model_bucket.h"
#include "module/module_run.h"
#include "module/module_tensors.h"
#include "module/staged_tensors.h"
#include "neuron/model_buckets.h"

/* The outputs have the shapes that belong to the inputs. */
static enum neuron_status
check_outputs(const struct neuron_model *model, const struct neuron_tensor_view *outputs,
              const struct neuron_tensor_shape *shapes, struct neuron_error *error)
{
    for (uint32_t i = 0; i < neuron_model_output_count(model); i += 1) {
        struct neuron_tensor_shape given = neuron_tensor_view_shape(&outputs[i]);
        char texts[2][80] = {"", ""};

        if (!neuron_tensor_shape_equals(&given, &shapes[i])) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "output %.40s is %s; for these inputs it is %s",
                               neuron_model_output(model, i)->name,
                               neuron_tensor_shape_format(&given, texts[0], sizeof(texts[0])),
                               neuron_tensor_shape_format(&shapes[i], texts[1], sizeof(texts[1])));
        }
    }
    return NEURON_OK;
}

static enum neuron_status
choose(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
       const struct neuron_tensor_view *outputs, uint32_t *bucket, struct neuron_error *error)
{
    struct neuron_tensor_shape *shapes =
        calloc((size_t)neuron_model_output_count(model) + 1, sizeof(*shapes));

    if (shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    enum neuron_status status = neuron_model_choose_bucket(model, inputs, bucket, shapes, error);
    if (status == NEURON_OK) {
        status = check_outputs(model, outputs, shapes, error);
    }
    free(shapes);
    return status;
}

enum neuron_status
neuron_bucket_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct neuron_staged_tensors staged = {0};
    uint32_t bucket = 0;
    enum neuron_status status = choose(module->model, inputs, outputs, &bucket, error);

    if (status == NEURON_OK) {
        status = neuron_staged_tensors_fill(&staged, neuron_model_bucket(module->model, bucket),
                                            inputs, outputs, NEURON_STAGED_ZEROS, error);
    }
    if (status != NEURON_OK) {
        neuron_runtime_count_refusal(module->runtime, status);
    } else {
        status = neuron_module_run_bucket(module, bucket, staged.addresses,
                                          staged.addresses + module->input_count, error);
    }
    if (status == NEURON_OK) {
        neuron_staged_tensors_trim(&staged, outputs);
        status = neuron_module_check_trimmed(module, outputs, error);
    }
    neuron_staged_tensors_close(&staged);
    return status;
}
