/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets have the same weights, which lie in the file once: found by their checksum, and compared.
 */
#include "neff/neff_graph.h"

#include <stdlib.h>
#include <string.h>

#include "neff/neff_header.h"

/* A constant that has its place. */
struct known_constant {
    const struct neuron_graph_value *value; /* NULL for a free entry */
    struct neuron_neff_checksum checksum;
    uint64_t offset;
};

/* Open addressing, in a table that is never more than half full. */
struct placing {
    struct known_constant *known;
    size_t mask;
    uint64_t end;
};

/* Says whether the bytes of a value lie in the file. */
static bool
is_stored(const struct neuron_graph_value *value)
{
    return value->origin == NEURON_VALUE_CONSTANT && !value->is_replaceable;
}

static bool
is_same(const struct known_constant *known, const struct known_constant *wanted)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&wanted->value->shape);

    return memcmp(known->checksum.bytes, wanted->checksum.bytes, sizeof(known->checksum.bytes)) ==
               0 &&
           neuron_tensor_shape_size_bytes(&known->value->shape) == size_bytes &&
           memcmp(known->value->constant, wanted->value->constant, size_bytes) == 0;
}

/* The entry of a constant with the same bytes, or a free one. */
static struct known_constant *
find(const struct placing *placing, const struct known_constant *wanted)
{
    size_t place = 0;

    memcpy(&place, wanted->checksum.bytes, sizeof(place));
    place &= placing->mask;
    while (placing->known[place].value != NULL && !is_same(&placing->known[place], wanted)) {
        place = (place + 1) & placing->mask;
    }
    return &placing->known[place];
}

/* Appends bytes, aligned; false when they do not fit a number. */
static bool
append(struct placing *placing, size_t size_bytes, uint64_t *offset)
{
    const uint64_t mask = NEURON_NEFF_CONSTANT_ALIGNMENT - 1;
    uint64_t start = 0;

    if (__builtin_add_overflow(placing->end, mask, &start)) {
        return false;
    }
    *offset = start & ~mask;
    return !__builtin_add_overflow(*offset, size_bytes, &placing->end) &&
           placing->end <= INT64_MAX / 2;
}

/* Places a constant of a graph that others share the file with. */
static bool
place_shared(struct placing *placing, const struct neuron_graph_value *value, uint64_t *offset)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);
    struct known_constant wanted = {.value = value};

    if (size_bytes == 0) {
        *offset = 0;
        return true;
    }
    wanted.checksum = neuron_neff_checksum_of(value->constant, size_bytes);
    struct known_constant *entry = find(placing, &wanted);
    if (entry->value == NULL) {
        if (!append(placing, size_bytes, &wanted.offset)) {
            return false;
        }
        *entry = wanted;
    }
    *offset = entry->offset;
    return true;
}

/* Places all constants of a graph; `known` is NULL where there is one graph only, in which each has
   a place of its own. */
static bool
place_graph(struct placing *placing, const struct neuron_neff_placed_graph *placed)
{
    bool fits = true;

    for (uint32_t i = 0; fits && i < placed->graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &placed->graph->values[i];

        if (is_stored(value)) {
            fits = placing->known == NULL
                       ? append(placing, neuron_tensor_shape_size_bytes(&value->shape),
                                &placed->offsets[i])
                       : place_shared(placing, value, &placed->offsets[i]);
        }
    }
    return fits;
}

static enum neuron_status
create_table(struct placing *placing, const struct neuron_neff_placed_graph *placed, uint32_t count,
             struct neuron_error *error)
{
    size_t value_count = 0;
    size_t room = 4;

    for (uint32_t i = 0; i < count; i += 1) {
        value_count += placed[i].graph->value_count;
    }
    while (room < 2 * value_count) {
        room *= 2;
    }
    placing->mask = room - 1;
    placing->known = calloc(room, sizeof(*placing->known));
    if (placing->known == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_neff_place_constants(const struct neuron_neff_placed_graph *placed, uint32_t count,
                            uint64_t *size_bytes, struct neuron_error *error)
{
    struct placing placing = {.end = 0};
    enum neuron_status status =
        count > 1 ? create_table(&placing, placed, count, error) : NEURON_OK;
    bool fits = true;

    for (uint32_t i = 0; status == NEURON_OK && fits && i < count; i += 1) {
        fits = place_graph(&placing, &placed[i]);
    }
    free(placing.known);
    if (status == NEURON_OK && !fits) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the constants of the graph are too large for a file");
    }
    *size_bytes = placing.end;
    return status;
}
