/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting and writing that a signal ends, and a reader that goes away. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_STREAM_H
#define NEURON_TOOLS_MONITOR_MONITOR_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

struct neuron_monitor_stream {
    int output;  /* a descriptor of the caller's; -1 for none */
    int signals; /* a descriptor that is readable after a signal to stop; -1 before it is opened */
};

enum neuron_stream_event {
    NEURON_STREAM_GOES_ON, /* the time has come, or all is written */
    NEURON_STREAM_STOPPED, /* SIGTERM, SIGINT or SIGHUP came */
    NEURON_STREAM_CLOSED   /* nobody reads any more */
};

/*
 * Begins to listen for signals, which end nothing from here on. One thread of the process.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_stream_open(int output, struct neuron_monitor_stream *stream,
                           struct neuron_error *error);

/* Waits until a time of CLOCK_MONOTONIC, or for what comes before. */
enum neuron_stream_event
neuron_monitor_stream_wait(const struct neuron_monitor_stream *stream, uint64_t time_ns);

/*
 * Writes all, at the speed of who reads.
 *
 * event  receives why it ended.
 *
 * Returns NEURON_SYSTEM where the output takes no more, for another reason than that nobody reads.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_stream_write(const struct neuron_monitor_stream *stream, const char *bytes,
                            size_t size_bytes, enum neuron_stream_event *event,
                            struct neuron_error *error);

/* Closes what was opened. */
void
neuron_monitor_stream_close(struct neuron_monitor_stream *stream);

#endif
