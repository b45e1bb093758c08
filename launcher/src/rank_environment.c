/* SPDX-License-Identifier: Apache-2.0 */
#include "rank_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a variable tells. */
enum content {
    CONTENT_RANK,
    CONTENT_RANK_COUNT,
    CONTENT_LOCAL_RANK,
    CONTENT_LOCAL_COUNT,
    CONTENT_NODE,
    CONTENT_CORES,
    CONTENT_CORE_COUNT,
    CONTENT_LEASE,
    CONTENT_JOB_ID,
    CONTENT_KEY,
    CONTENT_RESTART_COUNT,
    CONTENT_ADDRESS,
    CONTENT_PORT
};

struct variable {
    const char *name;
    enum content content;
};

static const struct variable variables[] = {
    {"NEURON_RT_VISIBLE_CORES", CONTENT_CORES},
    {"NEURONRUN_LEASE", CONTENT_LEASE},
    {"NEURONRUN_JOBID", CONTENT_JOB_ID},
    {"NEURONRUN_KEY", CONTENT_KEY},
    {"NEURON_RESTART_COUNT", CONTENT_RESTART_COUNT},
    {"NEURONRUN_RANK", CONTENT_RANK},
    {"NEURONRUN_SIZE", CONTENT_RANK_COUNT},
    {"NEURONRUN_LOCAL_RANK", CONTENT_LOCAL_RANK},
    {"NEURONRUN_LOCAL_SIZE", CONTENT_LOCAL_COUNT},
    {"NEURONRUN_CORES", CONTENT_CORES},
    {"NEURONRUN_THREADS", CONTENT_CORE_COUNT},
    {"NEURONRUN_PORT", CONTENT_PORT},
    {"RANK", CONTENT_RANK},
    {"WORLD_SIZE", CONTENT_RANK_COUNT},
    {"LOCAL_RANK", CONTENT_LOCAL_RANK},
    {"LOCAL_WORLD_SIZE", CONTENT_LOCAL_COUNT},
    {"GROUP_RANK", CONTENT_NODE},
    {"NODE_RANK", CONTENT_NODE},
    {"OMPI_COMM_WORLD_RANK", CONTENT_RANK},
    {"OMPI_COMM_WORLD_SIZE", CONTENT_RANK_COUNT},
    {"OMPI_COMM_WORLD_LOCAL_RANK", CONTENT_LOCAL_RANK},
    {"OMPI_COMM_WORLD_LOCAL_SIZE", CONTENT_LOCAL_COUNT},
    {"OMPI_COMM_WORLD_NODE_RANK", CONTENT_LOCAL_RANK},
    {"PMI_RANK", CONTENT_RANK},
    {"PMI_SIZE", CONTENT_RANK_COUNT},
    {"MPI_LOCALRANKID", CONTENT_LOCAL_RANK},
    {"MPI_LOCALNRANKS", CONTENT_LOCAL_COUNT},
};

/* Set where the user has not. */
static const struct variable defaults[] = {
    {"MASTER_ADDR", CONTENT_ADDRESS},
    {"MASTER_PORT", CONTENT_PORT},
    {"OMP_NUM_THREADS", CONTENT_CORE_COUNT},
};

/* Of an enclosing launcher or MPI job: they would connect a rank to somebody else's world. */
static const char *const foreign_prefixes[] = {"NEURONRUN_", "PMIX_", "PMI_", "OMPI_COMM_WORLD_"};

/* Deprecated: its groups are those of the launcher, and may be more than a rank has cores. */
static const char group_sizes[] = "NEURONCORE_GROUP_SIZES";

enum {
    VARIABLE_COUNT = sizeof(variables) / sizeof(variables[0]),
    DEFAULT_COUNT = sizeof(defaults) / sizeof(defaults[0]),
    PREFIX_COUNT = sizeof(foreign_prefixes) / sizeof(foreign_prefixes[0])
};

