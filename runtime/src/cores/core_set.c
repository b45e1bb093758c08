/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/core_set.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <hwloc/bitmap.h>

struct neuron_core_set {
    hwloc_bitmap_t cores;
};

static enum neuron_status
refuse_number(unsigned long long core, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "core %llu: core numbers are below %d", core,
                       NEURON_CORE_NUMBER_LIMIT);
}

static enum neuron_status
create_from_bitmap(hwloc_bitmap_t cores, struct neuron_core_set **set, struct neuron_error *error)
{
    struct neuron_core_set *created = calloc(1, sizeof(*created));

    if (cores == NULL || created == NULL) {
        hwloc_bitmap_free(cores);
        free(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of cores");
    }
    created->cores = cores;
    *set = created;
    return NEURON_OK;
}

enum neuron_status
neuron_core_set_create(uint32_t first, uint32_t count, struct neuron_core_set **set,
                       struct neuron_error *error)
{
    uint64_t end = (uint64_t)first + count;

    if (count > 0 && end > NEURON_CORE_NUMBER_LIMIT) {
        return refuse_number(end - 1, error);
    }
    hwloc_bitmap_t cores = hwloc_bitmap_alloc();
    if (cores != NULL && count > 0 && hwloc_bitmap_set_range(cores, first, (int)(end - 1)) != 0) {
        hwloc_bitmap_free(cores);
        cores = NULL;
    }
    return create_from_bitmap(cores, set, error);
}

enum neuron_status
neuron_core_set_copy(const struct neuron_core_set *from, struct neuron_core_set **set,
                     struct neuron_error *error)
{
    return create_from_bitmap(hwloc_bitmap_dup(from->cores), set, error);
}

static const char *
skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t') {
        text += 1;
    }
    return text;
}

/* Reads one number; returns where it ends, or NULL when there is none or it is too large. */
static const char *
read_number(const char *text, uint32_t *number)
{
    uint32_t value = 0;

    text = skip_blanks(text);
    if (!isdigit((unsigned char)*text)) {
        return NULL;
    }
    while (isdigit((unsigned char)*text)) {
        value = value * 10 + (uint32_t)(*text - '0');
        if (value >= NEURON_CORE_NUMBER_LIMIT) {
            return NULL;
        }
        text += 1;
    }
    *number = value;
    return skip_blanks(text);
}

/* Reads "3" or "3-5" into an inclusive range; returns where it ends, or NULL. */
static const char *
read_range(const char *text, uint32_t *first, uint32_t *last)
{
    const char *end = read_number(text, first);

    if (end == NULL) {
        return NULL;
    }
    *last = *first;
    if (*end == '-') {
        end = read_number(end + 1, last);
    }
    return end;
}

/* Refuses a list for a core that stands there a second time, or behind a higher one. */
static enum neuron_status
refuse_order(const char *text, const struct neuron_core_set *before, uint32_t core,
             struct neuron_error *error)
{
    return NEURON_FAIL(
        error, NEURON_INVALID_SYNTAX,
        "\"%.60s\" is no list of cores: core %u stands %s; write each core once, "
        "from low to high, as in 0-3,6",
        text, core, neuron_core_set_contains(before, core) ? "there twice" : "behind a higher one");
}

static enum neuron_status
parse_into(const char *text, struct neuron_core_set *set, struct neuron_error *error)
{
    const char *rest = text;
    uint32_t next_allowed = 0;

    for (;;) {
        uint32_t first = 0;
        uint32_t last = 0;
        const char *end = read_range(rest, &first, &last);

        if (end == NULL || (*end != ',' && *end != '\0')) {
            return NEURON_FAIL(
                error, NEURON_INVALID_SYNTAX,
                "\"%.60s\" is no list of cores: \"%.20s\" where a core below %d or a "
                "range is expected, as in 0-3,6",
                text, rest, NEURON_CORE_NUMBER_LIMIT);
        }
        if (first > last || first < next_allowed) {
            return refuse_order(text, set, first < next_allowed ? first : last, error);
        }
        if (hwloc_bitmap_set_range(set->cores, first, (int)last) != 0) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of cores");
        }
        if (*end == '\0') {
            return NEURON_OK;
        }
        next_allowed = last + 1;
        rest = end + 1;
    }
}

enum neuron_status
neuron_core_set_parse(const char *text, struct neuron_core_set **set, struct neuron_error *error)
{
    struct neuron_core_set *parsed = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &parsed, error);

    if (status == NEURON_OK) {
        status = parse_into(text, parsed, error);
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(parsed);
        return status;
    }
    *set = parsed;
    return NEURON_OK;
}

size_t
neuron_core_set_format(const struct neuron_core_set *set, char *text, size_t size_bytes)
{
    int length = hwloc_bitmap_list_snprintf(text, size_bytes, set->cores);

    return length < 0 ? 0 : (size_t)length;
}

enum neuron_status
neuron_core_set_add(struct neuron_core_set *set, uint32_t core, struct neuron_error *error)
{
    if (core >= NEURON_CORE_NUMBER_LIMIT) {
        return refuse_number(core, error);
    }
    if (hwloc_bitmap_set(set->cores, core) != 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of cores");
    }
    return NEURON_OK;
}

uint32_t
neuron_core_set_count(const struct neuron_core_set *set)
{
    return (uint32_t)hwloc_bitmap_weight(set->cores);
}

bool
neuron_core_set_contains(const struct neuron_core_set *set, uint32_t core)
{
    return core < NEURON_CORE_NUMBER_LIMIT && hwloc_bitmap_isset(set->cores, core) == 1;
}

bool
neuron_core_set_includes(const struct neuron_core_set *whole, const struct neuron_core_set *part)
{
    return hwloc_bitmap_isincluded(part->cores, whole->cores) == 1;
}

bool
neuron_core_set_equals(const struct neuron_core_set *left, const struct neuron_core_set *right)
{
    return hwloc_bitmap_isequal(left->cores, right->cores) == 1;
}

uint32_t
neuron_core_set_at(const struct neuron_core_set *set, uint32_t position)
{
    int core = hwloc_bitmap_first(set->cores);

    while (core >= 0 && position > 0) {
        core = hwloc_bitmap_next(set->cores, core);
        position -= 1;
    }
    return core < 0 ? NEURON_NO_CORE : (uint32_t)core;
}

void
neuron_core_set_destroy(struct neuron_core_set *set)
{
    if (set == NULL) {
        return;
    }
    hwloc_bitmap_free(set->cores);
    free(set);
}
