/* SPDX-License-Identifier: Apache-2.0 */
#include "node/process_tag.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *
neuron_node_tag_of(const struct neuron_node_process *process)
{
    char pid[16] = "";

    (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    /* The usual tag is not known to be it where the process lets nobody look. */
    bool is_guess = process->trouble[0] != '\0' && strcmp(process->tag, pid) == 0;
    return process->tag[0] == '\0' || is_guess ? NULL : process->tag;
}

const char *
neuron_node_trouble_of(const struct neuron_node_process *process)
{
    return process->pid == 0 ? "in another container, where its counters cannot be seen"
                             : process->trouble;
}
