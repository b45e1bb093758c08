/* SPDX-License-Identifier: Apache-2.0 */
#include "restart_policy.h"

#include <stdlib.h>

bool
neuron_restart_is_due(const struct neuron_restart_question *question)
{
    return question->cause == NEURON_STOP_RANK_FAILED && question->step == NEURON_PROCESS_STARTED &&
           !question->is_timed_out && !question->is_asked_to_stop &&
           question->restart_count < question->restart_limit;
}

uint64_t
neuron_restart_delay_ms(uint32_t restart_count)
{
    uint64_t delay_ms = NEURON_RESTART_FIRST_DELAY_MS;

    for (uint32_t i = 0; i < restart_count && delay_ms < NEURON_RESTART_LONGEST_DELAY_MS; i += 1) {
        delay_ms *= 2;
    }
    return delay_ms < NEURON_RESTART_LONGEST_DELAY_MS ? delay_ms : NEURON_RESTART_LONGEST_DELAY_MS;
}

bool
neuron_restart_list_add(struct neuron_restart_list *list, const struct neuron_restart *restart)
{
    struct neuron_restart *grown =
        reallocarray(list->restarts, (size_t)list->count + 1, sizeof(*grown));

    if (grown == NULL) {
        return false;
    }
    grown[list->count] = *restart;
    list->restarts = grown;
    list->count += 1;
    return true;
}

void
neuron_restart_list_clear(struct neuron_restart_list *list)
{
    free(list->restarts);
    *list = (struct neuron_restart_list){0};
}
