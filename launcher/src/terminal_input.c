/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal_input.h"

#include <errno.h>
#include <unistd.h>

bool
neuron_terminal_input_is_terminal(void)
{
    return isatty(STDIN_FILENO) == 1;
}

bool
neuron_terminal_input_is_ours(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

struct pollfd
neuron_terminal_input_prepare(const struct neuron_terminal_input *input)
{
    if (input->pipe < 0) {
        return (struct pollfd){.fd = -1};
    }
    if (input->start < input->end) {
        return (struct pollfd){.fd = input->pipe, .events = POLLOUT};
    }
    return (struct pollfd){.fd = input->is_paused ? -1 : STDIN_FILENO, .events = POLLIN};
}

static void
read_some(struct neuron_terminal_input *input)
{
    /* From the background, reading would stop this process or fail. */
    if (!neuron_terminal_input_is_ours()) {
        input->is_paused = true;
        return;
    }
    ssize_t length = read(STDIN_FILENO, input->bytes, sizeof(input->bytes));
    if (length > 0) {
        input->start = 0;
        input->end = (size_t)length;
    } else if (length == 0 || (errno != EINTR && errno != EAGAIN)) {
        neuron_terminal_input_close(input);
    }
}

void
neuron_terminal_input_run(struct neuron_terminal_input *input, short events)
{
    if (input->pipe < 0 || events == 0) {
        return;
    }
    if (input->start == input->end) {
        read_some(input);
    }
    if (input->start < input->end) {
        ssize_t length = write(input->pipe, input->bytes + input->start, input->end - input->start);

        if (length > 0) {
            input->start += (size_t)length;
        } else if (errno != EINTR && errno != EAGAIN) {
            neuron_terminal_input_close(input);
        }
    }
}

void
neuron_terminal_input_resume(struct neuron_terminal_input *input)
{
    input->is_paused = false;
}

void
neuron_terminal_input_close(struct neuron_terminal_input *input)
{
    if (input->pipe >= 0) {
        (void)close(input->pipe);
        input->pipe = -1;
    }
}
