/* SPDX-License-Identifier: Apache-2.0 */
#include "module/group_sizes.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A piece of the text: from `start` up to `end`. */
struct piece {
    const char *start;
    const char *end;
};

static bool
is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

static struct piece
without_blanks(struct piece piece)
{
    while (piece.start < piece.end && is_blank(*piece.start)) {
        piece.start += 1;
    }
    while (piece.start < piece.end && is_blank(piece.end[-1])) {
        piece.end -= 1;
    }
    return piece;
}

/* The text inside its brackets, where it has both. */
static struct piece
without_brackets(const char *text)
{
    struct piece piece = without_blanks((struct piece){text, text + strlen(text)});

    if (piece.end - piece.start >= 2 && *piece.start == '[' && piece.end[-1] == ']') {
        piece.start += 1;
        piece.end -= 1;
    }
    return piece;
}

/* Reads a number from 1 at the start of the piece, and moves the start behind it. */
static bool
read_number(struct piece *piece, uint32_t *number)
{
    uint32_t value = 0;

    while (piece->start < piece->end && isdigit((unsigned char)*piece->start)) {
        value = value * 10 + (uint32_t)(*piece->start - '0');
        if (value > NEURON_CORE_NUMBER_LIMIT) {
            return false;
        }
        piece->start += 1;
    }
    *number = value;
    return value > 0;
}

/* Reads "4", or "2x4". */
static bool
read_entry(struct piece entry, uint32_t *group_count, uint32_t *size)
{
    struct piece rest = without_blanks(entry);

    *group_count = 1;
    if (!read_number(&rest, size)) {
        return false;
    }
    if (rest.start < rest.end && *rest.start == 'x') {
        rest.start += 1;
        *group_count = *size;
        if (!read_number(&rest, size)) {
            return false;
        }
    }
    return rest.start == rest.end;
}

/* Adds the groups of one entry. */
static enum neuron_status
add_groups(const char *text, struct piece entry, struct neuron_group_sizes *sizes,
           struct neuron_error *error)
{
    uint32_t group_count = 0;
    uint32_t size = 0;

    if (!read_entry(entry, &group_count, &size)) {
        int length = (int)(entry.end - entry.start < 20 ? entry.end - entry.start : 20);

        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURONCORE_GROUP_SIZES=%.60s: \"%.*s\" is no group; list the numbers "
                           "of cores, each from 1 to %d, as in 2,4 or 2x1,4",
                           text, length, entry.start, NEURON_CORE_NUMBER_LIMIT);
    }
    if (group_count > NEURON_GROUP_LIMIT - sizes->count) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURONCORE_GROUP_SIZES=%.60s lists more than %d groups; list fewer",
                           text, NEURON_GROUP_LIMIT);
    }
    if (size > (NEURON_CORE_NUMBER_LIMIT - sizes->core_count) / group_count) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "NEURONCORE_GROUP_SIZES=%.60s needs more than %d cores, which no "
                           "machine has; give smaller groups",
                           text, NEURON_CORE_NUMBER_LIMIT);
    }
    for (uint32_t i = 0; i < group_count; i += 1) {
        sizes->sizes[sizes->count + i] = size;
    }
    sizes->count += group_count;
    sizes->core_count += group_count * size;
    return NEURON_OK;
}

enum neuron_status
neuron_group_sizes_parse(const char *text, struct neuron_group_sizes *sizes,
                         struct neuron_error *error)
{
    struct neuron_group_sizes parsed = {.count = 0};
    struct piece rest = without_brackets(text);
    bool is_last = false;

    while (!is_last) {
        size_t length = (size_t)(rest.end - rest.start);
        const char *comma = memchr(rest.start, ',', length);
        struct piece entry = {rest.start, comma == NULL ? rest.end : comma};
        enum neuron_status status = add_groups(text, entry, &parsed, error);

        if (status != NEURON_OK) {
            return status;
        }
        is_last = comma == NULL;
        rest.start = is_last ? rest.end : comma + 1;
    }
    *sizes = parsed;
    return NEURON_OK;
}
