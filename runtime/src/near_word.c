/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/near_word.h"

#include <string.h>

enum { WORD_LIMIT = 32, SHORT_WORD = 6 };

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

/* How many letters to change, insert or delete to make one word of the other. */
static uint32_t
edit_distance(const char *left, size_t left_length, const char *right, size_t right_length)
{
    uint32_t row[WORD_LIMIT + 1] = {0};

    for (uint32_t j = 0; j <= right_length; j += 1) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= left_length; i += 1) {
        uint32_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= right_length; j += 1) {
            uint32_t changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = smaller(changed, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[right_length];
}

void
neuron_near_word_try(struct neuron_near_word *search, const char *known)
{
    size_t known_length = strlen(known);
    uint32_t limit = search->nearest != NULL
                         ? search->distance
                         : (uint32_t)(search->length < SHORT_WORD ? 1 : search->length / 3) + 1;

    if (search->length >= WORD_LIMIT || known_length >= WORD_LIMIT) {
        return;
    }
    uint32_t distance = edit_distance(search->word, search->length, known, known_length);
    if (distance < limit) {
        search->nearest = known;
        search->distance = distance;
    }
}
