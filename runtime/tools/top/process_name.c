/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Says whether somebody gave the process its tag: without that it is the pid. */
static bool
has_tag(const struct neuron_node_process *process)
{
    char pid[16] = "";

    (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    return process->tag[0] != '\0' && strcmp(process->tag, pid) != 0;
}

const char *
neuron_process_name(const struct neuron_node_process *process, char *text, size_t size_bytes)
{
    size_t length = strcspn(process->command, " ");
    size_t begin = length;

    while (begin > 0 && process->command[begin - 1] != '/') {
        begin -= 1;
    }
    if (has_tag(process)) {
        (void)snprintf(text, size_bytes, "%s", process->tag);
    } else if (process->pid == 0) {
        (void)snprintf(text, size_bytes, "elsewhere");
    } else if (length > begin) {
        (void)snprintf(text, size_bytes, "%.*s", (int)(length - begin), process->command + begin);
    } else {
        (void)snprintf(text, size_bytes, "%d", (int)process->pid);
    }
    return text;
}
