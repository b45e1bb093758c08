/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_copy.h"

/* What is known of time while a lease is looked for: nanoseconds from now on. */
struct outlook {
    const struct neuron_lease_book *book;
    double usual_rows_per_ns;
    uint64_t now_ns;
};

static double
work_ns(const struct outlook *outlook, uint32_t rank, uint64_t rows)
{
    double rate = outlook->book->ranks[rank].rows_per_ns;

    return (double)rows / (rate > 0.0 ? rate : outlook->usual_rows_per_ns);
}

/* When a lease ends that is begun as soon as the one before it ends. */
static double
end_after(const struct outlook *outlook, const struct neuron_lease_slot *slot, double previous_end)
{
    double passed =
        slot->begin_ns < outlook->now_ns ? (double)(outlook->now_ns - slot->begin_ns) : 0.0;
    double work = work_ns(outlook, slot->lease.rank, slot->lease.rows.count);

    if (slot->previous != NEURON_NO_SLOT) {
        return previous_end + work;
    }
    return passed < work ? work - passed : passed - work;
}

/* When a rank is done with all that it has. */
static double
free_after(const struct outlook *outlook, uint32_t rank)
{
    double end = 0.0;

    for (uint32_t i = outlook->book->ranks[rank].first; i != NEURON_NO_SLOT;
         i = outlook->book->slots[i].next) {
        end = end_after(outlook, &outlook->book->slots[i], end);
    }
    return end;
}

static bool
may_be_copied(const struct neuron_lease_slot *slot)
{
    return slot->lease.kind == NEURON_LEASE_NORMAL && slot->twin == NEURON_NO_SLOT &&
           !slot->is_needless;
}

/* A lease and when it ends. */
struct candidate {
    uint32_t slot;
    double end;
};

/* Takes a lease of a rank in the place of the best one, if it ends later. */
static void
consider_rank(const struct outlook *outlook, uint32_t rank, struct candidate *best)
{
    const struct neuron_lease_slot *slots = outlook->book->slots;
    double end = 0.0;

    for (uint32_t i = outlook->book->ranks[rank].first; i != NEURON_NO_SLOT; i = slots[i].next) {
        end = end_after(outlook, &slots[i], end);
        if (may_be_copied(&slots[i]) && end > best->end) {
            *best = (struct candidate){.slot = i, .end = end};
        }
    }
}

uint32_t
neuron_lease_copy_choose(const struct neuron_lease_book *book, uint32_t rank,
                         double usual_rows_per_ns, uint64_t now_ns)
{
    const struct outlook outlook = {
        .book = book, .usual_rows_per_ns = usual_rows_per_ns, .now_ns = now_ns};
    struct candidate best = {.slot = NEURON_NO_SLOT};

    if (!(usual_rows_per_ns > 0.0)) {
        return NEURON_NO_SLOT;
    }
    for (uint32_t i = 0; i < book->busy_count; i += 1) {
        if (book->busy[i] != rank) {
            consider_rank(&outlook, book->busy[i], &best);
        }
    }
    if (best.slot == NEURON_NO_SLOT) {
        return best.slot;
    }
    double own_end = free_after(&outlook, rank) +
                     work_ns(&outlook, rank, book->slots[best.slot].lease.rows.count);
    return own_end < best.end ? best.slot : NEURON_NO_SLOT;
}
