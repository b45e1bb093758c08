/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace.h"

#include <string.h>

#include "frontend/trace_body.h"
#include "graph/weight.h"

static bool
is_taken(const struct neuron_graph *graph, const char *name)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].name != NULL && strcmp(graph->values[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

struct neuron_value
neuron_constant_named(struct neuron_trace *trace, const char *name,
                      const struct neuron_tensor_view *weights)
{
    struct neuron_value value = neuron_constant(trace, weights);

    if (value.id == 0) {
        return value;
    }
    if (name[0] == '\0' || strlen(name) >= NEURON_NAME_LIMIT_BYTES) {
        return neuron_trace_fail(trace,
                                 NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                             "constant %.60s: its name has %zu bytes; names "
                                             "have 1 to %d",
                                             name, strlen(name), NEURON_NAME_LIMIT_BYTES - 1));
    }
    if (is_taken(trace->graph, name)) {
        return neuron_trace_fail(trace,
                                 NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                             "constant %.60s: another one has this name", name));
    }
    enum neuron_status status = neuron_weight_name(trace->graph, value.id - 1, name, &trace->error);
    return status == NEURON_OK ? value : neuron_trace_fail(trace, status);
}
