/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters of a runtime, in memory that other processes of the same user may read: a memfd by
 * the name NEURON_COUNTER_PAGE_NAME, found as /proc/PID/fd/N. The kernel frees it with the process,
 * of whatever cause that ends. It can neither shrink nor grow (seals), so reading it cannot fail.
 *
 * One header of a page, a table of models and one of memory, then a record per core. Each word is
 * written by one thread at a time, whole: a reader takes it at any moment. What must fit together
 * has a sequence number, odd while it is being changed. The magic number is written last.
 *
 * Times are stamps (counters/stamp.h). The layout is of this version alone.
 */
#ifndef NEURON_COUNTERS_COUNTER_PAGE_H
#define NEURON_COUNTERS_COUNTER_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "counters/latency_buckets.h"
#include "memory/memory_use.h"

#define NEURON_COUNTER_PAGE_NAME "neuron-counters"

enum {
    NEURON_COUNTER_PAGE_VERSION = 1,
    NEURON_COUNTER_PAGE_BYTES = 4096, /* what header and records are rounded up to */
    NEURON_COUNTER_STATUSES = 32,     /* room for every enum neuron_status */
    NEURON_COUNTER_NAME_BYTES = 128,
    NEURON_COUNTER_TAG_BYTES = 256,
    NEURON_COUNTER_MODULES = 64,       /* those beyond are not listed, their runs are counted */
    NEURON_COUNTER_MEMORY_OWNERS = 64, /* the last one is for all beyond */
    NEURON_COUNTER_CORE_WORDS = 16,    /* of a bit per core */
    NEURON_COUNTER_LINE_BYTES = 64     /* of a cache line */
};

static const uint64_t neuron_counter_page_magic = 0x3154434e52554e00; /* "\0NURNCT1" in memory */

/* What an owner uses of a device's budget. Empty where `name` is. */
struct neuron_counter_memory {
    _Atomic uint32_t sequence;
    uint32_t device;
    _Atomic uint64_t bytes[NEURON_MEMORY_USES];
    _Atomic uint64_t peak_bytes;
    char name[NEURON_COUNTER_NAME_BYTES];
};

/* A module that is loaded. Empty where `serial` is 0. */
struct neuron_counter_module {
    _Atomic uint32_t sequence;
    uint32_t replica_count;
    uint32_t model_cores; /* of each replica */
    uint32_t reserved;
    uint64_t serial;
    uint64_t identity[2];                      /* of the compiled file: equal for equal models */
    uint64_t cores[NEURON_COUNTER_CORE_WORDS]; /* bit nc % 64 of word nc / 64 */
    char name[NEURON_COUNTER_NAME_BYTES];
};

/* What a core does. Written by its executor's thread alone. */
struct neuron_counter_core {
    _Atomic uint32_t sequence; /* of busy_stamps and busy_since */
    uint32_t core;             /* the machine's number */
    uint32_t device;
    int32_t cpu;                   /* of the operating system; -1 on an invented machine */
    _Atomic uint64_t busy_stamps;  /* spent in requests that are done */
    _Atomic uint64_t busy_since;   /* the request under way began then; 0 for none */
    _Atomic uint64_t module;       /* serial of the module that runs, or ran last; 0 for none */
    _Atomic uint64_t switch_count; /* runs of another program than the one before */
    uint64_t reserved[2];
    _Atomic uint64_t ended[NEURON_COUNTER_STATUSES];        /* runs by how they ended */
    _Atomic uint64_t run_times[NEURON_LATENCY_BUCKETS];     /* on the core */
    _Atomic uint64_t request_times[NEURON_LATENCY_BUCKETS]; /* from being handed over to the end */
};

struct neuron_counter_page {
    _Atomic uint64_t magic;
    uint32_t version;
    uint32_t core_count;
    uint64_t size_bytes; /* of all */
    int64_t pid;         /* as the process itself has it */
    uint64_t start_ticks;
    uint32_t stamp_source; /* enum neuron_stamp_source */
    uint32_t device_count;
    uint64_t begin_stamp; /* both taken when the page was made */
    uint64_t begin_ns;    /* of CLOCK_MONOTONIC */
    uint64_t machine;     /* which invented one its cores are of; 0 for the real one */
    char tag[NEURON_COUNTER_TAG_BYTES];
    char runtime_version[32];
    _Atomic uint64_t refused[NEURON_COUNTER_STATUSES]; /* calls before any core had them */
    _Alignas(
        NEURON_COUNTER_LINE_BYTES) struct neuron_counter_module modules[NEURON_COUNTER_MODULES];
    _Alignas(NEURON_COUNTER_LINE_BYTES) struct neuron_counter_memory
        memory[NEURON_COUNTER_MEMORY_OWNERS];
};

/* A length, rounded up so that what follows has pages of its own. */
static inline uint64_t
neuron_counter_round_up(uint64_t bytes)
{
    const uint64_t page = NEURON_COUNTER_PAGE_BYTES;

    return (bytes + page - 1) / page * page;
}

/* Where the record of a core begins, and with the count of all cores the end. */
static inline uint64_t
neuron_counter_core_offset(uint64_t nc)
{
    return neuron_counter_round_up(sizeof(struct neuron_counter_page)) +
           nc * neuron_counter_round_up(sizeof(struct neuron_counter_core));
}

#endif
