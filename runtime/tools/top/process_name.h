/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is called in few columns. */
#ifndef NEURON_TOOLS_TOP_PROCESS_NAME_H
#define NEURON_TOOLS_TOP_PROCESS_NAME_H

#include <stddef.h>

#include "node/node_watch.h"

enum { NEURON_PROCESS_NAME_BYTES = NEURON_COUNTER_TAG_BYTES };

/* Writes the tag that a process was given; else the name of its program, without folders; else its
   pid, or "elsewhere" for one in another container. Returns the text. */
const char *
neuron_process_name(const struct neuron_node_process *process, char *text, size_t size_bytes);

#endif
