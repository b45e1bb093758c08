/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two processes mean the same by a custom program. */
#ifndef NEURON_DP_PROGRAM_DIGEST_H
#define NEURON_DP_PROGRAM_DIGEST_H

#include <stdint.h>

#include "neuron/custom_program.h"

/*
 * Digests what a checked program says of itself: its tensors, in order, with their names, types,
 * shapes and whether they are shared; and its row limit. Guards against accidents, not against who
 * looks for another program of the same digest.
 */
uint64_t
neuron_program_digest(const struct neuron_custom_program *program);

#endif
