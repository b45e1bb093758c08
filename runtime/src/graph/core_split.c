/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/core_split.h"

uint32_t
neuron_core_split_core_count(const struct neuron_core_split *split)
{
    return split->kind == NEURON_SPLIT_KIND_NONE ? 1 : split->stage_count;
}

uint32_t
neuron_core_split_stage_begin(const struct neuron_core_split *split, uint32_t stage)
{
    return stage == 0 ? 0 : split->stage_ends[stage - 1];
}

static enum neuron_status
check_stages(const struct neuron_core_split *split, uint32_t node_count, struct neuron_error *error)
{
    if (split->stage_count > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "is compiled for %u cores, and this program runs a model on up to %d",
                           split->stage_count, NEURON_CORE_LIMIT);
    }
    if (split->stage_count < 2) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: it is cut into %u stages",
                           split->stage_count);
    }
    for (uint32_t i = 0; i < split->stage_count; i += 1) {
        uint32_t begin = neuron_core_split_stage_begin(split, i);
        uint32_t end = split->stage_ends[i];

        if (end <= begin || end > node_count) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: stage %u is nodes %u up to %u of %u", i + 1, begin, end,
                               node_count);
        }
    }
    if (split->stage_ends[split->stage_count - 1] != node_count) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its %u stages end at node %u of %u", split->stage_count,
                           split->stage_ends[split->stage_count - 1], node_count);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_core_split_check(const struct neuron_core_split *split, uint32_t node_count,
                        struct neuron_error *error)
{
    switch (split->kind) {
    case NEURON_SPLIT_KIND_NONE:
        return split->stage_count == 0
                   ? NEURON_OK
                   : NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                                 "is damaged: it is for one core, and cut into %u stages",
                                 split->stage_count);
    case NEURON_SPLIT_KIND_PIPELINE:
        return check_stages(split, node_count, error);
    }
    return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                       "was written by a newer version: it is spread over cores in way %u, which "
                       "this program does not know",
                       (unsigned int)split->kind);
}
