/* SPDX-License-Identifier: Apache-2.0 */
#include "node/watched_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters/printable.h"
#include "growing_array.h"
#include "neuron/clock.h"
#include "neuron/process_identity.h"
#include "neuron/process_life.h"
#include "process_start.h"

#include "node/zoned_time.h"

/* A process may make and destroy runtimes: how long the list of them is believed. */
static const uint64_t believed_ns = NEURON_NS_PER_S;

static void
destroy_process(struct neuron_watched_process *process)
{
    neuron_counter_readers_close(&process->readers);
    free(process);
}

/* Reads a variable from the environment that a process was started with; nothing where it may not
   be read. */
static void
read_variable(pid_t pid, const char *name, char *value, size_t size_bytes)
{
    char path[32] = "";
    char *word = NULL;
    size_t room = 0;
    size_t length = strlen(name);

    (void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && getdelim(&word, &room, '\0', file) > 0) {
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
            (void)snprintf(value, size_bytes, "%s", word + length + 1);
            break;
        }
    }
    free(word);
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void
fill_texts(struct neuron_watched_process *process)
{
    neuron_process_read_user(process->pid, process->user, sizeof(process->user));
    neuron_process_read_start(process->pid, process->since, sizeof(process->since));
    neuron_zoned_time_format(neuron_process_start_time(process->pid), process->start_time,
                             sizeof(process->start_time));
    read_variable(process->pid, "NEURON_PROCESS_TAG", process->own_tag, sizeof(process->own_tag));
    if (process->own_tag[0] == '\0') {
        (void)snprintf(process->own_tag, sizeof(process->own_tag), "%d", (int)process->pid);
    }
    neuron_make_printable(process->user, sizeof(process->user));
    neuron_make_printable(process->since, sizeof(process->since));
    neuron_make_printable(process->own_tag, sizeof(process->own_tag));
}

static enum neuron_status
add_process(struct neuron_watched_processes *list, pid_t pid, uint64_t start_ticks,
            struct neuron_watched_process **process, struct neuron_error *error)
{
    struct neuron_watched_process **grown = neuron_grow(list->processes, list->count, &list->room,
                                                        sizeof(struct neuron_watched_process *));
    struct neuron_watched_process *added = grown == NULL ? NULL : calloc(1, sizeof(*added));

    list->processes = grown == NULL ? list->processes : grown;
    if (added == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the processes on cores");
    }
    added->pid = pid;
    added->start_ticks = start_ticks;
    added->machine = list->machine;
    fill_texts(added);
    list->processes[list->count] = added;
    list->count += 1;
    *process = added;
    return NEURON_OK;
}

enum neuron_status
neuron_watched_processes_find(struct neuron_watched_processes *list, pid_t pid,
                              struct neuron_watched_process **process, struct neuron_error *error)
{
    uint64_t start_ticks = neuron_process_start_ticks(pid);

    *process = NULL;
    if (start_ticks == 0) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < list->count; i += 1) {
        if (list->processes[i]->pid == pid && list->processes[i]->start_ticks == start_ticks) {
            *process = list->processes[i];
            return NEURON_OK;
        }
    }
    return add_process(list, pid, start_ticks, process, error);
}

/* Looks for its counters, where that was long ago or found none. */
static void
open_counters(struct neuron_watched_process *process)
{
    struct neuron_error error = {0};
    uint64_t now_ns = neuron_clock_ns();

    if (process->readers.count > 0 && now_ns - process->opened_ns < believed_ns) {
        return;
    }
    neuron_counter_readers_close(&process->readers);
    process->trouble[0] = '\0';
    process->opened_ns = now_ns;
    process->opened = neuron_counter_readers_open(process->pid, &process->readers, &error);
    if (process->opened != NEURON_OK) {
        (void)snprintf(process->trouble, sizeof(process->trouble), "%s", error.text);
        neuron_make_printable(process->trouble, sizeof(process->trouble));
    }
    neuron_counter_readers_keep(&process->readers, process->machine);
}

bool
neuron_watched_process_has_runtime(struct neuron_watched_process *process)
{
    open_counters(process);
    return process->readers.count > 0 || process->opened == NEURON_INVALID_SYNTAX;
}

/* Reads what its runtimes counted; one that is gone is left out, and looked for anew next time. */
static enum neuron_status
read_runtimes(struct neuron_watched_process *process, struct neuron_node_process *entry,
              struct neuron_error *error)
{
    entry->runtimes = calloc((size_t)process->readers.count + 1, sizeof(*entry->runtimes));
    if (entry->runtimes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the counters of pid %d",
                           (int)process->pid);
    }
    for (uint32_t i = 0; i < process->readers.count; i += 1) {
        enum neuron_status status = neuron_counter_reader_read(
            process->readers.readers[i], &entry->runtimes[entry->runtime_count], error);

        if (status == NEURON_OK) {
            entry->runtime_count += 1;
            continue;
        }
        neuron_counter_sample_clear(&entry->runtimes[entry->runtime_count]);
        if (status != NEURON_PEER_LOST) {
            return status;
        }
        process->opened_ns = 0;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_watched_process_read(struct neuron_watched_process *process,
                            struct neuron_node_process *entry, struct neuron_error *error)
{
    open_counters(process);
    entry->pid = process->pid;
    entry->start_ticks = process->start_ticks;
    neuron_process_read_command(process->pid, entry->command, sizeof(entry->command));
    neuron_make_printable(entry->command, sizeof(entry->command));
    enum neuron_status status = read_runtimes(process, entry, error);
    if (status != NEURON_OK) {
        return status;
    }
    memcpy(entry->user, process->user, sizeof(entry->user));
    memcpy(entry->since, process->since, sizeof(entry->since));
    memcpy(entry->start_time, process->start_time, sizeof(entry->start_time));
    memcpy(entry->trouble, process->trouble, sizeof(entry->trouble));
    memcpy(entry->tag, entry->runtime_count > 0 ? entry->runtimes[0].tag : process->own_tag,
           sizeof(entry->tag));
    /* Last: of a process that ends meanwhile nothing counts. */
    if (!neuron_process_stats_read(process->pid, &entry->stats) ||
        !neuron_process_lives(process->pid, process->start_ticks)) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "pid %d has ended", (int)process->pid);
    }
    return NEURON_OK;
}

void
neuron_watched_processes_sweep(struct neuron_watched_processes *list)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->count; i += 1) {
        struct neuron_watched_process *process = list->processes[i];

        if (process->is_wanted) {
            process->is_wanted = false;
            list->processes[kept] = process;
            kept += 1;
        } else {
            destroy_process(process);
        }
    }
    list->count = kept;
}

void
neuron_watched_processes_clear(struct neuron_watched_processes *list)
{
    for (uint32_t i = 0; i < list->count; i += 1) {
        destroy_process(list->processes[i]);
    }
    free(list->processes);
    *list = (struct neuron_watched_processes){0};
}
