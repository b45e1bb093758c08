/* SPDX-License-Identifier: Apache-2.0 */
#include "score/rank_identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "neuron/process_identity.h"

/* The value of a variable; NULL for one that is missing or empty. */
static const char *
find_variable(char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (char *const *entry = environment; *entry != NULL; entry += 1) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            const char *value = *entry + length + 1;
            return *value == '\0' ? NULL : value;
        }
    }
    return NULL;
}

/* Parses a decimal number from `least` to `most`. */
static enum neuron_status
parse_number(const char *name, const char *value, uint32_t least, uint32_t most, uint32_t *number,
             struct neuron_error *error)
{
    char *end = NULL;

    errno = 0;
    unsigned long long parsed = strtoull(value, &end, 10);
    bool is_number = value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0;
    if (!is_number || parsed < least || parsed > most) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s=%.60s: must be a number from %u to %u; correct or unset it", name,
                           value, least, most);
    }
    *number = (uint32_t)parsed;
    return NEURON_OK;
}

/* Takes rank and size from two variables when both are there. */
static enum neuron_status
read_pair(char *const *environment, const char *rank_name, const char *size_name,
          struct neuron_rank_identity *identity, struct neuron_error *error)
{
    const char *rank = find_variable(environment, rank_name);
    const char *size = find_variable(environment, size_name);

    if (rank == NULL || size == NULL) {
        return NEURON_OK;
    }
    enum neuron_status status =
        parse_number(size_name, size, 1, NEURON_WORLD_SIZE_LIMIT, &identity->world_size, error);
    if (status != NEURON_OK) {
        return status;
    }
    return parse_number(rank_name, rank, 0, identity->world_size - 1, &identity->rank, error);
}

/* Names a job by the process that started its ranks, or that is its only one. */
static void
name_job_by_process(struct neuron_rank_identity *identity)
{
    struct utsname machine = {0};
    pid_t pid = identity->world_size > 1 ? getppid() : getpid();

    (void)uname(&machine);
    (void)snprintf(identity->job_id, sizeof(identity->job_id), "%.64s-%d-%llu", machine.nodename,
                   (int)pid, (unsigned long long)neuron_process_start_ticks(pid));
}

/* All ranks are here unless somebody tells of others. */
static enum neuron_status
read_reach(char *const *environment, struct neuron_rank_identity *identity,
           struct neuron_error *error)
{
    static const char *const names[] = {"LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"};

    identity->is_local = true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        const char *value = find_variable(environment, names[i]);
        uint32_t local_size = 0;

        if (value == NULL) {
            continue;
        }
        enum neuron_status status =
            parse_number(names[i], value, 1, NEURON_WORLD_SIZE_LIMIT, &local_size, error);
        if (status == NEURON_OK) {
            identity->is_local = local_size >= identity->world_size;
        }
        return status;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_rank_identity_read(char *const *environment, struct neuron_rank_identity *identity,
                          struct neuron_error *error)
{
    struct neuron_rank_identity found = {.rank = 0, .world_size = 0};
    const char *job_id = find_variable(environment, "NEURONRUN_JOBID");

    enum neuron_status status = read_pair(environment, "RANK", "WORLD_SIZE", &found, error);
    if (status == NEURON_OK && found.world_size == 0) {
        status =
            read_pair(environment, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", &found, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (found.world_size == 0) {
        found.world_size = 1;
    }
    found.key = find_variable(environment, "NEURONRUN_KEY");
    status = read_reach(environment, &found, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (job_id == NULL) {
        name_job_by_process(&found);
    } else if (strlen(job_id) < sizeof(found.job_id)) {
        (void)snprintf(found.job_id, sizeof(found.job_id), "%s", job_id);
    } else {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURONRUN_JOBID has %zu bytes; give the job a name of at most %d",
                           strlen(job_id), NEURON_JOB_ID_BYTES - 1);
    }
    *identity = found;
    return NEURON_OK;
}
