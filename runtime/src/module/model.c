/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/model.h"

#include <stdlib.h>

#include "graph/graph_body.h"
#include "module/model_body.h"

enum neuron_status
neuron_model_load(const char *path, struct neuron_model **model, struct neuron_error *error)
{
    struct neuron_model *loaded = calloc(1, sizeof(*loaded));

    if (loaded == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the model %s", path);
    }
    enum neuron_status status = neuron_neff_read(path, &loaded->file, error);
    if (status != NEURON_OK) {
        neuron_model_destroy(loaded);
        return status;
    }
    *model = loaded;
    return NEURON_OK;
}

const char *
neuron_model_name(const struct neuron_model *model)
{
    return model->file.name;
}

uint32_t
neuron_model_input_count(const struct neuron_model *model)
{
    return neuron_graph_input_count(model->file.graph);
}

uint32_t
neuron_model_output_count(const struct neuron_model *model)
{
    return neuron_graph_output_count(model->file.graph);
}

const struct neuron_tensor_spec *
neuron_model_input(const struct neuron_model *model, uint32_t index)
{
    return neuron_graph_input(model->file.graph, index);
}

const struct neuron_tensor_spec *
neuron_model_output(const struct neuron_model *model, uint32_t index)
{
    return neuron_graph_output(model->file.graph, index);
}

enum neuron_status
neuron_model_check_batchable(const struct neuron_model *model, struct neuron_error *error)
{
    return neuron_graph_check_batchable(model->file.graph, error);
}

void
neuron_model_destroy(struct neuron_model *model)
{
    if (model == NULL) {
        return;
    }
    neuron_neff_close(&model->file);
    free(model);
}

uint32_t
neuron_model_core_count(const struct neuron_model *model)
{
    (void)model;
    return 1;
}
