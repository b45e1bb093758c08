/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/machine.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "module/model_bucket.h"
#include "whole_file.h"

/* A model without its file; NULL when there is no memory. */
static struct neuron_model *
create_empty(const char *name, struct neuron_error *error)
{
    struct neuron_model *model = calloc(1, sizeof(*model));

    if (model != NULL) {
        atomic_init(&model->holder_count, 1);
    } else {
        (void)NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the model %s", name);
    }
    return model;
}

enum neuron_status
neuron_model_open_stages(struct neuron_model *model, struct neuron_error *error)
{
    return model->file.graph->split.kind == NEURON_SPLIT_KIND_PIPELINE
               ? neuron_stage_graphs_create(model->file.graph, &model->stages, error)
               : NEURON_OK;
}

/* Hands over a model that has its file, cut as that says and with a list of its weights; or
   destroys it. */
static enum neuron_status
finish_load(struct neuron_model *loaded, enum neuron_status status, struct neuron_model **model,
            struct neuron_error *error)
{
    if (status == NEURON_OK && loaded->file.graph->bucket_count > 0) {
        status = neuron_model_open_buckets(loaded, error);
    }
    if (status == NEURON_OK) {
        status = neuron_model_open_stages(loaded, error);
    }
    if (status == NEURON_OK) {
        status = neuron_weight_list_create(loaded->file.graph, &loaded->weights, error);
    }
    if (status != NEURON_OK) {
        neuron_model_destroy(loaded);
        return status;
    }
    *model = loaded;
    return NEURON_OK;
}

enum neuron_status
neuron_model_load(const char *path, struct neuron_model **model, struct neuron_error *error)
{
    struct neuron_model *loaded = create_empty(path, error);

    if (loaded == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    return finish_load(loaded, neuron_neff_read(path, &loaded->file, error), model, error);
}

enum neuron_status
neuron_model_load_bytes(const void *bytes, size_t size_bytes, struct neuron_model **model,
                        struct neuron_error *error)
{
    struct neuron_model *loaded = create_empty("in memory", error);

    if (loaded == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    return finish_load(loaded, neuron_neff_read_bytes(bytes, size_bytes, &loaded->file, error),
                       model, error);
}

enum neuron_status
neuron_model_adopt(struct neuron_graph *graph, const char *name, struct neuron_model **model,
                   struct neuron_error *error)
{
    struct neuron_model *adopting = create_empty(name, error);

    if (adopting == NULL) {
        neuron_graph_destroy(graph);
        return NEURON_OUT_OF_MEMORY;
    }
    adopting->file.graph = graph;
    (void)snprintf(adopting->file.name, sizeof(adopting->file.name), "%s", name);
    return finish_load(adopting, NEURON_OK, model, error);
}

enum neuron_status
neuron_model_check(const struct neuron_model *model, struct neuron_error *error)
{
    if (model->origin == NULL) {
        return neuron_neff_check(&model->file, error);
    }
    enum neuron_status status = neuron_model_check(model->origin, error);
    if (status == NEURON_OK) {
        struct neuron_neff_checksum found = neuron_model_given_identity(model);

        if (memcmp(found.bytes, model->file.uuid.bytes, sizeof(found.bytes)) != 0) {
            status = NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                                 "the model %s has other weights than it was given: their file was "
                                 "changed while it is loaded; give them again, and replace files "
                                 "by renaming others",
                                 model->file.name);
        }
    }
    return status;
}

enum neuron_status
neuron_model_write(const struct neuron_model *model, int descriptor, struct neuron_error *error)
{
    const struct neuron_whole_file file = {.path = "the copy of a model", .descriptor = descriptor};
    const struct neuron_neff_section *last = &model->file.sections[1];

    if (model->origin != NULL || model->file.mapping == NULL) {
        return neuron_neff_write_open(model->file.graph, model->file.name, descriptor, error);
    }
    return neuron_whole_file_write(&file, model->file.bytes,
                                   (size_t)(last->offset + last->size_bytes), 0, error);
}

const unsigned char *
neuron_model_identity(const struct neuron_model *model)
{
    _Static_assert((int)NEURON_MODEL_IDENTITY_BYTES == (int)NEURON_NEFF_CHECKSUM_BYTES,
                   "the identity of a model is the uuid of its file");
    return model->file.uuid.bytes;
}

uint32_t
neuron_model_core_count(const struct neuron_model *model)
{
    return neuron_core_split_core_count(&model->file.graph->split);
}

bool
neuron_model_is_lazy(const struct neuron_model *model)
{
    return model->file.graph->load_order.is_lazy;
}

bool
neuron_model_is_async(const struct neuron_model *model)
{
    return model->file.graph->load_order.is_async;
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

bool
neuron_model_input_is_shared(const struct neuron_model *model, uint32_t index)
{
    return model->file.graph->inputs[index].is_shared;
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

enum neuron_status
neuron_model_check_machine(const struct neuron_model *model, struct neuron_error *error)
{
    return neuron_machine_check_graph(model->file.graph, error);
}

static void
free_model(struct neuron_model *model)
{
    /* The graphs first: their constants lie in what is given, and in the origin. */
    neuron_model_close_buckets(model);
    neuron_stage_graphs_destroy(model->stages);
    neuron_neff_close(&model->file);
    neuron_graph_destroy(model->open_graph);
    for (uint32_t i = 0; model->given.arrays != NULL && i < model->weights.count; i += 1) {
        neuron_npy_array_destroy(model->given.arrays[i]);
    }
    free(model->given.arrays);
    neuron_npz_destroy(model->given.npz);
    neuron_weight_list_destroy(&model->weights);
    free(model);
}

void
neuron_model_destroy(struct neuron_model *model)
{
    while (model != NULL && atomic_fetch_sub(&model->holder_count, 1) == 1) {
        struct neuron_model *origin = model->origin;

        free_model(model);
        model = origin;
    }
}
