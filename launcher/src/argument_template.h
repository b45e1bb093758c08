/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments that differ from rank to rank: a function from values to values. */
#ifndef NEURON_LAUNCHER_ARGUMENT_TEMPLATE_H
#define NEURON_LAUNCHER_ARGUMENT_TEMPLATE_H

#include <stdint.h>

#include "neuron/status.h"

struct neuron_argument_values {
    uint32_t rank;       /* %r */
    uint32_t rank_count; /* %n */
    const char *host;    /* %h */
};

/*
 * Replaces %r, %n and %h in the arguments of a program. %%r, %%n and %%h become %r, %n and %h; any
 * other % stays as it is, so that formats of printf and awk do.
 *
 * arguments  ends with NULL. The first, the program's name, stays as it is.
 * expanded   receives a list that ends with NULL, to be freed with one free(), and which points
 *            into `arguments` where nothing is replaced; NULL where there is nothing to replace
 *            in any of them. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_argument_template_expand(char *const *arguments, const struct neuron_argument_values *values,
                                char ***expanded, struct neuron_error *error);

#endif
