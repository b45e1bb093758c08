/* SPDX-License-Identifier: Apache-2.0 */
#include "device_placement.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/core_set.h"

#include "divisor_list.h"

enum { SHARE_BYTES = 96 };

/* The cores of one device in the row. */
struct device_row {
    uint32_t device;
    uint32_t first; /* position in the row */
    uint32_t count;
    uint32_t share; /* how many of them may be used */
};

struct device_rows {
    struct device_row *rows;
    uint32_t count;
    uint32_t largest; /* cores of the largest device */
};

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static enum neuron_status
find_devices(const struct neuron_placement_request *request, struct device_rows *devices,
             struct neuron_error *error)
{
    struct device_row *row = NULL;

    devices->rows = calloc(request->core_count, sizeof(*devices->rows));
    if (devices->rows == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the devices of %u cores",
                           request->core_count);
    }
    for (uint32_t i = 0; i < request->core_count; i += 1) {
        if (row == NULL || row->device != request->devices[i]) {
            row = &devices->rows[devices->count];
            *row = (struct device_row){.device = request->devices[i], .first = i};
            devices->count += 1;
        }
        row->count += 1;
        devices->largest = row->count > devices->largest ? row->count : devices->largest;
    }
    return NEURON_OK;
}

/* Cores of all devices where each may use `level` of them at most. */
static uint32_t
count_up_to(const struct device_rows *devices, uint32_t level)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < devices->count; i += 1) {
        sum += smaller(devices->rows[i].count, level);
    }
    return sum;
}

/* Shares out what may be used at once; what is left of it goes to the first devices. */
static void
share_out(const struct device_rows *devices, uint32_t core_limit)
{
    uint32_t level = 0;

    while (level < devices->largest && count_up_to(devices, level + 1) <= core_limit) {
        level += 1;
    }
    uint32_t left = core_limit - count_up_to(devices, level);
    for (uint32_t i = 0; i < devices->count; i += 1) {
        struct device_row *row = &devices->rows[i];

        row->share = smaller(row->count, level);
        if (left > 0 && row->count > level) {
            row->share += 1;
            left -= 1;
        }
    }
}

/* The largest number that divides the shares of all devices. */
static uint32_t
common_divisor(const struct device_rows *devices)
{
    uint32_t divisor = devices->rows[0].share;

    for (uint32_t i = 1; i < devices->count; i += 1) {
        uint32_t other = devices->rows[i].share;

        while (other != 0) {
            uint32_t rest = divisor % other;

            divisor = other;
            other = rest;
        }
    }
    return divisor;
}

/* Says how many cores a device has for ranks, and why where that is less than it has. */
static const char *
describe_share(const struct neuron_placement_request *request, const struct device_row *row,
               char text[SHARE_BYTES])
{
    if (row->share == row->count) {
        (void)snprintf(text, SHARE_BYTES, "%u usable core%s", row->share,
                       row->share == 1 ? "" : "s");
    } else {
        (void)snprintf(text, SHARE_BYTES,
                       "%u usable cores, and its share of the %u that may be used at once is %u",
                       row->count, request->core_limit, row->share);
    }
    return text;
}

/* Refuses a number of ranks that a device cannot be cut into. */
static enum neuron_status
check_device(const struct neuron_placement_request *request, const struct device_rows *devices,
             const struct device_row *row, struct neuron_error *error)
{
    uint32_t ranks = request->ranks_per_device;
    uint32_t size = request->cores_per_rank == 0 ? 1 : request->cores_per_rank;
    bool divides = ranks > 0 && row->share % ranks == 0;
    char counts[64] = "";
    char share[SHARE_BYTES] = "";

    (void)describe_share(request, row, share);
    if (size > row->share || (ranks > row->share / size && !request->oversubscribes)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "device %u has %s, too few for %u rank%s of %u core%s; "
                           "give a smaller --procs-per-device or -c%s",
                           row->device, share, ranks, ranks == 1 ? "" : "s", size,
                           size == 1 ? "" : "s",
                           size > row->share ? "" : ", or let ranks share with --oversubscribe");
    }
    if (request->cores_per_rank != 0 || request->is_uneven || ranks > row->share || divides) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "--procs-per-device %u: device %u has %s: give %s, or --uneven", ranks,
                       row->device, share,
                       neuron_divisor_list_format(common_divisor(devices), counts, sizeof(counts)));
}

