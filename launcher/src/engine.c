/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_LIMIT = 48, /* but for parameters */
    NUMBER_BYTES = 24,
    NUMBER_LIMIT = 4,
    KILL_MARGIN_S = 5 /* the engine kills only what is left after the grace, and some time */
};

enum neuron_status
neuron_engine_choose(enum neuron_launch_engine wish, uint32_t host_count, bool is_only_here,
                     enum neuron_launch_engine *chosen, struct neuron_error *error)
{
    bool is_here = host_count == 0 || is_only_here;

    if (wish == NEURON_LAUNCH_ENGINE_AUTO) {
        *chosen = is_here ? NEURON_LAUNCH_ENGINE_LOCAL : NEURON_LAUNCH_ENGINE_MPIRUN;
        return NEURON_OK;
    }
    if (wish == NEURON_LAUNCH_ENGINE_LOCAL && !is_here) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--engine local starts ranks on this host only; leave it out, or name "
                           "no other hosts");
    }
    *chosen = wish;
    return NEURON_OK;
}

bool
neuron_engine_parse_version(const char *text, struct neuron_engine_version *version)
{
    const char *name = strstr(text, "(Open MPI)");
    unsigned long major = 0;
    char *end = NULL;

    if (name == NULL) {
        name = strstr(text, "(OpenRTE)");
    }
    if (name == NULL) {
        return false;
    }
    name = strchr(name, ')') + 1;
    major = strtoul(name, &end, 10);
    if (end == name || *end != '.' || major == 0 || major > 1000) {
        return false;
    }
    version->major = (uint32_t)major;
    version->minor = (uint32_t)strtoul(end + 1, NULL, 10);
    return true;
}

enum neuron_status
neuron_engine_check_version(const struct neuron_engine_version *version, const char *path,
                            struct neuron_error *error)
{
    if ((version->major == 4 && version->minor >= 1) || version->major == 5) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%.120s is of Open MPI %u.%u; neuronrun works with 4.1 and 5, put one of "
                       "these first in PATH",
                       path, version->major, version->minor);
}

/* Words that are being collected; texts that are made stand behind them in the same memory. */
struct words {
    char **words;
    size_t count;
    char (*numbers)[NUMBER_BYTES];
    size_t number_count;
};

static void
add(struct words *words, const char *word)
{
    /* execve() takes words that are not constant, and changes none. */
    /* Not constant for execve() alone: NOLINTNEXTLINE(performance-no-int-to-ptr) */
    words->words[words->count] = (char *)(uintptr_t)word;
    words->count += 1;
}

static void
add_number(struct words *words, uint64_t number)
{
    char *text = words->numbers[words->number_count];

    words->number_count += 1;
    (void)snprintf(text, NUMBER_BYTES, "%" PRIu64, number);
    add(words, text);
}

static void
add_parameter(struct words *words, const char *option, const char *name, uint64_t value)
{
    add(words, option);
    add(words, name);
    add_number(words, value);
}

static void
add_mpirun(struct words *words, const struct neuron_engine_request *request)
{
    const char *option = request->version.major >= 5 ? "--prtemca" : "--mca";

    /* Above the cutoff its threads fork, and it may miss the end of a short-lived child. */
    add_parameter(words, option, "odls_base_cutoff", 1000);
    add_parameter(words, option, "odls_base_sigkill_timeout",
                  (request->grace_ms + 999) / 1000 + KILL_MARGIN_S);
    add(words, "--bind-to");
    add(words, "none");
    add(words, "--map-by");
    add(words, "seq");
    add(words, "--hostfile");
    add(words, request->host_file);
    add(words, "-np");
    add_number(words, request->rank_count);
    add(words, "-x");
    add(words, NEURON_ENGINE_ADDRESSES_VARIABLE);
    add(words, "-x");
    add(words, NEURON_ENGINE_KEYS_VARIABLE);
    if (request->preloaded != NULL) {
        add(words, "--preload-binary");
        add(words, "--preload-files");
        add(words, request->preloaded);
    }
    for (uint32_t i = 0; i + 1 < request->parameter_count; i += 2) {
        add(words, "--mca");
        add(words, request->parameters[i]);
        add(words, request->parameters[i + 1]);
    }
}

/* The list of nodes, one a task, is in SLURM_HOSTFILE. */
static void
add_srun(struct words *words, const struct neuron_engine_request *request)
{
    add(words, "--ntasks");
    add_number(words, request->rank_count);
    add(words, "--nodes");
    add_number(words, request->node_count);
    add(words, "--distribution=arbitrary");
    add(words, "--mpi=pmix");
    add(words, "--cpu-bind=none");
    add(words, "--overcommit");
    add(words, "--kill-on-bad-exit=0");
    add(words, "--input=none");
    /* Of what goes wrong it speaks all the same, and then first. */
    add(words, "--quiet");
}

enum neuron_status
neuron_engine_command_create(const struct neuron_engine_request *request, char ***arguments,
                             struct neuron_error *error)
{
    size_t limit = WORD_LIMIT + (size_t)request->parameter_count * 2;
    char **memory = calloc(1, limit * sizeof(*memory) + (size_t)NUMBER_LIMIT * NUMBER_BYTES);

    if (memory == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a command line");
    }
    struct words words = {
        .words = memory,
        .numbers = (char(*)[NUMBER_BYTES])(void *)(memory + limit),
    };
    add(&words, request->path);
    if (request->engine == NEURON_LAUNCH_ENGINE_SRUN) {
        add_srun(&words, request);
    } else {
        add_mpirun(&words, request);
    }
    add(&words, request->shim);
    add(&words, NEURON_ENGINE_SHIM_WORD);
    *arguments = words.words;
    return NEURON_OK;
}
