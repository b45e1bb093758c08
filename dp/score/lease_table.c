/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_table.h"

#include <stdlib.h>

#include "score/lease_state.h"

static enum neuron_status
fail_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the leases of the job");
}

enum neuron_status
neuron_lease_table_create(const struct neuron_lease_rules *rules, struct neuron_lease_table **table,
                          struct neuron_error *error)
{
    const struct neuron_row_range all = {.first = 0, .count = rules->rows};
    struct neuron_lease_table *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return fail_memory(error);
    }
    made->rules = *rules;
    made->rules.most_rows = rules->most_rows == 0 ? 1 : rules->most_rows;
    enum neuron_status status = neuron_lease_book_create(&made->book, rules->rank_count, error);
    if (status == NEURON_OK) {
        status = neuron_row_set_add(&made->pool.free, all, NULL, error);
    }
    if (status != NEURON_OK) {
        neuron_lease_table_destroy(made);
        return status;
    }
    *table = made;
    return NEURON_OK;
}

enum neuron_status
neuron_lease_table_set_done(struct neuron_lease_table *table, struct neuron_row_range rows,
                            struct neuron_error *error)
{
    uint64_t removed = 0;

    enum neuron_status status = neuron_lease_pool_remove(&table->pool, rows, &removed, error);
    table->done_rows += status == NEURON_OK ? removed : 0;
    return status;
}

enum neuron_status
neuron_lease_table_set_lost(struct neuron_lease_table *table, struct neuron_row_range rows,
                            uint32_t count, struct neuron_error *error)
{
    if (count == 0) {
        return NEURON_OK;
    }
    return count == 1 ? neuron_lease_pool_note_loss(&table->pool, rows, error)
                      : neuron_lease_pool_suspect(&table->pool, rows, error);
}

/* Takes a rank out of the sums over all ranks that have joined. */
static void
forget_rank(struct neuron_lease_table *table, struct neuron_lease_rank *rank)
{
    if (!rank->has_joined) {
        return;
    }
    table->live_count -= 1;
    if (rank->rows_per_ns > 0.0) {
        table->measured_count -= 1;
        table->rate_sum = table->measured_count > 0 ? table->rate_sum - rank->rows_per_ns : 0.0;
    }
    rank->rows_per_ns = 0.0;
    rank->has_joined = false;
}

