/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that a program schedules and does not wait for: tensors and runs of models. */
#ifndef NRT_ASYNC_H
#define NRT_ASYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every core has execution units, and every unit one or more queues, numbered from 0. A call that
 * schedules puts a request into a queue and returns at once with the request's sequence id. The
 * requests of a queue are completed in the order in which they were scheduled. All units of a core
 * share the thread that is pinned to it; yet whoever needs what a request of another queue writes
 * asks first whether that one is completed.
 *
 * What every call that schedules has in common:
 *
 * queue         below the number of queues of the unit, see below.
 * err           receives {sequence id, status} if the request fails. May be NULL: then a failure is
 *               only logged. May be one of another core, and may be destroyed at any time.
 * req_sequence  receives the sequence id. Unchanged on failure.
 *
 * Tensors, models and buffers of a request stay valid until it is completed. A tensor that is freed
 * earlier, or a model that is unloaded, does no harm: the one is kept until then, the other waits.
 *
 * Returns NRT_QUEUE_FULL when NRTA_QUEUE_LIMIT requests of that queue are not completed yet: wait
 * for one of them, and schedule again; NRT_INVALID_HANDLE for a tensor, model, set or tracker that
 * is none; NRT_INVALID for another argument that does not fit; NRT_RESOURCE when memory ran out;
 * NRT_UNINITIALIZED and NRT_CLOSED as all calls (nrt/nrt.h). Then nothing was scheduled, and the
 * log says why; of a full queue it says nothing.
 * Any thread. Never blocks.
 */

typedef enum {
    NRTA_XU_TENSOR_READ = 0,  /* 2 queues */
    NRTA_XU_TENSOR_WRITE = 1, /* 2 queues */
    NRTA_XU_TENSOR_OP = 2,    /* 2 queues */
    NRTA_XU_COMPUTE = 3,      /* 1 queue */
    NRTA_XU_COLLECTIVES = 4,  /* 3 queues, in which nothing can be scheduled here */
    NRTA_XU_TYPE_NUM
} nrta_xu_t;

/*
 * The id of a request. The upper 16 bits name core, unit and queue; in the lower 48 is a number
 * that rises by one from request to request of that queue, from 1 on.
 */
typedef uint64_t nrta_seq_t;
typedef uint16_t nrta_xu_id_t;

#define NRTA_SEQ_NUM_MAX               ((1ull << 48) - 1)
#define NRTA_SEQ_NUM_MASK              NRTA_SEQ_NUM_MAX
#define NRTA_SEQ_GET_SEQ_NUM(sequence) (NRTA_SEQ_NUM_MASK & (sequence))
#define NRTA_SEQ_GET_XU_ID(sequence)   ((sequence) >> 48)

/* Most requests of one queue that are not completed. The original does not say how many it takes.
 */
#define NRTA_QUEUE_LIMIT 64

/* A request that failed. 16 bytes. */
typedef struct nrta_error {
    nrta_seq_t seq_id;
    uint64_t error_code; /* an NRT_STATUS */
} nrta_error_t;

/* Gathers the errors of requests. */
typedef struct nrta_error_tracker nrta_error_tracker_t;

/*
 * Schedules the copy of `size` bytes of `buf` to `offset` of a tensor, on NRTA_XU_TENSOR_WRITE of
 * the core that the tensor is on; of core 0 for a tensor on none.
 *
 * Returns as said above; NRT_INVALID also where the bytes do not fit the tensor.
 */
NRT_STATUS
nrta_tensor_write(nrt_tensor_t *tensor, const void *buf, uint64_t offset, uint64_t size, int queue,
                  nrta_error_tracker_t *err, nrta_seq_t *req_sequence);

/*
 * Schedules the copy of `size` bytes at `offset` of a tensor to `buf`, on NRTA_XU_TENSOR_READ of
 * the core that the tensor is on; of core 0 for a tensor on none.
 *
 * Returns as said above; NRT_INVALID also where the tensor has not that many bytes.
 */
NRT_STATUS
nrta_tensor_read(void *buf, nrt_tensor_t *tensor, uint64_t offset, uint64_t size, int queue,
                 nrta_error_tracker_t *err, nrta_seq_t *req_sequence);

/*
 * Schedules the copy of bytes from tensor to tensor, on NRTA_XU_TENSOR_OP of the core that `dst` is
 * on; where that is on none, of the core of `src`.
 *
 * Returns as said above; NRT_INVALID also where the bytes do not fit, or the tensors are on
 * different cores.
 */
