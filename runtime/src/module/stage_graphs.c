/* SPDX-License-Identifier: Apache-2.0 */
#include "module/stage_graphs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "neff/neff_header.h"

enum { SLOT_ALIGNMENT = 64 };

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the stages of a model");
}

/* Adds a place for a tensor to the slot. */
static enum neuron_status
add_to_slot(struct neuron_stage_graphs *stages, const struct neuron_tensor_shape *shape,
            struct neuron_stage_port *home, struct neuron_error *error)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    size_t end = 0;

    if (__builtin_add_overflow(stages->slot_bytes, size_bytes, &end) ||
        __builtin_add_overflow(end, SLOT_ALIGNMENT - 1, &end)) {
        return refuse_memory(error);
    }
    *home = (struct neuron_stage_port){.place = NEURON_STAGE_SLOT, .offset = stages->slot_bytes};
    stages->slot_bytes = end - end % SLOT_ALIGNMENT;
    return NEURON_OK;
}

/* Finds a home for all that a stage makes, where earlier stages have theirs. */
static enum neuron_status
place_outputs(struct neuron_stage_graphs *stages, struct neuron_stage_graph *stage,
              struct neuron_stage_port *homes, struct neuron_error *error)
{
    const struct neuron_graph *graph = stage->part.graph;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < graph->output_count; i += 1) {
        uint32_t whole_port = stage->part.output_ports[i];
        struct neuron_stage_port *port = &stage->ports[graph->input_count + i];

        *port = (struct neuron_stage_port){.place = NEURON_STAGE_OUTPUT, .index = whole_port};
        if (whole_port == UINT32_MAX) {
            status = add_to_slot(stages, &graph->outputs[i].spec.shape, port, error);
        }
        /* An output that nobody makes stays at home among the inputs, or the constants. */
        bool is_made = graph->values[graph->outputs[i].value].origin == NEURON_VALUE_COMPUTED;
        if (is_made) {
            homes[stage->part.output_values[i]] = *port;
        }
    }
    return status;
}

/* A part of a file is itself the same each time. */
static void
identify_part(const struct neuron_graph *whole, uint32_t begin, uint32_t end,
              struct neuron_graph *part)
{
    struct {
        unsigned char whole[NEURON_GRAPH_IDENTITY_BYTES];
        uint32_t nodes[2];
    } described = {.nodes = {begin, end}};

    memcpy(described.whole, whole->identity, sizeof(described.whole));
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(&described, sizeof(described));
    part->has_identity = whole->has_identity;
    memcpy(part->identity, checksum.bytes, sizeof(part->identity));
}

static enum neuron_status
add_stage(struct neuron_stage_graphs *stages, const struct neuron_graph *whole,
          struct neuron_stage_port *homes, struct neuron_error *error)
{
    uint32_t index = stages->stage_count;
    struct neuron_stage_graph *stage = &stages->stages[index];
    enum neuron_status status =
        neuron_graph_part_create(whole, neuron_core_split_stage_begin(&whole->split, index),
                                 whole->split.stage_ends[index], &stage->part, error);

    if (status != NEURON_OK) {
        return status;
    }
    stages->stage_count += 1;
    identify_part(whole, neuron_core_split_stage_begin(&whole->split, index),
                  whole->split.stage_ends[index], stage->part.graph);
    const struct neuron_graph *graph = stage->part.graph;
    stage->ports =
        calloc((size_t)graph->input_count + graph->output_count + 1, sizeof(*stage->ports));
    if (stage->ports == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        stage->ports[i] = homes[stage->part.input_values[i]];
    }
    return place_outputs(stages, stage, homes, error);
}

static enum neuron_status
add_stages(struct neuron_stage_graphs *stages, const struct neuron_graph *whole,
           struct neuron_error *error)
{
    /* By value of the whole graph, once its stage has been there. */
    struct neuron_stage_port *homes = calloc((size_t)whole->value_count + 1, sizeof(*homes));
    enum neuron_status status = NEURON_OK;

    stages->stages = calloc(whole->split.core_count, sizeof(*stages->stages));
    if (homes == NULL || stages->stages == NULL) {
        free(homes);
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < whole->input_count; i += 1) {
        homes[whole->inputs[i].value] =
            (struct neuron_stage_port){.place = NEURON_STAGE_INPUT, .index = i};
    }
    for (uint32_t i = 0; status == NEURON_OK && i < whole->split.core_count; i += 1) {
        status = add_stage(stages, whole, homes, error);
    }
    free(homes);
    return status;
}

enum neuron_status
neuron_stage_graphs_create(const struct neuron_graph *graph, struct neuron_stage_graphs **stages,
                           struct neuron_error *error)
{
    struct neuron_stage_graphs *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return refuse_memory(error);
    }
    enum neuron_status status = add_stages(created, graph, error);
    if (status != NEURON_OK) {
        neuron_stage_graphs_destroy(created);
        return status;
    }
    *stages = created;
    return NEURON_OK;
}

void
neuron_stage_graphs_destroy(struct neuron_stage_graphs *stages)
{
    if (stages == NULL) {
        return;
    }
    for (uint32_t i = 0; i < stages->stage_count; i += 1) {
        neuron_graph_part_destroy(&stages->stages[i].part);
        free(stages->stages[i].ports);
    }
    free(stages->stages);
    free(stages);
}
