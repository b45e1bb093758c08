/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_memory.h"

#include <inttypes.h>
#include <unistd.h>

#include "graph/graph_body.h"

static bool
add_ports(const struct neuron_graph_port *ports, uint32_t count, uint64_t *sum)
{
    bool fits = true;

    for (uint32_t i = 0; fits && i < count; i += 1) {
        fits = !__builtin_add_overflow(*sum, neuron_tensor_shape_size_bytes(&ports[i].spec.shape),
                                       sum);
    }
    return fits;
}

enum neuron_status
neuron_cc_check_memory(const struct neuron_graph *graph, size_t arena_bytes,
                       struct neuron_error *error)
{
    const uint64_t megabyte = 1 << 20;
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t sum = arena_bytes;
    bool fits = add_ports(graph->inputs, graph->input_count, &sum) &&
                add_ports(graph->outputs, graph->output_count, &sum);

    if (!fits || sum > memory / 4 * 3) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "%s %" PRIu64 " MB, and this machine has %" PRIu64
                           " MB: use a smaller batch",
                           arena_bytes == 0 ? "the inputs and outputs take" : "a run takes",
                           fits ? sum / megabyte : UINT64_MAX / megabyte, memory / megabyte);
    }
    return NEURON_OK;
}