NRT_STATUS
nrta_tensor_copy(nrt_tensor_t *src, uint64_t src_offset, nrt_tensor_t *dst, uint64_t dst_offset,
                 uint64_t size, int queue, nrta_error_tracker_t *err, nrta_seq_t *req_sequence);

/*
 * Schedules a run of a model, on NRTA_XU_COMPUTE of the first core of the replica whose turn it is.
 * Which tensors a set holds is looked up in the call: the sets may be changed or destroyed after
 * it. The run fails as nrt_execute() does, with the same status in the tracker. Replicas run in
 * parallel: requests that are under way at the same time need outputs of their own.
 *
 * queue  0.
 *
 * Returns as said above, and what nrt_execute() says of sets that do not fit the model.
 */
NRT_STATUS
nrta_execute_schedule(nrt_model_t *model, const nrt_tensor_set_t *input, nrt_tensor_set_t *output,
                      int queue, nrta_error_tracker_t *err, nrta_seq_t *req_sequence);

/*
 * Collective operations run between accelerators, and not here: both log that, and return
 * NRT_RESOURCE. Any thread.
 */
NRT_STATUS
nrta_cc_prepare(nrt_cc_comm_t *comm, nrt_tensor_list_t *input, nrt_tensor_list_t *output,
                nrt_dtype_t dtype, nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                nrt_cc_context_t **cc_ctx);
NRT_STATUS
nrta_cc_schedule(nrt_cc_context_t **cc_ctx, int queue, nrta_error_tracker_t *err,
                 nrta_seq_t *req_sequence);

/*
 * Says whether a request is completed, with success or not; if so, all that it wrote is visible to
 * the caller.
 *
 * Returns NRT_INVALID for a sequence id that no request has, or is_completed being NULL.
 * Any thread. Never blocks.
 */
NRT_STATUS
nrta_is_completed(nrta_seq_t seq, bool *is_completed);

/*
 * Gives the sequence id of the last completed request of a queue; its number is 0 before the first.
 * All that the completed requests wrote is visible to the caller.
 *
 * lnc  the process's number of a core.
 *
 * Returns NRT_INVALID for a core, unit or queue that is not there, or seq being NULL.
 * Any thread. Never blocks.
 */
NRT_STATUS
nrta_get_sequence(uint32_t lnc, nrta_xu_t xu, int queue, nrta_seq_t *seq);

/*
 * Opens a descriptor that poll() finds readable (POLLIN) from the completion of a request on.
 *
 * fd  receives a new descriptor for each call. The caller only polls it, and closes it at any time,
 *     also before the completion and after nrt_close().
 *
 * Returns NRT_INVALID for a sequence id that no request has, or fd being NULL; NRT_RESOURCE when
 * the process has no descriptor left.
 * Any thread. Never blocks.
 */
NRT_STATUS
nrta_get_completion_handle(nrta_seq_t seq, int *fd);

/*
 * Makes a tracker of errors.
 *
 * lnc_idx        the process's number of the core that it is meant for. It takes errors of all.
 * error_tracker  receives the tracker. Unchanged on failure.
 *
 * Returns NRT_INVALID for a core that is not there, or error_tracker being NULL; NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrta_error_tracker_create(uint32_t lnc_idx, nrta_error_tracker_t **error_tracker);

/*
 * Destroys a tracker, also while requests that name it are under way: their errors are then only
 * logged. Accepts NULL and what is no tracker. nrt_close() destroys all that are left. Any thread,
 * at any time.
 */
void
nrta_error_tracker_destroy(nrta_error_tracker_t *error_tracker);

/*
 * Takes out the errors that a tracker has gathered since the last call, in the order in which the
 * requests failed. An error is there before its request is completed. A tracker holds 4096; of more
 * it keeps the newest, and logs how many it dropped.
 *
 * list         receives the errors. The tracker owns them, until the next call or its destruction.
 * error_count  receives how many they are.
 *
 * Returns NRT_INVALID_HANDLE for what is no tracker, or NRT_INVALID for another argument that is
 * NULL.
 * One thread at a time for each tracker.
 */
NRT_STATUS
nrta_error_tracker_get_list(nrta_error_tracker_t *error_tracker, const nrta_error_t **list,
                            size_t *error_count);

#ifdef __cplusplus
}
#endif

#endif
