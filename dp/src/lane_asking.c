/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To wake the thread of a lane is a system call, of some microseconds. A thousand of them, one
 * after the other, would take as long as a run; so whoever has woken helps. Nothing is left to the
 * helpers alone: the caller goes on until the last lane, as one that was asked may be called away.
 */
#include "lane_asking.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "lane.h"
#include "neuron/executor.h"

/* Who is as far back in the inbox of a core as this may find the call done by others. */
enum { LINE_LIMIT = 64 };

/* Lanes that the caller asks before it lets those have the CPU that are on it. */
enum { ASKS_A_TURN = 8 };

/* Lanes that a lane asks before each chunk, as long as some are to be asked. */
enum { HELP = 2 };

/* The lanes as those see them who choose. */
static bool
is_lane_idle(const void *asks, uint32_t index)
{
    const struct neuron_lane_ask *ask = &((const struct neuron_lane_ask *)asks)[index];

    return neuron_executor_is_idle(ask->lane->executor);
}

/* Says whether a lane would come to a call too late, if all goes as it does now. */
static bool
is_late(const struct neuron_data_parallel_call *call, uint32_t lane)
{
    return neuron_executor_waiting_count(call->asks[lane].lane->executor) >= LINE_LIMIT;
}

/* Adds a lane to those chosen, unless it is one of them. Returns whether it can be asked now: one
   that is late stands at the end of the room, backwards. */
static bool
choose_lane(struct neuron_data_parallel_call *call, uint32_t lane, uint32_t late_count)
{
    struct neuron_lane_ask *ask = &call->asks[lane];
    bool is_prompt = !is_late(call, lane);

    ask->is_chosen = true;
    if (is_prompt) {
        call->chosen[call->chosen_count] = lane;
        call->chosen_count += 1;
    } else {
        call->chosen[call->lane_count - 1 - late_count] = lane;
    }
    return is_prompt;
}

/* Chooses lanes: those to be asked now, and behind them those that are late. */
static void
choose_lanes(struct neuron_data_parallel_call *call, struct neuron_lane_choice choice)
{
    uint32_t late_count = 0;
    uint32_t lane = 0;

    for (uint32_t i = 0; i < call->chosen_count; i += 1) {
        call->asks[call->chosen[i]].is_chosen = false; /* for the call before */
    }
    for (uint32_t i = 0; call->has_out && i < call->lane_count; i += 1) {
        atomic_store(&call->asks[i].is_out, false);
    }
    call->has_out = false;
    call->chosen_count = 0;
    neuron_lane_choice_begin(&choice);
    while (neuron_lane_choice_next(&choice, call->chosen_count + late_count, &lane)) {
        if (!call->asks[lane].is_chosen && !choose_lane(call, lane, late_count)) {
            late_count += 1;
        }
    }
    call->prompt_count = call->chosen_count;
    for (uint32_t i = call->lane_count - late_count; i < call->lane_count; i += 1) {
        call->chosen[call->chosen_count] = call->chosen[i];
        call->chosen_count += 1;
    }
    /* Relaxed: a lane gets the call from this thread, through an inbox. */
    atomic_store_explicit(&call->next_chosen, 0, memory_order_relaxed);
}

/*
 * Takes the lane that is to be asked next. Returns false when none is, or no chunk is left, or the
 * next one is late: it is asked by a lane that begins another chunk when it is late no more.
 */
static bool
take_chosen(struct neuron_data_parallel_call *call, uint32_t *lane)
{
    /* Relaxed, here and below: what was chosen is not changed while anybody may ask. */
    uint32_t position = atomic_load_explicit(&call->next_chosen, memory_order_relaxed);

    do {
        if (position >= call->chosen_count || !neuron_call_has_chunk(call) ||
            (position >= call->prompt_count && is_late(call, call->chosen[position]))) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&call->next_chosen, &position, position + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    *lane = call->chosen[position];
    return true;
}

/* Asks the lanes that were chosen. Returns whether one could be asked. */
static bool
ask_chosen(struct neuron_data_parallel_call *call)
{
    bool is_asked = false;
    uint32_t asks = 0;
    uint32_t lane = 0;

    while (take_chosen(call, &lane)) {
        asks += 1;
        if (asks % ASKS_A_TURN == 0) {
            (void)sched_yield(); /* they help */
        }
        enum neuron_status status = NEURON_OK;

        if (neuron_lane_ask_for(&call->asks[lane], &status, NULL) && status == NEURON_OK) {
            is_asked = true;
        }
    }
    return is_asked;
}

/*
 * Asks lanes one by one, and another for each that refuses, however much waits for its core.
 *
 * Returns what the last refusal was, where all refuse.
 */
static enum neuron_status
ask_any(struct neuron_data_parallel_call *call, struct neuron_lane_choice choice,
        struct neuron_error *error)
{
    struct neuron_error refusal = {.status = NEURON_QUEUE_FULL};
    uint32_t asked = 0;
    uint32_t lane = 0;

    neuron_lane_choice_begin(&choice);
    while (neuron_lane_choice_next(&choice, asked, &lane)) {
        enum neuron_status status = NEURON_OK;
        bool is_new = neuron_lane_ask_for(&call->asks[lane], &status, &refusal);

        asked += is_new && status == NEURON_OK ? 1 : 0;
    }
    return asked == 0 ? NEURON_FAIL(error, refusal.status, "%s", refusal.text) : NEURON_OK;
}

enum neuron_status
neuron_lane_asking_begin(struct neuron_data_parallel_call *call,
                         const struct neuron_lane_choice *choice, struct neuron_error *error)
{
    struct neuron_lane_choice ours = *choice;

    ours.is_idle = is_lane_idle;
    ours.lanes = call->asks;
    choose_lanes(call, ours);
    if (ask_chosen(call)) {
        return NEURON_OK;
    }
    /* Nobody holds the call but its caller, and nobody is to ask those that were chosen. */
    atomic_store_explicit(&call->next_chosen, call->chosen_count, memory_order_relaxed);
    return ask_any(call, ours, error);
}

void
neuron_lane_asking_help(struct neuron_data_parallel_call *call)
{
    uint32_t lane = 0;

    for (int i = 0; i < HELP && take_chosen(call, &lane); i += 1) {
        enum neuron_status status = NEURON_OK;

        /* One that takes no more work is passed over: the call is as well done by the others. */
        (void)neuron_lane_ask_for(&call->asks[lane], &status, NULL);
    }
}
