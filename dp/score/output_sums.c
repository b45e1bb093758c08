/* SPDX-License-Identifier: Apache-2.0 */
#include "score/output_sums.h"

#include <stdlib.h>

struct neuron_output_sums {
    uint32_t count;
    struct neuron_summer *summers[];
};

enum neuron_status
neuron_output_sums_create(const struct neuron_output_set *set, struct neuron_output_sums **sums,
                          struct neuron_error *error)
{
    uint32_t count = neuron_output_set_output_count(set);
    struct neuron_output_sums *made =
        calloc(1, sizeof(*made) + count * sizeof(struct neuron_summer *));
    enum neuron_status status = NEURON_OK;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for checksums");
    }
    while (status == NEURON_OK && made->count < count) {
        status = neuron_summer_create(&made->summers[made->count], error);
        if (status == NEURON_OK) {
            neuron_summer_begin(made->summers[made->count],
                                neuron_output_set_wants_crc32(set, made->count)
                                    ? NEURON_SUM_XXH3_AND_CRC32
                                    : NEURON_SUM_XXH3);
            made->count += 1;
        }
    }
    if (status != NEURON_OK) {
        neuron_output_sums_destroy(made);
        return status;
    }
    *sums = made;
    return NEURON_OK;
}

struct neuron_summer *
neuron_output_sums_of(struct neuron_output_sums *sums, uint32_t output)
{
    return sums->summers[output];
}

uint32_t
neuron_output_sums_count(const struct neuron_output_sums *sums)
{
    return sums->count;
}

void
neuron_output_sums_read(const struct neuron_output_sums *sums, struct neuron_piece_sum *items)
{
    for (uint32_t i = 0; i < sums->count; i += 1) {
        items[i] = neuron_summer_end(sums->summers[i]);
    }
}

void
neuron_output_sums_destroy(struct neuron_output_sums *sums)
{
    if (sums == NULL) {
        return;
    }
    for (uint32_t i = 0; i < sums->count; i += 1) {
        neuron_summer_destroy(sums->summers[i]);
    }
    free(sums);
}
