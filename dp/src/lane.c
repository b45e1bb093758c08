/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane serves a call chunk by chunk. After each it looks whether anybody else wants its core, and
 * if so goes to the end of the inbox: calls, and whatever else is on the core, take turns.
 *
 * A program that is submitted, because its runs are on several cores, leaves the lane waiting while
 * the executor goes on with other things; who asks meanwhile stands in line. Its end comes back
 * through the inbox, so that all of a lane happens on one thread.
 */
#include "lane.h"

#include <inttypes.h>
#include <sched.h>

#include "call_report.h"
#include "lane_asking.h"
#include "neuron/clock.h"

enum progress { ENDED, PENDING };

static void
serve(struct neuron_lane *lane);

/* Notes a time for the report of the call, if there is one. */
static uint64_t
note_time(const struct neuron_lane *lane)
{
    const struct neuron_data_parallel_call *call = lane->ask->call;

    return call->report == NULL ? 0 : neuron_clock_ns() - call->begin_ns;
}

static void
begin_chunk(struct neuron_lane *lane)
{
    struct neuron_data_parallel_call *call = lane->ask->call;
    struct neuron_row_range rows = neuron_batch_split_chunk(&call->plan.split, lane->chunk.index);

    neuron_lane_asking_help(call);
    lane->event = (struct neuron_data_parallel_event){
        .share = lane->share,
        .chunk = lane->chunk.index,
        .first_row = rows.first,
        .row_count = rows.count,
        .begin_ns = note_time(lane),
    };
    lane->nan = (struct neuron_error){.status = NEURON_OK};
    neuron_staging_begin(&lane->staging, &call->plan, rows, call->deadline_ns);
}

/* Finds somebody for a chunk that was given back: an idle lane, in whose favour this one steps
   aside from the call, or this one itself, with another process. */
static void
find_taker(struct neuron_lane *lane)
{
    struct neuron_data_parallel_call *call = lane->ask->call;

    lane->steps_aside = lane->owner->ask_other(lane->owner->owner, call, lane->index, false);
    lane->may_repeat = !lane->steps_aside;
}

/* The same for a lane that cannot run anything. Returns false where nobody is there, and
   the chunk is this lane's again. */
static bool
find_substitute(struct neuron_lane *lane)
{
    struct neuron_data_parallel_call *call = lane->ask->call;

    atomic_store(&lane->ask->is_out, true);
    atomic_store(&call->has_out, true);
    lane->steps_aside = true;
    return lane->owner->ask_other(lane->owner->owner, call, lane->index, true) ||
           !neuron_call_take_back(call, lane->index, &lane->chunk);
}

/*
 * Gives a chunk back whose process was lost for the first time, or never was there. Returns false
 * where it has failed.
 */
static bool
give_back(struct neuron_lane *lane, enum neuron_status status)
{
    bool is_lost = status == NEURON_PEER_LOST;
    const struct neuron_lost_chunk lost = {
        .chunk = {.index = lane->chunk.index, .is_again = lane->chunk.is_again || is_lost},
        .lane = lane->index,
        .needs_any = !is_lost};

    if (!lane->program.is_isolated || (is_lost && lane->chunk.is_again) ||
        (!is_lost && status != NEURON_STOPPED)) {
        return false;
    }
    switch (neuron_call_give_back(lane->ask->call, &lost)) {
    case NEURON_GIVEN_UP:
        neuron_call_finish(lane->ask->call);
        return true;
    case NEURON_NOT_GIVEN:
        return false;
    case NEURON_GIVEN_BACK:
        break;
    }
    if (is_lost) {
        find_taker(lane);
        return true;
    }
    return find_substitute(lane);
}

/* What a chunk failed with, as the call tells it. */
static void
settle_reason(struct neuron_lane *lane, enum neuron_status status)
{
    const struct neuron_data_parallel_call *call = lane->ask->call;
    const struct neuron_error last = lane->error;
    bool is_late = call->deadline_ns != 0 && neuron_clock_ns() >= call->deadline_ns;

    lane->error.status = status;
    if (status == NEURON_PEER_LOST && lane->program.is_isolated && lane->chunk.is_again) {
        neuron_error_set(&lane->error, status,
                         "these rows are poison, two processes were lost with them: %s", last.text);
    } else if (status == NEURON_TIMED_OUT && is_late) {
        neuron_error_set(&lane->error, status, "the deadline of the call passed while it ran");
    } else if (status == NEURON_STOPPED && lane->program.is_isolated) {
        lane->error.status = NEURON_SYSTEM; /* the object itself is not stopped */
    }
}

