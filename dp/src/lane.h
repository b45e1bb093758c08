/* SPDX-License-Identifier: Apache-2.0 */
/* What runs one chunk at a time: a program, its staging, and the executor that drives both. */
#ifndef NEURON_DP_LANE_H
#define NEURON_DP_LANE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "call.h"
#include "chunk_program.h"
#include "neuron/executor.h"
#include "neuron/status.h"
#include "staging.h"

struct neuron_lane;

/* One lane asked for one call. While it is open the lane holds the call. */
struct neuron_lane_ask {
    struct neuron_data_parallel_call *call;
    struct neuron_lane *lane;
    struct neuron_lane_ask *next; /* in the line of a lane that is busy */
    struct neuron_request request;
    bool is_chosen;      /* for the call under way; its caller's */
    _Atomic bool is_out; /* the lane can run nothing: it is not asked again */
    _Atomic bool is_open;
};

/* What lanes tell whoever made them. */
struct neuron_lane_owner {
    /* Asks another lane for a chunk that one gave back, an idle one or, if need be, any; false when
       none is there to take it. */
    bool (*ask_other)(void *owner, struct neuron_data_parallel_call *call, uint32_t lane,
                      bool any_will_do);
    /* Takes back a hold on the call. */
    void (*release)(void *owner, struct neuron_data_parallel_call *call);
    void *owner;
};

/*
 * A replica of one core is one lane. A pipeline has one more than it has cores, so that each stage
 * has a run while another is packed; all are driven by the executor of its first core.
 *
 * All but `is_open` of the asks is touched by the executor's thread alone, once the lane is made.
 */
struct neuron_lane {
    uint32_t index;   /* among the lanes */
    uint32_t share;   /* the replica, in reports */
    uint32_t nc;      /* the process's number of its core */
    uint32_t core;    /* the machine's */
    bool may_repeat;  /* it takes next what it lost itself: no other lane is idle */
    bool steps_aside; /* from the call at hand: another lane was asked in its place */
    struct neuron_executor *executor;
    const struct neuron_lane_owner *owner;
    struct neuron_chunk_program program;
    struct neuron_staging staging;
    struct neuron_lane_ask *ask; /* whose chunk is run; NULL for none */
    struct {
        struct neuron_lane_ask *first;
        struct neuron_lane_ask *last;
    } line; /* of who asked while a run was elsewhere */
    struct neuron_taken_chunk chunk;
    struct neuron_error nan; /* of the first run of the chunk that gave a NaN; zeroed for none */
    struct neuron_data_parallel_event event;
    /* The end of a run that was submitted. */
    struct neuron_request resumption;
    enum neuron_status run_status;
    struct neuron_error error;
};

/* Prepares a lane whose places, executor and owner are set. */
void
neuron_lane_init(struct neuron_lane *lane);

/* Prepares an ask of a lane, of which none is open. */
void
neuron_lane_ask_init(struct neuron_lane_ask *ask, struct neuron_lane *lane,
                     struct neuron_data_parallel_call *call);

/*
 * Asks a lane to take chunks of a call, until there is none left. The call is held for it.
 *
 * Returns false where the ask is open already; else what submitting returned is in `status`: on
 * failure the lane does not hold the call. Any thread.
 */
bool
neuron_lane_ask_for(struct neuron_lane_ask *ask, enum neuron_status *status,
                    struct neuron_error *error);

#endif
