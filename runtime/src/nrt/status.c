/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/libnrt.h"

#include <limits.h>

/* The name of a status; NULL for a number that is none. */
static const char *
name_of(NRT_STATUS status)
{
    static const struct {
        NRT_STATUS status;
        const char *name;
    } names[] = {
        {NRT_SUCCESS, "NRT_SUCCESS"},
        {NRT_FAILURE, "NRT_FAILURE"},
        {NRT_INVALID, "NRT_INVALID"},
        {NRT_INVALID_HANDLE, "NRT_INVALID_HANDLE"},
        {NRT_RESOURCE, "NRT_RESOURCE"},
        {NRT_TIMEOUT, "NRT_TIMEOUT"},
        {NRT_HW_ERROR, "NRT_HW_ERROR"},
        {NRT_QUEUE_FULL, "NRT_QUEUE_FULL"},
        {NRT_LOAD_NOT_ENOUGH_NC, "NRT_LOAD_NOT_ENOUGH_NC"},
        {NRT_UNSUPPORTED_NEFF_VERSION, "NRT_UNSUPPORTED_NEFF_VERSION"},
        {NRT_FAIL_HOST_MEM_ALLOC, "NRT_FAIL_HOST_MEM_ALLOC"},
        {NRT_UNINITIALIZED, "NRT_UNINITIALIZED"},
        {NRT_CLOSED, "NRT_CLOSED"},
        {NRT_QUEUE_EMPTY, "NRT_QUEUE_EMPTY"},
        {NRT_EXEC_UNIT_UNRECOVERABLE, "NRT_EXEC_UNIT_UNRECOVERABLE"},
        {NRT_EXEC_BAD_INPUT, "NRT_EXEC_BAD_INPUT"},
        {NRT_EXEC_COMPLETED_WITH_NUM_ERR, "NRT_EXEC_COMPLETED_WITH_NUM_ERR"},
        {NRT_EXEC_COMPLETED_WITH_ERR, "NRT_EXEC_COMPLETED_WITH_ERR"},
        {NRT_EXEC_NC_BUSY, "NRT_EXEC_NC_BUSY"},
        {NRT_EXEC_OOB, "NRT_EXEC_OOB"},
        {NRT_COLL_PENDING, "NRT_COLL_PENDING"},
        {NRT_EXEC_HW_ERR_COLLECTIVES, "NRT_EXEC_HW_ERR_COLLECTIVES"},
        {NRT_EXEC_HW_ERR_HBM_UE, "NRT_EXEC_HW_ERR_HBM_UE"},
        {NRT_EXEC_HW_ERR_NC_UE, "NRT_EXEC_HW_ERR_NC_UE"},
        {NRT_EXEC_HW_ERR_DMA_ABORT, "NRT_EXEC_HW_ERR_DMA_ABORT"},
        {NRT_EXEC_SW_NQ_OVERFLOW, "NRT_EXEC_SW_NQ_OVERFLOW"},
        {NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE, "NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE"},
        {NRT_NETWORK_PROXY_FAILURE, "NRT_NETWORK_PROXY_FAILURE"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return NULL;
}

const char *
nrt_get_status_as_str(NRT_STATUS status)
{
    const char *name = name_of(status);

    return name == NULL ? "UNKNOWN" : name;
}

bool
libnrt_is_status(long number)
{
    return number >= 0 && number <= INT_MAX && name_of((NRT_STATUS)number) != NULL;
}

NRT_STATUS
libnrt_status_of(enum neuron_status status)
{
    switch (status) {
    case NEURON_OK:
        return NRT_SUCCESS;
    case NEURON_INVALID_ARGUMENT:
    case NEURON_INVALID_SYNTAX:
    case NEURON_NO_SUCH_CORE:
    case NEURON_DAMAGED_MODEL:
        return NRT_INVALID;
    case NEURON_OUT_OF_MEMORY:
    case NEURON_DEVICE_MEMORY_FULL:
        return NRT_RESOURCE;
    case NEURON_UNSUPPORTED_MODEL:
        return NRT_UNSUPPORTED_NEFF_VERSION;
    case NEURON_QUEUE_FULL:
        return NRT_QUEUE_FULL;
    case NEURON_TIMED_OUT:
        return NRT_TIMEOUT;
    case NEURON_STOPPED:
        return NRT_CLOSED;
    case NEURON_NUMERICAL_ERROR:
        return NRT_EXEC_COMPLETED_WITH_NUM_ERR;
    case NEURON_CORES_TAKEN:
    case NEURON_CANCELLED:
    case NEURON_PEER_LOST:
    case NEURON_SYSTEM:
        return NRT_FAILURE;
    }
    return NRT_FAILURE;
}

NRT_STATUS
libnrt_run_status_of(enum neuron_status status)
{
    if (status == NEURON_SYSTEM || status == NEURON_CANCELLED || status == NEURON_PEER_LOST) {
        return NRT_EXEC_COMPLETED_WITH_ERR;
    }
    return status == NEURON_INVALID_ARGUMENT ? NRT_EXEC_BAD_INPUT : libnrt_status_of(status);
}
