/* SPDX-License-Identifier: Apache-2.0 */
#include "host_input.h"

#include <errno.h>
#include <unistd.h>

#include "input_relay.h"
#include "job_message.h"

void
neuron_host_input_init(struct neuron_host_input *input, const struct neuron_command_line *line,
                       uint32_t rank_count)
{
    bool may_read = !neuron_input_relay_is_terminal() || neuron_input_relay_is_ours();

    *input = (struct neuron_host_input){0};
    if (line->input == NEURON_LAUNCH_INPUT_ALL) {
        input->count = rank_count;
    } else if (line->input == NEURON_LAUNCH_INPUT_RANK ||
               (line->input == NEURON_LAUNCH_INPUT_DEFAULT && rank_count == 1 && may_read)) {
        input->first = line->input_rank;
        input->count = 1;
    }
}

bool
neuron_host_input_is_for(const struct neuron_host_input *input, uint32_t rank)
{
    return rank >= input->first && rank - input->first < input->count;
}

/* How much every rank that still reads has room for. */
static size_t
find_room(const struct neuron_host_input *input, const struct neuron_host_ranks *ranks)
{
    uint64_t room = NEURON_JOB_OUTPUT_BYTES;

    for (uint32_t i = input->first; neuron_host_input_is_for(input, i); i += 1) {
        const struct neuron_host_rank *rank = &ranks->ranks[i];

        if (rank->state == NEURON_HOST_RANK_RUNNING && rank->input_room < room) {
            room = rank->input_room;
        }
    }
    return (size_t)room;
}

struct pollfd
neuron_host_input_prepare(const struct neuron_host_input *input,
                          const struct neuron_host_ranks *ranks, bool is_running)
{
    bool is_ours = !neuron_input_relay_is_terminal() || neuron_input_relay_is_ours();
    bool is_wanted = is_running && input->count > 0 && is_ours && find_room(input, ranks) > 0;

    return (struct pollfd){.fd = is_wanted ? STDIN_FILENO : -1, .events = POLLIN};
}

void
neuron_host_input_run(struct neuron_host_input *input, struct neuron_host_ranks *ranks)
{
    char bytes[NEURON_JOB_OUTPUT_BYTES];
    ssize_t length = read(STDIN_FILENO, bytes, find_room(input, ranks));

    if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    length = length < 0 ? 0 : length;
    for (uint32_t i = input->first; neuron_host_input_is_for(input, i); i += 1) {
        ranks->ranks[i].input_room -=
            ranks->ranks[i].input_room < (uint64_t)length ? 0 : (uint64_t)length;
        neuron_host_ranks_send(ranks, i,
                               &(struct neuron_job_message){.kind = NEURON_JOB_INPUT,
                                                            .bytes = bytes,
                                                            .size_bytes = (size_t)length});
    }
    if (length == 0) {
        input->count = 0;
    }
}
