/* SPDX-License-Identifier: Apache-2.0 */
/* Where others reach a port of this machine, for those who tell them. */
#ifndef NEURON_HOST_ADDRESSES_H
#define NEURON_HOST_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NEURON_HOST_ADDRESSES_BYTES = 2048, NEURON_HOST_ADDRESS_LIMIT = 16 };

/*
 * Lists the addresses of this machine, with a port: "tcp://127.0.0.1:4000,tcp://[fd00::1]:4000".
 * Those of the loopback come first, for processes here; those that hold for a single link are left
 * out, and so are those for which there is no room, or no number.
 *
 * has_six    whether IPv6 addresses are wanted, too.
 * port       as it is to be written.
 * addresses  receives at most NEURON_HOST_ADDRESSES_BYTES with the terminator.
 *
 * Returns NEURON_SYSTEM; then the text is empty.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_host_addresses_list(bool has_six, const char *port, char *addresses,
                           struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif
