/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of DataParallel that do not wait, that may be taken back, and that have a deadline. */
#ifndef NEURON_DATA_PARALLEL_CALL_H
#define NEURON_DATA_PARALLEL_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_report.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A call under way. The tensors that it names are the cores' from the submission until the end is
 * told by neuron_data_parallel_wait(), or by a neuron_data_parallel_try_wait() that says so; the
 * arrays of views are copied.
 */
struct neuron_data_parallel_call;

/* Every field may be left zero. */
struct neuron_data_parallel_call_options {
    uint64_t deadline_ms; /* most that the call may take from its submission; 0 for no limit */
    struct neuron_data_parallel_report *report; /* filled by the end of the call; NULL for none */
};

/*
 * Runs a batch as neuron_data_parallel_run() does, with options.
 *
 * When the deadline passes, no chunk begins any more; one that runs ends after the kernel that is
 * running, a custom program's when it returns, an isolated one's by the end of its process. The
 * call then returns NEURON_TIMED_OUT.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_run_with(struct neuron_data_parallel *parallel,
                              const struct neuron_batch_tensors *tensors,
                              const struct neuron_data_parallel_call_options *options,
                              struct neuron_error *error);

/*
 * Submits a batch, and does not wait for it.
 *
 * tensors  what neuron_data_parallel_run() takes; borrowed for the call, as are its arrays.
 * options  may be NULL for all defaults.
 * call     receives the call, which is given to neuron_data_parallel_wait() once. Unchanged on
 *          failure.
 *
 * Returns NEURON_QUEUE_FULL when as many calls are submitted and not waited for as the object
 * allows; NEURON_INVALID_ARGUMENT, NEURON_STOPPED or NEURON_OUT_OF_MEMORY. What fails later is told
 * by the wait.
 * Any thread, an executor's included.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_submit(struct neuron_data_parallel *parallel,
                            const struct neuron_batch_tensors *tensors,
                            const struct neuron_data_parallel_call_options *options,
                            struct neuron_data_parallel_call **call, struct neuron_error *error);

/*
 * Waits for the end of a call, and destroys it: the handle is dead afterwards.
 *
 * Returns what neuron_data_parallel_run() does, or NEURON_CANCELLED for a call that was cancelled
 * before its end.
 * Any thread but an executor's; one a call.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_wait(struct neuron_data_parallel_call *call, struct neuron_error *error);

/*
 * Says whether a call is at its end. If so, does what neuron_data_parallel_wait() does, without
 * blocking: `is_done` receives true, and the handle is dead. If not, `is_done` receives false, and
 * NEURON_OK is returned. Any thread; one a call.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_try_wait(struct neuron_data_parallel_call *call, bool *is_done,
                              struct neuron_error *error);

/*
 * Takes a call back: no chunk begins any more, and those that run are awaited by the wait, which is
 * still due. A call whose chunks have all begun ends as if nothing had been said, unless
 * an isolated process is lost after that, whose chunk is not run again. Accepts NULL. Any
 * thread, until the call is waited for.
 */
NEURON_API void
neuron_data_parallel_cancel(struct neuron_data_parallel_call *call);

#ifdef __cplusplus
}
#endif

#endif
