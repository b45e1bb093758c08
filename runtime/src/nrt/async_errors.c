/* SPDX-License-Identifier: Apache-2.0 */
/* The calls on error trackers. */
#include "nrt/async.h"
#include "nrt/async_tracker.h"
#include "nrt/libnrt.h"
#include "nrt/lifecycle.h"
#include "nrt/log.h"

NRT_STATUS
libnrt_async_share_tracker(const char *call, nrta_error_tracker_t *tracker,
                           struct nrta_error_tracker **shared)
{
    bool is_live = true;

    /* The lock keeps it from being destroyed between the question and the share. */
    libnrt_lock();
    if (tracker != NULL) {
        is_live = libnrt_knows(tracker, LIBNRT_ERROR_TRACKER);
    }
    if (tracker != NULL && is_live) {
        libnrt_async_tracker_share(tracker);
    }
    libnrt_unlock();
    if (!is_live) {
        return libnrt_refuse(NRT_INVALID_HANDLE, call, "no live error tracker has this handle");
    }
    *shared = tracker;
    return NRT_SUCCESS;
}

/* Makes a tracker and registers it, for who has entered. */
static NRT_STATUS
create_tracker(const char *call, uint32_t nc, nrta_error_tracker_t **tracker)
{
    struct nrta_error_tracker *created = NULL;
    struct neuron_error error = {0};

    if (tracker == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "error_tracker is NULL");
    }
    enum neuron_status status =
        libnrt_async_check_core(nc, neuron_runtime_core_count(libnrt_runtime()), &error);
    if (status == NEURON_OK) {
        status = libnrt_async_tracker_create(&created, &error);
    }
    if (status != NEURON_OK) {
        return libnrt_async_refuse(call, status, &error);
    }
    if (!libnrt_register(created, LIBNRT_ERROR_TRACKER)) {
        libnrt_async_tracker_drop(created);
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for an error tracker");
    }
    *tracker = created;
    return NRT_SUCCESS;
}

NRT_STATUS
nrta_error_tracker_create(uint32_t lnc_idx, nrta_error_tracker_t **error_tracker)
{
    NRT_STATUS status = libnrt_enter(__func__);

    if (status == NRT_SUCCESS) {
        status = create_tracker(__func__, lnc_idx, error_tracker);
        libnrt_leave();
    }
    return status;
}

void
nrta_error_tracker_destroy(nrta_error_tracker_t *error_tracker)
{
    if (error_tracker == NULL || !libnrt_try_enter()) {
        return; /* nrt_close() has destroyed all trackers */
    }
    if (libnrt_unregister(error_tracker, LIBNRT_ERROR_TRACKER)) {
        libnrt_async_tracker_drop(error_tracker);
    } else {
        libnrt_log(LIBNRT_WARN, __func__, "no live error tracker has this handle");
    }
    libnrt_leave();
}

/* Takes the errors out of a tracker, for who has entered. */
static NRT_STATUS
take_errors(const char *call, nrta_error_tracker_t *tracker, const nrta_error_t **list,
            size_t *count)
{
    struct nrta_error_tracker *shared = NULL;
    uint64_t lost_count = 0;

    if (list == NULL || count == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "list or error_count is NULL");
    }
    NRT_STATUS status = libnrt_async_share_tracker(call, tracker, &shared);
    if (status == NRT_SUCCESS && shared == NULL) {
        status = libnrt_refuse(NRT_INVALID_HANDLE, call, "error_tracker is NULL");
    }
    if (status != NRT_SUCCESS) {
        return status;
    }
    *list = libnrt_async_tracker_take(shared, count, &lost_count);
    if (lost_count > 0) {
        libnrt_log(LIBNRT_ERROR, call,
                   "%llu older errors are lost: a tracker holds %d; ask more often",
                   (unsigned long long)lost_count, LIBNRT_ASYNC_TRACKER_LIMIT);
    }
    libnrt_async_tracker_drop(shared);
    return NRT_SUCCESS;
}

NRT_STATUS
nrta_error_tracker_get_list(nrta_error_tracker_t *error_tracker, const nrta_error_t **list,
                            size_t *error_count)
{
    NRT_STATUS status = libnrt_enter(__func__);

    if (status == NRT_SUCCESS) {
        status = take_errors(__func__, error_tracker, list, error_count);
        libnrt_leave();
    }
    return status;
}
