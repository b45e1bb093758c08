/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "node/short_command.h"
#include "node/text_columns.h"

enum { PID_BYTES = 16 };

/* Says whether somebody gave the process its tag: without that it is the pid. */
static bool
has_tag(const struct neuron_node_process *process)
{
    char pid[PID_BYTES] = "";

    (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    return process->tag[0] != '\0' && strcmp(process->tag, pid) != 0;
}

const char *
neuron_process_name(const struct neuron_node_process *process, char *text, size_t size_bytes)
{
    const char *program = neuron_short_command(process->command);
    size_t length = strcspn(program, " ");
    bool is_launcher = process->kind == NEURON_CORE_LEASE_RESERVATION && length > 0;

    if (has_tag(process) && !is_launcher) {
        (void)snprintf(text, size_bytes, "%s", process->tag);
    } else if (process->pid == 0) {
        (void)snprintf(text, size_bytes, "elsewhere");
    } else if (length > 0) {
        (void)snprintf(text, size_bytes, "%.*s", (int)length, program);
    } else {
        (void)snprintf(text, size_bytes, "%d", (int)process->pid);
    }
    return text;
}

/* Says whether another process has the same name. */
static bool
is_shared(const struct neuron_node_sample *sample, uint32_t process, const char *name)
{
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        char other[NEURON_PROCESS_NAME_BYTES] = "";

        (void)neuron_process_name(&sample->processes[i], other, sizeof(other));
        if (i != process && strcmp(name, other) == 0) {
            return true;
        }
    }
    return false;
}

const char *
neuron_process_label(const struct neuron_node_sample *sample, uint32_t process, size_t columns,
                     char *text)
{
    char name[NEURON_PROCESS_NAME_BYTES] = "";
    char pid[PID_BYTES] = "";
    int pid_length = snprintf(pid, sizeof(pid), "%d", (int)sample->processes[process].pid);
    size_t behind = (size_t)(pid_length > 0 ? pid_length : 0) + 1;

    (void)neuron_process_name(&sample->processes[process], name, sizeof(name));
    if (sample->processes[process].pid == 0 || !is_shared(sample, process, name)) {
        (void)snprintf(text, NEURON_PROCESS_LABEL_BYTES, "%s", name);
        return text;
    }
    size_t fit = columns > behind ? neuron_text_fit(name, columns - behind, NULL) : 0;
    (void)snprintf(text, NEURON_PROCESS_LABEL_BYTES, "%.*s%s%s", (int)fit, name, fit > 0 ? " " : "",
                   pid);
    return text;
}
