/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what somebody may have meant by a word that is not known. */
#ifndef NEURON_NEAR_WORD_H
#define NEURON_NEAR_WORD_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A search through words that are known, one after the other. */
struct neuron_near_word {
    const char *word; /* that is not known, and how much of it counts */
    size_t length;

    const char *nearest; /* from here on its own; zeroed at the beginning. NULL for none */
    uint32_t distance;   /* letters to change, insert or delete to get there */
};

/*
 * Tries a word that is known; the nearest so far stands in the search. A third of the letters may
 * differ, one of a short word; long words of more than 31 letters are near to none.
 *
 * known  kept as long as the search is used.
 *
 * One thread at a time.
 */
NEURON_API void
neuron_near_word_try(struct neuron_near_word *search, const char *known);

#ifdef __cplusplus
}
#endif

#endif
