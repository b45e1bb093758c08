/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dynamic programming over the places where a cut may be: for each number of stages, and each place
 * that the last of them may end at, the least that the most expensive one can cost. A stage that is
 * made longer at its front only gets dearer but for what its front cut costs, so the search for its
 * beginning ends where its nodes alone cost more than the best found.
 */
#include "compiler/stages.h"

#include <stdlib.h>

enum { PLACE_LIMIT = 4096 }; /* with 64 stages, some tenths of a second */

/* The tables, by stage and by place. */
struct search {
    const struct neuron_stage_costs *costs;
    uint64_t *sums;       /* of the nodes before each place */
    uint32_t *places;     /* nodes that stand before it; the first is 0, the last all */
    uint32_t place_count; /* without the first */
    uint64_t *best;       /* of the stages up to the one, ending at the place */
    uint32_t *begins;     /* the place where the last of these begins */
};

static uint64_t
add_saturated(uint64_t left, uint64_t right)
{
    return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}

/* What is to be added to the nodes of a stage for its cuts. */
static uint64_t
cut_cost(const struct neuron_stage_costs *costs, uint32_t begin, uint32_t end)
{
    uint64_t before = begin == 0 ? 0 : costs->crossing_ns[begin];
    uint64_t behind = end == costs->node_count ? 0 : costs->crossing_ns[end];

    return add_saturated(before, behind);
}

uint64_t
neuron_stage_cost(const struct neuron_stage_costs *costs, uint32_t begin, uint32_t end)
{
    uint64_t cost = cut_cost(costs, begin, end);

    for (uint32_t i = begin; i < end; i += 1) {
        cost = add_saturated(cost, costs->node_ns[i]);
    }
    return cost;
}

/* Chooses the places: each, or as many as the limit allows, in equal distances. */
static void
choose_places(struct search *search)
{
    uint64_t nodes = search->costs->node_count;

    for (uint32_t i = 0; i <= search->place_count; i += 1) {
        search->places[i] = (uint32_t)(nodes * i / search->place_count);
    }
    for (uint32_t i = 0; i < search->place_count; i += 1) {
        uint64_t sum = search->sums[i];

        for (uint32_t j = search->places[i]; j < search->places[i + 1]; j += 1) {
            sum = add_saturated(sum, search->costs->node_ns[j]);
        }
        search->sums[i + 1] = sum;
    }
}

/* Finds where the stage that ends at a place begins best. `before` is the row of one stage less. */
static void
search_begin(const struct search *search, const uint64_t *before, uint32_t stage, uint32_t end,
             uint64_t *best, uint32_t *begin)
{
    *best = UINT64_MAX;
    *begin = end - 1;
    /* Each stage before has a place of its own at least. */
    for (uint32_t i = end; i > stage; i -= 1) {
        uint32_t place = i - 1;
        uint64_t nodes = search->sums[end] - search->sums[place];
        uint64_t own = add_saturated(
            nodes, cut_cost(search->costs, search->places[place], search->places[end]));
        uint64_t most = own > before[place] ? own : before[place];

        if (nodes > *best) {
            return;
        }
        if (most <= *best) {
            *best = most;
            *begin = place;
        }
    }
}

static void
fill_tables(struct search *search, uint32_t stage_count)
{
    size_t width = (size_t)search->place_count + 1;

    for (uint32_t end = 1; end <= search->place_count; end += 1) {
        search->best[end] =
            add_saturated(search->sums[end], cut_cost(search->costs, 0, search->places[end]));
    }
    for (uint32_t stage = 1; stage < stage_count; stage += 1) {
        const uint64_t *before = search->best + (stage - 1) * width;
        /* The last stage ends with the nodes. */
        uint32_t first = stage + 1 == stage_count ? search->place_count : stage + 1;

        for (uint32_t end = first; end <= search->place_count; end += 1) {
            search_begin(search, before, stage, end, &search->best[stage * width + end],
                         &search->begins[stage * width + end]);
        }
    }
}

/* Follows the beginnings from the last stage to the first. */
static void
collect_ends(const struct search *search, uint32_t stage_count, uint32_t *ends)
{
    size_t width = (size_t)search->place_count + 1;
    uint32_t end = search->place_count;

    for (uint32_t stage = stage_count; stage > 0; stage -= 1) {
        ends[stage - 1] = search->places[end];
        end = search->begins[(stage - 1) * width + end];
    }
}

enum neuron_status
neuron_stages_cut(const struct neuron_stage_costs *costs, uint32_t stage_count, uint32_t *ends,
                  struct neuron_error *error)
{
    uint32_t most = stage_count > PLACE_LIMIT ? stage_count : PLACE_LIMIT;
    struct search search = {.costs = costs,
                            .place_count = costs->node_count < most ? costs->node_count : most};
    size_t width = (size_t)search.place_count + 1;
    enum neuron_status status = NEURON_OK;

    search.sums = calloc(width, sizeof(*search.sums));
    search.places = calloc(width, sizeof(*search.places));
    search.best = calloc(width * stage_count, sizeof(*search.best));
    search.begins = calloc(width * stage_count, sizeof(*search.begins));
    if (search.sums == NULL || search.places == NULL || search.best == NULL ||
        search.begins == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to cut a graph");
    } else {
        choose_places(&search);
        fill_tables(&search, stage_count);
        collect_ends(&search, stage_count, ends);
    }
    free(search.sums);
    free(search.places);
    free(search.best);
    free(search.begins);
    return status;
}
