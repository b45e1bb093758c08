/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_spread.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "graph/weight.h"
#include "neuron/compiler.h"

/* What a newer version knows better is nothing that this one could obey. */
void
neuron_neff_decode_target(const Neuron__Neff__Graph *message, struct neuron_graph *graph)
{
    struct neuron_target *target = &graph->target;

    if (message->instructions < NEURON_INSTRUCTIONS_END) {
        target->instructions = (enum neuron_instructions)message->instructions;
    }
    (void)snprintf(target->processor, sizeof(target->processor), "%s", message->measured_on);
    if (message->auto_cast <= NEURON_AUTO_CAST_ALL &&
        message->auto_cast_type <= NEURON_AUTO_CAST_INT8 &&
        message->optimization_level <= NEURON_OPTIMIZATION_LIMIT) {
        target->later =
            (struct neuron_later_choices){.auto_cast = message->auto_cast,
                                          .auto_cast_type = message->auto_cast_type,
                                          .optimization_level = message->optimization_level};
    }
}

/* What is for several cores is whole, and loaded at once. */
static enum neuron_status
check_one_core(const Neuron__Neff__Graph *message, const struct neuron_graph *graph,
               struct neuron_error *error)
{
    if (neuron_core_split_core_count(&graph->split) > 1 &&
        (graph->load_order.is_lazy || graph->load_order.is_async || message->n_buckets > 0 ||
         neuron_weight_check_all(graph, NULL) != NEURON_OK)) {
        return NEURON_FAIL(
            error, NEURON_DAMAGED_MODEL,
            "is damaged: it is for several cores, and has buckets, lacks weights, or "
            "is to be loaded later");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_neff_decode_split(const Neuron__Neff__Graph *message, struct neuron_graph *graph,
                         struct neuron_error *error)
{
    struct neuron_core_split split = {.kind = NEURON_SPLIT_KIND_NONE};

    if (message->split > INT32_MAX || message->n_stage_ends > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by a newer version: it is spread over %zu cores in way %u",
                           message->n_stage_ends, message->split);
    }
    split.kind = (enum neuron_split_kind)message->split;
    split.core_count = message->core_count;
    if (message->n_stage_ends !=
        (split.kind == NEURON_SPLIT_KIND_PIPELINE ? split.core_count : 0)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: it is for %u cores, and cut into %zu stages",
                           split.core_count, message->n_stage_ends);
    }
    if (message->n_stage_ends > 0) {
        memcpy(split.stage_ends, message->stage_ends,
               message->n_stage_ends * sizeof(split.stage_ends[0]));
    }
    enum neuron_status status = neuron_core_split_check(&split, graph->node_count, error);
    if (status == NEURON_OK) {
        graph->split = split;
    }
    return status == NEURON_OK ? check_one_core(message, graph, error) : status;
}