/* Ends a chunk: its outputs are all there, or it failed, or another lane will try. */
static void
end_chunk(struct neuron_lane *lane, enum neuron_status status)
{
    struct neuron_data_parallel_call *call = lane->ask->call;

    if (call->report != NULL) {
        lane->event.end_ns = note_time(lane);
        neuron_call_report_note(call->report, &lane->event, lane->staging.copied_bytes);
    }
    if (status != NEURON_OK) {
        bool is_poison = status == NEURON_PEER_LOST && lane->program.is_isolated;

        if (give_back(lane, status)) {
            return;
        }
        settle_reason(lane, status);
        neuron_call_fail(call, lane->index, lane->chunk.index, &lane->error);
        if (!is_poison && status != NEURON_NUMERICAL_ERROR) {
            /* Rows that kill a process, or give a NaN, let all others be finished. */
            neuron_call_close(call, NEURON_OK);
        }
    }
    neuron_call_finish(call);
}

/* Takes up a lane whose run was elsewhere. */
static void
resume(void *argument)
{
    struct neuron_lane *lane = argument;

    serve(lane);
}

/* Hears of the end of a run, on whatever thread, and lets the executor go on with the lane. */
static void
hear_run_end(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct neuron_lane *lane = argument;

    lane->run_status = status;
    if (status != NEURON_OK) {
        lane->error = *error;
    }
    while (neuron_executor_submit(lane->executor, &lane->resumption, NULL) != NEURON_OK) {
        if (neuron_executor_is_current(lane->executor)) {
            resume(lane); /* nobody else could make room in the inbox */
            return;
        }
        (void)sched_yield();
    }
}

/* Hands the next run of the chunk to the program. */
static enum progress
begin_run(struct neuron_lane *lane, enum neuron_status *status)
{
    const struct neuron_chunk_program *program = &lane->program;

    *status = neuron_staging_prepare(&lane->staging, &lane->error);
    if (lane->event.run_ns == 0) {
        lane->event.run_ns = note_time(lane);
    }
    if (*status != NEURON_OK) {
        return ENDED;
    }
    if (program->ops->submit == NULL) {
        *status = program->ops->run(program->state, &lane->staging.order, &lane->error);
        return ENDED;
    }
    *status = program->ops->submit(program->state, &lane->staging.order, hear_run_end, lane,
                                   &lane->error);
    return *status == NEURON_OK ? PENDING : ENDED;
}

/* Takes the outputs of a run, if it has any. Returns whether the chunk can go on. */
static enum neuron_status
end_run(struct neuron_lane *lane, enum neuron_status status)
{
    lane->event.ran_ns = note_time(lane);
    if (status == NEURON_NUMERICAL_ERROR) {
        lane->nan = lane->nan.status == NEURON_OK ? lane->error : lane->nan;
        lane->nan.status = status;
        status = NEURON_OK;
    }
    if (status == NEURON_OK) {
        neuron_staging_finish(&lane->staging);
    }
    return status;
}

/*
 * Runs what is left of the chunk.
 *
 * status  of the run before; NEURON_OK at the first.
 */
static enum progress
run_rest(struct neuron_lane *lane, enum neuron_status status)
{
    while (status == NEURON_OK && lane->staging.rest.count > 0) {
        if (begin_run(lane, &status) == PENDING) {
            return PENDING;
        }
        status = end_run(lane, status);
    }
    if (status == NEURON_OK && lane->nan.status != NEURON_OK) {
        status = lane->nan.status;
        lane->error = lane->nan;
    }
    end_chunk(lane, status);
    return ENDED;
}

/* Goes on with a chunk whose run was elsewhere and is done. */
static enum progress
go_on(struct neuron_lane *lane)
{
    return run_rest(lane, end_run(lane, lane->run_status));
}

/* Takes the lane to whoever stands first in line; NULL for nobody. */
static void
serve_next_in_line(struct neuron_lane *lane)
{
    lane->ask = lane->line.first;
    if (lane->ask != NULL) {
        lane->line.first = lane->ask->next;
    }
}

static void
stand_in_line(struct neuron_lane *lane, struct neuron_lane_ask *ask)
{
    ask->next = NULL;
    if (lane->line.first == NULL) {
        lane->line.first = ask;
    } else {
        lane->line.last->next = ask;
    }
    lane->line.last = ask;
}

/*
 * Ends an ask, unless a chunk was lost meanwhile that the lane may take; one that steps aside, for
 * another that was asked, takes none that has somebody else.
 */
