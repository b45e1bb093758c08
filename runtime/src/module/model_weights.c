/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model with other weights borrows all else from its origin, which therefore lives as long, held
 * by a count. Of a model whose weights are apart, the graph is kept as the file has it, for other
 * weights after these; what runs is a copy that the passes have gone over once more: now they may
 * look at the weights, and fold what the compiler had to leave.
 */
#include "neuron/model_weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/choices.h"
#include "compiler/pass.h"
#include "graph/weight.h"
#include "module/model_body.h"
#include "npy/npz_file.h"

/* The graph that weights are listed of, and given to. */
static const struct neuron_graph *
open_graph_of(const struct neuron_model *model)
{
    return model->open_graph == NULL ? model->file.graph : model->open_graph;
}

uint32_t
neuron_model_weight_count(const struct neuron_model *model)
{
    return model->weights.count;
}

const struct neuron_tensor_spec *
neuron_model_weight(const struct neuron_model *model, uint32_t index)
{
    return &model->weights.weights[index].spec;
}

enum neuron_status
neuron_model_check_weights(const struct neuron_model *model, struct neuron_error *error)
{
    return neuron_weight_check_all(model->file.graph, error);
}

/* Two arrays of one shape as texts, or of what differs. */
static enum neuron_status
check_shape(const struct neuron_tensor_spec *spec, const struct neuron_tensor_shape *given,
            const char *path, struct neuron_error *error)
{
    char texts[2][80] = {"", ""};

    if (neuron_tensor_shape_equals(&spec->shape, given)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: array %.60s is %s; the weight is %s",
                       path, spec->name,
                       neuron_tensor_shape_format(given, texts[0], sizeof(texts[0])),
                       neuron_tensor_shape_format(&spec->shape, texts[1], sizeof(texts[1])));
}

/* Refuses the first array that no weight took. */
static enum neuron_status
refuse_extra(const struct neuron_npz *npz, const bool *is_taken, const char *path,
             struct neuron_error *error)
{
    uint32_t index = 0;

    while (is_taken[index]) {
        index += 1;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s: array %.60s is no weight that can be replaced: the model has none of "
                       "that name, or computed others of it when it was compiled (see "
                       "--no-inline-weights)",
                       path, neuron_npz_array_name(npz, index));
}

/* Finds the array of each weight; `indices` receives its number, or UINT32_MAX for none. */
static enum neuron_status
match(const struct neuron_model *model, const struct neuron_npz *npz, const char *path,
      uint32_t *indices, struct neuron_error *error)
{
    const struct neuron_graph *graph = open_graph_of(model);
    uint32_t array_count = neuron_npz_array_count(npz);
    uint32_t taken_count = 0;
    bool *is_taken = calloc((size_t)array_count + 1, sizeof(*is_taken));
    enum neuron_status status = NEURON_OK;

    if (is_taken == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for weights");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < model->weights.count; i += 1) {
        const struct neuron_listed_weight *weight = &model->weights.weights[i];

        indices[i] = UINT32_MAX;
        if (neuron_npz_find(npz, weight->spec.name, &indices[i])) {
            struct neuron_tensor_shape given = neuron_npz_array_shape(npz, indices[i]);

            is_taken[indices[i]] = true;
            taken_count += 1;
            status = check_shape(&weight->spec, &given, path, error);
        } else if (neuron_weight_is_missing(&graph->values[weight->value])) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "%s: the weight %.60s is missing; the model was compiled without "
                                 "its weights, and takes all of them",
                                 path, weight->spec.name);
        }
    }
    if (status == NEURON_OK && taken_count < array_count) {
        status = refuse_extra(npz, is_taken, path, error);
    }
    free(is_taken);
    return status;
}

/* Reads the arrays that the weights were matched with. */
static enum neuron_status
read_arrays(struct neuron_model *replaced, const uint32_t *indices, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    replaced->given.arrays =
        calloc((size_t)replaced->weights.count + 1, sizeof(struct neuron_npy_array *));
    if (replaced->given.arrays == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for weights");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < replaced->weights.count; i += 1) {
        if (indices[i] != UINT32_MAX) {
            status =
                neuron_npz_read(replaced->given.npz, indices[i], &replaced->given.arrays[i], error);
        }
    }
    return status;
}

/* Where all weights are given, nothing is left of those that a model was given before: its first
   origin is that of the new one, too. */
static void
choose_origin(const struct neuron_model *model, const uint32_t *indices,
              struct neuron_model *replaced)
{
    union {
        const struct neuron_model *given;
        struct neuron_model *held; /* of which only the count of holders changes */
    } origin = {.given = model};
    bool is_complete = true;

    for (uint32_t i = 0; i < model->weights.count; i += 1) {
        is_complete = is_complete && indices[i] != UINT32_MAX;
    }
    while (is_complete && origin.given->origin != NULL) {
        origin.given = origin.given->origin;
    }
    (void)atomic_fetch_add(&origin.held->holder_count, 1);
    replaced->origin = origin.held;
}

static enum neuron_status
load_arrays(const struct neuron_model *model, const char *path, struct neuron_model *replaced,
            struct neuron_error *error)
{
    uint32_t *indices = calloc((size_t)model->weights.count + 1, sizeof(*indices));

