/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a program's name means. */
#ifndef NEURON_LAUNCHER_PROGRAM_PATH_H
#define NEURON_LAUNCHER_PROGRAM_PATH_H

#include "neuron/status.h"

/*
 * Looks a name up in a list of directories, as the shell does. A name with a slash means itself.
 *
 * search  directories between colons; NULL for the usual ones.
 * path    receives the path, which the caller frees. Unchanged on failure.
 *
 * Returns 0, or an exit code, with the reason in `error`.
 */
int
neuron_program_path_find(const char *name, const char *search, char **path,
                         struct neuron_error *error);

/*
 * Says whether a program can be there, seen from the directory that it is started in, so that no
 * rank starts when another one cannot. What else is wrong with it shows when it is started.
 *
 * directory  NULL for this one.
 *
 * Returns 0, or the exit code for a program that is not there or not executable, with a text.
 */
int
neuron_program_path_check(const char *path, const char *directory, struct neuron_error *error);

#endif
