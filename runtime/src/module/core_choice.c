/* SPDX-License-Identifier: Apache-2.0 */
#include "module/core_choice.h"

#include <inttypes.h>
#include <stdbool.h>

/* Refuses a run that reaches beyond the last core. */
static enum neuron_status
refuse_reach(uint32_t first, uint64_t count, uint32_t core_count, struct neuron_error *error)
{
    if (count == 1) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "there is no nc:%" PRIu32 ": this process owns %" PRIu32
                           " core%s, which it numbers nc:0 to nc:%" PRIu32,
                           first, core_count, core_count == 1 ? "" : "s", core_count - 1);
    }
    return NEURON_FAIL(
        error, NEURON_NO_SUCH_CORE,
        "%" PRIu64 " cores from nc:%" PRIu32 " on reach to nc:%" PRIu64
        ": this process owns %" PRIu32 " core%s, which it numbers nc:0 to nc:%" PRIu32,
        count, first, first + count - 1, core_count, core_count == 1 ? "" : "s", core_count - 1);
}

static bool
fits(uint32_t first, uint64_t count, uint32_t core_count)
{
    return first < core_count && count <= core_count - first;
}

/* How many cores a run takes. */
static uint64_t
run_length(const struct neuron_module_placement *placement, uint32_t model_cores)
{
    return placement->nc_count == NEURON_AUTOMATIC ? model_cores : (uint32_t)placement->nc_count;
}

static enum neuron_status
check_run(const struct neuron_module_placement *placement, uint32_t core_count,
          uint32_t model_cores, struct neuron_error *error)
{
    if (placement->start_nc < NEURON_AUTOMATIC) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "start_nc %" PRId32 " is no core: this process owns nc:0 to nc:%" PRIu32
                           "; give one of these, or -1 for the least used",
                           placement->start_nc, core_count - 1);
    }
    if (placement->nc_count < NEURON_AUTOMATIC || placement->nc_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "nc_count %" PRId32
                           " is no number of cores: this process owns nc:0 to nc:%" PRIu32
                           "; give 1 to %" PRIu32 ", or -1 for as many as the model was made for",
                           placement->nc_count, core_count - 1, core_count);
    }
    uint32_t first = placement->start_nc == NEURON_AUTOMATIC ? 0 : (uint32_t)placement->start_nc;
    uint64_t count = run_length(placement, model_cores);
    if (!fits(first, count, core_count)) {
        return refuse_reach(first, count, core_count, error);
    }
    if (count % model_cores != 0) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "nc_count %" PRIu64 " is no multiple of the %" PRIu32
            " cores that the model was made for; this process owns nc:0 to nc:%" PRIu32,
            count, model_cores, core_count - 1);
    }
    return NEURON_OK;
}

