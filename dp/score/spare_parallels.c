/* SPDX-License-Identifier: Apache-2.0 */
#include "score/spare_parallels.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/core_set.h"

enum { SINGLE_COUNT = 2 };

struct neuron_spare_parallels {
    const struct neuron_scored_program *program;
    struct neuron_runtime *runtime;
    const struct neuron_data_parallel_options *options;
    struct neuron_data_parallel *isolated;
    bool is_not_isolated; /* as it cannot be had */
    /* On the first core, and on one beside it: whichever is to be avoided, the other will do. */
    struct neuron_data_parallel *singles[SINGLE_COUNT];
};

enum neuron_status
neuron_spare_parallels_create(const struct neuron_scored_program *program,
                              struct neuron_runtime *runtime,
                              const struct neuron_data_parallel_options *options,
                              struct neuron_spare_parallels **spares, struct neuron_error *error)
{
    struct neuron_spare_parallels *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for spare replicas");
    }
    made->program = program;
    made->runtime = runtime;
    made->options = options;
    *spares = made;
    return NEURON_OK;
}

enum neuron_status
neuron_spare_parallels_isolated(struct neuron_spare_parallels *spares,
                                struct neuron_data_parallel *own,
                                struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    struct neuron_data_parallel_options options = *spares->options;
    struct neuron_error reason = {0};

    options.isolation = NEURON_ISOLATION_PROCESS;
    if (spares->isolated == NULL && !spares->is_not_isolated) {
        enum neuron_status status = neuron_scored_program_place(
            spares->program, spares->runtime, &options, &spares->isolated, &reason);

        if (status == NEURON_OUT_OF_MEMORY) {
            return NEURON_FAIL(error, status, "%s", reason.text);
        }
        if (status != NEURON_OK) {
            (void)fprintf(stderr,
                          "neuron-score: rows at which a process died are run without "
                          "isolation: %s\n",
                          reason.text);
            spares->is_not_isolated = true;
        }
    }
    *parallel = spares->is_not_isolated ? own : spares->isolated;
    return NEURON_OK;
}

/* The place of the first core of the rank's first or second replica, by the process's numbers. */
static uint32_t
find_core(const struct neuron_spare_parallels *spares, uint32_t index)
{
    const struct neuron_data_parallel_options *options = spares->options;

    if (options->device_id_count > 0) {
        const char *id = options->device_ids[index < options->device_id_count ? index : 0];
        const char *number = id[0] == 'n' ? id + 3 : id; /* "nc:3"; DataParallel has accepted it */

        return (uint32_t)strtoul(number, NULL, 10);
    }
    uint32_t width = neuron_scored_program_core_count(spares->program);
    uint32_t count = neuron_core_set_count(neuron_runtime_cores(spares->runtime)) / width;

    return index < count ? index * width : 0;
}

enum neuron_status
neuron_spare_parallels_single(struct neuron_spare_parallels *spares, uint32_t avoid,
                              struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    uint32_t index = find_core(spares, 0) == avoid ? 1 : 0;
    char id[16] = "";
    const char *ids[1] = {id};
    struct neuron_data_parallel_options options = *spares->options;

    (void)snprintf(id, sizeof(id), "%u", find_core(spares, index));
    options.device_ids = ids;
    options.device_id_count = 1;
    if (spares->singles[index] == NULL) {
        enum neuron_status status = neuron_scored_program_place(
            spares->program, spares->runtime, &options, &spares->singles[index], error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    *parallel = spares->singles[index];
    return NEURON_OK;
}

void
neuron_spare_parallels_destroy(struct neuron_spare_parallels *spares)
{
    if (spares == NULL) {
        return;
    }
    neuron_data_parallel_destroy(spares->isolated);
    for (int i = 0; i < SINGLE_COUNT; i += 1) {
        neuron_data_parallel_destroy(spares->singles[i]);
    }
    free(spares);
}
