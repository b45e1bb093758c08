/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the test's own process: how many there are, and whether they are readable. */
#ifndef NEURON_TESTS_DESCRIPTORS_H
#define NEURON_TESTS_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/resource.h>

enum { DESCRIPTOR_SPARE_LIMIT = 1024 };

/* Says how many descriptors the process has open. */
uint32_t
open_descriptor_count(void);

/* Waits until the process has so many open, for ten seconds at most; says whether it has. */
bool
descriptor_count_becomes(uint32_t count);

/* Says whether a descriptor is readable now. */
bool
is_readable(int descriptor);

/* Waits until a descriptor is readable, for ten seconds at most; says whether it is. */
bool
becomes_readable(int descriptor);

/* The limit of the process as it was, and what fills the gaps below the new one. */
struct descriptor_limit {
    struct rlimit before;
    int fillers[DESCRIPTOR_SPARE_LIMIT];
    uint32_t filler_count;
};

/* Leaves the process `spare` free descriptors. Fails the test where it cannot. */
void
descriptor_limit_lower(struct descriptor_limit *limit, uint32_t spare);

/* Gives the process its descriptors back. */
void
descriptor_limit_restore(struct descriptor_limit *limit);

#endif
