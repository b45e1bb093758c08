/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that ask how far requests are. */
#include "nrt/async.h"
#include "nrt/libnrt.h"

/* Finds the queue that a sequence id names, for who has entered. */
static NRT_STATUS
find_queue(const char *call, nrta_seq_t sequence, struct libnrt_async_queue **queue)
{
    struct libnrt_async_units *units = NULL;
    NRT_STATUS status = libnrt_async_find_units(call, &units);

    if (status != NRT_SUCCESS) {
        return status;
    }
    *queue = libnrt_async_units_find(units, sequence);
    if (*queue == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "no request has the sequence id 0x%016llx",
                             (unsigned long long)sequence);
    }
    return NRT_SUCCESS;
}

static NRT_STATUS
ask_completed(const char *call, nrta_seq_t sequence, bool *is_completed)
{
    struct libnrt_async_queue *queue = NULL;
    struct neuron_error error = {0};

    if (is_completed == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "is_completed is NULL");
    }
    NRT_STATUS status = find_queue(call, sequence, &queue);
    if (status != NRT_SUCCESS) {
        return status;
    }
    enum neuron_status asked =
        libnrt_async_queue_is_completed(queue, sequence, is_completed, &error);
    return asked == NEURON_OK ? NRT_SUCCESS : libnrt_async_refuse(call, asked, &error);
}

NRT_STATUS
nrta_is_completed(nrta_seq_t seq, bool *is_completed)
{
    NRT_STATUS status = libnrt_enter(__func__);

    if (status == NRT_SUCCESS) {
        status = ask_completed(__func__, seq, is_completed);
        libnrt_leave();
    }
    return status;
}

/* Says what was completed last in a queue, for who has entered. */
static NRT_STATUS
ask_last(const char *call, uint32_t nc, nrta_xu_t unit, int number, nrta_seq_t *sequence)
{
    struct libnrt_async_units *units = NULL;
    struct libnrt_async_queue *queue = NULL;
    struct neuron_error error = {0};
    NRT_STATUS status = libnrt_async_find_units(call, &units);

    if (status != NRT_SUCCESS) {
        return status;
    }
    enum neuron_status found = libnrt_async_units_queue(units, nc, unit, number, &queue, &error);
    if (found != NEURON_OK) {
        return libnrt_async_refuse(call, found, &error);
    }
    if (sequence == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "seq is NULL");
    }
    *sequence = libnrt_async_queue_completed(queue);
    return NRT_SUCCESS;
}

NRT_STATUS
nrta_get_sequence(uint32_t lnc, nrta_xu_t xu, int queue, nrta_seq_t *seq)
{
    NRT_STATUS status = libnrt_enter(__func__);

    if (status == NRT_SUCCESS) {
        status = ask_last(__func__, lnc, xu, queue, seq);
        libnrt_leave();
    }
    return status;
}

static NRT_STATUS
open_descriptor(const char *call, nrta_seq_t sequence, int *descriptor)
{
    struct libnrt_async_queue *queue = NULL;
    struct neuron_error error = {0};

    if (descriptor == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "fd is NULL");
    }
    NRT_STATUS status = find_queue(call, sequence, &queue);
    if (status != NRT_SUCCESS) {
        return status;
    }
    enum neuron_status opened =
        libnrt_async_queue_open_descriptor(queue, sequence, descriptor, &error);
    if (opened == NEURON_SYSTEM) {
        return libnrt_refuse(NRT_RESOURCE, call, "%s", error.text);
    }
    return opened == NEURON_OK ? NRT_SUCCESS : libnrt_async_refuse(call, opened, &error);
}

NRT_STATUS
nrta_get_completion_handle(nrta_seq_t seq, int *fd)
{
    NRT_STATUS status = libnrt_enter(__func__);

    if (status == NRT_SUCCESS) {
        status = open_descriptor(__func__, seq, fd);
        libnrt_leave();
    }
    return status;
}
