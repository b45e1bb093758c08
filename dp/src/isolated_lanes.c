/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_lanes.h"

#include <stdlib.h>

#include "custom_library.h"
#include "isolated_program.h"
#include "isolated_source.h"
#include "parallel_lanes.h"
#include "row_layouts.h"

/* What the rows of a run of a custom program may take at most, unless one row takes more: they are
   copied to memory that both processes have, and should still be in the cache when they are read.
 */
enum { RUN_BYTES = 4 << 20 };

struct neuron_isolated_lanes {
    struct neuron_runtime *runtime;
    struct neuron_isolated_source *source;
    const uint32_t *first_cores; /* the object's */
    int64_t run_rows;
    uint32_t hang_limit_ms;
};

/* Makes what the processes are started from. */
static enum neuron_status
create_source(struct neuron_isolated_lanes *lanes, const struct neuron_program_specs *specs,
              struct neuron_error *error)
{
    const struct neuron_custom_program *program = specs->custom;

    if (program == NULL) {
        return neuron_isolated_source_create(lanes->runtime, specs->model, NULL, &lanes->source,
                                             error);
    }
    struct neuron_isolated_library library = {.program = program};
    if (program->library != NULL) {
        library.path = neuron_custom_library_path(program->library);
        library.config = neuron_custom_library_config(program->library);
    }
    return neuron_isolated_source_create_custom(lanes->runtime, &library, NULL, &lanes->source,
                                                error);
}

/* How many rows of a custom program go through a run: what it allows, and memory makes sense of. */
static int64_t
limit_rows(const struct neuron_data_parallel *parallel)
{
    uint32_t count = parallel->specs.input_count + parallel->specs.output_count;
    size_t row_bytes = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_row_layout *layout = &parallel->layouts[i];

        if (!layout->is_shared &&
            __builtin_add_overflow(row_bytes, layout->row_bytes, &row_bytes)) {
            return 1;
        }
    }
    /* A checked program has rows of at least a byte. */
    int64_t fitting =
        row_bytes == 0 || row_bytes >= RUN_BYTES ? 1 : (int64_t)(RUN_BYTES / row_bytes);
    return fitting < parallel->run_rows ? fitting : parallel->run_rows;
}

static enum neuron_status
open_lane(void *maker, uint32_t lane, struct neuron_chunk_program *program,
          struct neuron_error *error)
{
    const struct neuron_isolated_lanes *lanes = maker;
    const struct neuron_isolated_place place = {.nc = lanes->first_cores[lane],
                                                .hang_limit_ms = lanes->hang_limit_ms,
                                                .run_rows = lanes->run_rows};

    return neuron_isolated_program_create(lanes->source, &place, program, error);
}

enum neuron_status
neuron_isolated_lanes_make(struct neuron_data_parallel *parallel, struct neuron_runtime *runtime,
                           const struct neuron_module_placement *placement, uint32_t hang_limit_ms,
                           struct neuron_error *error)
{
    struct neuron_isolated_lanes *lanes = calloc(1, sizeof(*lanes));

    if (lanes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for isolated executors");
    }
    parallel->isolated = lanes;
    lanes->runtime = runtime;
    lanes->hang_limit_ms = hang_limit_ms;
    enum neuron_status status = create_source(lanes, &parallel->specs, error);
    if (status == NEURON_OK) {
        status = neuron_parallel_cores_claim(
            parallel, runtime, placement, neuron_isolated_source_core_count(lanes->source), error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (parallel->specs.custom != NULL) {
        parallel->run_rows = limit_rows(parallel);
    }
    /* With exact shapes a run has one row, which is whole tensors. */
    lanes->run_rows = parallel->run_rows > 0 ? parallel->run_rows : 1;
    lanes->first_cores = parallel->cores.first_cores;
    const struct neuron_lane_layout layout = {.runtime = runtime,
                                              .first_cores = lanes->first_cores,
                                              .lanes_each = 1,
                                              .open = open_lane,
                                              .maker = lanes};
    return neuron_parallel_lanes_make(parallel, &layout, error);
}

void
neuron_isolated_lanes_destroy(struct neuron_isolated_lanes *lanes)
{
    if (lanes == NULL) {
        return;
    }
    neuron_isolated_source_destroy(lanes->source);
    free(lanes);
}
