/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a report while a call runs: chunks are noted by the threads that ran them. */
#ifndef NEURON_DP_CALL_REPORT_H
#define NEURON_DP_CALL_REPORT_H

#include <stdint.h>

#include "neuron/data_parallel_report.h"
#include "neuron/status.h"

/* Which cores a share is about. */
struct neuron_call_share {
    uint32_t nc;   /* the process's number of the replica's first core */
    uint32_t core; /* the machine's */
};

/*
 * Makes an empty report with room for the shares of one object.
 *
 * report  receives a new report, for neuron_data_parallel_report_destroy(). Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY. Any thread.
 */
enum neuron_status
neuron_call_report_create(uint32_t share_count, struct neuron_data_parallel_report **report,
                          struct neuron_error *error);

/*
 * Begins a report afresh. Memory is taken only for more shares or chunks than any call before had.
 *
 * shares    copied.
 * begin_ns  when the call was submitted, of CLOCK_MONOTONIC.
 *
 * Returns NEURON_OUT_OF_MEMORY; the report is then as it was.
 * One thread at a time; what it did is seen by those that note chunks.
 */
enum neuron_status
neuron_call_report_begin(struct neuron_data_parallel_report *report,
                         const struct neuron_call_share *shares, uint32_t share_count,
                         uint64_t chunk_count, uint64_t begin_ns, struct neuron_error *error);

/*
 * Notes that a replica is through with a chunk, once each time that it was begun. A chunk that is
 * run again is noted again: there is room in the events for one of these a share, and what goes
 * beyond counts in the shares alone.
 *
 * event         copied. Its share is below the count, and its times count from the `begin_ns` of
 *               neuron_call_report_begin(). One that is below the time before it is taken for that
 *               time: where nothing ran, `run_ns` and `ran_ns` may be left 0.
 * copied_bytes  of tensors, in both directions.
 *
 * Any thread, several at a time, without a lock, between begin and end.
 */
void
neuron_call_report_note(struct neuron_data_parallel_report *report,
                        const struct neuron_data_parallel_event *event, uint64_t copied_bytes);

/*
 * Ends a report: its shares and its events can be read. All chunks are noted, and seen by the
 * calling thread.
 *
 * end_ns  of CLOCK_MONOTONIC; when the last chunk was done.
 */
void
neuron_call_report_end(struct neuron_data_parallel_report *report, uint64_t end_ns);

#endif
