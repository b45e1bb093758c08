/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_size.h"

/*
 * A rank has a lease that it works on and one that waits: with a third of its share it is committed
 * to two thirds at most, which leaves the others something to even out with.
 */
static const double parts_of_share = 3.0;

uint64_t
neuron_lease_size(const struct neuron_lease_rules *rules, const struct neuron_lease_need *need)
{
    uint64_t unit = need->round_rows < rules->most_rows ? need->round_rows : rules->most_rows;
    double least = need->rows_per_ns * (double)rules->least_ns;
    double most = need->rows_per_ns * (double)rules->most_ns;
    double wanted = most;

    if (!(need->rows_per_ns > 0.0)) {
        return unit;
    }
    if (rules->schedule == NEURON_SCHEDULE_GUIDED) {
        wanted = (double)need->free_rows * need->share / parts_of_share;
    }
    wanted = wanted > most ? most : wanted;
    wanted = wanted < least ? least : wanted;
    if (wanted >= (double)rules->most_rows) {
        return rules->most_rows - rules->most_rows % unit;
    }
    uint64_t rows = (uint64_t)wanted;
    rows -= rows % unit;
    if (rows == 0 || (double)rows < least) {
        rows += unit;
    }
    return rows <= rules->most_rows ? rows : rules->most_rows - rules->most_rows % unit;
}
