/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel_lanes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "neuron/core_set.h"
#include "row_layouts.h"

enum neuron_status
neuron_parallel_cores_claim(struct neuron_data_parallel *parallel,
                            const struct neuron_runtime *runtime,
                            const struct neuron_module_placement *placement, uint32_t model_cores,
                            struct neuron_error *error)
{
    enum neuron_status status =
        neuron_core_claim_make(runtime, placement, model_cores, &parallel->cores, error);

    if (status == NEURON_OK) {
        parallel->runtime = runtime;
        parallel->replica_count = parallel->cores.replica_count;
        parallel->core_count = parallel->cores.replica_count * model_cores;
    }
    return status;
}

/* Says where lanes are. The caller frees the list; NULL when there is no memory for it. */
static struct neuron_lane_place *
place_lanes(const struct neuron_lane_layout *layout, uint32_t replica_count, uint32_t lane_count)
{
    struct neuron_lane_place *places = calloc(lane_count, sizeof(*places));

    for (uint32_t i = 0; places != NULL && i < lane_count; i += 1) {
        uint32_t replica = i % replica_count;
        uint32_t nc = layout->first_cores[replica];

        places[i] = (struct neuron_lane_place){
            .executor = neuron_runtime_executor(layout->runtime, nc),
            .replica = replica,
            .nc = nc,
            .core = neuron_core_set_at(neuron_runtime_cores(layout->runtime), nc),
        };
    }
    return places;
}

enum neuron_status
neuron_parallel_lanes_make(struct neuron_data_parallel *parallel,
                           const struct neuron_lane_layout *layout, struct neuron_error *error)
{
    uint32_t lane_count = parallel->replica_count * layout->lanes_each;
    uint32_t count = parallel->specs.input_count + parallel->specs.output_count;
    bool is_custom = parallel->specs.custom != NULL;
    bool is_dynamic = parallel->run_rows > 0;
    struct neuron_lane_place *places = place_lanes(layout, parallel->replica_count, lane_count);
    size_t *buffer_bytes = calloc(count, sizeof(*buffer_bytes));
    enum neuron_status status = NEURON_OK;

    if (places == NULL || buffer_bytes == NULL) {
        status =
            NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " lanes", lane_count);
        goto done;
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
        .open = layout->open,
        .maker = layout->maker,
    };
    status = neuron_dispatcher_create(&options, &parallel->dispatcher, error);

done:
    free(buffer_bytes);
    free(places);
    return status;
}
