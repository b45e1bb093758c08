/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of libnrt that reads environment variables. */
#include "nrt/environment.h"

#include <stdio.h>
#include <stdlib.h>

enum { VARIABLE_BYTES = 64 };

/* The variable's value; NULL where it is unset or empty. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): as the header says */

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *
read_of_component(const char *prefix, int component)
{
    char name[VARIABLE_BYTES] = "";

    (void)snprintf(name, sizeof(name), "%s_%s", prefix,
                   libnrt_component_name((enum libnrt_component)component));
    return read_variable(name);
}

void
libnrt_environment_read(struct libnrt_environment *environment)
{
    environment->log.level = read_variable("NEURON_RT_LOG_LEVEL");
    environment->log.location = read_variable("NEURON_RT_LOG_LOCATION");
    for (int i = 0; i < LIBNRT_COMPONENT_COUNT; i += 1) {
        environment->log.component_levels[i] = read_of_component("NEURON_RT_LOG_LEVEL", i);
        environment->log.component_locations[i] = read_of_component("NEURON_RT_LOG_LOCATION", i);
    }
    environment->dump_status = read_variable("NEURON_RT_DBG_DUMP_INPUTS_ON_ERR");
    environment->dump_folder = read_variable("NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY");
    environment->queued_runs = read_variable("NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS");
}
