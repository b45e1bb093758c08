/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy groups of cores as text: a function from values to values. */
#ifndef NEURON_MODULE_GROUP_SIZES_H
#define NEURON_MODULE_GROUP_SIZES_H

#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/status.h"

enum { NEURON_GROUP_LIMIT = 1024 };

struct neuron_group_sizes {
    uint32_t sizes[NEURON_GROUP_LIMIT]; /* the first `count` of them; each at least 1 */
    uint32_t count;
    uint32_t core_count; /* the sum, at most NEURON_CORE_NUMBER_LIMIT */
};

/*
 * Parses the value of NEURONCORE_GROUP_SIZES: sizes ("2,4"), and AxB for A groups of B cores each
 * ("2x1,4"). Brackets around the whole and blanks around entries are allowed.
 *
 * sizes  receives them in the order of the text. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX, with the variable's name, the text and what would be right.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_group_sizes_parse(const char *text, struct neuron_group_sizes *sizes,
                         struct neuron_error *error);

#endif
