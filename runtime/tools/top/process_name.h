/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is called in few columns. */
#ifndef NEURON_TOOLS_TOP_PROCESS_NAME_H
#define NEURON_TOOLS_TOP_PROCESS_NAME_H

#include <stddef.h>

#include "node/node_watch.h"

enum {
    NEURON_PROCESS_NAME_BYTES = NEURON_COUNTER_TAG_BYTES,
    NEURON_PROCESS_LABEL_BYTES = NEURON_PROCESS_NAME_BYTES + 16
};

/* Writes the tag that a process was given; else, and for a launcher, which has the tag of its ranks
   from the same environment, the name of its program, without folders; else its pid, or "elsewhere"
   for one in another container. Returns the text. */
const char *
neuron_process_name(const struct neuron_node_process *process, char *text, size_t size_bytes);

/*
 * Writes the name of a process, and behind it the pid where another one of the sample has the same
 * name. Where that takes more columns the name is cut, and left out at last, but never the pid.
 *
 * text  of NEURON_PROCESS_LABEL_BYTES.
 *
 * Returns the text.
 */
const char *
neuron_process_label(const struct neuron_node_sample *sample, uint32_t process, size_t columns,
                     char *text);

#endif
