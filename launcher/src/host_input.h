/* SPDX-License-Identifier: Apache-2.0 */
/* Reads our standard input for ranks on other hosts, no faster than they take it. */
#ifndef NEURON_LAUNCHER_HOST_INPUT_H
#define NEURON_LAUNCHER_HOST_INPUT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "command_line.h"
#include "host_ranks.h"

struct neuron_host_input {
    uint32_t first; /* the ranks that read it: from here */
    uint32_t count; /* so many; 0 for nobody, or after its end */
};

/* Decides who reads it. A terminal that we are in the background of is left alone. */
void
neuron_host_input_init(struct neuron_host_input *input, const struct neuron_command_line *line,
                       uint32_t rank_count);

/* Says whether a rank reads it. */
bool
neuron_host_input_is_for(const struct neuron_host_input *input, uint32_t rank);

/* Says what to wait for. */
struct pollfd
neuron_host_input_prepare(const struct neuron_host_input *input,
                          const struct neuron_host_ranks *ranks, bool is_running);

/* Reads once, and sends. */
void
neuron_host_input_run(struct neuron_host_input *input, struct neuron_host_ranks *ranks);

#endif