static enum neuron_status
check_request(const struct neuron_placement_request *request, const struct device_rows *devices,
              struct neuron_error *error)
{
    uint64_t rank_count = (uint64_t)request->ranks_per_device * devices->count;
    enum neuron_status status = NEURON_OK;

    if (request->core_limit < devices->count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--procs-per-device: %u devices have usable cores, but only %u core%s "
                           "may be used at once; choose devices with NEURON_RT_VISIBLE_CORES, or "
                           "give -np",
                           devices->count, request->core_limit,
                           request->core_limit == 1 ? "" : "s");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < devices->count; i += 1) {
        status = check_device(request, devices, &devices->rows[i], error);
    }
    if (status == NEURON_OK && request->rank_count != 0 && request->rank_count != rank_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "-np %u and --procs-per-device %u do not agree: %u device%s would have "
                           "%llu rank%s; leave out one of them",
                           request->rank_count, request->ranks_per_device, devices->count,
                           devices->count == 1 ? "" : "s", (unsigned long long)rank_count,
                           rank_count == 1 ? "" : "s");
    }
    if (status == NEURON_OK && rank_count > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--procs-per-device %u makes %llu ranks; no job has more than %d",
                           request->ranks_per_device, (unsigned long long)rank_count,
                           NEURON_CORE_NUMBER_LIMIT);
    }
    return status;
}

/* Cuts one device, and adds its ranges to the placement. */
static enum neuron_status
place_on_device(const struct neuron_placement_request *request, const struct device_row *row,
                struct neuron_placement *placement, struct neuron_error *error)
{
    struct neuron_placement_request own = *request;
    struct neuron_placement *part = NULL;

    own.devices = request->devices + row->first;
    own.parts = request->parts == NULL ? NULL : request->parts + row->first;
    own.turns = NULL;
    own.core_count = row->count;
    own.core_limit = row->share;
    own.rank_count = request->ranks_per_device;
    own.ranks_per_device = 0;
    enum neuron_status status = neuron_placement_create(&own, &part, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < part->rank_count; i += 1) {
        struct neuron_placement_range *range = &placement->ranges[placement->rank_count];

        *range = part->ranges[i];
        range->first += row->first;
        placement->rank_count += 1;
    }
    placement->core_count += part->core_count;
    placement->straddled_count += part->straddled_count;
    placement->is_shared = placement->is_shared || part->is_shared;
    neuron_placement_destroy(part);
    return NEURON_OK;
}

static enum neuron_status
place_on_devices(const struct neuron_placement_request *request, const struct device_rows *devices,
                 struct neuron_placement **placement, struct neuron_error *error)
{
    struct neuron_placement *created = calloc(1, sizeof(*created));
    enum neuron_status status = NEURON_OK;

    if (created != NULL) {
        created->ranges =
            calloc((size_t)request->ranks_per_device * devices->count, sizeof(*created->ranges));
    }
    if (created == NULL || created->ranges == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                             "out of memory for placing %u ranks on "
                             "each of %u devices",
                             request->ranks_per_device, devices->count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < devices->count; i += 1) {
        status = place_on_device(request, &devices->rows[i], created, error);
    }
    if (status != NEURON_OK) {
        neuron_placement_destroy(created);
        return status;
    }
    *placement = created;
    return NEURON_OK;
}

enum neuron_status
neuron_device_placement_create(const struct neuron_placement_request *request,
                               struct neuron_placement **placement, struct neuron_error *error)
{
    struct device_rows devices = {0};
    enum neuron_status status = find_devices(request, &devices, error);

    if (status == NEURON_OK) {
        share_out(&devices, smaller(request->core_limit, request->core_count));
        status = check_request(request, &devices, error);
    }
    if (status == NEURON_OK) {
        status = place_on_devices(request, &devices, placement, error);
    }
    free(devices.rows);
    return status;
}