static bool
names_are_equal(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

/* Says whether a variable is one that each rank gets from us. */
static bool
is_set_here(const char *name, size_t length)
{
    for (size_t i = 0; i < VARIABLE_COUNT; i += 1) {
        if (names_are_equal(variables[i].name, name, length)) {
            return true;
        }
    }
    return names_are_equal("NEURON_RT_NUM_CORES", name, length) ||
           strncmp(name, "NEURONRUN_", strlen("NEURONRUN_")) == 0;
}

bool
neuron_rank_environment_is_own(const char *name, size_t length)
{
    if (is_set_here(name, length)) {
        return true;
    }
    for (size_t i = 0; i < PREFIX_COUNT; i += 1) {
        if (strncmp(name, foreign_prefixes[i], strlen(foreign_prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The entry of a variable in a list, or NULL. An entry without "=" sets nothing. */
static const char *
find_entry(const char *const *entries, size_t count, const char *name, size_t length)
{
    for (size_t i = count; i-- > 0;) {
        if (strncmp(entries[i], name, length) == 0 && entries[i][length] == '=') {
            return entries[i];
        }
    }
    return NULL;
}

static size_t
count_inherited(const struct neuron_rank_environment_request *request)
{
    size_t count = 0;

    while (request->inherited[count] != NULL) {
        count += 1;
    }
    return count;
}

static const char *
find_inherited(const struct neuron_rank_environment_request *request, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; request->inherited[i] != NULL; i += 1) {
        if (strncmp(request->inherited[i], name, length) == 0 &&
            request->inherited[i][length] == '=') {
            return request->inherited[i] + length + 1;
        }
    }
    return NULL;
}

/*
 * Says whether an inherited value is what an enclosing neuronrun set: a thread count of all cores
 * of the enclosing rank is too many for a part of them, and at the port its ranks meet.
 */
static bool
is_of_enclosing_rank(const struct neuron_rank_environment_request *request, const char *name)
{
    bool is_threads = strcmp(name, "OMP_NUM_THREADS") == 0;
    const char *value = find_inherited(request, name);
    const char *enclosing =
        find_inherited(request, is_threads ? "NEURONRUN_THREADS" : "NEURONRUN_PORT");

    return (is_threads || strcmp(name, "MASTER_PORT") == 0) && value != NULL && enclosing != NULL &&
           strcmp(value, enclosing) == 0;
}

static bool
is_set_by_user(const struct neuron_rank_environment_request *request, const char *name)
{
    if (find_entry(request->assignments, request->assignment_count, name, strlen(name)) != NULL) {
        return true;
    }
    return find_inherited(request, name) != NULL && !is_of_enclosing_rank(request, name);
}

enum neuron_group_sizes_fate
neuron_rank_environment_group_sizes(const struct neuron_rank_environment_request *request)
{
    const char *inherited = find_inherited(request, group_sizes);

    if (inherited == NULL || inherited[0] == '\0') {
        return NEURON_GROUP_SIZES_ABSENT;
    }
    for (uint32_t i = 0; i < request->assignment_count; i += 1) {
        const char *text = request->assignments[i];

        if (names_are_equal(group_sizes, text, strcspn(text, "="))) {
            return NEURON_GROUP_SIZES_PASSED_ON;
        }
    }
    return NEURON_GROUP_SIZES_REMOVED;
}

/* Says whether an inherited entry goes on to the rank: nothing that comes later replaces it. */
static bool
is_passed_on(const struct neuron_rank_environment_request *request, const char *entry)
{
    size_t length = strcspn(entry, "=");
    bool is_own = request->keeps_world ? is_set_here(entry, length)
                                       : neuron_rank_environment_is_own(entry, length);

    if (is_own ||
        find_entry(request->assignments, request->assignment_count, entry, length) != NULL ||
        find_entry(request->served, request->served_count, entry, length) != NULL) {
        return false;
    }
    if (names_are_equal(group_sizes, entry, length)) {
        return neuron_rank_environment_group_sizes(request) != NEURON_GROUP_SIZES_REMOVED;
    }
    for (size_t i = 0; i < DEFAULT_COUNT; i += 1) {
        if (names_are_equal(defaults[i].name, entry, length)) {
            return is_set_by_user(request, defaults[i].name);
        }
    }
    return true;
}

/* Writes "NAME=VALUE" to new memory; NULL without memory. */
static char *
make_entry(const struct neuron_rank_environment_request *request, const struct variable *variable)
{
    const char *text = NULL;
    uint32_t number = 0;
    char *entry = NULL;
    int length = 0;

    switch (variable->content) {
    case CONTENT_RANK:
        number = request->rank;
        break;
    case CONTENT_RANK_COUNT:
        number = request->rank_count;
        break;
    case CONTENT_LOCAL_RANK:
        number = request->local_count == 0 ? request->rank : request->local_rank;
        break;
    case CONTENT_LOCAL_COUNT:
        number = request->local_count == 0 ? request->rank_count : request->local_count;
        break;
    case CONTENT_NODE:
        number = request->node;
        break;
    case CONTENT_CORE_COUNT:
        number = request->core_count;
        break;
    case CONTENT_RESTART_COUNT:
        number = request->restart_count;
        break;
    case CONTENT_PORT:
        number = request->port;
        break;
    case CONTENT_CORES:
        text = request->cores;
        break;
    case CONTENT_LEASE:
        text = request->lease;
        break;
    case CONTENT_JOB_ID:
        text = request->job_id;
        break;
    case CONTENT_KEY:
        text = request->key;
        break;
    case CONTENT_ADDRESS:
        text = request->address == NULL ? "127.0.0.1" : request->address;
        break;
    }
    length = text == NULL ? asprintf(&entry, "%s=%u", variable->name, number)
                          : asprintf(&entry, "%s=%s", variable->name, text);
    return length < 0 ? NULL : entry;
}

/* Adds our own variable at the front part of the list. */
static bool
add_own(struct neuron_rank_environment *environment,
        const struct neuron_rank_environment_request *request, const struct variable *variable)
{
    char *entry = make_entry(request, variable);

    if (entry == NULL) {
        return false;
    }
    environment->entries[environment->own_count] = entry;
    environment->own_count += 1;
    return true;
}

static bool
add_copy(struct neuron_rank_environment *environment, const char *text)
{
    char *entry = strdup(text);

    if (entry == NULL) {
        return false;
    }
    environment->entries[environment->own_count] = entry;
    environment->own_count += 1;
    return true;
}

static bool
add_all_own(struct neuron_rank_environment *environment,
            const struct neuron_rank_environment_request *request)
{
    for (size_t i = 0; i < VARIABLE_COUNT; i += 1) {
        if (!add_own(environment, request, &variables[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < DEFAULT_COUNT; i += 1) {
        bool is_known = defaults[i].content != CONTENT_PORT || request->port > 0;

        if (is_known && !is_set_by_user(request, defaults[i].name) &&
            !add_own(environment, request, &defaults[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < request->assignment_count; i += 1) {
        const char *text = request->assignments[i];
        size_t length = strcspn(text, "=");

        /* Of several assignments to one variable the last one counts. */
        if (find_entry(request->assignments, request->assignment_count, text, length) != text) {
            continue;
        }
        if (!add_copy(environment, text)) {
            return false;
        }
    }
    for (size_t i = 0; i < request->served_count; i += 1) {
        if (!add_copy(environment, request->served[i])) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_rank_environment_create(const struct neuron_rank_environment_request *request,
                               struct neuron_rank_environment **environment,
                               struct neuron_error *error)
{
    size_t limit = count_inherited(request) + request->assignment_count + request->served_count +
                   VARIABLE_COUNT + DEFAULT_COUNT + 1;
    struct neuron_rank_environment *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        created->entries = calloc(limit, sizeof(*created->entries));
    }
    if (created == NULL || created->entries == NULL || !add_all_own(created, request)) {
        neuron_rank_environment_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a rank's environment");
    }
    size_t count = created->own_count;
    for (size_t i = 0; request->inherited[i] != NULL; i += 1) {
        if (is_passed_on(request, request->inherited[i])) {
            created->entries[count] = request->inherited[i];
            count += 1;
        }
    }
    *environment = created;
    return NEURON_OK;
}

void
neuron_rank_environment_destroy(struct neuron_rank_environment *environment)
{
    if (environment == NULL) {
        return;
    }
    for (size_t i = 0; environment->entries != NULL && i < environment->own_count; i += 1) {
        free(environment->entries[i]);
    }
    free(environment->entries);
    free(environment);
}