/* Refuses two replicas that have a core in common. */
static enum neuron_status
check_overlap(const struct neuron_module_placement *placement, uint32_t index, uint32_t core_count,
              uint32_t model_cores, struct neuron_error *error)
{
    uint32_t first = placement->cores[index];

    for (uint32_t i = 0; i < index; i += 1) {
        uint32_t other = placement->cores[i];
        uint32_t distance = first > other ? first - other : other - first;

        if (distance == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "nc:%" PRIu32 " is named twice: name each of nc:0 to nc:%" PRIu32
                               " once at most",
                               first, core_count - 1);
        }
        if (distance < model_cores) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "replicas at nc:%" PRIu32 " and nc:%" PRIu32
                               " cannot both be: the model was made for %" PRIu32
                               " cores; this process owns nc:0 to nc:%" PRIu32,
                               other, first, model_cores, core_count - 1);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_selection(const struct neuron_module_placement *placement, uint32_t core_count,
                uint32_t model_cores, struct neuron_error *error)
{
    if (placement->cores == NULL || placement->core_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the list of cores is empty: name one of nc:0 to nc:%" PRIu32,
                           core_count - 1);
    }
    for (uint32_t i = 0; i < placement->core_count; i += 1) {
        enum neuron_status status = NEURON_OK;

        if (!fits(placement->cores[i], model_cores, core_count)) {
            status = refuse_reach(placement->cores[i], model_cores, core_count, error);
        } else {
            status = check_overlap(placement, i, core_count, model_cores, error);
        }
        if (status != NEURON_OK) {
            return status;
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_core_choice_check(const struct neuron_module_placement *placement, uint32_t core_count,
                         uint32_t model_cores, struct neuron_error *error)
{
    switch (placement->kind) {
    case NEURON_PLACEMENT_DEFAULT:
        return NEURON_OK;
    case NEURON_PLACEMENT_RUN:
        return check_run(placement, core_count, model_cores, error);
    case NEURON_PLACEMENT_ALL:
        return model_cores <= core_count ? NEURON_OK
                                         : refuse_reach(0, model_cores, core_count, error);
    case NEURON_PLACEMENT_SELECTION:
        return check_selection(placement, core_count, model_cores, error);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%d is no kind of placement",
                       (int)placement->kind);
}

/* How used some consecutive cores are. */
struct use {
    uint32_t most; /* replicas on the fullest of them */
    uint64_t sum;
};

static struct use
measure_use(const struct neuron_core_state *state, uint32_t first, uint32_t count)
{
    struct use use = {0};

    for (uint32_t nc = first; nc < first + count; nc += 1) {
        uint32_t replicas = state->replica_counts[nc];

        use.most = replicas > use.most ? replicas : use.most;
        use.sum += replicas;
    }
    return use;
}

/* The least used of all runs of this length; among equals the first. */
static uint32_t
find_least_used(const struct neuron_core_state *state, uint32_t count)
{
    uint32_t best = 0;
    struct use best_use = measure_use(state, 0, count);

    for (uint32_t first = 1; first + count <= state->core_count; first += 1) {
        struct use use = measure_use(state, first, count);

        if (use.most < best_use.most || (use.most == best_use.most && use.sum < best_use.sum)) {
            best = first;
            best_use = use;
        }
    }
    return best;
}

static enum neuron_status
choose_start(const struct neuron_core_state *state, uint32_t count, uint32_t *first,
             struct neuron_error *error)
{
    if (state->group_count == 0) {
        *first = find_least_used(state, count);
        return NEURON_OK;
    }
    /* A model that is larger than its group goes on into the next ones; where the process ends
       before it, a later group has the turn. */
    for (uint32_t i = 0; i < state->group_count; i += 1) {
        uint32_t turn = (uint32_t)(((uint64_t)state->group_turn + i) % state->group_count);

        if (fits(state->groups[turn].first_nc, count, state->core_count)) {
            *first = state->groups[turn].first_nc;
            return NEURON_OK;
        }
    }
    return refuse_reach(state->groups[state->group_turn % state->group_count].first_nc, count,
                        state->core_count, error);
}

static enum neuron_status
choose_run(const struct neuron_module_placement *placement, const struct neuron_core_state *state,
           uint32_t model_cores, uint32_t *first_cores, uint32_t *replica_count,
           struct neuron_error *error)
{
    uint32_t count = (uint32_t)run_length(placement, model_cores);
    uint32_t first = (uint32_t)placement->start_nc;

    if (placement->start_nc == NEURON_AUTOMATIC) {
        enum neuron_status status = choose_start(state, count, &first, error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    *replica_count = count / model_cores;
    for (uint32_t i = 0; i < *replica_count; i += 1) {
        first_cores[i] = first + i * model_cores;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_core_choice_make(const struct neuron_module_placement *placement,
                        const struct neuron_core_state *state, uint32_t model_cores,
                        uint32_t *first_cores, uint32_t *replica_count, struct neuron_error *error)
{
    struct neuron_module_placement run = *placement;
    enum neuron_status status =
        neuron_core_choice_check(placement, state->core_count, model_cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (placement->kind == NEURON_PLACEMENT_SELECTION) {
        for (uint32_t i = 0; i < placement->core_count; i += 1) {
            first_cores[i] = placement->cores[i];
        }
        *replica_count = placement->core_count;
        return NEURON_OK;
    }
    if (placement->kind == NEURON_PLACEMENT_ALL) {
        run.start_nc = 0;
        run.nc_count = (int32_t)(state->core_count - state->core_count % model_cores);
    }
    return choose_run(&run, state, model_cores, first_cores, replica_count, error);
}
