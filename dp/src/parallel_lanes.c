/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel_lanes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "neuron/core_set.h"
#include "row_layouts.h"

struct neuron_lane_place
neuron_lane_place_at(const struct neuron_runtime *runtime, uint32_t replica, uint32_t nc)
{
    return (struct neuron_lane_place){
        .executor = neuron_runtime_executor(runtime, nc),
        .replica = replica,
        .nc = nc,
        .core = neuron_core_set_at(neuron_runtime_cores(runtime), nc),
    };
}

enum neuron_status
neuron_parallel_lanes_make(struct neuron_data_parallel *parallel,
                           const struct neuron_lane_place *places, uint32_t lane_count,
                           neuron_lane_open_fn *open, void *maker, struct neuron_error *error)
{
    uint32_t count = parallel->specs.input_count + parallel->specs.output_count;
    bool is_custom = parallel->specs.custom != NULL;
    bool is_dynamic = parallel->run_rows > 0;
    size_t *buffer_bytes = calloc(count, sizeof(*buffer_bytes));

    if (buffer_bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " lanes",
                           lane_count);
    }
    if (!is_custom) {
        /* The compiled size, however it is cut. */
        neuron_row_layouts_buffer_bytes(parallel->exact_layouts, count, 1, buffer_bytes);
    }
    const struct neuron_dispatcher_options options = {
        .places = places,
        .lane_count = lane_count,
        .input_count = parallel->specs.input_count,
        .tensor_count = count,
        .buffer_bytes = buffer_bytes,
        .reserves_buffers = !is_custom && (is_dynamic || neuron_row_layouts_are_strided(
                                                             parallel->exact_layouts, count)),
        .open = open,
        .maker = maker,
    };
    enum neuron_status status = neuron_dispatcher_create(&options, &parallel->dispatcher, error);
    free(buffer_bytes);
    return status;
}
