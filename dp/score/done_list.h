/* SPDX-License-Identifier: Apache-2.0 */
/* Leases that are written and wait for the disk, before the server is told. */
#ifndef NEURON_SCORE_DONE_LIST_H
#define NEURON_SCORE_DONE_LIST_H

#include <stddef.h>

#include "neuron/status.h"
#include "score/lease_message.h"

/* Zeroed it is empty. It owns the messages. */
struct neuron_done_list {
    struct neuron_lease_message *items;
    size_t count;
    size_t limit;
};

/* Takes a message over. Returns NEURON_OUT_OF_MEMORY: the message is destroyed then. */
NEURON_MUST_CHECK enum neuron_status
neuron_done_list_add(struct neuron_done_list *list, struct neuron_lease_message *message,
                     struct neuron_error *error);

/* Destroys the messages; the list is empty then. */
void
neuron_done_list_clear(struct neuron_done_list *list);

/* The same, and frees all memory. Accepts a zeroed one. */
void
neuron_done_list_destroy(struct neuron_done_list *list);

#endif
