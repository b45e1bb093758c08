/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_program.h"

#include <stdlib.h>

#include "executor_child.h"
#include "isolated_tensors.h"
#include "neuron/clock.h"
#include "shared_slots.h"

enum { START_LIMIT = 3 }; /* of processes, where one was lost */

struct isolated {
    struct neuron_child_place place;
    struct neuron_shared_slots slots;
    struct neuron_executor_child child; /* none after one was lost */
    uint64_t sequence;                  /* of the last run */
    uint32_t hang_limit_ms;
};

/* Says whether a deadline is over. */
static bool
has_passed(uint64_t deadline_ns)
{
    return deadline_ns != 0 && neuron_clock_ns() >= deadline_ns;
}

/* Starts a child in place of one that was lost. One that is lost itself before a run began says
   nothing of the rows: another follows. */
static enum neuron_status
start_again(struct isolated *isolated, const struct neuron_child_limits *limits,
            struct neuron_error *error)
{
    enum neuron_status status = NEURON_PEER_LOST;

    for (uint32_t tries = 0; status == NEURON_PEER_LOST && tries < START_LIMIT; tries += 1) {
        status = neuron_executor_child_start(&isolated->place, limits, &isolated->child, error);
    }
    return status;
}

/* Makes sure that there is a child. */
static enum neuron_status
replace_lost(struct isolated *isolated, const struct neuron_child_limits *limits,
             struct neuron_error *error)
{
    struct neuron_error reason = {0};

    if (neuron_executor_child_is_alive(&isolated->child)) {
        return NEURON_OK;
    }
    enum neuron_status status = start_again(isolated, limits, &reason);
    if (status == NEURON_OK) {
        return NEURON_OK;
    }
    if (status == NEURON_TIMED_OUT) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_FAIL(error, NEURON_SYSTEM, "an executor that was lost cannot be replaced: %s",
                       reason.text);
}

static enum neuron_status
run_isolated(void *state, const struct neuron_chunk_run *run, struct neuron_error *error)
{
    struct isolated *isolated = state;
    const struct neuron_child_limits limits = {.deadline_ns = run->deadline_ns,
                                               .hang_limit_ms = isolated->hang_limit_ms};
    enum neuron_status status = neuron_isolated_source_check_process(isolated->place.source, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (has_passed(run->deadline_ns)) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT, "the deadline passed before the run began");
    }
    status = replace_lost(isolated, &limits, error);
    if (status != NEURON_OK) {
        return status;
    }
    isolated->sequence += 1;
    return neuron_executor_child_run(&isolated->child, isolated->sequence, run->rows, &limits,
                                     error);
}

static void
destroy_isolated(void *state)
{
    struct isolated *isolated = state;

    if (isolated == NULL) {
        return;
    }
    /* A forked child has neither the process nor the threads of the wire. */
    if (neuron_isolated_source_check_process(isolated->place.source, NULL) == NEURON_OK) {
        neuron_executor_child_end(&isolated->child);
    }
    neuron_shared_slots_destroy(&isolated->slots);
    free(isolated);
}

static const struct neuron_chunk_program_ops isolated_ops = {.run = run_isolated,
                                                             .destroy = destroy_isolated};

/* Makes the slots. */
static enum neuron_status
make_slots(struct isolated *isolated, struct neuron_error *error)
{
    struct neuron_isolated_tensors tensors = {0};
    enum neuron_status status = neuron_isolated_source_list_tensors(
        isolated->place.source, isolated->place.run_rows, &tensors, error);

    if (status == NEURON_OK) {
        status =
            neuron_shared_slots_create(&isolated->slots, tensors.size_bytes, tensors.count, error);
    }
    isolated->place.slots_file = isolated->slots.descriptor;
    neuron_isolated_tensors_free(&tensors);
    return status;
}

enum neuron_status
neuron_isolated_program_create(const struct neuron_isolated_source *source,
                               const struct neuron_isolated_place *place,
                               struct neuron_chunk_program *program, struct neuron_error *error)
{
    const struct neuron_child_limits limits = {.hang_limit_ms = place->hang_limit_ms};
    struct isolated *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an isolated executor");
    }
    created->hang_limit_ms = place->hang_limit_ms;
    created->place = (struct neuron_child_place){
        .source = source,
        .nc = place->nc,
        .run_rows = neuron_isolated_source_limit_rows(source, place->run_rows)};
    enum neuron_status status = make_slots(created, error);
    if (status == NEURON_OK) {
        status = neuron_executor_child_start(&created->place, &limits, &created->child, error);
    }
    if (status != NEURON_OK) {
        destroy_isolated(created);
        return status;
    }
    *program = (struct neuron_chunk_program){.ops = &isolated_ops,
                                             .state = created,
                                             .run_rows = created->place.run_rows,
                                             .is_padded = neuron_isolated_source_pads(source),
                                             .is_isolated = true,
                                             .buffers = created->slots.addresses};
    return NEURON_OK;
}
