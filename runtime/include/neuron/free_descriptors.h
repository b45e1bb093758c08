/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the process may open as many descriptors as a library of others will need. */
#ifndef NEURON_FREE_DESCRIPTORS_H
#define NEURON_FREE_DESCRIPTORS_H

#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens so many descriptors, and closes them again. ZeroMQ ends the process when it lacks some of
 * its own: who uses it asks before.
 *
 * purpose  what takes them, for the text: "the inboxes of 4 cores".
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when they cannot be had, or NEURON_OUT_OF_MEMORY.
 * Any thread. Others may take the descriptors before the caller does.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_free_descriptors_check(uint32_t count, const char *purpose, struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif
