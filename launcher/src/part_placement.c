/* SPDX-License-Identifier: Apache-2.0 */
#include "part_placement.h"

#include <stdlib.h>

/* The cores of one part in the row. */
struct part {
    uint32_t number;
    uint32_t first; /* position in the row */
    uint32_t count;
    uint32_t share; /* how many of them may be used */
    uint32_t ranks;
};

struct deal {
    const struct neuron_placement_request *request;
    struct part *parts;
    uint32_t part_count;
    uint32_t size; /* cores of a rank; 0 where each part is cut by itself */
    uint32_t rank_count;
};

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static enum neuron_status
find_parts(struct deal *deal, struct neuron_error *error)
{
    const struct neuron_placement_request *request = deal->request;
    struct part *part = NULL;

    deal->parts = calloc(request->core_count, sizeof(*deal->parts));
    if (deal->parts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the parts of %u cores",
                           request->core_count);
    }
    for (uint32_t i = 0; i < request->core_count; i += 1) {
        if (part == NULL || part->number != request->parts[i]) {
            part = &deal->parts[deal->part_count];
            *part = (struct part){.number = request->parts[i], .first = i};
            deal->part_count += 1;
        }
        part->count += 1;
    }
    return NEURON_OK;
}

/*
 * Deals `total` pieces in turn, to each part as many as it has room for. Returns how many found
 * none.
 */
static uint32_t
deal_in_turn(const uint32_t *rooms, uint32_t part_count, uint32_t total, uint32_t *dealt)
{
    uint32_t left_before = total + 1;

    while (total > 0 && total < left_before) {
        left_before = total;
        for (uint32_t i = 0; i < part_count; i += 1) {
            bool takes_one = total > 0 && dealt[i] < rooms[i];

            dealt[i] += takes_one ? 1 : 0;
            total -= takes_one ? 1 : 0;
        }
    }
    return total;
}

static enum neuron_status
refuse_size(const struct deal *deal, struct neuron_error *error)
{
    uint32_t largest = 0;

    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        largest = deal->parts[i].count > largest ? deal->parts[i].count : largest;
    }
    largest = smaller(largest, deal->request->core_limit);
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "a rank of %u cores fits into no %s: %u cores can be used at most; give a "
                       "smaller -c, or --map-by a larger part",
                       deal->size, deal->request->part_name, largest);
}

static enum neuron_status
refuse_count(const struct deal *deal, uint32_t room, struct neuron_error *error)
{
    return NEURON_FAIL(
        error, NEURON_INVALID_ARGUMENT,
        "%u ranks of %u core%s do not fit: there is room for %u, each inside one %s; "
        "ask for less, or let ranks share cores with --oversubscribe",
        deal->request->rank_count, deal->size, deal->size == 1 ? "" : "s", room,
        deal->request->part_name);
}

/* Ranks that found no room share with others, dealt in turn to the parts that have ranks. */
static void
deal_sharers(struct deal *deal, uint32_t left)
{
    for (uint32_t i = 0; left > 0; i = (i + 1) % deal->part_count) {
        if (deal->parts[i].share > 0) {
            deal->parts[i].ranks += 1;
            left -= 1;
        }
    }
}

/* Deals ranks of a given size. */
static enum neuron_status
deal_by_size(struct deal *deal, uint32_t usable, uint32_t *rooms, uint32_t *dealt,
             struct neuron_error *error)
{
    const struct neuron_placement_request *request = deal->request;
    uint32_t asked = request->rank_count == 0 ? UINT32_MAX : request->rank_count;
    uint32_t most = smaller(asked, usable / deal->size);

    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        rooms[i] = deal->parts[i].count / deal->size;
    }
    uint32_t placed = most - deal_in_turn(rooms, deal->part_count, most, dealt);
    if (placed == 0) {
        return refuse_size(deal, error);
    }
    if (request->rank_count > placed && !request->oversubscribes) {
        return refuse_count(deal, placed, error);
    }
    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        deal->parts[i].ranks = dealt[i];
        deal->parts[i].share = dealt[i] * deal->size;
    }
    deal->rank_count = placed;
    if (request->rank_count > placed) {
        deal_sharers(deal, request->rank_count - placed);
        deal->rank_count = request->rank_count;
    }
    return NEURON_OK;
}

