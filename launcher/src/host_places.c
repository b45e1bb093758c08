/* SPDX-License-Identifier: Apache-2.0 */
#include "host_places.h"

#include <stdlib.h>

#include "neuron/core_set.h"

enum { RANK_LIMIT = 1 << 20 };

/* How many ranks one more pass over the hosts may take a host to. */
static uint32_t
room_of(const struct neuron_host *host, bool is_over)
{
    if (!is_over) {
        return host->slot_count;
    }
    return host->slot_limit == 0 ? RANK_LIMIT : host->slot_limit;
}

/* Gives each host one more rank, as far as there is room. Returns how many are left. */
static uint32_t
spread_once(const struct neuron_host_list *list, uint32_t *counts, uint32_t left, bool is_over)
{
    for (uint32_t i = 0; i < list->host_count && left > 0; i += 1) {
        uint32_t taken = counts[i] < room_of(&list->hosts[i], is_over) ? 1 : 0;

        counts[i] += taken;
        left -= taken;
    }
    return left;
}

/* Spreads ranks over the hosts in turn, as far as there is room. Returns how many are left. */
static uint32_t
spread(const struct neuron_host_list *list, uint32_t *counts, uint32_t left, bool is_over)
{
    uint32_t before = left + 1;

    while (left > 0 && left < before) {
        before = left;
        left = spread_once(list, counts, left, is_over);
    }
    return left;
}

/* Fills host after host. Returns how many are left. */
static uint32_t
fill(const struct neuron_host_list *list, uint32_t *counts, uint32_t left)
{
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        counts[i] = left < list->hosts[i].slot_count ? left : list->hosts[i].slot_count;
        left -= counts[i];
    }
    return left;
}

static enum neuron_status
count_ranks(const struct neuron_host_places_request *request, uint32_t rank_count, uint32_t *counts,
            struct neuron_error *error)
{
    uint64_t slot_count = neuron_host_list_slot_count(request->list);
    uint32_t left = request->in_turn ? spread(request->list, counts, rank_count, false)
                                     : fill(request->list, counts, rank_count);

    if (left > 0 && !request->oversubscribes) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%u ranks are asked for, but the %u host%s %llu slot%s; give hosts "
                           "more slots (name:N, slots=N), ask for fewer ranks, or add "
                           "--oversubscribe",
                           rank_count, request->list->host_count,
                           request->list->host_count == 1 ? " has" : "s have",
                           (unsigned long long)slot_count, slot_count == 1 ? "" : "s");
    }
    left = left == 0 ? 0 : spread(request->list, counts, left, true);
    if (left > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%u ranks are asked for, but max_slots of the hosts allows %u",
                           rank_count, rank_count - left);
    }
    return NEURON_OK;
}

/* Numbers the next ranks, all on one host. Returns what comes after. */
static uint32_t
number_on_host(struct neuron_host_places *places, uint32_t rank, uint32_t host, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        places->host_of_rank[rank + i] = host;
    }
    return rank + count;
}

/* Numbers the ranks: host after host, or one of each host in turn. */
static void
number_ranks(const struct neuron_host_places_request *request, uint32_t *counts,
             struct neuron_host_places *places)
{
    uint32_t rank = 0;

    while (rank < places->rank_count) {
        for (uint32_t i = 0; i < request->list->host_count; i += 1) {
            uint32_t taken = request->in_turn && counts[i] > 0 ? 1 : counts[i];

            counts[i] -= taken;
            rank = number_on_host(places, rank, i, taken);
        }
    }
}

enum neuron_status
neuron_host_places_create(const struct neuron_host_places_request *request,
                          struct neuron_host_places *places, struct neuron_error *error)
{
    uint64_t slot_count = neuron_host_list_slot_count(request->list);
    uint64_t rank_count = request->rank_count == 0 ? slot_count : request->rank_count;
    struct neuron_host_places made = {.rank_count = (uint32_t)rank_count};

    if (rank_count > RANK_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a job has at most %d ranks",
                           RANK_LIMIT);
    }
    uint32_t *counts = calloc(request->list->host_count, sizeof(*counts));
    made.host_of_rank = calloc(made.rank_count, sizeof(*made.host_of_rank));
    enum neuron_status status = NEURON_OK;
    if (counts == NULL || made.host_of_rank == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                             "out of memory for %u ranks on their hosts", made.rank_count);
    } else {
        status = count_ranks(request, made.rank_count, counts, error);
    }
    if (status == NEURON_OK) {
        number_ranks(request, counts, &made);
        *places = made;
    } else {
        neuron_host_places_destroy(&made);
    }
    free(counts);
    return status;
}

void
neuron_host_places_destroy(struct neuron_host_places *places)
{
    free(places->host_of_rank);
    *places = (struct neuron_host_places){0};
}
