/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of the libraries that reads environment variables. */
#include "environment.h"
#include "neuron/runtime.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cache_folder.h"
#include "module/group_sizes.h"

enum {
    DEFAULT_TIMEOUT_MS = 600000, /* what the Neuron runtime gives a run */
    TIMEOUT_LIMIT_S = 100000000, /* three years */
    MS_PER_S = 1000
};

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

static enum neuron_status
read_group_sizes(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURONCORE_GROUP_SIZES");
    struct neuron_group_sizes sizes = {.count = 0};
    enum neuron_status status =
        text == NULL ? NEURON_OK : neuron_group_sizes_parse(text, &sizes, error);

    if (status == NEURON_OK) {
        options->group_sizes = text;
    }
    return status;
}

/* Says whether a text is what may follow the letter of a unit: "", "B", "i" or "iB". */
static bool
ends_unit(const char *text)
{
    return text[0] == '\0' || strcasecmp(text, "B") == 0 || strcasecmp(text, "i") == 0 ||
           strcasecmp(text, "iB") == 0;
}

/* How often a letter doubles a number: "K" ten times. Negative for one that is no unit. */
static int
shift_of_letter(char letter)
{
    switch (letter) {
    case 'K':
    case 'k':
        return 10;
    case 'M':
    case 'm':
        return 20;
    case 'G':
    case 'g':
        return 30;
    case 'T':
    case 't':
        return 40;
    default:
        return -1;
    }
}

/* The same for what follows a number: "", "K", "KB", "KiB". */
static int
shift_of(const char *suffix)
{
    if (suffix[0] == '\0') {
        return 0;
    }
    return ends_unit(suffix + 1) ? shift_of_letter(suffix[0]) : -1;
}

static enum neuron_status
read_device_memory(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_RT_DEVICE_MEMORY");
    unsigned long number = 0;

    if (text == NULL) {
        return NEURON_OK;
    }
    const char *end = read_number(text, LONG_MAX, &number);
    int shift = end == NULL ? -1 : shift_of(end);
    if (shift < 0 || number > (unsigned long)LONG_MAX >> shift) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_RT_DEVICE_MEMORY=%.60s is no amount of memory; give bytes, or a "
                           "whole number with K, M, G or T, as in 4G, or 0 for all that a device "
                           "has",
                           text);
    }
    options->device_memory_bytes = (uint64_t)number << shift;
    return NEURON_OK;
}

static enum neuron_status
read_timeout(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_RT_EXEC_TIMEOUT");
    unsigned long seconds = 0;

    options->execution_timeout_ms = DEFAULT_TIMEOUT_MS;
    if (text == NULL) {
        return NEURON_OK;
    }
    const char *end = read_number(text, TIMEOUT_LIMIT_S, &seconds);
    if (end == NULL || *end != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_RT_EXEC_TIMEOUT=%.60s is no time that a run may take; give "
                           "whole seconds up to %d, or 0 for no limit",
                           text, TIMEOUT_LIMIT_S);
    }
    options->execution_timeout_ms = (uint64_t)seconds * MS_PER_S;
    return NEURON_OK;
}

/* The older variable for the same. */
static enum neuron_status
read_fail_on_nan(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_FAIL_ON_NAN");

    if (text == NULL || strcmp(text, "0") == 0 || strcmp(text, "false") == 0) {
        return NEURON_OK;
    }
    if (strcmp(text, "1") != 0 && strcmp(text, "true") != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_FAIL_ON_NAN=%.60s is neither yes nor no; give 1 or true, or 0 "
                           "or false",
                           text);
    }
    options->numerical_check = NEURON_NUMERICAL_CHECK_NAN;
    return NEURON_OK;
}

static enum neuron_status
read_numerical_check(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY");

    if (text == NULL) {
        return read_fail_on_nan(options, error);
    }
    if (strcmp(text, "critical") == 0) {
        options->numerical_check = NEURON_NUMERICAL_CHECK_NAN;
    } else if (strcmp(text, "none") != 0 && strcmp(text, "off") != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_RT_NUMERICAL_ERRORS_VERBOSITY=%.60s is not known; give critical "
                           "to search the outputs for NaN, or none or off",
                           text);
    }
    return NEURON_OK;
}

/* What who watches calls the process. */
static enum neuron_status
read_process_tag(struct neuron_runtime_options *options, struct neuron_error *error)
{
    const char *text = read_variable("NEURON_PROCESS_TAG");

    if (text != NULL && strlen(text) > NEURON_PROCESS_TAG_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURON_PROCESS_TAG=%.60s... has %zu bytes; give at most %d", text,
                           strlen(text), NEURON_PROCESS_TAG_LIMIT);
    }
    options->process_tag = text;
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
        status = read_group_sizes(&read, error);
    }
    if (status == NEURON_OK) {
        status = read_device_memory(&read, error);
    }
    if (status == NEURON_OK) {
        status = read_timeout(&read, error);
    }
    if (status == NEURON_OK) {
        status = read_numerical_check(&read, error);
    }
    if (status == NEURON_OK) {
        status = read_process_tag(&read, error);
    }
    if (status == NEURON_OK) {
        /* Without a place, nothing is kept. */
        status =
            neuron_environment_cache_folder(read.cache_folder, sizeof(read.cache_folder), error);
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

enum neuron_status
neuron_environment_cache_folder(char *folder, size_t size_bytes, struct neuron_error *error)
{
    const struct neuron_cache_variables variables = {
        .cache_url = read_variable("NEURON_COMPILE_CACHE_URL"),
        .xdg_cache_home = read_variable("XDG_CACHE_HOME"),
        .home = read_variable("HOME"),
    };

    return neuron_cache_folder_choose(&variables, folder, size_bytes, error);
}
