/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/memory_share.h"

#include <string.h>

/* How many parts a core gets of what an owner has, by what decides it. */
enum rule { BY_MODULES, BY_DEVICE, TO_ALL };

bool
neuron_memory_module_has_core(const struct neuron_module_sample *module, uint32_t nc)
{
    return nc / 64 < NEURON_COUNTER_CORE_WORDS && (module->cores[nc / 64] >> (nc % 64) & 1U) != 0;
}

/* Counts the modules of the owner's name on a core, up to the one at position `end`. */
static uint64_t
count_modules(const struct neuron_counter_sample *runtime, const char *name, uint32_t nc,
              uint32_t end)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < end; i += 1) {
        const struct neuron_module_sample *module = &runtime->modules[i];

        count +=
            neuron_memory_module_has_core(module, nc) && strcmp(module->name, name) == 0 ? 1 : 0;
    }
    return count;
}

static uint64_t
find_weight(const struct neuron_counter_sample *runtime, const struct neuron_memory_sample *owner,
            enum rule rule, uint32_t nc)
{
    if (rule == TO_ALL) {
        return 1;
    }
    if (runtime->cores[nc].device != owner->device) {
        return 0;
    }
    return rule == BY_DEVICE ? 1 : count_modules(runtime, owner->name, nc, runtime->module_count);
}

/* The weights of all cores up to, not including, `end`. */
static uint64_t
sum_weights(const struct neuron_counter_sample *runtime, const struct neuron_memory_sample *owner,
            enum rule rule, uint32_t end)
{
    uint64_t sum = 0;

    for (uint32_t nc = 0; nc < end; nc += 1) {
        sum += find_weight(runtime, owner, rule, nc);
    }
    return sum;
}

/* Where the first so many parts of all end. */
static uint64_t
find_end(uint64_t bytes, uint64_t parts, uint64_t all)
{
    return all == 0 ? 0 : bytes / all * parts + bytes % all * parts / all;
}

static void
add_parts(const struct neuron_memory_sample *owner, uint64_t before, uint64_t parts, uint64_t all,
          uint64_t *bytes)
{
    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        bytes[use] += find_end(owner->bytes[use], before + parts, all) -
                      find_end(owner->bytes[use], before, all);
    }
}

void
neuron_memory_share_cores(const struct neuron_counter_sample *runtime,
                          const struct neuron_memory_sample *owner,
                          uint64_t (*shares)[NEURON_MEMORY_USES])
{
    enum rule rule = BY_MODULES;
    uint64_t all = sum_weights(runtime, owner, rule, runtime->core_count);
    uint64_t before = 0;

    while (all == 0 && rule != TO_ALL) {
        rule = rule == BY_MODULES ? BY_DEVICE : TO_ALL;
        all = sum_weights(runtime, owner, rule, runtime->core_count);
    }
    for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
        uint64_t weight = find_weight(runtime, owner, rule, nc);

        memset(shares[nc], 0, sizeof(shares[nc]));
        add_parts(owner, before, weight, all, shares[nc]);
        before += weight;
    }
}

void
neuron_memory_share_module(const struct neuron_counter_sample *runtime, uint32_t module,
                           uint32_t nc, uint64_t bytes[NEURON_MEMORY_USES])
{
    const char *name = runtime->modules[module].name;

    for (uint32_t i = 0; i < runtime->memory_count; i += 1) {
        const struct neuron_memory_sample *owner = &runtime->memory[i];

        if (owner->device == runtime->cores[nc].device && strcmp(owner->name, name) == 0) {
            uint64_t all = sum_weights(runtime, owner, BY_MODULES, runtime->core_count);
            uint64_t before = sum_weights(runtime, owner, BY_MODULES, nc) +
                              count_modules(runtime, name, nc, module);

            add_parts(owner, before, 1, all, bytes);
        }
    }
}
