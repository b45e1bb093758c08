/* SPDX-License-Identifier: Apache-2.0 */
/* The cores of this process, and one executor on each. */
#ifndef NEURON_RUNTIME_H
#define NEURON_RUNTIME_H

#include <stdint.h>

#include "neuron/core_lease.h"
#include "neuron/core_set.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A runtime owns cores of the machine under a lease, and runs a pinned thread on each. Inside the
 * process its cores are numbered from 0: nc:0, nc:1, ...
 */
struct neuron_runtime;

/* Whether the outputs of each run are searched for NaN. */
enum neuron_numerical_check {
    NEURON_NUMERICAL_CHECK_OFF = 0,
    NEURON_NUMERICAL_CHECK_NAN = 1 /* a run that gave one returns NEURON_NUMERICAL_ERROR */
};

enum {
    NEURON_FOLDER_LIMIT_BYTES = 4096,
    NEURON_PROCESS_TAG_LIMIT = 255 /* bytes of NEURON_PROCESS_TAG */
};

/* What a process wants of the machine. A zeroed one asks for all that it may use. */
struct neuron_runtime_options {
    const char *visible_cores;              /* machine cores as "0-3,6"; NULL to choose by count */
    uint32_t core_count;                    /* any run of this many contiguous cores; 0 for all */
    const char *group_sizes;                /* legacy groups, "2,4" or "2x1"; NULL for none */
    struct neuron_core_lease_options lease; /* inside which reservation, where the files live */
    uint64_t device_memory_bytes;           /* budget of each device; 0 for what it has */
    uint64_t execution_timeout_ms;          /* most that a run may take; 0 for no limit */
    enum neuron_numerical_check numerical_check;
    const char *process_tag; /* what who watches calls the process; NULL for its pid */
    /* Where packed weights of models from files are kept, so that the next process maps them; made
       if it is not there. Empty for nowhere. */
    char cache_folder[NEURON_FOLDER_LIMIT_BYTES];
};

/*
 * Reads what the environment asks for. This is the one place that reads these variables:
 * NEURON_RT_VISIBLE_CORES, which comes before NEURON_RT_NUM_CORES; NEURONCORE_GROUP_SIZES, which is
 * deprecated; NEURON_RT_LEASE_DIRECTORY; NEURONRUN_LEASE, by which neuronrun tells its workers of
 * their reservation; NEURON_RT_DEVICE_MEMORY, in bytes or as "4G"; NEURON_RT_EXEC_TIMEOUT, in
 * seconds; NEURON_RT_NUMERICAL_ERRORS_VERBOSITY ("critical" searches for NaN), or
 * NEURON_FAIL_ON_NAN; NEURON_PROCESS_TAG; and NEURON_COMPILE_CACHE_URL, or else XDG_CACHE_HOME, or
 * HOME.
 *
 * options  is overwritten; its texts are those of the environment, and live as long as that does.
 * error    receives the variable, its value and what would be right. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX.
 * Any thread, while none changes the environment.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_runtime_options_read(struct neuron_runtime_options *options, struct neuron_error *error);

/*
 * Says how many cores the options ask for where they name none: `core_count`, or as many as the
 * legacy groups need; 0 for all. Any thread.
 */
NEURON_API uint32_t
neuron_runtime_options_core_count(const struct neuron_runtime_options *options);

/*
 * Claims the cores and starts an executor on each.
 *
 * options  borrowed for the call. NULL reads the environment.
 * runtime  receives a new runtime, which the caller destroys. Unchanged on failure.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX or NEURON_INVALID_ARGUMENT for a list of cores that does not parse
 * or leaves one out; else as neuron_core_lease_claim(); NEURON_SYSTEM when a thread cannot be
 * started or pinned.
 * Any thread. Blocks until every executor runs.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_runtime_create(const struct neuron_runtime_options *options, struct neuron_runtime **runtime,
                      struct neuron_error *error);

/* Says how many cores the process owns. At least 1. Any thread. */
NEURON_API uint32_t
neuron_runtime_core_count(const struct neuron_runtime *runtime);

/* What a core has done since the runtime was made. */
struct neuron_core_counters {
    uint64_t run_count;       /* runs of programs that came to an end, of whatever kind */
    uint64_t switch_count;    /* runs of another program than the one before */
    uint64_t failed_count;    /* runs without results, those that timed out included */
    uint64_t timed_out_count; /* runs that took too long */
    uint32_t replica_count;   /* that are on the core now: of modules, or in none */
};

/*
 * Reads the counters of a core. They are read one by one while the core runs on.
 *
 * nc  the process's number of the core, below neuron_runtime_core_count().
 *
 * Any thread.
 */
NEURON_API void
neuron_runtime_read_counters(const struct neuron_runtime *runtime, uint32_t nc,
                             struct neuron_core_counters *counters);

/*
 * Counts a call that was refused before any core had it, for who watches the process: modules count
 * theirs themselves. Any thread.
 */
NEURON_API void
neuron_runtime_count_refusal(const struct neuron_runtime *runtime, enum neuron_status status);

/* The machine's numbers of the owned cores; nc:i is the i-th. Lives as long as the runtime. */
NEURON_API const struct neuron_core_set *
neuron_runtime_cores(const struct neuron_runtime *runtime);

/*
 * Says which device of the machine a core belongs to (neuron/topology.h). Any thread.
 *
 * nc  the process's number of the core, below neuron_runtime_core_count().
 */
NEURON_API uint32_t
neuron_runtime_device(const struct neuron_runtime *runtime, uint32_t nc);

/*
 * The executor of a core (neuron/executor.h). Lives as long as the runtime. Any thread.
 *
 * nc  the process's number of the core, below neuron_runtime_core_count().
 */
struct neuron_executor;
NEURON_API struct neuron_executor *
neuron_runtime_executor(const struct neuron_runtime *runtime, uint32_t nc);

/*
 * Fills in the options with which another process makes a runtime like this one, on cores that it
 * borrows of it (neuron_core_lease_lend()). Which cores is the caller's to add, as `visible_cores`.
 * The budget of a device is that of the other process alone.
 *
 * options  is overwritten; its texts live as long as the runtime.
 *
 * Any thread.
 */
NEURON_API void
neuron_runtime_lend(const struct neuron_runtime *runtime, struct neuron_runtime_options *options);

/*
 * Binds the calling thread, and with it every thread and process that it starts from now on, to
 * cores of the runtime. On an invented machine nothing happens.
 *
 * first_nc, count  consecutive cores of the process, at least one.
 *
 * Returns NEURON_OUT_OF_MEMORY, or as neuron_topology_bind_thread().
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_runtime_bind_thread(const struct neuron_runtime *runtime, uint32_t first_nc, uint32_t count,
                           struct neuron_error *error);

/*
 * Stops the executors, joins them and releases the cores. Accepts NULL. Whatever runs on the cores
 * (modules, DataParallel objects) is destroyed before.
 * The creating thread, or one that knows no other uses the runtime. In a forked child, which has
 * neither the threads nor the cores, it only frees memory.
 */
NEURON_API void
neuron_runtime_destroy(struct neuron_runtime *runtime);

#ifdef __cplusplus
}
#endif

#endif
