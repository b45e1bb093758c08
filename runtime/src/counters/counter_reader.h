/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the counters of other processes (counters/counter_page.h). What a page holds is checked
 * before it is used: it may be of anybody, of another version, or half made. Reading does not stop
 * the process or write to it.
 */
#ifndef NEURON_COUNTERS_COUNTER_READER_H
#define NEURON_COUNTERS_COUNTER_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "counters/counter_page.h"
#include "neuron/status.h"

/* The opened page of one runtime of a process. */
struct neuron_counter_reader;

enum { NEURON_COUNTER_READERS_LIMIT = 8 /* runtimes of a process that are read */ };

/* The pages of a process, in the order of their descriptors. */
struct neuron_counter_readers {
    struct neuron_counter_reader *readers[NEURON_COUNTER_READERS_LIMIT];
    uint32_t count;
};

/*
 * Opens the pages of a process that are complete: none where it has no runtime, or is making one.
 *
 * readers  receives the pages, which the caller closes. Unchanged on failure.
 *
 * Returns NEURON_PEER_LOST when there is no such process (any more); NEURON_SYSTEM when this
 * process may not look into that one, with its user and what to do in the text;
 * NEURON_INVALID_SYNTAX for a page of another version, or what is no page under its name;
 * NEURON_OUT_OF_MEMORY. Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_counter_readers_open(pid_t pid, struct neuron_counter_readers *readers,
                            struct neuron_error *error);

/* Closes the pages of runtimes on another machine than the one that is wanted: an invented one, as
   neuron_core_holders_machine() tells it, or 0 for the real one. */
void
neuron_counter_readers_keep(struct neuron_counter_readers *readers, uint64_t machine);

/* What was read of a core. Times in nanoseconds. */
struct neuron_core_sample {
    uint32_t core; /* the machine's number */
    uint32_t device;
    int32_t cpu;
    bool is_busy;         /* a request is under way */
    uint64_t busy_ns;     /* since the runtime was made, the request under way included */
    uint64_t busy_stamps; /* the same; never less than before, though the rate of stamps is known
                             better with each look */
    uint64_t module;      /* serial of the one that runs, or ran last; 0 for none */
    uint64_t switch_count;
    uint64_t ended[NEURON_COUNTER_STATUSES]; /* runs by enum neuron_status */
};

/* What was read of a module. */
struct neuron_module_sample {
    uint64_t serial;
    uint64_t cores[NEURON_COUNTER_CORE_WORDS]; /* bits by nc */
    unsigned char identity[16];
    uint32_t replica_count;
    uint32_t model_cores;
    bool is_running; /* on some core, at that moment */
    char name[NEURON_COUNTER_NAME_BYTES];
};

/* What was read of an owner of memory. */
struct neuron_memory_sample {
    uint32_t device; /* UINT32_MAX for those that found no place in the table */
    uint64_t bytes[NEURON_MEMORY_USES];
    uint64_t peak_bytes;
    char name[NEURON_COUNTER_NAME_BYTES];
};

/* Durations by size, of all cores of a runtime together (counters/latency_buckets.h), in stamps. */
struct neuron_latency_sample {
    uint64_t counts[NEURON_LATENCY_BUCKETS];
};

/* One reading of a page; owned by whoever made it zeroed, and used again and again. */
struct neuron_counter_sample {
    uint64_t time_ns;    /* of CLOCK_MONOTONIC */
    double ns_per_stamp; /* for quantiles of the latencies below */
    uint64_t begin_ns;   /* when the runtime was made */
    char tag[NEURON_COUNTER_TAG_BYTES];
    char runtime_version[32];
    uint64_t refused[NEURON_COUNTER_STATUSES];
    struct neuron_core_sample *cores; /* by nc */
    uint32_t core_count;
    struct neuron_module_sample modules[NEURON_COUNTER_MODULES];
    uint32_t module_count;
    struct neuron_memory_sample memory[NEURON_COUNTER_MEMORY_OWNERS];
    uint32_t memory_count;
    struct neuron_latency_sample run_times;     /* on the core */
    struct neuron_latency_sample request_times; /* from being handed over to the end */
};

/*
 * Reads a page. Texts are UTF-8 without control characters; numbers are as they were at one moment
 * each.
 *
 * sample  zeroed, or filled by an earlier call.
 *
 * Returns NEURON_PEER_LOST when the process has ended, or has destroyed that runtime, or
 * NEURON_OUT_OF_MEMORY; the sample is then undefined, but may be used again.
 * One thread at a time for a reader.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_counter_reader_read(struct neuron_counter_reader *reader,
                           struct neuron_counter_sample *sample, struct neuron_error *error);

/* Frees what a sample owns, and zeroes it. */
void
neuron_counter_sample_clear(struct neuron_counter_sample *sample);

/* Closes the pages. Accepts an empty list. */
void
neuron_counter_readers_close(struct neuron_counter_readers *readers);

#endif
