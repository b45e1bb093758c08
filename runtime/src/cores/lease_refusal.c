/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/lease_refusal.h"

#include <stdio.h>
#include <unistd.h>

#include "neuron/process_identity.h"

enum { ASKED_BYTES = 96 };

enum neuron_status
neuron_lease_obstacle_note(struct neuron_lease_obstacle *obstacle, uint32_t core, pid_t holder,
                           struct neuron_error *error)
{
    if (neuron_core_set_count(obstacle->taken) == 0) {
        obstacle->holder = holder;
        obstacle->is_own = holder == getpid();
    }
    return neuron_core_set_add(obstacle->taken, core, error);
}

/* Says what was asked, and who holds the cores that stood in its way. */
static enum neuron_status
refuse(const struct neuron_lease_obstacle *obstacle, const char *asked, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(obstacle->taken);
    char taken[48] = "";
    char holder[160] = "";

    if (count == 0) {
        return NEURON_FAIL(error, NEURON_CORES_TAKEN, "%s, though all of them are free", asked);
    }
    (void)neuron_core_set_format(obstacle->taken, taken, sizeof(taken));
    return NEURON_FAIL(error, NEURON_CORES_TAKEN, "%s: %s %s held by %s%s", asked,
                       count == 1 ? "core" : "cores", taken,
                       neuron_process_describe(obstacle->holder, holder, sizeof(holder)),
                       obstacle->is_own ? ", which is this process" : "");
}

enum neuron_status
neuron_lease_refuse_cores(const struct neuron_lease_obstacle *obstacle,
                          const struct neuron_core_set *cores, struct neuron_error *error)
{
    char text[48] = "";
    char asked[ASKED_BYTES] = "";

    (void)neuron_core_set_format(cores, text, sizeof(text));
    (void)snprintf(asked, sizeof(asked), "cannot have %s %s of this machine",
                   neuron_core_set_count(cores) == 1 ? "core" : "cores", text);
    return refuse(obstacle, asked, error);
}

enum neuron_status
neuron_lease_refuse_run(const struct neuron_lease_obstacle *obstacle, uint32_t count,
                        const struct neuron_free_run *longest, struct neuron_error *error)
{
    char asked[ASKED_BYTES] = "";

    if (longest->count == 0) {
        (void)snprintf(asked, sizeof(asked), "no core is free");
    } else if (longest->count == 1) {
        (void)snprintf(asked, sizeof(asked),
                       "no %u free cores in a row, the longest run is core %u", count,
                       longest->first);
    } else {
        (void)snprintf(asked, sizeof(asked),
                       "no %u free cores in a row, the longest run is cores %u-%u", count,
                       longest->first, longest->last);
    }
    return refuse(obstacle, asked, error);
}
