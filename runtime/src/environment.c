/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of the libraries that reads environment variables. */
#include "environment.h"
#include "neuron/runtime.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The variable's value; NULL where it is unset or empty. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): as the header says */

    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Reads a decimal number up to `limit`; returns where it ends, or NULL. */
static const char *
read_number(const char *text, unsigned long limit, unsigned long *number)
{
    char *end = NULL;

    if (!isdigit((unsigned char)*text)) {
        return NULL;
    }
    *number = strtoul(text, &end, 10);
    return *number > limit ? NULL : end;
}

static enum neuron_status
read_core_count(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_RT_NUM_CORES");
    unsigned long count = 0;

    if (text == NULL) {
        return NEURON_OK;
    }
    const char *end = read_number(text, NEURON_CORE_NUMBER_LIMIT, &count);
    if (end == NULL || *end != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_RT_NUM_CORES=%.60s is no number of cores; give one up to %d, or "
                           "0 for all",
                           text, NEURON_CORE_NUMBER_LIMIT);
    }
    options->core_count = (uint32_t)count;
    return NEURON_OK;
}

/* "PID:DEPTH", or "PID:DEPTH:shared" where the workers of a launch share cores. */
static enum neuron_status
read_lease_parent(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURONRUN_LEASE");
    unsigned long pid = 0;
    unsigned long depth = 0;

    if (text == NULL) {
        return NEURON_OK;
    }
    const char *end = read_number(text, INT_MAX, &pid);
    if (end != NULL) {
        end = *end == ':' ? read_number(end + 1, INT_MAX, &depth) : NULL;
    }
    bool is_shared = end != NULL && strcmp(end, ":shared") == 0;
    if (end == NULL || pid == 0 || (*end != '\0' && !is_shared)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURONRUN_LEASE=%.60s is not what neuronrun sets (PID:DEPTH); unset it",
                           text);
    }
    options->lease.parent.pid = (pid_t)pid;
    options->lease.parent.depth = (uint32_t)depth;
    options->lease.kind = is_shared ? NEURON_CORE_LEASE_SHARED : NEURON_CORE_LEASE_USE;
    return NEURON_OK;
}

enum neuron_status
neuron_runtime_options_read(struct neuron_runtime_options *options, struct neuron_error *error)
{
    struct neuron_runtime_options read = {
        .visible_cores = read_variable("NEURON_RT_VISIBLE_CORES"),
        .lease.directory = read_variable("NEURON_RT_LEASE_DIRECTORY"),
    };
    enum neuron_status status = NEURON_OK;

    if (read.visible_cores == NULL) {
        status = read_core_count(&read, error);
    }
    if (status == NEURON_OK) {
        status = read_lease_parent(&read, error);
    }
    if (status == NEURON_OK) {
        *options = read;
    }
    return status;
}

const char *
neuron_environment_invented_machine(void)
{
    if (read_variable("HWLOC_THISSYSTEM") != NULL) {
        return NULL;
    }
    if (read_variable("HWLOC_XMLFILE") != NULL) {
        return "HWLOC_XMLFILE";
    }
    return read_variable("HWLOC_SYNTHETIC") != NULL ? "HWLOC_SYNTHETIC" : NULL;
}
