/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the files that a job names can be used at all, however often it is run. */
#ifndef NEURON_SCORE_PATH_CHECK_H
#define NEURON_SCORE_PATH_CHECK_H

#include <stdbool.h>

#include "score/command_line.h"

/*
 * Says whether what the options name to be read is there for this user, and the folders of what is
 * written are. Where not, running the job again does not help. A pattern, or a member of a file,
 * counts as usable.
 */
bool
neuron_paths_are_usable(const struct neuron_score_options *options);

#endif
