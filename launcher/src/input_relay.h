/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passes our standard input on to ranks: what is typed, which a rank's process group may not read
 * itself, and what several ranks shall read. It is read once, and each rank gets all of it. The
 * rank that reads slowest holds the others back, so that memory stays bounded; one that has closed
 * its input or ended is left out.
 */
#ifndef NEURON_LAUNCHER_INPUT_RELAY_H
#define NEURON_LAUNCHER_INPUT_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

struct neuron_input_target;

/* One that is not in use is all zero. */
struct neuron_input_relay {
    struct neuron_input_target *targets;
    uint32_t target_count;
    uint32_t open_count;    /* that are not left out */
    uint32_t lagging_count; /* that have not taken all of `bytes` */
    int room;               /* epoll set of lagging targets without room */
    bool is_paused;         /* we are in the terminal's background */
    char *bytes;
    size_t length;
};

/* Says whether descriptor 0 is a terminal. */
bool
neuron_input_relay_is_terminal(void);

/* Says whether this process may read it: it is in the terminal's foreground. */
bool
neuron_input_relay_is_ours(void);

/*
 * Adds a rank. Not after neuron_input_relay_run(), but again after close.
 *
 * pipe  the writing end, non-blocking. The relay's after success.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM.
 */
enum neuron_status
neuron_input_relay_add(struct neuron_input_relay *relay, int pipe, struct neuron_error *error);

/* Says what to wait for. */
struct pollfd
neuron_input_relay_prepare(const struct neuron_input_relay *relay);

/* Relays what can be relayed without waiting. */
void
neuron_input_relay_run(struct neuron_input_relay *relay, short events);

/* Tries again after the process came back to the foreground. */
void
neuron_input_relay_resume(struct neuron_input_relay *relay);

/* Closes the pipes, at which the ranks see the end of their input, and frees what there is. */
void
neuron_input_relay_close(struct neuron_input_relay *relay);

#endif
