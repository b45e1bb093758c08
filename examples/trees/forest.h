/* SPDX-License-Identifier: Apache-2.0 */
/* Decision trees whose leaves add up to a score. It knows nothing of who runs it. */
#ifndef TREES_FOREST_H
#define TREES_FOREST_H

#include <stdint.h>

#include "forest_shape.h"

struct forest;

/* Grows a forest from its seed. Returns NULL when there is no memory for it. */
struct forest *
forest_create(const struct forest_shape *shape);

/* Writes the score of each row. `rows` has the features of one row after those of another. */
void
forest_score(const struct forest *forest, const float *rows, int64_t row_count, float *scores);

/* Destroys a forest. Accepts NULL. */
void
forest_destroy(struct forest *forest);

#endif
