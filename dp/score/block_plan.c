/* SPDX-License-Identifier: Apache-2.0 */
#include "score/block_plan.h"

#include "score/block_size.h"

enum {
    CACHED_BYTES = 1024 * 1024, /* of a block for each core */
    USUAL_MEM_LIMIT_BYTES = 192 * 1024 * 1024
};

uint64_t
neuron_block_plan_rows(const struct neuron_job_files *files, const struct neuron_rank_cores *cores)
{
    const struct neuron_score_options *options = files->options;
    uint64_t replicas = neuron_data_parallel_replica_count(cores->parallel);
    uint64_t limit_bytes =
        options->mem_limit_bytes > 0 ? options->mem_limit_bytes : USUAL_MEM_LIMIT_BYTES;
    const struct neuron_block_bounds bounds = {
        .chunk_rows = neuron_rank_cores_chunk_rows(options, files->program),
        .core_count = replicas,
        .row_size_bytes = neuron_row_source_row_bytes(files->source) +
                          neuron_output_set_row_bytes(files->outputs),
        .wanted_bytes = CACHED_BYTES * replicas,
        .most_bytes = limit_bytes / NEURON_BLOCKS_IN_MEMORY};

    return neuron_block_size_rows(&bounds);
}
