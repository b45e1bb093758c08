/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an MPI job keeps its files: one folder below the temporary folder, and one in shared
 * memory. Both are the user's alone. The launcher holds a lock on each; the kernel lets go of it
 * when the launcher ends, however it does, and any later process of neuronrun removes a folder that
 * nobody holds.
 */
#ifndef NEURON_LAUNCHER_SESSION_FOLDER_H
#define NEURON_LAUNCHER_SESSION_FOLDER_H

#include <limits.h>

#include "neuron/status.h"

enum { NEURON_SESSION_PATH_BYTES = 256 };

struct neuron_session_folder {
    char files[NEURON_SESSION_PATH_BYTES];  /* below the temporary folder; "" for none */
    char shared[NEURON_SESSION_PATH_BYTES]; /* in shared memory; "" where there is none */
    int files_lock;                         /* -1 for none */
    int shared_lock;
};

/*
 * Makes the folders.
 *
 * temporary  the folder for them, as $TMPDIR; NULL or "" for /tmp.
 * folder     is overwritten; removed by the caller also after a failure.
 *
 * Returns NEURON_SYSTEM where there is no room for the first; shared memory may be absent.
 */
enum neuron_status
neuron_session_folder_create(const char *temporary, struct neuron_session_folder *folder,
                             struct neuron_error *error);

/* Removes the folders with all that is in them. */
void
neuron_session_folder_destroy(struct neuron_session_folder *folder);

/* Removes the folders that launchers of this user left behind when they were killed. */
void
neuron_session_folder_sweep(const char *temporary);

/*
 * Removes the folder of an Open MPI daemon that is gone, and the one around it once that is empty.
 * Leaves alone what is not a folder of this user within one named "ompi.*".
 */
void
neuron_session_folder_remove_foreign(const char *path);

#endif