/* Equal ranks that fill every part which has some, unless they may be unequal. */
static enum neuron_status
settle_even_size(struct deal *deal, struct neuron_error *error)
{
    const struct part *odd = NULL;
    uint32_t size = UINT32_MAX;

    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        const struct part *part = &deal->parts[i];

        if (part->ranks > 0) {
            size = smaller(size, part->share / part->ranks);
        }
    }
    for (uint32_t i = 0; i < deal->part_count && odd == NULL; i += 1) {
        const struct part *part = &deal->parts[i];

        odd = part->share == part->ranks * size ? NULL : part;
    }
    if (odd == NULL || deal->request->is_uneven) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%u ranks cannot be equal and use every core: %s %u has %u usable cores for "
                       "%u rank%s; give -c %u to leave some over, or --uneven",
                       deal->rank_count, deal->request->part_name, odd->number, odd->share,
                       odd->ranks, odd->ranks == 1 ? "" : "s", size);
}

/* Deals ranks that share out the cores of their parts. */
static enum neuron_status
deal_evenly(struct deal *deal, uint32_t usable, uint32_t *rooms, uint32_t *dealt,
            struct neuron_error *error)
{
    deal->rank_count = deal->request->rank_count;
    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        rooms[i] = deal->parts[i].count;
    }
    (void)deal_in_turn(rooms, deal->part_count, deal->rank_count, dealt);
    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        deal->parts[i].ranks = dealt[i];
        rooms[i] = dealt[i] == 0 ? 0 : deal->parts[i].count;
        dealt[i] = 0;
    }
    /* In turn again: no part gets fewer cores than it got ranks. */
    (void)deal_in_turn(rooms, deal->part_count, usable, dealt);
    for (uint32_t i = 0; i < deal->part_count; i += 1) {
        deal->parts[i].share = dealt[i];
    }
    return settle_even_size(deal, error);
}

static enum neuron_status
deal_ranks(struct deal *deal, struct neuron_error *error)
{
    const struct neuron_placement_request *request = deal->request;
    uint32_t usable = smaller(request->core_count, request->core_limit);
    uint32_t *counts = calloc((size_t)deal->part_count * 2, sizeof(*counts));
    enum neuron_status status = NEURON_OK;

    if (counts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for dealing ranks");
    }
    deal->size = request->cores_per_rank;
    if (deal->size == 0 && (request->rank_count == 0 || request->rank_count > usable)) {
        deal->size = 1;
    }
    if (deal->size == 0) {
        status = deal_evenly(deal, usable, counts, counts + deal->part_count, error);
    } else {
        status = deal_by_size(deal, usable, counts, counts + deal->part_count, error);
    }
    free(counts);
    return status;
}

/* Cuts one part, and adds its ranges to the placement. */
static enum neuron_status
place_on_part(const struct deal *deal, const struct part *part, struct neuron_placement *placement,
              struct neuron_error *error)
{
    struct neuron_placement_request own = *deal->request;
    struct neuron_placement *cut = NULL;

    own.devices = deal->request->devices + part->first;
    own.parts = NULL;
    own.turns = NULL;
    own.core_count = part->count;
    own.core_limit = part->share;
    own.rank_count = part->ranks;
    own.cores_per_rank = deal->size;
    enum neuron_status status = neuron_placement_create(&own, &cut, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < cut->rank_count; i += 1) {
        struct neuron_placement_range *range = &placement->ranges[placement->rank_count];

        *range = cut->ranges[i];
        range->first += part->first;
        placement->rank_count += 1;
    }
    placement->core_count += cut->core_count;
    placement->straddled_count += cut->straddled_count;
    placement->is_shared = placement->is_shared || cut->is_shared;
    neuron_placement_destroy(cut);
    return NEURON_OK;
}

static enum neuron_status
place_on_parts(const struct deal *deal, struct neuron_placement **placement,
               struct neuron_error *error)
{
    struct neuron_placement *created = calloc(1, sizeof(*created));
    enum neuron_status status = NEURON_OK;

    if (created != NULL) {
        created->ranges = calloc(deal->rank_count, sizeof(*created->ranges));
    }
    if (created == NULL || created->ranges == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for placing %u ranks",
                             deal->rank_count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < deal->part_count; i += 1) {
        if (deal->parts[i].ranks > 0) {
            status = place_on_part(deal, &deal->parts[i], created, error);
        }
    }
    if (status != NEURON_OK) {
        neuron_placement_destroy(created);
        return status;
    }
    *placement = created;
    return NEURON_OK;
}

enum neuron_status
neuron_part_placement_create(const struct neuron_placement_request *request,
                             struct neuron_placement **placement, struct neuron_error *error)
{
    struct deal deal = {.request = request};
    enum neuron_status status = find_parts(&deal, error);

    if (status == NEURON_OK) {
        status = deal_ranks(&deal, error);
    }
    if (status == NEURON_OK) {
        status = place_on_parts(&deal, placement, error);
    }
    free(deal.parts);
    return status;
}
