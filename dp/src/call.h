/* SPDX-License-Identifier: Apache-2.0 */
/* One batch under way: which chunk is next, which failed, and when all are done. */
#ifndef NEURON_DP_CALL_H
#define NEURON_DP_CALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "batch_plan.h"
#include "neuron/data_parallel_report.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/*
 * A call is done when no chunk is left: each was finished by the lane that took it, or will never
 * be taken, because the call was closed. Lanes that were asked for it may look at it later, and
 * find nothing to take; so it counts who may still look, and is used again only when none does.
 *
 * Who touches what:
 *   plan           written before the first lane is asked, then read. The tensors it names are the
 *                  caller's again when the call is done; whoever comes later takes no chunk.
 *   atomics        anybody who holds the call
 *   locked         under the lock: what is rare
 */
struct neuron_data_parallel_call {
    struct neuron_data_parallel_call *next_free;
    struct neuron_data_parallel *parallel; /* of a call that was submitted */
    struct neuron_lane_ask *asks;          /* one a lane; the dispatcher's */
    uint32_t *chosen;                      /* lanes in the order to ask them; the dispatcher's */
    uint32_t chosen_count;
    uint32_t prompt_count; /* of these, to be asked at once: the others are late */
    uint32_t lane_count;   /* the room for them */
    _Atomic bool has_out;  /* some lane was out in the call before */
    uint32_t missed_count; /* waits in a row that were longer than a spin; its caller's */
    struct neuron_batch_plan plan;
    struct neuron_tensor_view *views; /* copies that the plan points at */
    struct neuron_completion *completion;
    struct neuron_data_parallel_report *report; /* NULL for none */
    uint64_t begin_ns;                          /* 0 where nobody asks */
    uint64_t deadline_ns;                       /* 0 for none */
    _Atomic uint32_t holder_count;              /* the caller, and each lane that was asked */
    _Atomic uint32_t next_chosen;               /* to be asked; passes the last one */
    _Atomic int64_t next_chunk;                 /* passes the last one */
    _Atomic int64_t unfinished;                 /* chunks; 0 when the call is done */
    _Atomic uint32_t lost_count;                /* of `lost` below */
    _Atomic uint64_t end_ns;
    pthread_mutex_t lock;
    struct {
        int64_t failed_chunk; /* the first in order, or -1 */
        struct neuron_error failure;
        uint32_t failed_lane;
        bool is_closed;     /* no chunk begins */
        int64_t left_count; /* chunks that are never taken */
        /* Why these were left, where no failure says it: NEURON_CANCELLED or NEURON_TIMED_OUT. */
        enum neuron_status closing;
        struct neuron_lost_chunk *lost; /* to be tried again; room for one a lane */
        uint32_t lost_room;
    } locked;
};

/* A chunk that a lane has taken. */
struct neuron_taken_chunk {
    int64_t index;
    bool is_again; /* a process was lost with it before */
};

/* A chunk that a lane could not run, to be tried on another one. */
struct neuron_lost_chunk {
    struct neuron_taken_chunk chunk;
    uint32_t lane;
    bool needs_any; /* nobody else was found for it than who is at work on the call */
};

/* What became of a chunk that was given back. */
enum neuron_giving {
    NEURON_GIVEN_BACK, /* another lane can take it */
    NEURON_GIVEN_UP,   /* the call is closed: it counts as never begun, and is finished */
    NEURON_NOT_GIVEN   /* there is no room: it has failed, and is finished by its lane */
};

/* Makes a call that is nobody's, over so many tensors and lanes. Returns NEURON_OUT_OF_MEMORY. */
enum neuron_status
neuron_call_create(uint32_t tensor_count, uint32_t lane_count,
                   struct neuron_data_parallel_call **call, struct neuron_error *error);

/*
 * Begins a call with the caller as its one holder.
 *
 * plan  copied, its views too.
 */
void
neuron_call_begin(struct neuron_data_parallel_call *call, const struct neuron_batch_plan *plan,
                  uint64_t deadline_ns, struct neuron_data_parallel_report *report);

/* Says whether a chunk was never taken, at this moment. A holder. */
bool
neuron_call_has_chunk(const struct neuron_data_parallel_call *call);

/*
 * Takes a chunk to run. Those that were lost come first, for any other lane than the one that lost
 * them; then they are given out in the order of rows, so that all chunks before a failed one are
 * run, and which failure is told does not depend on who was faster. When the deadline is over the
 * call is closed. A holder.
 *
 * may_repeat  the lane may also take what it lost itself, as no other is idle.
 */
bool
neuron_call_take(struct neuron_data_parallel_call *call, uint32_t lane, bool may_repeat,
                 struct neuron_taken_chunk *chunk);

/*
 * Says whether a chunk of another lane waits to be taken, which was given back. A holder.
 *
 * is_needed  only one counts that nobody but lanes at work will take.
 */
bool
neuron_call_has_lost(struct neuron_data_parallel_call *call, uint32_t lane, bool is_needed);

/* Finishes a chunk that was taken, after its lane has written all of it. A holder. */
void
neuron_call_finish(struct neuron_data_parallel_call *call);

/* Notes that a chunk failed, which is finished afterwards. A holder. */
void
neuron_call_fail(struct neuron_data_parallel_call *call, uint32_t lane, int64_t chunk,
                 const struct neuron_error *reason);

/*
 * Gives a chunk back that its lane could not run, to be taken by another lane. A holder.
 *
 * lost  the chunk with what is known of it now: whether a process was lost with it.
 */
enum neuron_giving
neuron_call_give_back(struct neuron_data_parallel_call *call, const struct neuron_lost_chunk *lost);

/* Takes a chunk back that was given back by this lane, if none has taken it. A holder. */
bool
neuron_call_take_back(struct neuron_data_parallel_call *call, uint32_t lane,
                      struct neuron_taken_chunk *chunk);

/*
 * Lets no chunk begin any more.
 *
 * status  NEURON_CANCELLED or NEURON_TIMED_OUT, told by the call if a chunk was left;
 *         NEURON_OK where a failure says why.
 *
 * A holder.
 */
void
neuron_call_close(struct neuron_data_parallel_call *call, enum neuron_status status);

/* Waits until a call is done, or its deadline is over; which closes it. Its caller. */
void
neuron_call_await(struct neuron_data_parallel_call *call);

/* What became of a call. */
struct neuron_call_end {
    bool has_failed; /* a chunk did, the first in order being this one */
    int64_t chunk;
    uint32_t lane;
    struct neuron_error reason; /* also where chunks were left */
};

/* Says what became of a call that is done. Returns the status of the reason. Its caller. */
enum neuron_status
neuron_call_result(struct neuron_data_parallel_call *call, struct neuron_call_end *end);

/* Destroys a call that nobody holds. Accepts NULL. */
void
neuron_call_destroy(struct neuron_data_parallel_call *call);

#endif
