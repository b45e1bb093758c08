/* SPDX-License-Identifier: Apache-2.0 */
#include "score/rank_cores.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"
#include "neuron/core_set.h"

/* Results are searched for what is no number by the cores themselves, as far as they run models. */
static enum neuron_status
create_runtime(const struct neuron_score_options *options, struct neuron_rank_cores *cores,
               struct neuron_error *error)
{
    struct neuron_runtime_options wishes = {0};

    enum neuron_status status = neuron_runtime_options_read(&wishes, error);
    if (status != NEURON_OK) {
        return status;
    }
    wishes.numerical_check = options->nan == NEURON_NAN_IS_ERROR ? NEURON_NUMERICAL_CHECK_NAN
                                                                 : NEURON_NUMERICAL_CHECK_OFF;
    return neuron_runtime_create(&wishes, &cores->runtime, error);
}

enum neuron_status
neuron_rank_cores_claim(const struct neuron_score_options *options,
                        const struct neuron_scored_program *program,
                        struct neuron_rank_cores *cores, struct neuron_error *error)
{
    uint64_t begin_ns = neuron_clock_ns();

    cores->options = (struct neuron_data_parallel_options){
        .device_ids = options->device_ids,
        .device_id_count = options->device_id_count,
        .isolation = options->is_isolated ? NEURON_ISOLATION_PROCESS : NEURON_ISOLATION_NONE,
        .hang_limit_ms = options->is_isolated ? (uint32_t)options->row_timeout_ms : 0};
    enum neuron_status status = create_runtime(options, cores, error);
    if (status == NEURON_OK) {
        status = neuron_scored_program_place(program, cores->runtime, &cores->options,
                                             &cores->parallel, error);
    }
    if (status == NEURON_OK) {
        neuron_data_parallel_set_split_size(cores->parallel, options->split_size_rows);
        status = neuron_spare_parallels_create(program, cores->runtime, &cores->options,
                                               &cores->spares, error);
    }
    cores->load_ns = neuron_clock_ns() - begin_ns;
    return status;
}

uint64_t
neuron_rank_cores_chunk_rows(const struct neuron_score_options *options,
                             const struct neuron_scored_program *program)
{
    return options->split_size_rows > 0 ? options->split_size_rows
                                        : neuron_scored_program_batch_rows(program);
}

/* The machine's numbers of the cores that the options name. */
static enum neuron_status
find_cores(const struct neuron_rank_cores *cores, struct neuron_core_set **found)
{
    const struct neuron_core_set *owned = neuron_runtime_cores(cores->runtime);

    if (cores->options.device_id_count == 0) {
        return neuron_core_set_copy(owned, found, NULL);
    }
    enum neuron_status status = neuron_core_set_create(0, 0, found, NULL);
    for (uint32_t i = 0; status == NEURON_OK && i < cores->options.device_id_count; i += 1) {
        /* DataParallel has accepted the ids: each is a number, or one behind "nc:". */
        const char *id = cores->options.device_ids[i];
        const char *number = strncmp(id, "nc:", 3) == 0 ? id + 3 : id;
        uint32_t position = (uint32_t)strtoul(number, NULL, 10);

        status = neuron_core_set_add(*found, neuron_core_set_at(owned, position), NULL);
    }
    return status;
}

void
neuron_rank_cores_format(const struct neuron_rank_cores *cores, char *text, size_t size_bytes)
{
    struct neuron_core_set *found = NULL;

    text[0] = '\0';
    if (find_cores(cores, &found) == NEURON_OK) {
        (void)neuron_core_set_format(found, text, size_bytes);
    }
    neuron_core_set_destroy(found);
}

void
neuron_rank_cores_release(struct neuron_rank_cores *cores)
{
    neuron_spare_parallels_destroy(cores->spares);
    neuron_data_parallel_destroy(cores->parallel);
    neuron_runtime_destroy(cores->runtime);
    *cores = (struct neuron_rank_cores){0};
}
