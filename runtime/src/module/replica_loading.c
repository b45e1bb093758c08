/* SPDX-License-Identifier: Apache-2.0 */
#include "module/replica_loading.h"

#include <stdlib.h>

enum neuron_status
neuron_replica_load(struct neuron_replica_stage *stage, struct neuron_error *error)
{
    struct neuron_error reason = {0};

    if (stage->program != NULL) {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_shared_plan_obtain(stage->plan, &stage->charge, &reason);
    if (status == NEURON_OK) {
        status = neuron_program_create(neuron_shared_plan_get(stage->plan), &stage->charge,
                                       &stage->program, &reason);
    }
    if (status != NEURON_OK) {
        return neuron_replica_blame_core(stage, status, &reason, error);
    }
    return NEURON_OK;
}

static void
load_on_executor(void *stage)
{
    /* The first run tries again, and says why it fails. */
    neuron_ignore(neuron_replica_load(stage, NULL));
}

enum neuron_status
neuron_replica_loading_begin(struct neuron_replica_set *set, struct neuron_error *error)
{
    uint32_t count = set->stage_count;
    struct neuron_request *requests = calloc((size_t)count + 1, sizeof(*requests));

    if (requests == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    enum neuron_status status = neuron_completion_create(&set->loading.completion, error);
    if (status != NEURON_OK) {
        free(requests);
        return status;
    }
    set->loading.requests = requests;
    neuron_completion_arm(set->loading.completion, count);
    for (uint32_t i = 0; i < count; i += 1) {
        requests[i] = (struct neuron_request){.work = load_on_executor,
                                              .argument = &set->stages[i],
                                              .completion = set->loading.completion};
        if (status == NEURON_OK) {
            status = neuron_executor_submit(set->stages[i].executor, &requests[i], error);
        }
        if (status != NEURON_OK) {
            neuron_completion_count_down(set->loading.completion);
        }
    }
    return status;
}

void
neuron_replica_loading_end(struct neuron_replica_set *set)
{
    if (set->loading.completion != NULL) {
        neuron_completion_wait(set->loading.completion);
    }
    neuron_completion_destroy(set->loading.completion);
    free(set->loading.requests);
    set->loading = (struct neuron_loading){0};
}
