/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/model_buckets.h"

#include <stdlib.h>
#include <string.h>

#include "graph/bucket.h"
#include "module/model_bucket.h"

enum neuron_status
neuron_model_open_buckets(struct neuron_model *model, struct neuron_error *error)
{
    struct neuron_graph *graph = model->file.graph;
    uint32_t count = graph->bucket_count;

    model->smaller = calloc((size_t)count + 1, sizeof(*model->smaller));
    model->graphs = calloc((size_t)count + 1, sizeof(struct neuron_graph *));
    if (model->smaller == NULL || model->graphs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a model");
    }
    model->graphs[0] = graph;
    for (uint32_t i = 0; i < count; i += 1) {
        struct {
            struct neuron_neff_checksum whole;
            unsigned char number;
        } identity = {.whole = model->file.uuid, .number = (unsigned char)(i + 1)};
        struct neuron_model *bucket = &model->smaller[i];

        memcpy(bucket->file.name, model->file.name, sizeof(bucket->file.name));
        bucket->file.uuid = neuron_neff_checksum_of(&identity, sizeof(identity));
        bucket->file.graph = graph->buckets[i];
        bucket->file.graph->has_identity = graph->has_identity;
        memcpy(bucket->file.graph->identity, bucket->file.uuid.bytes,
               sizeof(bucket->file.graph->identity));
        model->graphs[i + 1] = graph->buckets[i];
    }
    model->smaller_count = count;
    free(graph->buckets);
    graph->buckets = NULL;
    graph->bucket_count = 0;
    return NEURON_OK;
}

void
neuron_model_close_buckets(struct neuron_model *model)
{
    for (uint32_t i = 0; i < model->smaller_count; i += 1) {
        neuron_graph_destroy(model->smaller[i].file.graph);
    }
    free(model->smaller);
    free(model->graphs);
}

const struct neuron_model *
neuron_model_bucket(const struct neuron_model *model, uint32_t index)
{
    return index == 0 ? model : &model->smaller[index - 1];
}

uint32_t
neuron_model_bucket_count(const struct neuron_model *model)
{
    return model->smaller_count + 1;
}

const struct neuron_tensor_spec *
neuron_model_bucket_input(const struct neuron_model *model, uint32_t bucket, uint32_t index)
{
    return neuron_model_input(neuron_model_bucket(model, bucket), index);
}

const struct neuron_tensor_spec *
neuron_model_bucket_output(const struct neuron_model *model, uint32_t bucket, uint32_t index)
{
    return neuron_model_output(neuron_model_bucket(model, bucket), index);
}

enum neuron_status
neuron_model_choose_bucket(const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs, uint32_t *bucket,
                           struct neuron_tensor_shape *outputs, struct neuron_error *error)
{
    const struct neuron_graph *only[1] = {model->file.graph};
    const struct neuron_buckets buckets = {.graphs =
                                               model->smaller_count == 0 ? only : model->graphs,
                                           .count = model->smaller_count + 1};
    uint32_t count = neuron_model_input_count(model);
    struct neuron_tensor_shape *shapes = calloc((size_t)count + 1, sizeof(*shapes));

    if (shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    for (uint32_t i = 0; i < count; i += 1) {
        shapes[i] = neuron_tensor_view_shape(&inputs[i]);
    }
    enum neuron_status status = neuron_buckets_choose(&buckets, shapes, bucket, outputs, error);
    free(shapes);
    return status;
}
