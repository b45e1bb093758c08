/* SPDX-License-Identifier: Apache-2.0 */
/* A port that the ranks of a job can meet at. */
#ifndef NEURON_LAUNCHER_FREE_PORT_H
#define NEURON_LAUNCHER_FREE_PORT_H

#include <stdint.h>

/*
 * Finds a TCP port that nobody uses now, on any of this machine's addresses. It is not kept: the
 * kernel gives the next one who asks another port, in general.
 *
 * Returns 0 where none is found.
 */
uint16_t
neuron_free_port_find(void);

#endif
