/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who starts the processes of a job on several hosts, and how it is asked to. Functions from values
 * to values.
 */
#ifndef NEURON_LAUNCHER_ENGINE_H
#define NEURON_LAUNCHER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"

/* The variables by which a shim finds its launcher. */
#define NEURON_ENGINE_ADDRESSES_VARIABLE "NEURONRUN_CHANNEL"
#define NEURON_ENGINE_KEYS_VARIABLE      "NEURONRUN_CHANNEL_KEYS"
/* The first argument that makes neuronrun a shim. */
#define NEURON_ENGINE_SHIM_WORD "--shim"

struct neuron_engine_version {
    uint32_t major;
    uint32_t minor;
};

/*
 * Chooses the engine.
 *
 * wish        of --engine.
 * host_count  how many hosts are named, by the user or by a batch system; 0 for none.
 * is_only_here  all of them are this machine.
 *
 * Returns NEURON_INVALID_ARGUMENT where the wish does not fit the hosts.
 */
enum neuron_status
neuron_engine_choose(enum neuron_launch_engine wish, uint32_t host_count, bool is_only_here,
                     enum neuron_launch_engine *chosen, struct neuron_error *error);

/* Reads what `mpirun --version` prints; false where it is not Open MPI's. */
bool
neuron_engine_parse_version(const char *text, struct neuron_engine_version *version);

/*
 * Refuses versions of Open MPI that are not known to work: NEURON_INVALID_ARGUMENT with a text that
 * says which are.
 */
enum neuron_status
neuron_engine_check_version(const struct neuron_engine_version *version, const char *path,
                            struct neuron_error *error);

/* What the command line of an engine is made of. Borrowed for the call. */
struct neuron_engine_request {
    enum neuron_launch_engine engine; /* MPIRUN or SRUN */
    const char *path;                 /* of the engine */
    struct neuron_engine_version version;
    const char *shim;      /* the path of neuronrun */
    const char *host_file; /* one line a rank */
    uint32_t rank_count;
    uint32_t node_count; /* of Slurm */
    uint64_t grace_ms;
    const char *const *parameters; /* of --mca: name, value, name, value */
    uint32_t parameter_count;
    const char *preloaded; /* files for --preload-binary, between commas; NULL for none */
};

/*
 * Makes the command line: NULL at its end, one block of memory that the caller frees.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_engine_command_create(const struct neuron_engine_request *request, char ***arguments,
                             struct neuron_error *error);

/*
 * Says in one line why an engine that printed `text` did not start the job: what a user can do,
 * where that is known, else the engine's own first words.
 */
void
neuron_engine_explain(const char *text, char *line, size_t size_bytes);

#endif