    if (indices == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for weights");
    }
    enum neuron_status status = neuron_npz_load(path, &replaced->given.npz, error);
    if (status == NEURON_OK) {
        status = match(model, replaced->given.npz, path, indices, error);
    }
    if (status == NEURON_OK) {
        choose_origin(model, indices, replaced);
        status = read_arrays(replaced, indices, error);
    }
    free(indices);
    return status;
}

/* Puts the arrays into a graph. Says whether it had weights that nothing could look at. */
static bool
fill_in(const struct neuron_model *replaced, struct neuron_graph *graph)
{
    bool was_open = false;

    for (uint32_t i = 0; i < replaced->weights.count; i += 1) {
        struct neuron_graph_value *value = &graph->values[replaced->weights.weights[i].value];

        if (replaced->given.arrays[i] != NULL) {
            value->constant = neuron_npy_array_view(replaced->given.arrays[i]).data;
        }
        was_open = was_open || value->is_replaceable;
    }
    graph->mapping = neuron_npz_mapping(replaced->given.npz);
    return was_open;
}

/* Makes the graph that runs of the one that is filled in. */
static enum neuron_status
fold(struct neuron_model *replaced, struct neuron_error *error)
{
    struct neuron_graph *graph = NULL;
    enum neuron_status status = neuron_graph_copy(replaced->open_graph, &graph, error);

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        graph->values[i].is_replaceable = false;
    }
    status = neuron_passes_run(graph, NULL, NULL, error);
    if (status == NEURON_OK) {
        neuron_choices_make_later(graph);
    }
    graph->mapping = replaced->open_graph->mapping;
    replaced->file.graph = graph;
    return status;
}

/* Forgets how large operands became with other weights: runs measure. */
static void
forget_peaks(struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        graph->nodes[i].attributes.input_peak = 0.0F;
    }
}

static enum neuron_status
make_graphs(struct neuron_model *replaced, struct neuron_error *error)
{
    struct neuron_graph *graph = NULL;
    enum neuron_status status = neuron_graph_copy(open_graph_of(replaced->origin), &graph, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (fill_in(replaced, graph)) {
        replaced->open_graph = graph;
        return fold(replaced, error);
    }
    forget_peaks(graph);
    graph->split = replaced->origin->file.graph->split;
    replaced->file.graph = graph;
    return NEURON_OK;
}

struct neuron_neff_checksum
neuron_model_given_identity(const struct neuron_model *model)
{
    struct neuron_neff_checksum sum = model->origin->file.uuid;

    for (uint32_t i = 0; i < model->weights.count; i += 1) {
        struct {
            struct neuron_neff_checksum before;
            struct neuron_neff_checksum weight;
            unsigned char number[4]; /* little-endian */
        } part = {.before = sum};

        if (model->given.arrays[i] == NULL) {
            continue;
        }
        const struct neuron_tensor_view view = neuron_npy_array_view(model->given.arrays[i]);
        part.weight = neuron_neff_checksum_of(
            view.data, neuron_tensor_shape_size_bytes(&model->weights.weights[i].spec.shape));
        for (uint32_t j = 0; j < sizeof(part.number); j += 1) {
            part.number[j] = (unsigned char)(i >> (8 * j) & 0xFF);
        }
        sum = neuron_neff_checksum_of(&part, sizeof(part));
    }
    return sum;
}

/* Names what runs, for those who keep what they made of it: by the weights, and where the passes
   went over them, by the version of these, too. What comes from no file has no name. */
static void
identify(struct neuron_model *replaced)
{
    struct {
        struct neuron_neff_checksum given;
        char version[32];
    } described = {.given = replaced->file.uuid};
    struct neuron_graph *graph = replaced->file.graph;
    const struct neuron_model *first = replaced->origin;

    while (first->origin != NULL) {
        first = first->origin;
    }
    (void)snprintf(described.version, sizeof(described.version), "%s",
                   replaced->open_graph == NULL ? "" : NEURON_VERSION_TEXT);
    struct neuron_neff_checksum sum = neuron_neff_checksum_of(&described, sizeof(described));
    graph->has_identity = first->file.mapping != NULL;
    memcpy(graph->identity, sum.bytes, sizeof(graph->identity));
}

/* Fills in a zeroed model. */
static enum neuron_status
replace(const struct neuron_model *model, const char *path, struct neuron_model *replaced,
        struct neuron_error *error)
{
    if (model->smaller_count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: the model %.60s has buckets, and keeps the weights that it was "
                           "compiled with",
                           path, model->file.name);
    }
    enum neuron_status status =
        neuron_weight_list_create(open_graph_of(model), &replaced->weights, error);

    if (status == NEURON_OK) {
        status = load_arrays(model, path, replaced, error);
    }
    if (status == NEURON_OK) {
        status = make_graphs(replaced, error);
    }
    if (status == NEURON_OK) {
        memcpy(replaced->file.name, model->file.name, sizeof(replaced->file.name));
        replaced->file.uuid = neuron_model_given_identity(replaced);
        identify(replaced);
        status = neuron_model_open_stages(replaced, error);
    }
    return status;
}

enum neuron_status
neuron_model_replace_weights(const struct neuron_model *model, const char *path,
                             struct neuron_model **replaced, struct neuron_error *error)
{
    struct neuron_model *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a model");
    }
    atomic_init(&created->holder_count, 1);
    enum neuron_status status = replace(model, path, created, error);
    if (status != NEURON_OK) {
        neuron_model_destroy(created);
        return status;
    }
    *replaced = created;
    return NEURON_OK;
}
