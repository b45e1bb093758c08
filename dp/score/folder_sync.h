/* SPDX-License-Identifier: Apache-2.0 */
/* Makes names of files outlive the power. */
#ifndef NEURON_SCORE_FOLDER_SYNC_H
#define NEURON_SCORE_FOLDER_SYNC_H

#include "neuron/status.h"

/*
 * Puts on disk which names the folder of a file has. Some file systems cannot, and the names are
 * there all the same.
 *
 * Returns NEURON_SYSTEM when the disk fails, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_folder_sync(const char *path_of_file, struct neuron_error *error);

#endif
