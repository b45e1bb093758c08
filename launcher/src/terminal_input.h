/* SPDX-License-Identifier: Apache-2.0 */
/* Passes what is typed on to one rank, whose process group may not read the terminal itself. */
#ifndef NEURON_LAUNCHER_TERMINAL_INPUT_H
#define NEURON_LAUNCHER_TERMINAL_INPUT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* One that is not in use has a pipe of -1. */
struct neuron_terminal_input {
    int pipe;       /* the writing end, non-blocking */
    bool is_paused; /* we are in the terminal's background */
    size_t start;   /* what is read and not yet written: from `start` to `end` */
    size_t end;
    char bytes[4096];
};

/* Says whether descriptor 0 is a terminal. */
bool
neuron_terminal_input_is_terminal(void);

/* Says whether this process may read it: it is in the terminal's foreground. */
bool
neuron_terminal_input_is_ours(void);

/* Says what to wait for. */
struct pollfd
neuron_terminal_input_prepare(const struct neuron_terminal_input *input);

/* Relays what can be relayed without waiting. */
void
neuron_terminal_input_run(struct neuron_terminal_input *input, short events);

/* Tries again after the process came back to the foreground. */
void
neuron_terminal_input_resume(struct neuron_terminal_input *input);

/* Closes the pipe: the rank sees the end of its input. */
void
neuron_terminal_input_close(struct neuron_terminal_input *input);

#endif
