/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_core.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/core_set.h"
#include "neuron/topology.h"

/* Makes a set of the first cores of another one. */
static enum neuron_status
take_first(const struct neuron_core_set *cores, uint32_t count, char **text,
           struct neuron_error *error)
{
    enum { DIGITS = 11 }; /* of a core, with what stands behind it */
    size_t room = (size_t)count * DIGITS + 1;
    size_t length = 0;

    if (neuron_core_set_count(cores) < count) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "NEURON_RT_VISIBLE_CORES names %" PRIu32 " core%s, and the model takes "
                           "%" PRIu32 "; name more",
                           neuron_core_set_count(cores),
                           neuron_core_set_count(cores) == 1 ? "" : "s", count);
    }
    *text = calloc(room, 1);
    if (*text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of cores");
    }
    for (uint32_t i = 0; i < count; i += 1) {
        length += (size_t)snprintf(*text + length, room - length, "%s%" PRIu32, i == 0 ? "" : ",",
                                   neuron_core_set_at(cores, i));
    }
    return NEURON_OK;
}

/* Writes the first cores of a list as a list, which the caller frees. */
static enum neuron_status
format_first(const char *visible, uint32_t count, char **text, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_parse(visible, &cores, error);

    if (status == NEURON_OK) {
        status = take_first(cores, count, text, error);
    }
    neuron_core_set_destroy(cores);
    return status;
}

/* Refuses a model that takes more cores than there are: the runtime would speak of the variable
   that a count is otherwise from. */
static enum neuron_status
check_count(uint32_t count, struct neuron_error *error)
{
    struct neuron_topology *topology = NULL;
    enum neuron_status status = neuron_topology_create(&topology, error);

    if (status == NEURON_OK && count > neuron_topology_core_limit(topology)) {
        status = NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                             "the model takes %" PRIu32 " cores, and this process may use %" PRIu32
                             " at once: compile it for fewer, or run it where there are more",
                             count, neuron_topology_core_limit(topology));
    }
    neuron_topology_destroy(topology);
    return status;
}

enum neuron_status
neuron_cc_claim_cores(uint32_t count, struct neuron_runtime **runtime, struct neuron_error *error)
{
    struct neuron_runtime_options options = {0};
    char *first = NULL;
    enum neuron_status status = neuron_runtime_options_read(&options, error);

    if (status == NEURON_OK && options.visible_cores != NULL) {
        status = format_first(options.visible_cores, count, &first, error);
        options.visible_cores = first;
    } else if (status == NEURON_OK && count > 1) {
        status = check_count(count, error);
    }
    if (status == NEURON_OK) {
        options.core_count = options.visible_cores == NULL ? count : 0;
        options.group_sizes = NULL;
        status = neuron_runtime_create(&options, runtime, error);
    }
    free(first);
    return status;
}
