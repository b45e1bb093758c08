/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/core_split.h"

uint32_t
neuron_core_split_core_count(const struct neuron_core_split *split)
{
    return split->kind == NEURON_SPLIT_KIND_NONE ? 1 : split->core_count;
}

uint32_t
neuron_core_split_stage_begin(const struct neuron_core_split *split, uint32_t stage)
{
    return stage == 0 ? 0 : split->stage_ends[stage - 1];
}

static enum neuron_status
check_core_count(const struct neuron_core_split *split, struct neuron_error *error)
{
    if (split->core_count > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "is compiled for %u cores, and this program runs a model on up to %d",
                           split->core_count, NEURON_CORE_LIMIT);
    }
    if (split->core_count < 2) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: it is spread over %u cores",
                           split->core_count);
    }
    return NEURON_OK;
}

static enum neuron_status
check_stages(const struct neuron_core_split *split, uint32_t node_count, struct neuron_error *error)
{
    enum neuron_status status = check_core_count(split, error);
    uint32_t end = 0;

    for (uint32_t i = 0; status == NEURON_OK && i < split->core_count; i += 1) {
        uint32_t begin = end;

        end = split->stage_ends[i];
        if (end <= begin || end > node_count) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: stage %u is nodes %u up to %u of %u", i + 1, begin, end,
                               node_count);
        }
    }
    if (status == NEURON_OK && end != node_count) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its %u stages end at node %u of %u", split->core_count, end,
                           node_count);
    }
    return status;
}

enum neuron_status
neuron_core_split_check(const struct neuron_core_split *split, uint32_t node_count,
                        struct neuron_error *error)
{
    switch (split->kind) {
    case NEURON_SPLIT_KIND_NONE:
        return split->core_count == 0
                   ? NEURON_OK
                   : NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                                 "is damaged: it is for one core, and spread over %u",
                                 split->core_count);
    case NEURON_SPLIT_KIND_PIPELINE:
        return check_stages(split, node_count, error);
    case NEURON_SPLIT_KIND_WIDE:
        return check_core_count(split, error);
    }
    return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                       "was written by a newer version: it is spread over cores in way %u, which "
                       "this program does not know",
                       (unsigned int)split->kind);
}
