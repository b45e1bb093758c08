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
    uint64_t shortest_run_ns;           /* of those that went well; 0 before the first */
    uint32_t hang_limit_ms;
};

/* Says whether a deadline is over. */
static bool
has_passed(uint64_t deadline_ns)
{
    return deadline_ns != 0 && neuron_clock_ns() >= deadline_ns;
}

/*
 * Says whether a run that had to wait until its child was loaded is better not begun: it would be
 * killed at the deadline, the next one would wait for another child, and so on.
 */
static bool
is_too_late(const struct isolated *isolated, uint64_t deadline_ns)
{
    return deadline_ns != 0 && neuron_clock_ns() + isolated->shortest_run_ns > deadline_ns;
}

/* Makes sure that there is a child that is loaded. One that is lost before a run began says nothing
   of the rows: another follows. */
static enum neuron_status
await_child(struct isolated *isolated, uint64_t deadline_ns, struct neuron_error *error)
{
    enum neuron_status status = NEURON_PEER_LOST;

    for (uint32_t tries = 0; status == NEURON_PEER_LOST && tries < START_LIMIT; tries += 1) {
        status = neuron_executor_child_is_alive(&isolated->child)
                     ? NEURON_OK
                     : neuron_executor_child_start(&isolated->place, isolated->hang_limit_ms,
                                                   &isolated->child, error);
        if (status == NEURON_OK) {
            status = neuron_executor_child_await_loaded(&isolated->child, deadline_ns, error);
        }
    }
    return status;
}

/* Makes sure of a child with time for a run, or says that this core cannot run anything now. */
static enum neuron_status
have_child(struct isolated *isolated, uint64_t deadline_ns, struct neuron_error *error)
{
    struct neuron_error reason = {0};

    if (neuron_executor_child_is_alive(&isolated->child) && !isolated->child.is_loading) {
        return NEURON_OK;
    }
    enum neuron_status status = await_child(isolated, deadline_ns, &reason);
    if (status == NEURON_OK && !is_too_late(isolated, deadline_ns)) {
        return NEURON_OK;
    }
    if (status == NEURON_OK) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "the isolated executor was loaded too shortly before the deadline");
    }
    if (status == NEURON_TIMED_OUT) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_FAIL(error, NEURON_STOPPED, "an executor that was lost cannot be replaced: %s",
                       reason.text);
}

/* Keeps how long the shortest run took. */
static void
note_run(struct isolated *isolated, uint64_t taken_ns)
{
    if (isolated->shortest_run_ns == 0 || taken_ns < isolated->shortest_run_ns) {
        isolated->shortest_run_ns = taken_ns;
    }
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
    status = have_child(isolated, run->deadline_ns, error);
    if (status != NEURON_OK) {
        return status;
    }
    isolated->sequence += 1;
    uint64_t begin_ns = neuron_clock_ns();
    status =
        neuron_executor_child_run(&isolated->child, isolated->sequence, run->rows, &limits, error);
    if (status == NEURON_OK) {
        note_run(isolated, neuron_clock_ns() - begin_ns);
    }
    return status;
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
        status = neuron_executor_child_start(&created->place, created->hang_limit_ms,
                                             &created->child, error);
    }
    if (status == NEURON_OK) {
        status = neuron_executor_child_await_loaded(&created->child, 0, error);
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
