/* SPDX-License-Identifier: Apache-2.0 */
/* What a call of the Neuron runtime interface returns. */
#ifndef NRT_STATUS_H
#define NRT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Names and numbers are those of the Neuron runtime, also of statuses that no CPU can cause, so
 * that programs which compare with them compile. 8 and 12 name nothing.
 */
typedef enum {
    NRT_SUCCESS = 0,
    NRT_FAILURE = 1,                   /* of no kind that has a status of its own */
    NRT_INVALID = 2,                   /* an argument, a NEFF, a tensor's name or size is wrong */
    NRT_INVALID_HANDLE = 3,            /* a model, tensor or set that is not, or no longer, there */
    NRT_RESOURCE = 4,                  /* memory is used up, or there is no such hardware */
    NRT_TIMEOUT = 5,                   /* the time given ran out */
    NRT_HW_ERROR = 6,                  /* never returned here */
    NRT_QUEUE_FULL = 7,                /* no room for more work now; try again after progress */
    NRT_LOAD_NOT_ENOUGH_NC = 9,        /* the process owns fewer cores than the load asks for */
    NRT_UNSUPPORTED_NEFF_VERSION = 10, /* a NEFF that is well formed, but cannot be run */
    NRT_FAIL_HOST_MEM_ALLOC = 11,      /* never returned here: NRT_RESOURCE is */
    NRT_UNINITIALIZED = 13,            /* before nrt_init(), or in a forked child */
    NRT_CLOSED = 14,                   /* after nrt_close() */
    NRT_QUEUE_EMPTY = 15,              /* nothing waits in a queue */
    NRT_EXEC_UNIT_UNRECOVERABLE = 101, /* never returned here */
    NRT_EXEC_BAD_INPUT = 1002,         /* the executor refused its inputs */
    NRT_EXEC_COMPLETED_WITH_NUM_ERR = 1003, /* the run is done, and its outputs hold a NaN */
    NRT_EXEC_COMPLETED_WITH_ERR = 1004,     /* the run failed in the middle */
    NRT_EXEC_NC_BUSY = 1005,                /* the rest is never returned here */
    NRT_EXEC_OOB = 1006,
    NRT_COLL_PENDING = 1100,
    NRT_EXEC_HW_ERR_COLLECTIVES = 1200,
    NRT_EXEC_HW_ERR_HBM_UE = 1201,
    NRT_EXEC_HW_ERR_NC_UE = 1202,
    NRT_EXEC_HW_ERR_DMA_ABORT = 1203,
    NRT_EXEC_SW_NQ_OVERFLOW = 1204,
    NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE = 1205,
    NRT_NETWORK_PROXY_FAILURE = 1206
} NRT_STATUS; /* NOLINT(readability-identifier-naming): as programs know it */

/*
 * Names a status as it is written above, for example "NRT_TIMEOUT".
 *
 * Returns a constant string, "UNKNOWN" for a number that is no status. Never NULL.
 * Any thread, at any time.
 */
const char *
nrt_get_status_as_str(NRT_STATUS status);

#ifdef __cplusplus
}
#endif

#endif
