/* SPDX-License-Identifier: Apache-2.0 */
#include "score/piece_sum.h"

#include <stdlib.h>

#include <xxhash.h>

#include "neuron/npz_layout.h"

struct neuron_summer {
    XXH3_state_t *state;
    uint32_t crc32;
    enum neuron_summer_depth depth;
};

enum neuron_status
neuron_summer_create(struct neuron_summer **summer, struct neuron_error *error)
{
    struct neuron_summer *made = calloc(1, sizeof(*made));

    if (made != NULL) {
        made->state = XXH3_createState();
    }
    if (made == NULL || made->state == NULL) {
        neuron_summer_destroy(made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a checksum");
    }
    neuron_summer_begin(made, NEURON_SUM_XXH3);
    *summer = made;
    return NEURON_OK;
}

void
neuron_summer_begin(struct neuron_summer *summer, enum neuron_summer_depth depth)
{
    (void)XXH3_64bits_reset(summer->state);
    summer->crc32 = 0;
    summer->depth = depth;
}

void
neuron_summer_add(struct neuron_summer *summer, const void *bytes, size_t size_bytes)
{
    (void)XXH3_64bits_update(summer->state, bytes, size_bytes);
    if (summer->depth == NEURON_SUM_XXH3_AND_CRC32) {
        summer->crc32 = neuron_npz_checksum(summer->crc32, bytes, size_bytes);
    }
}

struct neuron_piece_sum
neuron_summer_end(const struct neuron_summer *summer)
{
    return (struct neuron_piece_sum){.xxh3 = XXH3_64bits_digest(summer->state),
                                     .crc32 = summer->crc32};
}

void
neuron_summer_destroy(struct neuron_summer *summer)
{
    if (summer != NULL) {
        (void)XXH3_freeState(summer->state);
    }
    free(summer);
}
