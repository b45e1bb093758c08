/* SPDX-License-Identifier: Apache-2.0 */
#include "made_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"

enum { MADE_AT_S = 1000, NS_PER_S = 1000000000, RESIDENT_BYTES = 1024 * 1024 };

static void
put_text(char *field, size_t size_bytes, const char *text)
{
    (void)snprintf(field, size_bytes, "%s", text);
}

struct neuron_node_process *
made_process(struct neuron_node_sample *sample, pid_t pid, const char *cores, const char *command)
{
    struct neuron_error error = {0};
    size_t count = sample->process_count + 1U;
    struct neuron_node_process *grown =
        realloc(sample->processes, count * sizeof(*sample->processes));

    assert_non_null(grown);
    sample->time_ns = (uint64_t)MADE_AT_S * NS_PER_S;
    sample->processes = grown;
    sample->process_count += 1;
    struct neuron_node_process *process = &grown[count - 1];
    *process = (struct neuron_node_process){.pid = pid,
                                            .start_ticks = 100U + (uint64_t)pid,
                                            .parent = neuron_no_process,
                                            .kind = NEURON_CORE_LEASE_USE};
    if (cores[0] == '\0') {
        assert_ok(neuron_core_set_create(0, 0, &process->cores, &error), &error);
    } else {
        process->cores = cores_of(cores);
    }
    if (pid != 0) {
        put_text(process->user, sizeof(process->user), "ana");
        put_text(process->since, sizeof(process->since), "2026-11-20 23:10:05");
        put_text(process->start_time, sizeof(process->start_time), "2026-11-20T23:10:05+00:00");
        put_text(process->command, sizeof(process->command), command);
        (void)snprintf(process->tag, sizeof(process->tag), "%d", (int)pid);
        process->stats = (struct neuron_process_stats){
            .resident_bytes = RESIDENT_BYTES, .thread_count = 3, .parent = 1, .state = 'S'};
    }
    return process;
}

struct neuron_counter_sample *
made_runtime(struct neuron_node_process *process)
{
    size_t count = process->runtime_count + 1U;
    uint32_t core_count = neuron_core_set_count(process->cores);
    struct neuron_counter_sample *grown =
        realloc(process->runtimes, count * sizeof(*process->runtimes));

    assert_non_null(grown);
    process->runtimes = grown;
    process->runtime_count += 1;
    struct neuron_counter_sample *runtime = &grown[count - 1];
    memset(runtime, 0, sizeof(*runtime));
    runtime->time_ns = (uint64_t)MADE_AT_S * NS_PER_S;
    runtime->begin_ns = (uint64_t)(MADE_AT_S - 1) * NS_PER_S;
    runtime->ns_per_stamp = 1.0;
    put_text(runtime->tag, sizeof(runtime->tag), process->tag);
    put_text(runtime->runtime_version, sizeof(runtime->runtime_version), "1.2.3");
    runtime->cores = calloc(core_count + 1U, sizeof(*runtime->cores));
    assert_non_null(runtime->cores);
    runtime->core_count = core_count;
    for (uint32_t i = 0; i < core_count; i += 1) {
        uint32_t core = neuron_core_set_at(process->cores, i);

        runtime->cores[i] = (struct neuron_core_sample){.core = core, .cpu = (int32_t)core};
    }
    return runtime;
}
