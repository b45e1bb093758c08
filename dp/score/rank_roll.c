/* SPDX-License-Identifier: Apache-2.0 */
#include "score/rank_roll.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"
#include "neuron/process_life.h"
#include "score/host_name.h"
#include "score/real_clock.h"

enum neuron_status
neuron_rank_roll_create(struct neuron_rank_roll *roll, uint32_t count, struct neuron_error *error)
{
    *roll = (struct neuron_rank_roll){.ranks = calloc(count, sizeof(*roll->ranks)),
                                      .entries = calloc(count, sizeof(*roll->entries)),
                                      .count = count};
    if (roll->ranks == NULL || roll->entries == NULL) {
        neuron_rank_roll_destroy(roll);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %u ranks", count);
    }
    for (uint32_t i = 0; i < count; i += 1) {
        roll->ranks[i].rank = i;
    }
    return NEURON_OK;
}

void
neuron_rank_roll_enter(struct neuron_rank_roll *roll, const struct neuron_lease_peer *peer,
                       const struct neuron_lease_message *hello, uint64_t now_ns)
{
    struct neuron_report_rank *rank = &roll->ranks[hello->rank];
    struct neuron_roll_entry *entry = &roll->entries[hello->rank];
    char host[NEURON_LEASE_HOST_BYTES] = "";

    neuron_host_read_name(host, sizeof(host));
    (void)snprintf(rank->host, sizeof(rank->host), "%s", hello->host);
    (void)snprintf(rank->cores, sizeof(rank->cores), "%s", hello->cores);
    rank->pid = hello->pid;
    rank->core_count = hello->core_count;
    rank->start_ns = hello->start_ns;
    rank->joined_ns = (int64_t)neuron_real_ns();
    rank->is_alive = true;
    *entry = (struct neuron_roll_entry){.peer = *peer,
                                        .start_ticks = hello->start_ticks,
                                        .heard_ns = now_ns,
                                        .round_rows = hello->round_rows > 0 ? hello->round_rows : 1,
                                        .is_on_this_host = strcmp(host, hello->host) == 0};
}

bool
neuron_rank_roll_knows(const struct neuron_rank_roll *roll, const struct neuron_lease_peer *peer,
                       uint32_t rank)
{
    const struct neuron_lease_peer *known = &roll->entries[rank].peer;

    return roll->ranks[rank].joined_ns != 0 && known->size_bytes == peer->size_bytes &&
           memcmp(known->name, peer->name, peer->size_bytes) == 0;
}

bool
neuron_rank_roll_is_lost(const struct neuron_rank_roll *roll, uint32_t rank, uint64_t now_ns,
                         uint64_t timeout_ms)
{
    const struct neuron_roll_entry *entry = &roll->entries[rank];

    if (!roll->ranks[rank].is_alive) {
        return false;
    }
    if (now_ns > entry->heard_ns && now_ns - entry->heard_ns > timeout_ms * NEURON_NS_PER_MS) {
        return true;
    }
    return entry->is_on_this_host &&
           !neuron_process_lives((pid_t)roll->ranks[rank].pid, entry->start_ticks);
}

bool
neuron_rank_roll_is_stopped(const struct neuron_rank_roll *roll, uint32_t rank)
{
    const struct neuron_roll_entry *entry = &roll->entries[rank];

    return roll->ranks[rank].is_alive && entry->is_on_this_host &&
           neuron_process_is_stopped((pid_t)roll->ranks[rank].pid, entry->start_ticks);
}

bool
neuron_rank_roll_end_process(const struct neuron_rank_roll *roll, uint32_t rank)
{
    const struct neuron_roll_entry *entry = &roll->entries[rank];
    pid_t pid = (pid_t)roll->ranks[rank].pid;

    return roll->ranks[rank].joined_ns != 0 && entry->is_on_this_host && !entry->has_left &&
           pid > 1 && neuron_process_lives(pid, entry->start_ticks) && kill(pid, SIGKILL) == 0;
}

void
neuron_rank_roll_destroy(struct neuron_rank_roll *roll)
{
    free(roll->ranks);
    free(roll->entries);
    *roll = (struct neuron_rank_roll){0};
}
