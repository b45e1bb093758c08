/* SPDX-License-Identifier: Apache-2.0 */
/* A set of cores by number, and its text form "0-3,6". */
#ifndef NEURON_CORE_SET_H
#define NEURON_CORE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A set says nothing about which numbering it uses: the machine's ("core 11") or the process's
 * ("nc:3"). The call that hands it out does. Sets are plain values: any number of threads may read
 * one, one thread at a time may change it.
 */
struct neuron_core_set;

enum {
    NEURON_CORE_NUMBER_LIMIT = 65536, /* core numbers are below this */
    NEURON_NO_CORE = 65536            /* what a search returns that finds no core */
};

/*
 * Makes a set of `count` consecutive cores that starts at `first`. A count of 0 makes an empty set.
 *
 * set    receives a new set, which the caller destroys. Unchanged on failure.
 * error  receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT when a number reaches NEURON_CORE_NUMBER_LIMIT, or
 * NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_set_create(uint32_t first, uint32_t count, struct neuron_core_set **set,
                       struct neuron_error *error);

/*
 * Makes a copy of a set, which the caller destroys. Errors as neuron_core_set_create().
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_set_copy(const struct neuron_core_set *from, struct neuron_core_set **set,
                     struct neuron_error *error);

/*
 * Parses a list of cores and ranges ("0-3,8"). Ranges are inclusive, numbers ascend through the
 * whole list, blanks are allowed around numbers, and the list is not empty.
 *
 * set    receives a new set, which the caller destroys. Unchanged on failure.
 * error  receives the reason on failure, with the offending piece of the text. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX when the text does not parse, or NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_set_parse(const char *text, struct neuron_core_set **set, struct neuron_error *error);

/*
 * Formats a set as the shortest list of ranges, which neuron_core_set_parse() reads back. An empty
 * set gives an empty text.
 *
 * text        receives at most `size_bytes` bytes with the terminator; a longer list is cut there.
 * size_bytes  may be 0, then text may be NULL.
 *
 * Returns the length of the whole list in bytes, as snprintf() does.
 * Any thread.
 */
NEURON_API size_t
neuron_core_set_format(const struct neuron_core_set *set, char *text, size_t size_bytes);

/* Adds a core, or changes nothing when it is there. Errors as neuron_core_set_create(). */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_set_add(struct neuron_core_set *set, uint32_t core, struct neuron_error *error);

/* Says how many cores a set has. Any thread. */
NEURON_API uint32_t
neuron_core_set_count(const struct neuron_core_set *set);

/* Says whether a core belongs to a set. Any thread. */
NEURON_API bool
neuron_core_set_contains(const struct neuron_core_set *set, uint32_t core);

/* Says whether every core of `part` belongs to `whole`. Any thread. */
NEURON_API bool
neuron_core_set_includes(const struct neuron_core_set *whole, const struct neuron_core_set *part);

/* Says whether two sets have the same cores. Any thread. */
NEURON_API bool
neuron_core_set_equals(const struct neuron_core_set *left, const struct neuron_core_set *right);

/*
 * Names the core at a position of the set in ascending order, counted from 0: what turns "nc:2" of
 * a process into a core of the machine. Returns NEURON_NO_CORE past the end. Any thread.
 */
NEURON_API uint32_t
neuron_core_set_at(const struct neuron_core_set *set, uint32_t position);

/* Destroys a set. Accepts NULL. */
NEURON_API void
neuron_core_set_destroy(struct neuron_core_set *set);

#ifdef __cplusplus
}
#endif

#endif
