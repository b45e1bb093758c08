/* SPDX-License-Identifier: Apache-2.0 */
/* What a rank gets that asks for work. */
#include "score/lease_copy.h"
#include "score/lease_size.h"
#include "score/lease_state.h"

static enum neuron_status
fail_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the leases of the job");
}

/* The usual rate of a rank: of those that were measured. */
static double
usual_rate(const struct neuron_lease_table *table)
{
    return table->measured_count > 0 ? table->rate_sum / (double)table->measured_count : 0.0;
}

static uint64_t
size_for(const struct neuron_lease_table *table, const struct neuron_lease_rank *rank)
{
    double rate_of_all = usual_rate(table) * (double)table->live_count;
    const struct neuron_lease_need need = {
        .free_rows = table->pool.free.row_count,
        .share = rate_of_all > rank->rows_per_ns ? rank->rows_per_ns / rate_of_all : 1.0,
        .rows_per_ns = rank->rows_per_ns,
        .round_rows = rank->round_rows,
    };

    return neuron_lease_size(&table->rules, &need);
}

/* Whose part, with the static schedule, a row is. */
static uint32_t
owner_of(const struct neuron_lease_rules *rules, uint64_t row)
{
    uint32_t low = 0;
    uint32_t high = rules->rank_count - 1;

    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;

        if (neuron_row_range_of_rank(rules->rows, middle, rules->rank_count).first <= row) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* The rows of a part whose rank is lost: the first that has free ones. */
static bool
find_orphan_part(const struct neuron_lease_table *table, struct neuron_row_range *part)
{
    struct neuron_row_range rows = {0};
    uint64_t from = 0;

    while (neuron_row_set_next(&table->pool.free, from, &rows)) {
        uint32_t owner = owner_of(&table->rules, rows.first);

        *part = neuron_row_range_of_rank(table->rules.rows, owner, table->rules.rank_count);
        if (table->book.ranks[owner].is_lost) {
            return true;
        }
        from = part->first + part->count;
    }
    return false;
}

/* Takes rows that nobody has done yet, and nobody has. */
static bool
take_free(struct neuron_lease_table *table, uint32_t rank, struct neuron_row_range *rows)
{
    uint64_t most = size_for(table, &table->book.ranks[rank]);
    struct neuron_row_range part = {.first = 0, .count = table->rules.rows};

    if (table->rules.schedule == NEURON_SCHEDULE_GUIDED) {
        return neuron_lease_pool_take(&table->pool, part, most, rows);
    }
    part = neuron_row_range_of_rank(table->rules.rows, rank, table->rules.rank_count);
    return neuron_lease_pool_take(&table->pool, part, most, rows) ||
           (find_orphan_part(table, &part) &&
            neuron_lease_pool_take(&table->pool, part, most, rows));
}

/* Enters a lease; without memory its rows, if it took any, go back where they were. */
static enum neuron_status
enter(struct neuron_lease_table *table, struct neuron_lease *lease, uint64_t now_ns, uint32_t *slot,
      struct neuron_error *error)
{
    *slot = neuron_lease_book_enter(&table->book, lease, now_ns);
    if (*slot != NEURON_NO_SLOT) {
        lease->id = table->book.slots[*slot].lease.id;
        return NEURON_OK;
    }
    if (lease->kind != NEURON_LEASE_AUDIT && !lease->is_copy) {
        neuron_ignore(neuron_lease_pool_put(
            &table->pool, lease->rows,
            lease->kind == NEURON_LEASE_SUSPECT ? NEURON_POOL_SUSPECT : NEURON_POOL_UNUSED, NULL));
    }
    return fail_memory(error);
}

static enum neuron_status
give_audit(struct neuron_lease_table *table, const struct neuron_audit_due *due,
           struct neuron_lease *lease, uint64_t now_ns, struct neuron_error *error)
{
    uint32_t slot = NEURON_NO_SLOT;

    lease->kind = NEURON_LEASE_AUDIT;
    lease->rows = due->rows;
    lease->avoid_nc = due->rank == lease->rank ? due->nc : UINT32_MAX;
    enum neuron_status status = enter(table, lease, now_ns, &slot, error);
    if (status != NEURON_OK) {
        /* There is room, as one was taken. */
        (void)neuron_audit_queue_push(&table->audits, due);
        return status;
    }
    table->book.slots[slot].audited = *due;
    table->running_audits += 1;
    return NEURON_OK;
}

/* Takes an audit when no row is free: one of another rank; an own one only where the others have
 * more to do than they will soon come to. */
static bool
take_late_audit(struct neuron_lease_table *table, uint32_t rank, struct neuron_audit_due *due)
{
    size_t count = neuron_audit_queue_count(&table->audits);

    if (neuron_audit_queue_take_of_others(&table->audits, rank, count, due)) {
        return true;
    }
    return (table->live_count <= 1 || count > 2 * (size_t)table->live_count) &&
           neuron_audit_queue_take_any(&table->audits, due);
}

static enum neuron_status
give_copy(struct neuron_lease_table *table, struct neuron_lease *lease, uint64_t now_ns,
          struct neuron_error *error)
{
    uint32_t copied =
        table->rules.schedule == NEURON_SCHEDULE_GUIDED
            ? neuron_lease_copy_choose(&table->book, lease->rank, usual_rate(table), now_ns)
            : NEURON_NO_SLOT;
    uint32_t slot = NEURON_NO_SLOT;

    if (copied == NEURON_NO_SLOT) {
        return NEURON_OK;
    }
    lease->rows = table->book.slots[copied].lease.rows;
    lease->is_copy = true;
    enum neuron_status status = enter(table, lease, now_ns, &slot, error);
    if (status != NEURON_OK) {
        return status;
    }
    table->book.slots[slot].twin = copied;
    table->book.slots[copied].twin = slot;
    table->book.slots[copied].lease.is_copy = true;
    return NEURON_OK;
}

/* Takes rows out of the pool: suspect ones first, as they take longest. */
static bool
take_rows(struct neuron_lease_table *table, struct neuron_lease *lease)
{
    if (neuron_lease_pool_take_suspect(&table->pool, table->rules.most_rows, &lease->rows)) {
        lease->kind = NEURON_LEASE_SUSPECT;
        return true;
    }
    return take_free(table, lease->rank, &lease->rows);
}

/* Gives what comes first: audits while they are few, rows, all audits, copies. */
static enum neuron_status
give_first(struct neuron_lease_table *table, struct neuron_lease *lease, uint64_t now_ns,
           struct neuron_error *error)
{
    enum { EARLY_AUDITS = 64 }; /* how far is looked while there is other work */
    struct neuron_audit_due due = {0};
    uint32_t slot = NEURON_NO_SLOT;

    if (neuron_audit_queue_take_of_others(&table->audits, lease->rank, EARLY_AUDITS, &due)) {
        return give_audit(table, &due, lease, now_ns, error);
    }
    if (take_rows(table, lease)) {
        return enter(table, lease, now_ns, &slot, error);
    }
    return take_late_audit(table, lease->rank, &due) ? give_audit(table, &due, lease, now_ns, error)
                                                     : give_copy(table, lease, now_ns, error);
}

enum neuron_status
neuron_lease_table_give(struct neuron_lease_table *table, uint32_t rank, uint64_t now_ns,
                        struct neuron_lease *lease, struct neuron_error *error)
{
    struct neuron_lease made = {.rank = rank, .avoid_nc = UINT32_MAX};

    *lease = (struct neuron_lease){0};
    enum neuron_status status = neuron_lease_table_check_rank(table, rank, error);
    if (status != NEURON_OK || !table->book.ranks[rank].has_joined) {
        return status;
    }
    status = give_first(table, &made, now_ns, error);
    if (status == NEURON_OK && made.id != 0) {
        *lease = made;
    }
    return status;
}
