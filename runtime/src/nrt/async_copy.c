/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that schedule copies to, from and between tensors. Nothing can go wrong in a copy. */
#include <string.h>

#include "nrt/async.h"
#include "nrt/async_tracker.h"
#include "nrt/libnrt.h"

/* The body of a copy. It keeps nothing when it is done. */
struct copy {
    void *to;
    const void *from;
    uint64_t size_bytes;
    struct libnrt_span spans[2]; /* of the tensors among the two */
};

/* What a call wants copied, and where it is to be done. */
struct copy_order {
    const char *call;
    struct copy copy;
    nrta_xu_t unit;
    int queue;
};

static void
release_spans(struct copy *copy)
{
    libnrt_release_span(&copy->spans[0]);
    libnrt_release_span(&copy->spans[1]);
}

/* On the executor's thread. */
static enum libnrt_async_progress
run_copy(void *body, uint64_t sequence, struct libnrt_async_after *after)
{
    struct copy *copy = body;

    (void)sequence;
    (void)after;
    if (copy->size_bytes > 0) {
        (void)memmove(copy->to, copy->from, copy->size_bytes);
    }
    release_spans(copy);
    return LIBNRT_ASYNC_ENDED;
}

const struct libnrt_async_bodies libnrt_async_copy_bodies = {.size_bytes = sizeof(struct copy),
                                                             .run = run_copy};

/* The core on which a copy is done: that of the first of its tensors that is on one. */
static uint32_t
core_of(const struct copy *copy)
{
    for (size_t i = 0; i < 2; i += 1) {
        if (copy->spans[i].storage != NULL && copy->spans[i].storage->vnc >= 0) {
            return (uint32_t)copy->spans[i].storage->vnc;
        }
    }
    return 0;
}

/* Puts a copy, whose spans are held, into its queue. */
static NRT_STATUS
submit_copy(const struct copy_order *order, nrta_seq_t *sequence)
{
    struct libnrt_async_place place = {NULL, NULL};
    NRT_STATUS status =
        libnrt_async_take(order->call, core_of(&order->copy), order->unit, order->queue, &place);

    if (status != NRT_SUCCESS) {
        return status;
    }
    *(struct copy *)place.body = order->copy;
    status = libnrt_async_submit(order->call, &place, sequence);
    if (status != NRT_SUCCESS) {
        libnrt_async_queue_give_back(place.queue, place.body);
    }
    return status;
}

/* Checks what no span has shown, and submits. The spans are the request's, or released. */
static NRT_STATUS
schedule_copy(struct copy_order *order, nrta_error_tracker_t *err, nrta_seq_t *sequence)
{
    struct nrta_error_tracker *shared = NULL;
    NRT_STATUS status = libnrt_async_share_tracker(order->call, err, &shared);

    libnrt_async_tracker_drop(shared);
    if (status == NRT_SUCCESS && sequence == NULL) {
        status = libnrt_refuse(NRT_INVALID, order->call, "req_sequence is NULL");
    }
    if (status == NRT_SUCCESS && order->copy.size_bytes > 0 &&
        (order->copy.to == NULL || order->copy.from == NULL)) {
        status = libnrt_refuse(NRT_INVALID, order->call, "buf is NULL");
    }
    if (status == NRT_SUCCESS) {
        status = submit_copy(order, sequence);
    }
    if (status != NRT_SUCCESS) {
        release_spans(&order->copy);
    }
    return status;
}

/* NOLINTBEGIN(readability-function-size): the parameters are those of the original */
NRT_STATUS
nrta_tensor_write(nrt_tensor_t *tensor, const void *buf, uint64_t offset, uint64_t size, int queue,
                  nrta_error_tracker_t *err, nrta_seq_t *req_sequence)
{
    struct copy_order order = {.call = __func__,
                               .copy = {.from = buf, .size_bytes = size},
                               .unit = NRTA_XU_TENSOR_WRITE,
                               .queue = queue};
    struct libnrt_span *span = &order.copy.spans[0];
    NRT_STATUS status = libnrt_enter(order.call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_hold_span(order.call, tensor, offset, size, span);
    if (status == NRT_SUCCESS) {
        order.copy.to = span->address;
        status = schedule_copy(&order, err, req_sequence);
    }
    libnrt_leave();
    return status;
}

NRT_STATUS
nrta_tensor_read(void *buf, nrt_tensor_t *tensor, uint64_t offset, uint64_t size, int queue,
                 nrta_error_tracker_t *err, nrta_seq_t *req_sequence)
{
    struct copy_order order = {.call = __func__,
                               .copy = {.to = buf, .size_bytes = size},
                               .unit = NRTA_XU_TENSOR_READ,
                               .queue = queue};
    struct libnrt_span *span = &order.copy.spans[0];
    NRT_STATUS status = libnrt_enter(order.call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_hold_span(order.call, tensor, offset, size, span);
    if (status == NRT_SUCCESS) {
        order.copy.from = span->address;
        status = schedule_copy(&order, err, req_sequence);
    }
    libnrt_leave();
    return status;
}

NRT_STATUS
nrta_tensor_copy(nrt_tensor_t *src, uint64_t src_offset, nrt_tensor_t *dst, uint64_t dst_offset,
                 uint64_t size, int queue, nrta_error_tracker_t *err, nrta_seq_t *req_sequence)
{
    struct copy_order order = {
        .call = __func__, .copy = {.size_bytes = size}, .unit = NRTA_XU_TENSOR_OP, .queue = queue};
    struct libnrt_span *to = &order.copy.spans[0];
    struct libnrt_span *from = &order.copy.spans[1];
    NRT_STATUS status = libnrt_enter(order.call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_hold_span(order.call, dst, dst_offset, size, to);
    if (status == NRT_SUCCESS) {
        status = libnrt_hold_span(order.call, src, src_offset, size, from);
    }
    if (status == NRT_SUCCESS) {
        status = libnrt_check_copy(order.call, from, to);
    }
    if (status == NRT_SUCCESS) {
        order.copy.to = to->address;
        order.copy.from = from->address;
        status = schedule_copy(&order, err, req_sequence);
    } else {
        release_spans(&order.copy);
    }
    libnrt_leave();
    return status;
}
/* NOLINTEND(readability-function-size) */