static bool
leave(struct neuron_lane *lane)
{
    struct neuron_lane_ask *ask = lane->ask;
    struct neuron_data_parallel_call *call = ask->call;
    bool expected = false;
    bool is_needed = lane->steps_aside;

    lane->steps_aside = false;

    /*
     * Sequentially consistent: a lane that loses a chunk first counts it and then looks for an ask
     * that is not open; this first closes its own and then looks for a chunk. One of both sees the
     * other.
     */
    atomic_store(&ask->is_open, false);
    if (!atomic_load(&ask->is_out) && neuron_call_has_lost(call, lane->index, is_needed) &&
        atomic_compare_exchange_strong(&ask->is_open, &expected, true)) {
        return false;
    }
    serve_next_in_line(lane);
    lane->owner->release(lane->owner->owner, call);
    return true;
}

/* After a chunk: lets others have the core. Returns whether the lane is free now. */
static bool
take_turns(struct neuron_lane *lane)
{
    if (lane->line.first != NULL) {
        stand_in_line(lane, lane->ask);
        serve_next_in_line(lane);
        return false;
    }
    if (neuron_executor_waiting_count(lane->executor) == 0 ||
        neuron_executor_submit(lane->executor, &lane->ask->request, NULL) != NEURON_OK) {
        return false;
    }
    lane->ask = NULL;
    return true;
}

/* Takes the next chunk of the call at hand, unless the lane steps aside. */
static bool
take_chunk(struct neuron_lane *lane)
{
    bool is_taken = !lane->steps_aside &&
                    neuron_call_take(lane->ask->call, lane->index, lane->may_repeat, &lane->chunk);

    lane->may_repeat = false;
    if (!is_taken) {
        lane->chunk.index = -1;
    }
    return is_taken;
}

static void
serve(struct neuron_lane *lane)
{
    bool is_resumed = lane->chunk.index >= 0;

    while (lane->ask != NULL) {
        if (!is_resumed && !take_chunk(lane)) {
            (void)leave(lane);
            continue;
        }
        if (!is_resumed) {
            begin_chunk(lane);
        }
        if ((is_resumed ? go_on(lane) : run_rest(lane, NEURON_OK)) == PENDING) {
            return;
        }
        is_resumed = false;
        lane->chunk.index = -1;
        if (!lane->may_repeat && !lane->steps_aside && take_turns(lane)) {
            return;
        }
    }
}

/* The work of a request: a lane's turn at a call. */
static void
take_up(void *argument)
{
    struct neuron_lane_ask *ask = argument;
    struct neuron_lane *lane = ask->lane;

    if (lane->ask != NULL) {
        stand_in_line(lane, ask); /* a run is elsewhere */
        return;
    }
    lane->ask = ask;
    serve(lane);
}

void
neuron_lane_init(struct neuron_lane *lane)
{
    lane->chunk.index = -1;
    lane->resumption = (struct neuron_request){.work = resume, .argument = lane};
}

void
neuron_lane_ask_init(struct neuron_lane_ask *ask, struct neuron_lane *lane,
                     struct neuron_data_parallel_call *call)
{
    ask->call = call;
    ask->lane = lane;
    /* Without a completion: the ask may be submitted anew while its work goes on. */
    ask->request = (struct neuron_request){.work = take_up, .argument = ask};
}

/*
 * Closes an ask that no inbox took, unless a chunk was given back meanwhile by a lane that found it
 * open, and so left the chunk to this one: see leave().
 */
static bool
close_unasked(struct neuron_lane_ask *ask)
{
    bool expected = false;

    atomic_store(&ask->is_open, false);
    return !neuron_call_has_lost(ask->call, ask->lane->index, true) ||
           !atomic_compare_exchange_strong(&ask->is_open, &expected, true);
}

bool
neuron_lane_ask_for(struct neuron_lane_ask *ask, enum neuron_status *status,
                    struct neuron_error *error)
{
    bool expected = false;

    if (!atomic_compare_exchange_strong(&ask->is_open, &expected, true)) {
        return false;
    }
    /* Relaxed: who asks holds the call itself, so it cannot end meanwhile. */
    atomic_fetch_add_explicit(&ask->call->holder_count, 1, memory_order_relaxed);
    *status = neuron_executor_submit(ask->lane->executor, &ask->request, error);
    while (*status != NEURON_OK && !close_unasked(ask)) {
        (void)sched_yield();
        *status = neuron_executor_submit(ask->lane->executor, &ask->request, error);
    }
    if (*status != NEURON_OK) {
        atomic_fetch_sub_explicit(&ask->call->holder_count, 1, memory_order_relaxed);
    }
    return true;
}