enum neuron_status
neuron_lease_table_check_rank(const struct neuron_lease_table *table, uint32_t rank,
                              struct neuron_error *error)
{
    if (rank >= table->book.rank_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "rank %u is none of the job's %u", rank,
                           table->book.rank_count);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_table_join(struct neuron_lease_table *table, uint32_t rank, uint64_t round_rows,
                        uint64_t now_ns, struct neuron_error *error)
{
    enum neuron_status status = neuron_lease_table_check_rank(table, rank, error);
    if (status == NEURON_OK && table->book.ranks[rank].has_joined) {
        status = neuron_lease_table_lose(table, rank, NEURON_RANK_DIED, now_ns, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    table->book.ranks[rank].round_rows = round_rows == 0 ? 1 : round_rows;
    table->book.ranks[rank].has_joined = true;
    table->book.ranks[rank].is_lost = false;
    table->live_count += 1;
    return NEURON_OK;
}

void
neuron_lease_table_measure(struct neuron_lease_table *table, uint32_t rank_index, uint64_t rows,
                           uint64_t busy_ns)
{
    struct neuron_lease_rank *rank = &table->book.ranks[rank_index];
    double measured = busy_ns > 0 ? (double)rows / (double)busy_ns : 0.0;

    if (!(measured > 0.0) || !rank->has_joined) {
        return;
    }
    if (rank->rows_per_ns > 0.0) {
        measured = (rank->rows_per_ns + measured) / 2.0;
    } else {
        table->measured_count += 1;
    }
    table->rate_sum += measured - rank->rows_per_ns;
    rank->rows_per_ns = measured;
}

/* Has the rows of a lease run once more, if they are chosen for it. */
static bool
plan_audit(struct neuron_lease_table *table, const struct neuron_lease *lease, uint32_t nc)
{
    struct neuron_audit_due due = {.rows = lease->rows, .rank = lease->rank, .nc = nc};

    if (lease->kind != NEURON_LEASE_NORMAL || !neuron_audit_is_chosen(&table->rules, due.rows)) {
        return true;
    }
    due.rows.count =
        due.rows.count < table->rules.audit_rows ? due.rows.count : table->rules.audit_rows;
    return due.rows.count == 0 || neuron_audit_queue_push(&table->audits, &due);
}

/* Strikes a lease out that is over, and settles what hung on it. */
static void
strike(struct neuron_lease_table *table, uint32_t slot, uint64_t busy_ns, uint64_t now_ns)
{
    const struct neuron_lease ended = table->book.slots[slot].lease;
    uint32_t twin = table->book.slots[slot].twin;
    uint32_t next = table->book.slots[slot].next;

    neuron_lease_book_strike(&table->book, slot);
    /* What is run apart says nothing of the rank. */
    if (ended.kind != NEURON_LEASE_SUSPECT) {
        neuron_lease_table_measure(table, ended.rank, ended.rows.count, busy_ns);
    }
    if (twin != NEURON_NO_SLOT) {
        table->book.slots[twin].is_needless = true;
    }
    if (next != NEURON_NO_SLOT) {
        table->book.slots[next].begin_ns = now_ns;
    }
    table->running_audits -= ended.kind == NEURON_LEASE_AUDIT ? 1 : 0;
}

enum neuron_status
neuron_lease_table_end(struct neuron_lease_table *table, const struct neuron_lease_end *end,
                       uint64_t now_ns, bool *counts, struct neuron_lease *lease,
                       struct neuron_error *error)
{
    uint32_t slot = neuron_lease_book_find(&table->book, end->id);
    struct neuron_lease ended = {0};
    bool is_news = false;

    if (slot != NEURON_NO_SLOT) {
        ended = table->book.slots[slot].lease;
        is_news = ended.kind != NEURON_LEASE_AUDIT && !table->book.slots[slot].is_needless;
        if (is_news && !plan_audit(table, &ended, end->nc)) {
            return fail_memory(error);
        }
        strike(table, slot, end->busy_ns, now_ns);
        table->done_rows += is_news ? ended.rows.count : 0;
    }
    *counts = is_news;
    if (lease != NULL) {
        *lease = ended;
    }
    return NEURON_OK;
}

/* Puts an audit back whose rank is lost; one that has lost two ranks is given up. */
static enum neuron_status
lose_audit(struct neuron_lease_table *table, const struct neuron_lease_slot *slot,
           enum neuron_rank_loss loss, struct neuron_error *error)
{
    struct neuron_audit_due due = slot->audited;

    due.loss_count += loss == NEURON_RANK_DIED ? 1 : 0;
    if (due.loss_count < 2 && !neuron_audit_queue_push(&table->audits, &due)) {
        return fail_memory(error);
    }
    table->running_audits -= 1;
    return NEURON_OK;
}

static enum neuron_status
lose_lease(struct neuron_lease_table *table, const struct neuron_lease_slot *slot,
           enum neuron_rank_loss loss, struct neuron_error *error)
{
    enum neuron_pool_return why = NEURON_POOL_UNUSED;

    if (slot->is_needless) {
        return NEURON_OK;
    }
    if (slot->lease.kind == NEURON_LEASE_AUDIT) {
        return lose_audit(table, slot, loss, error);
    }
    if (slot->twin != NEURON_NO_SLOT) {
        return loss == NEURON_RANK_DIED
                   ? neuron_lease_pool_note_loss(&table->pool, slot->lease.rows, error)
                   : NEURON_OK;
    }
    if (loss == NEURON_RANK_DIED) {
        why = NEURON_POOL_LOST;
    } else if (slot->lease.kind == NEURON_LEASE_SUSPECT) {
        why = NEURON_POOL_SUSPECT;
    }
    return neuron_lease_pool_put(&table->pool, slot->lease.rows, why, error);
}

enum neuron_status
neuron_lease_table_lose(struct neuron_lease_table *table, uint32_t rank, enum neuron_rank_loss loss,
                        uint64_t now_ns, struct neuron_error *error)
{
    (void)now_ns;
    enum neuron_status status = neuron_lease_table_check_rank(table, rank, error);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_lease_rank *lost = &table->book.ranks[rank];
    while (lost->first != NEURON_NO_SLOT) {
        status = lose_lease(table, &table->book.slots[lost->first], loss, error);
        if (status != NEURON_OK) {
            return status;
        }
        neuron_lease_book_strike(&table->book, lost->first);
    }
    forget_rank(table, lost);
    lost->is_lost = true;
    return NEURON_OK;
}

bool
neuron_lease_table_next_of(const struct neuron_lease_table *table, uint32_t rank, uint64_t after,
                           struct neuron_lease *lease)
{
    const struct neuron_lease_book *book = &table->book;
    uint32_t slot = book->ranks[rank].first;

    while (slot != NEURON_NO_SLOT && after != 0 && book->slots[slot].lease.id != after) {
        slot = book->slots[slot].next;
    }
    if (slot != NEURON_NO_SLOT && after != 0) {
        slot = book->slots[slot].next;
    }
    if (slot == NEURON_NO_SLOT) {
        return false;
    }
    *lease = book->slots[slot].lease;
    return true;
}

bool
neuron_lease_table_find(const struct neuron_lease_table *table, uint64_t id,
                        struct neuron_lease *lease)
{
    uint32_t slot = neuron_lease_book_find(&table->book, id);

    if (slot == NEURON_NO_SLOT) {
        return false;
    }
    *lease = table->book.slots[slot].lease;
    return true;
}

bool
neuron_lease_table_find_needless(struct neuron_lease_table *table, uint32_t rank,
                                 struct neuron_lease *lease)
{
    if (rank >= table->book.rank_count) {
        return false;
    }
    for (uint32_t i = table->book.ranks[rank].first; i != NEURON_NO_SLOT;
         i = table->book.slots[i].next) {
        if (table->book.slots[i].is_needless) {
            *lease = table->book.slots[i].lease;
            neuron_lease_book_strike(&table->book, i);
            return true;
        }
    }
    return false;
}

uint64_t
neuron_lease_table_done_rows(const struct neuron_lease_table *table)
{
    return table->done_rows;
}

bool
neuron_lease_table_is_complete(const struct neuron_lease_table *table)
{
    return table->done_rows == table->rules.rows && table->running_audits == 0 &&
           neuron_audit_queue_count(&table->audits) == 0;
}

void
neuron_lease_table_destroy(struct neuron_lease_table *table)
{
    if (table == NULL) {
        return;
    }
    neuron_lease_pool_destroy(&table->pool);
    neuron_lease_book_destroy(&table->book);
    neuron_audit_queue_destroy(&table->audits);
    free(table);
}
