/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges that all fit inside devices are found by filling device after device. Where there are
 * none, the fewest crossed borders are found exactly: going from the last rank to the first, for
 * each number of cores that may have been left over so far, either one more core is left over, or
 * the rank is placed.
 */
#include "placement.h"

#include <stdlib.h>

#include "neuron/core_set.h"

#include "device_placement.h"
#include "divisor_list.h"
#include "part_placement.h"
#include "rank_order.h"

enum {
    CHOICES_LIMIT = 16 * 1024 * 1024, /* bytes for the exact search; beyond it less is left over */
    NO_WAY = UINT32_MAX / 2
};

/* Sizes of the ranges: the first `larger_count` have one core more. */
struct cut {
    uint32_t range_count;
    uint32_t size;
    uint32_t larger_count;
};

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static uint32_t
size_of(const struct cut *cut, uint32_t range)
{
    return cut->size + (range < cut->larger_count ? 1 : 0);
}

/* Cores of all ranges before one. */
static uint32_t
cores_before(const struct cut *cut, uint32_t range)
{
    return cut->size * range + smaller(range, cut->larger_count);
}

static void
explain_uneven(uint32_t rank_count, uint32_t usable, struct neuron_error *error)
{
    char counts[96] = "";

    neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                     "%u usable cores do not divide evenly over %u ranks; give %s ranks, or "
                     "-c CORES, or --uneven",
                     usable, rank_count,
                     neuron_divisor_list_format(usable, counts, sizeof(counts)));
}

static void
explain_too_many(uint32_t rank_count, uint32_t cores_per_rank, uint32_t usable,
                 struct neuron_error *error)
{
    if (cores_per_rank > usable) {
        neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                         "a rank of %u cores does not fit: %u can be used; give a smaller -c",
                         cores_per_rank, usable);
        return;
    }
    neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                     "%u rank%s of %u core%s need %llu cores, but %u can be used; ask for less, "
                     "or let ranks share cores with --oversubscribe",
                     rank_count, rank_count == 1 ? "" : "s", cores_per_rank,
                     cores_per_rank == 1 ? "" : "s",
                     (unsigned long long)rank_count * cores_per_rank, usable);
}

/* How many ranks, and how many cores each of the disjoint ranges has. */
static enum neuron_status
decide_cut(const struct neuron_placement_request *request, uint32_t *rank_count, struct cut *cut,
           struct neuron_error *error)
{
    uint32_t usable = smaller(request->core_count, request->core_limit);
    uint32_t size = request->cores_per_rank;
    uint32_t ranks = request->rank_count;
    uint32_t larger = 0;

    ranks = ranks == 0 ? usable / (size == 0 ? 1 : size) : ranks;
    if (size == 0 && ranks > 0 && ranks <= usable) {
        larger = usable % ranks;
        size = usable / ranks;
    }
    if (larger != 0 && !request->is_uneven) {
        explain_uneven(ranks, usable, error);
        return NEURON_INVALID_ARGUMENT;
    }
    size = size == 0 ? 1 : size;
    if (ranks == 0 || size > usable || (ranks > usable / size && !request->oversubscribes)) {
        explain_too_many(ranks, size, usable, error);
        return NEURON_INVALID_ARGUMENT;
    }
    *rank_count = ranks;
    *cut = (struct cut){
        .range_count = smaller(ranks, usable / size), .size = size, .larger_count = larger};
    return NEURON_OK;
}

/* Fills device after device; says whether all ranges fit without crossing a border. */
static bool
place_inside_devices(const struct neuron_placement_request *request, const struct cut *cut,
                     struct neuron_placement_range *ranges)
{
    const uint32_t *devices = request->devices;
    uint32_t position = 0;

    for (uint32_t i = 0; i < cut->range_count; i += 1) {
        uint32_t size = size_of(cut, i);

        while (position + size <= request->core_count &&
               devices[position] != devices[position + size - 1]) {
            position += 1;
        }
        if (position + size > request->core_count) {
            return false;
        }
        ranges[i] = (struct neuron_placement_range){.first = position, .count = size};
        position += size;
    }
    return true;
}

/* For each position, how many borders between devices lie before it in the row. */
static uint32_t *
count_borders(const struct neuron_placement_request *request)
{
    uint32_t *borders = calloc(request->core_count, sizeof(*borders));

    for (uint32_t i = 1; borders != NULL && i < request->core_count; i += 1) {
        borders[i] = borders[i - 1] + (request->devices[i] == request->devices[i - 1] ? 0 : 1);
    }
    return borders;
}

/*
 * The exact search. `fewest[s]` is the number of borders that this range and all after it cross at
 * least when `s` cores were left over before; `places` notes, by range and s, where placing the
 * range at once reaches it.
 */
