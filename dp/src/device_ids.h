/* SPDX-License-Identifier: Apache-2.0 */
/* Device ids, "3" or "nc:3", as the process's core numbers. */
#ifndef NEURON_DP_DEVICE_IDS_H
#define NEURON_DP_DEVICE_IDS_H

#include <stdint.h>

#include "neuron/status.h"

/*
 * Reads device ids as numbers of owned cores.
 *
 * ids    `count` texts.
 * owned  how many cores the process owns, nc:0 and up. At least 1.
 * cores  receives `count` numbers, each once. Undefined after a failure.
 *
 * Returns NEURON_INVALID_SYNTAX for an id of neither form, NEURON_NO_SUCH_CORE for a core that the
 * process does not own, NEURON_INVALID_ARGUMENT for one named twice.
 */
enum neuron_status
neuron_device_ids_parse(const char *const *ids, uint32_t count, uint32_t owned, uint32_t *cores,
                        struct neuron_error *error);

#endif
