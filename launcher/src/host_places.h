/* SPDX-License-Identifier: Apache-2.0 */
/* Which rank goes to which host. Functions from values to values. */
#ifndef NEURON_LAUNCHER_HOST_PLACES_H
#define NEURON_LAUNCHER_HOST_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "host_list.h"

struct neuron_host_places_request {
    const struct neuron_host_list *list;
    uint32_t rank_count; /* 0 for one in each slot */
    bool in_turn;        /* one on each host, then the next on each; else host after host */
    bool oversubscribes; /* more ranks than slots are spread over the hosts in turn */
};

/* One that is zeroed has no rank. */
struct neuron_host_places {
    uint32_t *host_of_rank; /* positions in the list */
    uint32_t rank_count;
};

/*
 * Gives each rank a host.
 *
 * places  is overwritten; its owner destroys it. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT where there are too few slots: the text says how many and what
 * helps; or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_host_places_create(const struct neuron_host_places_request *request,
                          struct neuron_host_places *places, struct neuron_error *error);

void
neuron_host_places_destroy(struct neuron_host_places *places);

#endif
