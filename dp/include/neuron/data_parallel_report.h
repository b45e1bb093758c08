/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a DataParallel call went, core by core. */
#ifndef NEURON_DATA_PARALLEL_REPORT_H
#define NEURON_DATA_PARALLEL_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The report of one call at a time: a call that is given the report again overwrites it. A call
 * that failed is reported as far as it came. Read by one thread at a time, when no call with it is
 * under way; before the first call everything is 0.
 *
 * A chunk that was run once more, because the process that ran it was lost, counts each time.
 */
struct neuron_data_parallel_report;

/*
 * What a replica did for a call. Times are in nanoseconds of CLOCK_MONOTONIC. A replica of one core
 * runs a chunk at a time: its three times add up to the call's. One of several cores has several
 * chunks in flight: its run_ns and copy_ns are sums over them, which may exceed the call's time.
 */
struct neuron_data_parallel_share {
    uint32_t nc;           /* the process's number of the replica's first core */
    uint32_t core;         /* the machine's */
    uint64_t chunk_count;  /* that it ran */
    uint64_t row_count;    /* in them; extents of the dimension that is cut */
    uint64_t wait_ns;      /* of the call's time, with no chunk in flight */
    uint64_t run_ns;       /* of its chunks, in the program, from the first run to the last */
    uint64_t copy_ns;      /* of its chunks, before and after: packing, padding and unpacking */
    uint64_t copied_bytes; /* of tensors: 0 where all chunks were whole and in place */
};

/* One chunk on its core. Times count from the submission of the call, and never go back. */
struct neuron_data_parallel_event {
    uint32_t share; /* whose, below the number of shares */
    int64_t chunk;  /* from 0 in the order of rows */
    int64_t first_row;
    int64_t row_count;
    uint64_t begin_ns; /* taken by the core */
    uint64_t run_ns;   /* when its first run began: before it the core packed */
    uint64_t ran_ns;   /* when its last run ended: after it the core unpacked */
    uint64_t end_ns;
};

/*
 * Makes an empty report, for calls of one object.
 *
 * parallel  borrowed for the call.
 * report    receives a new report, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY. Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_report_create(const struct neuron_data_parallel *parallel,
                                   struct neuron_data_parallel_report **report,
                                   struct neuron_error *error);

/* How long the call took from its submission to the end of its last chunk. */
NEURON_API uint64_t
neuron_data_parallel_report_duration_ns(const struct neuron_data_parallel_report *report);

/* Says how many replicas the object has: one share each. */
NEURON_API uint32_t
neuron_data_parallel_report_share_count(const struct neuron_data_parallel_report *report);

/*
 * Describes a share, below the count: they are in the order of the replicas. Lives until the next
 * call with the report.
 */
NEURON_API const struct neuron_data_parallel_share *
neuron_data_parallel_report_share(const struct neuron_data_parallel_report *report, uint32_t index);

/* Says how many chunks were run: the number of events. */
NEURON_API uint64_t
neuron_data_parallel_report_event_count(const struct neuron_data_parallel_report *report);

/*
 * Describes a chunk that was run, below the count. In the order of the shares, and of each share's
 * in that of their begin. Lives as a share does.
 */
NEURON_API const struct neuron_data_parallel_event *
neuron_data_parallel_report_event(const struct neuron_data_parallel_report *report, uint64_t index);

/*
 * Prints the report in ASCII: a line a replica with its chunks, rows and times, and as a chart over
 * `width` columns of time when it ran, when it copied and when it was idle. Of more than 32
 * replicas the first, the idlest and the busiest have a line, and one is the mean of the others.
 *
 * width  columns of the chart, 10 to 400; others are made the nearest of these. A line is up to
 *        about 70 characters longer.
 */
NEURON_API void
neuron_data_parallel_report_print(const struct neuron_data_parallel_report *report, uint32_t width,
                                  FILE *stream);

/* Destroys a report. Accepts NULL. No call with it is under way. */
NEURON_API void
neuron_data_parallel_report_destroy(struct neuron_data_parallel_report *report);

#ifdef __cplusplus
}
#endif

#endif
