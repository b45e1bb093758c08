/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that no other user looks into, for sockets. */
#ifndef NEURON_DP_PRIVATE_FOLDER_H
#define NEURON_DP_PRIVATE_FOLDER_H

#include "neuron/status.h"

enum {
    NEURON_PRIVATE_FOLDER_BYTES = 72 /* of its path: the address of a socket has 108 */
};

/* A zeroed one is none. */
struct neuron_private_folder {
    char path[NEURON_PRIVATE_FOLDER_BYTES];
};

/*
 * Makes an empty folder.
 *
 * preferred  an absolute path to make it below; NULL for none, or where it does not do: /tmp.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_private_folder_create(const char *preferred, struct neuron_private_folder *folder,
                             struct neuron_error *error);

/* Removes the folder with the files in it. Accepts a zeroed one. */
void
neuron_private_folder_destroy(struct neuron_private_folder *folder);

#endif
