/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_paces.h"

#include <stdlib.h>

struct neuron_monitor_look *
neuron_monitor_look_create(void)
{
    return calloc(1, sizeof(struct neuron_monitor_look));
}

void
neuron_monitor_look_destroy(struct neuron_monitor_look *look)
{
    if (look != NULL && look->user_count == 0) {
        neuron_node_sample_clear(&look->sample);
        free(look);
    }
}

static void
use_look(struct neuron_monitor_pace *pace, struct neuron_monitor_look *look)
{
    struct neuron_monitor_look *before = pace->before;

    pace->before = look;
    if (look != NULL) {
        look->user_count += 1;
    }
    if (before != NULL) {
        before->user_count -= 1;
        neuron_monitor_look_destroy(before);
    }
}

static void
add_period(struct neuron_monitor_paces *paces, uint64_t period_ns)
{
    uint32_t i = 0;

    while (i < paces->count && paces->paces[i].period_ns != period_ns) {
        i += 1;
    }
    if (period_ns != 0 && i == paces->count) {
        paces->paces[i].period_ns = period_ns;
        paces->count += 1;
    }
}

enum neuron_status
neuron_monitor_paces_begin(const struct neuron_monitor_config *config,
                           struct neuron_monitor_look *look, struct neuron_monitor_paces *paces,
                           struct neuron_error *error)
{
    size_t limit = (size_t)config->selection_count * NEURON_RUNTIME_GROUPS + NEURON_METRIC_GROUPS;

    paces->paces = calloc(limit, sizeof(*paces->paces));
    if (paces->paces == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for periods");
    }
    for (uint32_t i = 0; i < config->selection_count; i += 1) {
        for (uint32_t group = 0; group < NEURON_RUNTIME_GROUPS; group += 1) {
            add_period(paces, config->selections[i].period_ns[group]);
        }
    }
    for (uint32_t i = 0; i < NEURON_METRIC_GROUPS - NEURON_RUNTIME_GROUPS; i += 1) {
        add_period(paces, config->system_period_ns[i]);
    }
    if (paces->count == 0) {
        add_period(paces, config->period_ns);
    }
    for (uint32_t i = 0; i < paces->count; i += 1) {
        paces->paces[i].next_ns = look->sample.time_ns + paces->paces[i].period_ns;
        use_look(&paces->paces[i], look);
    }
    return NEURON_OK;
}

uint64_t
neuron_monitor_paces_next(const struct neuron_monitor_paces *paces)
{
    uint64_t next_ns = UINT64_MAX;

    for (uint32_t i = 0; i < paces->count; i += 1) {
        next_ns = paces->paces[i].next_ns < next_ns ? paces->paces[i].next_ns : next_ns;
    }
    return next_ns;
}

bool
neuron_monitor_pace_is_over(const struct neuron_monitor_pace *pace, uint64_t now_ns)
{
    return pace->next_ns <= now_ns;
}

void
neuron_monitor_paces_advance(struct neuron_monitor_paces *paces, uint64_t now_ns,
                             struct neuron_monitor_look *look)
{
    for (uint32_t i = 0; i < paces->count; i += 1) {
        struct neuron_monitor_pace *pace = &paces->paces[i];

        if (neuron_monitor_pace_is_over(pace, now_ns)) {
            pace->next_ns += ((now_ns - pace->next_ns) / pace->period_ns + 1) * pace->period_ns;
            use_look(pace, look);
        }
    }
}

void
neuron_monitor_paces_clear(struct neuron_monitor_paces *paces)
{
    for (uint32_t i = 0; i < paces->count; i += 1) {
        use_look(&paces->paces[i], NULL);
        neuron_node_rates_clear(&paces->paces[i].rates);
    }
    free(paces->paces);
    *paces = (struct neuron_monitor_paces){0};
}