static void
search_fewest(const struct cut *cut, uint32_t slack, const uint32_t *borders, uint32_t *fewest,
              bool *places)
{
    for (uint32_t i = cut->range_count; i-- > 0;) {
        uint32_t size = size_of(cut, i);
        uint32_t after = NO_WAY;

        for (uint32_t s = slack + 1; s-- > 0;) {
            uint32_t first = cores_before(cut, i) + s;
            uint32_t crossed = borders[first + size - 1] - borders[first] + fewest[s];

            places[(size_t)i * (slack + 1) + s] = crossed <= after;
            fewest[s] = smaller(crossed, after);
            after = fewest[s];
        }
    }
}

/* Lays the ranges out as the search found it. */
static void
follow_places(const struct cut *cut, uint32_t slack, const bool *places,
              struct neuron_placement_range *ranges)
{
    uint32_t left_over = 0;

    for (uint32_t i = 0; i < cut->range_count; i += 1) {
        while (left_over < slack && !places[(size_t)i * (slack + 1) + left_over]) {
            left_over += 1;
        }
        ranges[i] = (struct neuron_placement_range){.first = cores_before(cut, i) + left_over,
                                                    .count = size_of(cut, i)};
    }
}

static enum neuron_status
place_across_devices(const struct neuron_placement_request *request, const struct cut *cut,
                     struct neuron_placement_range *ranges, struct neuron_error *error)
{
    uint32_t spare = request->core_count - cores_before(cut, cut->range_count);
    uint32_t slack = smaller(spare, CHOICES_LIMIT / cut->range_count);
    uint32_t *borders = count_borders(request);
    uint32_t *fewest = calloc((size_t)slack + 1, sizeof(*fewest));
    bool *places = calloc((size_t)cut->range_count * (slack + 1), sizeof(*places));
    enum neuron_status status = NEURON_OK;

    if (borders == NULL || fewest == NULL || places == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for placing %u ranks",
                             cut->range_count);
    } else {
        search_fewest(cut, slack, borders, fewest, places);
        follow_places(cut, slack, places, ranges);
    }
    free(places);
    free(fewest);
    free(borders);
    return status;
}

/* Borders inside the disjoint ranges. */
static uint32_t
count_straddled(const struct neuron_placement_request *request,
                const struct neuron_placement_range *ranges, uint32_t range_count)
{
    uint32_t straddled = 0;

    for (uint32_t i = 0; i < range_count; i += 1) {
        for (uint32_t j = 1; j < ranges[i].count; j += 1) {
            uint32_t position = ranges[i].first + j;

            straddled += request->devices[position] == request->devices[position - 1] ? 0 : 1;
        }
    }
    return straddled;
}

/* Cuts the row as a whole. */
static enum neuron_status
place_in_row(const struct neuron_placement_request *request, struct neuron_placement **placement,
             struct neuron_error *error)
{
    struct cut cut = {0};
    uint32_t rank_count = 0;
    enum neuron_status status = decide_cut(request, &rank_count, &cut, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_placement *created = calloc(1, sizeof(*created));
    struct neuron_placement_range *ranges = calloc(rank_count, sizeof(*ranges));
    if (created == NULL || ranges == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for placing %u ranks",
                             rank_count);
        goto failed;
    }
    if (!place_inside_devices(request, &cut, ranges)) {
        status = place_across_devices(request, &cut, ranges, error);
    }
    if (status != NEURON_OK) {
        goto failed;
    }
    for (uint32_t i = cut.range_count; i < rank_count; i += 1) {
        ranges[i] = ranges[i % cut.range_count];
    }
    *created = (struct neuron_placement){
        .ranges = ranges,
        .rank_count = rank_count,
        .core_count = cores_before(&cut, cut.range_count),
        .straddled_count = count_straddled(request, ranges, cut.range_count),
        .is_shared = rank_count > cut.range_count,
    };
    *placement = created;
    return NEURON_OK;
failed:
    free(ranges);
    free(created);
    return status;
}

enum neuron_status
neuron_placement_create(const struct neuron_placement_request *request,
                        struct neuron_placement **placement, struct neuron_error *error)
{
    struct neuron_placement *created = NULL;
    enum neuron_status status = NEURON_OK;

    if (request->rank_count > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%u ranks: no job has more than %d",
                           request->rank_count, NEURON_CORE_NUMBER_LIMIT);
    }
    if (request->ranks_per_device != 0) {
        status = neuron_device_placement_create(request, &created, error);
    } else if (request->parts != NULL) {
        status = neuron_part_placement_create(request, &created, error);
    } else {
        status = place_in_row(request, &created, error);
    }
    if (status == NEURON_OK && request->turns != NULL) {
        status =
            neuron_rank_order_apply(request->turns, created->ranges, created->rank_count, error);
    }
    if (status != NEURON_OK) {
        neuron_placement_destroy(created);
        return status;
    }
    *placement = created;
    return NEURON_OK;
}

void
neuron_placement_destroy(struct neuron_placement *placement)
{
    if (placement != NULL) {
        free(placement->ranges);
        free(placement);
    }
}
