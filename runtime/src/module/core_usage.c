/* SPDX-License-Identifier: Apache-2.0 */
#include "module/core_usage.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct neuron_core_usage {
    uint32_t core_count;
    const struct neuron_core_group *groups;
    uint32_t group_count;
    pthread_mutex_t lock;
    struct {
        uint32_t *replica_counts; /* by nc */
        uint32_t group_turn;      /* of the next automatic placement */
    } locked;                     /* guarded by `lock` */
};

enum neuron_status
neuron_core_usage_create(uint32_t core_count, const struct neuron_core_group *groups,
                         uint32_t group_count, struct neuron_core_usage **usage,
                         struct neuron_error *error)
{
    struct neuron_core_usage *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
        created->locked.replica_counts = calloc(core_count, sizeof(uint32_t));
    }
    if (created == NULL || created->locked.replica_counts == NULL) {
        neuron_core_usage_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a runtime");
    }
    created->core_count = core_count;
    created->groups = groups;
    created->group_count = groups == NULL ? 0 : group_count;
    *usage = created;
    return NEURON_OK;
}

/* What to do with the counts of the cores of a claim. */
enum change { COUNT_OFF, COUNT_ON };

static void
change_counts(struct neuron_core_usage *usage, const struct neuron_core_claim *claim,
              enum change change)
{
    for (uint32_t i = 0; claim != NULL && i < claim->replica_count; i += 1) {
        for (uint32_t j = 0; j < claim->model_cores; j += 1) {
            uint32_t *count = &usage->locked.replica_counts[claim->first_cores[i] + j];

            *count = change == COUNT_ON ? *count + 1 : *count - 1;
        }
    }
}

/* After an automatic placement: the turn is that of the group behind the one that was taken. */
static void
pass_turn(struct neuron_core_usage *usage, uint32_t first_nc)
{
    for (uint32_t i = 0; i < usage->group_count; i += 1) {
        if (usage->groups[i].first_nc == first_nc) {
            usage->locked.group_turn = (i + 1) % usage->group_count;
        }
    }
}

static enum neuron_status
claim_locked(struct neuron_core_usage *usage, const struct neuron_module_placement *placement,
             const struct neuron_core_claim *leaving, struct neuron_core_claim *claim,
             struct neuron_error *error)
{
    const struct neuron_core_state state = {
        .replica_counts = usage->locked.replica_counts,
        .core_count = usage->core_count,
        .groups = usage->groups,
        .group_count = usage->group_count,
        .group_turn = usage->locked.group_turn,
    };

    change_counts(usage, leaving, COUNT_OFF);
    enum neuron_status status = neuron_core_choice_make(
        placement, &state, claim->model_cores, claim->first_cores, &claim->replica_count, error);
    change_counts(usage, leaving, COUNT_ON);
    if (status == NEURON_OK) {
        bool is_automatic =
            placement->kind == NEURON_PLACEMENT_RUN && placement->start_nc == NEURON_AUTOMATIC;

        change_counts(usage, claim, COUNT_ON);
        if (is_automatic) {
            pass_turn(usage, claim->first_cores[0]);
        }
    }
    return status;
}

enum neuron_status
neuron_core_usage_claim(struct neuron_core_usage *usage,
                        const struct neuron_module_placement *placement, uint32_t model_cores,
                        const struct neuron_core_claim *leaving, struct neuron_core_claim *claim,
                        struct neuron_error *error)
{
    struct neuron_core_claim made = {.model_cores = model_cores};

    made.first_cores = calloc(usage->core_count, sizeof(*made.first_cores));
    if (made.first_cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    (void)pthread_mutex_lock(&usage->lock);
    enum neuron_status status = claim_locked(usage, placement, leaving, &made, error);
    (void)pthread_mutex_unlock(&usage->lock);
    if (status != NEURON_OK) {
        free(made.first_cores);
        return status;
    }
    *claim = made;
    return NEURON_OK;
}

void
neuron_core_usage_release(struct neuron_core_usage *usage, struct neuron_core_claim *claim)
{
    if (claim->first_cores == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&usage->lock);
    change_counts(usage, claim, COUNT_OFF);
    (void)pthread_mutex_unlock(&usage->lock);
    free(claim->first_cores);
    *claim = (struct neuron_core_claim){0};
}

uint32_t
neuron_core_usage_of(struct neuron_core_usage *usage, uint32_t nc)
{
    (void)pthread_mutex_lock(&usage->lock);
    uint32_t count = usage->locked.replica_counts[nc];
    (void)pthread_mutex_unlock(&usage->lock);
    return count;
}

void
neuron_core_usage_destroy(struct neuron_core_usage *usage)
{
    if (usage == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&usage->lock);
    free(usage->locked.replica_counts);
    free(usage);
}
