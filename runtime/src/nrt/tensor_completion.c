/* SPDX-License-Identifier: Apache-2.0 */
/* How often runs wrote a tensor: asked, waited for, reset. */
#include <inttypes.h>
#include <stdio.h>

#include "neuron/clock.h"
#include "nrt/libnrt.h"
#include "nrt/log.h"

enum {
    NANOSECONDS_OF_MICROSECOND = 1000,
    PATIENCE_SECONDS = 30 /* after which a wait without limit says so */
};

static const char check_call[] = "nrt_tensor_check_output_completion";

/* The end of a wait that begins now, as late as the clock goes where it would be later. */
static uint64_t
deadline_after(uint64_t microseconds)
{
    const uint64_t farthest = (uint64_t)INT64_MAX;
    uint64_t now = neuron_clock_ns();

    if (microseconds > (farthest - now) / NANOSECONDS_OF_MICROSECOND) {
        return UINT64_MAX;
    }
    return now + microseconds * NANOSECONDS_OF_MICROSECOND;
}

/* What a call waits for, and what it found. */
struct wait {
    uint64_t serial; /* of the tensor */
    uint64_t expected;
    uint64_t deadline_ns;
    uint64_t count; /* when it has timed out, as the name */
    char name[NEURON_NAME_LIMIT_BYTES];
};

/* Waits until the count is there or the deadline has passed; the lock of the objects is held. */
static NRT_STATUS
wait_for_count(const nrt_tensor_t *tensor, const struct wait *wait)
{
    for (;;) {
        if (!libnrt_knows(tensor, LIBNRT_TENSOR) || tensor->serial != wait->serial) {
            return NRT_INVALID_HANDLE;
        }
        if (tensor->locked.completion_count >= wait->expected) {
            return NRT_SUCCESS;
        }
        if (libnrt_is_closing()) {
            return NRT_CLOSED;
        }
        if (wait->deadline_ns != UINT64_MAX && neuron_clock_ns() >= wait->deadline_ns) {
            return NRT_TIMEOUT;
        }
        libnrt_wait_for_change(wait->deadline_ns);
    }
}

/* Waits on behalf of a program for a count, at first not for long. */
static NRT_STATUS
begin_waiting(const nrt_tensor_t *tensor, struct wait *wait)
{
    libnrt_lock();
    NRT_STATUS status = NRT_INVALID_HANDLE;
    if (libnrt_knows(tensor, LIBNRT_TENSOR)) {
        wait->serial = tensor->serial;
        status = wait_for_count(tensor, wait);
    }
    if (status == NRT_TIMEOUT) {
        (void)snprintf(wait->name, sizeof(wait->name), "%s", tensor->name);
        wait->count = tensor->locked.completion_count;
    }
    libnrt_unlock();
    return status;
}

static NRT_STATUS
check_completion(const nrt_tensor_t *tensor, int64_t timeout_us, uint64_t expected)
{
    struct wait wait = {.expected = expected};

    wait.deadline_ns = timeout_us >= 0
                           ? deadline_after((uint64_t)timeout_us)
                           : neuron_clock_ns() + (uint64_t)PATIENCE_SECONDS * NEURON_NS_PER_S;
    NRT_STATUS status = begin_waiting(tensor, &wait);
    if (status != NRT_TIMEOUT || timeout_us >= 0) {
        return status;
    }
    libnrt_log(LIBNRT_WARN, check_call,
               "tensor %s was not written %" PRIu64 " times within %d seconds, but %" PRIu64
               " times; waiting on",
               wait.name, expected, PATIENCE_SECONDS, wait.count);
    wait.deadline_ns = UINT64_MAX;
    libnrt_lock();
    status = wait_for_count(tensor, &wait);
    libnrt_unlock();
    return status;
}

NRT_STATUS
nrt_tensor_check_output_completion(const nrt_tensor_t *output_tensor, int64_t timeout,
                                   uint64_t expected_completion_count)
{
    NRT_STATUS status = libnrt_enter(check_call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (output_tensor == NULL) {
        status = libnrt_refuse(NRT_INVALID, check_call, "output_tensor is NULL");
        libnrt_leave();
        return status;
    }
    status = check_completion(output_tensor, timeout, expected_completion_count);
    libnrt_leave();
    if (status == NRT_INVALID_HANDLE) {
        return libnrt_refuse(status, check_call, "no live tensor has this handle");
    }
    return status;
}

NRT_STATUS
nrt_tensor_reset_output_completion(nrt_tensor_t *output_tensor)
{
    static const char call[] = "nrt_tensor_reset_output_completion";
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    libnrt_lock();
    bool is_live = libnrt_knows(output_tensor, LIBNRT_TENSOR);
    if (is_live) {
        output_tensor->locked.completion_count = 0;
    }
    libnrt_unlock();
    if (output_tensor == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "output_tensor is NULL");
    } else if (!is_live) {
        status = libnrt_refuse(NRT_INVALID_HANDLE, call, "no live tensor has this handle");
    }
    libnrt_leave();
    return status;
}
