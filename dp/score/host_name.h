/* SPDX-License-Identifier: Apache-2.0 */
/* What processes of a job call their host among each other. */
#ifndef NEURON_SCORE_HOST_NAME_H
#define NEURON_SCORE_HOST_NAME_H

#include <stddef.h>

/* Writes the name of this host, as processes of a job tell it to each other. Any thread. */
void
neuron_host_read_name(char *name, size_t size_bytes);

#endif
