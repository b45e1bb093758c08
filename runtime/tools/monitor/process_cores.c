/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/process_cores.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"

#include "monitor/memory_share.h"
#include "node/node_rates.h"

static enum neuron_status
make_room(const struct neuron_node_process *process, uint32_t core_count,
          struct neuron_process_cores *cores, struct neuron_error *error)
{
    uint32_t share_count = 1;

    for (uint32_t i = 0; i < process->runtime_count; i += 1) {
        uint32_t count = process->runtimes[i].core_count;

        share_count = share_count < count ? count : share_count;
    }
    if (cores->count != core_count || cores->share_count < share_count) {
        neuron_process_cores_clear(cores);
        cores->cores = calloc(core_count, sizeof(*cores->cores));
        cores->shares = calloc(share_count, sizeof(*cores->shares));
    }
    if (cores->cores == NULL || cores->shares == NULL) {
        neuron_process_cores_clear(cores);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the cores of pid %d",
                           (int)process->pid);
    }
    cores->count = core_count;
    cores->share_count = cores->share_count < share_count ? share_count : cores->share_count;
    memset(cores->cores, 0, core_count * sizeof(*cores->cores));
    return NEURON_OK;
}

/* The core of the machine that a runtime's core is; NULL for one that there is not. */
static struct neuron_process_core *
find_core(struct neuron_process_cores *cores, const struct neuron_counter_sample *runtime,
          uint32_t nc)
{
    uint32_t core = runtime->cores[nc].core;

    return core < cores->count ? &cores->cores[core] : NULL;
}

/* The clock's stamps are nanoseconds, exactly. */
double
neuron_monitor_stamp_ns(const struct neuron_counter_sample *runtime, double stamp_ns)
{
    bool is_clock = runtime->ns_per_stamp == 1.0;

    return is_clock || stamp_ns == 0 ? runtime->ns_per_stamp : stamp_ns;
}

static void
add_times(const struct neuron_node_sample *before, const struct neuron_node_process *process,
          uint32_t runtime, double stamp_ns, struct neuron_process_cores *cores)
{
    const struct neuron_counter_sample *sample = &process->runtimes[runtime];
    const double s_per_stamp = neuron_monitor_stamp_ns(sample, stamp_ns) / NEURON_NS_PER_S;

    for (uint32_t nc = 0; nc < sample->core_count; nc += 1) {
        struct neuron_process_core *core = find_core(cores, sample, nc);

        if (core == NULL) {
            continue;
        }
        core->is_used = true;
        core->device = sample->cores[nc].device;
        core->busy_s += (double)sample->cores[nc].busy_stamps * s_per_stamp;
        core->busy += neuron_node_core_busy(before, process, runtime, nc);
        core->busy = core->busy > 1 ? 1 : core->busy;
    }
}

static void
add_bytes(const uint64_t *bytes, uint64_t *sums)
{
    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        sums[use] += bytes[use];
    }
}

static void
add_owner(const struct neuron_counter_sample *runtime, const struct neuron_memory_sample *owner,
          struct neuron_process_cores *cores)
{
    neuron_memory_share_cores(runtime, owner, cores->shares);
    for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
        struct neuron_process_core *core = find_core(cores, runtime, nc);

        if (core != NULL) {
            add_bytes(cores->shares[nc], core->memory_bytes);
        }
    }
}

enum neuron_status
neuron_process_cores_find(const struct neuron_node_sample *before,
                          const struct neuron_node_process *process, uint32_t core_count,
                          double stamp_ns, struct neuron_process_cores *cores,
                          struct neuron_error *error)
{
    enum neuron_status status = make_room(process, core_count, cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < process->runtime_count; i += 1) {
        add_times(before, process, i, stamp_ns, cores);
        for (uint32_t j = 0; j < process->runtimes[i].memory_count; j += 1) {
            add_owner(&process->runtimes[i], &process->runtimes[i].memory[j], cores);
        }
    }
    return status;
}

void
neuron_process_cores_clear(struct neuron_process_cores *cores)
{
    free(cores->cores);
    free(cores->shares);
    *cores = (struct neuron_process_cores){0};
}
