/* SPDX-License-Identifier: Apache-2.0 */
#include "top/looks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MACHINE_BYTES = 128 };

struct neuron_looks {
    struct neuron_topology *topology;
    struct neuron_node_watch *watch;
    struct neuron_node_sample samples[2]; /* in turn */
    uint32_t latest;
    struct neuron_node_rates rates;
    char machine[MACHINE_BYTES];
};

/* What the machine is called. */
static void
name_machine(struct neuron_looks *looks)
{
    char host[MACHINE_BYTES / 2] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0') {
        (void)snprintf(host, sizeof(host), "-");
    }
    (void)snprintf(looks->machine, sizeof(looks->machine), "%s%s", host,
                   neuron_topology_is_invented(looks->topology) ? " (invented)" : "");
}

enum neuron_status
neuron_looks_create(const char *directory, struct neuron_looks **looks, struct neuron_error *error)
{
    struct neuron_looks *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a look");
    }
    enum neuron_status status = neuron_topology_create(&made->topology, error);
    if (status == NEURON_OK) {
        status = neuron_node_watch_create(made->topology, directory, &made->watch, error);
    }
    if (status != NEURON_OK) {
        neuron_looks_destroy(made);
        return status;
    }
    name_machine(made);
    *looks = made;
    return NEURON_OK;
}

enum neuron_status
neuron_looks_take(struct neuron_looks *looks, struct neuron_error *error)
{
    const struct neuron_node_sample *before = &looks->samples[looks->latest];
    struct neuron_node_sample *after = &looks->samples[1 - looks->latest];
    struct neuron_node_rates rates = {0};
    enum neuron_status status = neuron_node_watch_read(looks->watch, after, error);

    if (status == NEURON_OK) {
        status = neuron_node_rates_find(looks->topology, before, after, &rates, error);
    }
    if (status != NEURON_OK) {
        neuron_node_rates_clear(&rates);
        return status;
    }
    neuron_node_rates_clear(&looks->rates);
    looks->rates = rates;
    looks->latest = 1 - looks->latest;
    return NEURON_OK;
}

struct neuron_picture_source
neuron_looks_source(const struct neuron_looks *looks)
{
    return (struct neuron_picture_source){
        .machine = looks->machine,
        .sample = &looks->samples[looks->latest],
        .rates = &looks->rates,
    };
}

const struct neuron_topology *
neuron_looks_topology(const struct neuron_looks *looks)
{
    return looks->topology;
}

void
neuron_looks_destroy(struct neuron_looks *looks)
{
    if (looks == NULL) {
        return;
    }
    neuron_node_rates_clear(&looks->rates);
    neuron_node_sample_clear(&looks->samples[0]);
    neuron_node_sample_clear(&looks->samples[1]);
    neuron_node_watch_destroy(looks->watch);
    neuron_topology_destroy(looks->topology);
    free(looks);
}
