/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_book.h"

#include <stdlib.h>

#include "score/growing_list.h"

/* An id is the number of the lease, and in its low bits the place: found without a search. */
enum { SLOT_BITS = 24 };
static const uint64_t slot_mask = ((uint64_t)1 << SLOT_BITS) - 1;

enum neuron_status
neuron_lease_book_create(struct neuron_lease_book *book, uint32_t rank_count,
                         struct neuron_error *error)
{
    book->ranks = calloc(rank_count == 0 ? 1 : rank_count, sizeof(*book->ranks));
    book->busy = calloc(rank_count == 0 ? 1 : rank_count, sizeof(*book->busy));
    if (book->ranks == NULL || book->busy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the leases of the job");
    }
    book->rank_count = rank_count;
    book->free_slot = NEURON_NO_SLOT;
    for (uint32_t i = 0; i < rank_count; i += 1) {
        book->ranks[i].first = NEURON_NO_SLOT;
        book->ranks[i].last = NEURON_NO_SLOT;
    }
    return NEURON_OK;
}

/* A place without a lease. */
static uint32_t
find_room(struct neuron_lease_book *book)
{
    uint32_t slot = book->free_slot;

    if (slot != NEURON_NO_SLOT) {
        book->free_slot = book->slots[slot].next;
        return slot;
    }
    if (book->slot_count > slot_mask) {
        return NEURON_NO_SLOT;
    }
    struct neuron_lease_slot *slots =
        neuron_list_reserve(book->slots, book->slot_count, 1, &book->slot_limit, sizeof(*slots));
    if (slots == NULL) {
        return NEURON_NO_SLOT;
    }
    book->slots = slots;
    book->slot_count += 1;
    return (uint32_t)(book->slot_count - 1);
}

/* Puts a lease behind the others of its rank. */
static void
append(struct neuron_lease_book *book, uint32_t slot)
{
    uint32_t number = book->slots[slot].lease.rank;
    struct neuron_lease_rank *rank = &book->ranks[number];

    book->slots[slot].previous = rank->last;
    if (rank->last == NEURON_NO_SLOT) {
        rank->first = slot;
        rank->busy_at = book->busy_count;
        book->busy[book->busy_count] = number;
        book->busy_count += 1;
    } else {
        book->slots[rank->last].next = slot;
    }
    rank->last = slot;
}

uint32_t
neuron_lease_book_enter(struct neuron_lease_book *book, const struct neuron_lease *lease,
                        uint64_t now_ns)
{
    uint32_t slot = find_room(book);

    if (slot == NEURON_NO_SLOT) {
        return slot;
    }
    book->serial += 1;
    book->slots[slot] = (struct neuron_lease_slot){
        .lease = *lease, .begin_ns = now_ns, .twin = NEURON_NO_SLOT, .next = NEURON_NO_SLOT};
    book->slots[slot].lease.id = book->serial << SLOT_BITS | slot;
    append(book, slot);
    return slot;
}

uint32_t
neuron_lease_book_find(const struct neuron_lease_book *book, uint64_t id)
{
    uint64_t slot = id & slot_mask;

    return id != 0 && slot < book->slot_count && book->slots[slot].lease.id == id ? (uint32_t)slot
                                                                                  : NEURON_NO_SLOT;
}

/* Takes a lease out of the list of its rank. */
static void
unlink_slot(struct neuron_lease_book *book, uint32_t slot)
{
    const struct neuron_lease_slot *old = &book->slots[slot];
    struct neuron_lease_rank *rank = &book->ranks[old->lease.rank];

    if (old->previous == NEURON_NO_SLOT) {
        rank->first = old->next;
    } else {
        book->slots[old->previous].next = old->next;
    }
    if (old->next == NEURON_NO_SLOT) {
        rank->last = old->previous;
    } else {
        book->slots[old->next].previous = old->previous;
    }
    if (rank->first == NEURON_NO_SLOT) {
        book->busy_count -= 1;
        book->busy[rank->busy_at] = book->busy[book->busy_count];
        book->ranks[book->busy[rank->busy_at]].busy_at = rank->busy_at;
    }
}

void
neuron_lease_book_strike(struct neuron_lease_book *book, uint32_t slot)
{
    uint32_t twin = book->slots[slot].twin;

    if (twin != NEURON_NO_SLOT) {
        book->slots[twin].twin = NEURON_NO_SLOT;
        book->slots[twin].lease.is_copy = false;
    }
    unlink_slot(book, slot);
    book->slots[slot] = (struct neuron_lease_slot){.next = book->free_slot};
    book->free_slot = slot;
}

void
neuron_lease_book_destroy(struct neuron_lease_book *book)
{
    free(book->ranks);
    free(book->busy);
    free(book->slots);
    *book = (struct neuron_lease_book){0};
}
