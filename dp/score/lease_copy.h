/* SPDX-License-Identifier: Apache-2.0 */
/* Whose lease is worth being run by another rank as well. */
#ifndef NEURON_SCORE_LEASE_COPY_H
#define NEURON_SCORE_LEASE_COPY_H

#include <stdint.h>

#include "score/lease_book.h"

/*
 * Finds the lease whose end is expected latest, of those that no two ranks have, and that `rank`
 * would have done earlier. A lease that is late already is expected to take as long again as it is
 * late: one that stands still becomes worth a copy in time.
 *
 * usual_rows_per_ns  stands for the rate of ranks that were not measured; 0 for not known.
 *
 * Returns its place, or NEURON_NO_SLOT.
 */
uint32_t
neuron_lease_copy_choose(const struct neuron_lease_book *book, uint32_t rank,
                         double usual_rows_per_ns, uint64_t now_ns);

#endif
