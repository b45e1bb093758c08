/* SPDX-License-Identifier: Apache-2.0 */
#include "module/replica_join.h"

#include <stdbool.h>
#include <stdlib.h>

#include "module/model_body.h"
#include "runtime_body.h"

enum neuron_status
neuron_replica_gangs_create(struct neuron_replica_set *set, struct neuron_error *error)
{
    bool is_wide = set->model->file.graph->split.kind == NEURON_SPLIT_KIND_WIDE;
    enum neuron_status status = NEURON_OK;
    struct neuron_error reason = {0};

    for (uint32_t i = 0; is_wide && status == NEURON_OK && i < set->replica_total; i += 1) {
        struct neuron_replica *replica = &set->replicas[i];
        const struct neuron_replica_stage *first = &replica->stages[0];

        if (replica->gang != NULL) {
            continue;
        }
        status = neuron_gang_create(set->cores.model_cores,
                                    neuron_plan_arena_bytes(neuron_shared_plan_get(first->plan)),
                                    &first->charge, &replica->gang, &reason);
        if (status != NEURON_OK) {
            status = neuron_replica_blame_core(first, status, &reason, error);
        }
    }
    return status;
}

/* Joins the cores that run a replica together. */
static enum neuron_status
create_wide(struct neuron_replica_set *set, struct neuron_replica *replica,
            struct neuron_error *error)
{
    uint32_t count = set->cores.model_cores;
    struct neuron_wide_core *cores = calloc(count, sizeof(*cores));

    if (cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_replica_stage *stage = &replica->stages[i];

        cores[i] = (struct neuron_wide_core){
            .executor = stage->executor,
            .program = stage->program,
            .serial = stage->serial,
            .module = stage->module,
        };
    }
    enum neuron_status status =
        neuron_wide_create(replica->gang, cores, count, neuron_runtime_submit_order(set->runtime),
                           &replica->wide, error);
    free(cores);
    return status;
}

/* Joins the stages of a replica. */
static enum neuron_status
create_pipeline(struct neuron_replica *replica, const struct neuron_stage_graphs *graphs,
                struct neuron_error *error)
{
    struct neuron_pipeline_stage *parts = calloc(graphs->stage_count, sizeof(*parts));
    struct neuron_error reason = {0};

    if (parts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a pipeline");
    }
    for (uint32_t i = 0; i < graphs->stage_count; i += 1) {
        const struct neuron_replica_stage *stage = &replica->stages[i];

        parts[i] = (struct neuron_pipeline_stage){
            .executor = stage->executor,
            .program = stage->program,
            .serial = stage->serial,
            .module = stage->module,
        };
    }
    enum neuron_status status = neuron_pipeline_create(graphs, parts, &replica->stages[0].charge,
                                                       &replica->pipeline, &reason);
    free(parts);
    return status == NEURON_OK
               ? NEURON_OK
               : neuron_replica_blame_core(&replica->stages[0], status, &reason, error);
}

enum neuron_status
neuron_replica_cores_join(struct neuron_replica_set *set, struct neuron_error *error)
{
    const struct neuron_stage_graphs *graphs = set->model->stages;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->replica_total; i += 1) {
        struct neuron_replica *replica = &set->replicas[i];

        if (graphs != NULL && replica->pipeline == NULL) {
            status = create_pipeline(replica, graphs, error);
        } else if (replica->gang != NULL && replica->wide == NULL) {
            status = create_wide(set, replica, error);
        }
    }
    return status;
}
