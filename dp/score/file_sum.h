/* SPDX-License-Identifier: Apache-2.0 */
/* A checksum of a whole file. */
#ifndef NEURON_SCORE_FILE_SUM_H
#define NEURON_SCORE_FILE_SUM_H

#include <stdint.h>

#include "neuron/status.h"

/* Computes the XXH3-64 of a file. Returns NEURON_SYSTEM. Blocks while it reads the file. */
NEURON_MUST_CHECK enum neuron_status
neuron_file_sum(const char *path, uint64_t *sum, struct neuron_error *error);

#endif
