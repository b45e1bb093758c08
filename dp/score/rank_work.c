/* SPDX-License-Identifier: Apache-2.0 */
#include "score/rank_work.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"
#include "score/lease_spans.h"
#include "score/output_sums.h"
#include "score/score_slot.h"

enum { SLOT_COUNT = 3, LEASE_LIMIT = 16 };

/* A lease on its way. */
struct rank_lease {
    struct neuron_lease lease;
    uint64_t begun_rows;    /* of it, that are in a slot, or beyond */
    uint64_t finished_rows; /* written, or compared */
    uint64_t busy_ns;
    bool is_dropped;
    bool audit_differs;
    uint32_t nc; /* that did the first rows */
    struct neuron_failure_list failures;
    struct neuron_lease_spans spans;
    struct neuron_output_sums *sums;
    struct neuron_piece_sum *results; /* of the sums; made at first, as the end must not fail */
};

/* A block, and whose it is. */
struct rank_slot {
    struct neuron_score_slot slot;
    struct rank_lease *lease; /* NULL while it is free */
    struct neuron_data_parallel_report *report;
};

struct neuron_rank_work {
    const struct neuron_rank_tools *tools;
    struct neuron_slot_tools slot_tools;
    struct rank_lease *leases[LEASE_LIMIT]; /* in the order of their arrival */
    uint32_t lease_count;
    struct rank_slot slots[SLOT_COUNT]; /* a ring: blocks end in the order in which they began */
    uint32_t first_slot;
    uint32_t slot_count;      /* in use */
    uint64_t finished_ns;     /* when the last block was done */
    uint64_t block_ns;        /* that blocks took lately */
    unsigned char *read_back; /* of an audit */
    size_t read_back_bytes;
    struct neuron_rank_counters counters;
};

static uint64_t
most_failures_of(const struct neuron_score_options *options)
{
    return options->on_error == NEURON_ON_ERROR_FAIL ? 0 : UINT64_MAX - 1;
}

static enum neuron_status
make_slots(struct neuron_rank_work *work, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (int i = 0; status == NEURON_OK && i < SLOT_COUNT; i += 1) {
        work->slots[i].slot.tools = &work->slot_tools;
        status = neuron_data_parallel_report_create(work->tools->parallel, &work->slots[i].report,
                                                    error);
    }
    return status;
}

enum neuron_status
neuron_rank_work_create(const struct neuron_rank_tools *tools, const struct neuron_breath *breath,
                        struct neuron_rank_work **work, struct neuron_error *error)
{
    struct neuron_rank_work *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the rows of a rank");
    }
    made->tools = tools;
    made->slot_tools = (struct neuron_slot_tools){
        .options = tools->options,
        .program = tools->program,
        .source = tools->source,
        .most_failures = most_failures_of(tools->options),
        .breath = breath == NULL ? (struct neuron_breath){0} : *breath,
        .looks_for_nans =
            tools->options->is_isolated || neuron_scored_program_is_custom(tools->program)};
    enum neuron_status status = make_slots(made, error);
    if (status != NEURON_OK) {
        neuron_rank_work_destroy(made);
        return status;
    }
    *work = made;
    return NEURON_OK;
}

static void
destroy_lease(struct rank_lease *lease)
{
    if (lease == NULL) {
        return;
    }
    neuron_failure_list_destroy(&lease->failures);
    neuron_output_sums_destroy(lease->sums);
    free(lease->results);
    free(lease);
}

enum neuron_status
neuron_rank_work_add(struct neuron_rank_work *work, const struct neuron_lease *lease,
                     struct neuron_error *error)
{
    struct rank_lease *made = calloc(1, sizeof(*made));

    if (made == NULL || work->lease_count == LEASE_LIMIT) {
        free(made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no room for one more lease");
    }
    made->lease = *lease;
    made->nc = UINT32_MAX; /* until one of this process has done a block of it */
    enum neuron_status status = neuron_output_sums_create(work->tools->outputs, &made->sums, error);
    if (status == NEURON_OK) {
        made->results = calloc(neuron_output_sums_count(made->sums), sizeof(*made->results));
        status = made->results == NULL
                     ? NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a lease")
                     : NEURON_OK;
    }
    if (status != NEURON_OK) {
        destroy_lease(made);
        return status;
    }
    work->leases[work->lease_count] = made;
    work->lease_count += 1;
    return NEURON_OK;
}

/* Whether blocks of a lease are under way. */
static bool
is_in_slot(const struct neuron_rank_work *work, const struct rank_lease *lease)
{
    for (int i = 0; i < SLOT_COUNT; i += 1) {
        if (work->slots[i].lease == lease) {
            return true;
        }
    }
    return false;
}

static void
remove_lease(struct neuron_rank_work *work, uint32_t index)
{
    destroy_lease(work->leases[index]);
    work->lease_count -= 1;
    memmove(&work->leases[index], &work->leases[index + 1],
            (work->lease_count - index) * sizeof(struct rank_lease *));
}

/* What was dropped goes once none of its blocks is under way. */
static void
remove_dropped(struct neuron_rank_work *work)
{
    for (uint32_t i = work->lease_count; i > 0; i -= 1) {
        const struct rank_lease *lease = work->leases[i - 1];

        if (lease->is_dropped && !is_in_slot(work, lease)) {
            remove_lease(work, i - 1);
        }
    }
}

void
neuron_rank_work_drop(struct neuron_rank_work *work, uint64_t id)
{
    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        if (work->leases[i]->lease.id == id) {
            work->leases[i]->is_dropped = true;
        }
    }
    for (int i = 0; i < SLOT_COUNT; i += 1) {
        if (work->slots[i].lease != NULL && work->slots[i].lease->is_dropped) {
            neuron_data_parallel_cancel(work->slots[i].slot.call);
        }
    }
    remove_dropped(work);
}

static bool
is_open(const struct rank_lease *lease)
{
    return !lease->is_dropped && lease->finished_rows < lease->lease.rows.count;
}

uint32_t
neuron_rank_work_open_count(const struct neuron_rank_work *work)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        count += is_open(work->leases[i]) ? 1 : 0;
    }
    return count;
}

uint64_t
neuron_rank_work_open_rows(const struct neuron_rank_work *work)
{
    uint64_t rows = 0;

    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        if (is_open(work->leases[i])) {
            rows += work->leases[i]->lease.rows.count - work->leases[i]->finished_rows;
        }
    }
    return rows;
}

uint64_t
neuron_rank_work_block_ns(const struct neuron_rank_work *work)
{
    return work->block_ns;
}

/* Which object runs the rows of a lease. */
static enum neuron_status
choose_parallel(const struct neuron_rank_work *work, const struct rank_lease *lease,
                struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    const struct neuron_rank_tools *tools = work->tools;

    *parallel = tools->parallel;
    if (lease->lease.kind == NEURON_LEASE_SUSPECT && !tools->options->is_isolated) {
        return neuron_spare_parallels_isolated(tools->spares, tools->parallel, parallel, error);
    }
    if (lease->lease.kind == NEURON_LEASE_AUDIT) {
        return neuron_spare_parallels_single(tools->spares, lease->lease.avoid_nc, parallel, error);
    }
    return NEURON_OK;
}

static enum neuron_status
begin_block(struct neuron_rank_work *work, struct rank_lease *lease, struct neuron_error *error)
{
    struct rank_slot *slot = &work->slots[(work->first_slot + work->slot_count) % SLOT_COUNT];
    struct neuron_row_range rows = {.first = lease->lease.rows.first + lease->begun_rows,
                                    .count = lease->lease.rows.count - lease->begun_rows};
    struct neuron_data_parallel *parallel = NULL;

    rows.count = rows.count < work->tools->block_rows ? rows.count : work->tools->block_rows;
    enum neuron_status status = choose_parallel(work, lease, &parallel, error);
    if (status == NEURON_OK) {
        status =
            neuron_score_slot_begin(&slot->slot, rows, parallel,
                                    parallel == work->tools->parallel ? slot->report : NULL, error);
    }
    if (status == NEURON_OK) {
        slot->lease = lease;
        lease->begun_rows += slot->slot.block.count;
        work->counters.read_bytes += slot->slot.block.read_bytes;
        work->slot_count += 1;
    }
    return status;
}

static struct rank_lease *
find_startable(const struct neuron_rank_work *work)
{
    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        struct rank_lease *lease = work->leases[i];

        if (!lease->is_dropped && lease->begun_rows < lease->lease.rows.count) {
            return lease;
        }
    }
    return NULL;
}

enum neuron_status
neuron_rank_work_fill(struct neuron_rank_work *work, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && work->slot_count < SLOT_COUNT - 1) {
        struct rank_lease *lease = find_startable(work);

        if (lease == NULL) {
            break;
        }
        status = begin_block(work, lease, error);
    }
    return status;
}

bool
neuron_rank_work_is_running(const struct neuron_rank_work *work)
{
    return work->slot_count > 0;
}

bool
neuron_rank_work_is_ready(struct neuron_rank_work *work)
{
    return work->slot_count > 0 && neuron_score_slot_is_done(&work->slots[work->first_slot].slot);
}

/* Compares what an audit has computed with what stands in the files. */
static enum neuron_status
compare_block(struct neuron_rank_work *work, const struct rank_slot *slot,
              struct neuron_error *error)
{
    const struct neuron_row_range rows = {.first = slot->slot.block.first,
                                          .count = slot->slot.block.count};
    uint32_t count = neuron_scored_program_output_count(work->tools->program);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        size_t bytes = neuron_output_set_tensor_row_bytes(work->tools->outputs, i) * rows.count;

        if (bytes > work->read_back_bytes) {
            free(work->read_back);
            work->read_back = malloc(bytes);
            work->read_back_bytes = work->read_back == NULL ? 0 : bytes;
        }
        if (bytes > work->read_back_bytes) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to compare results");
        }
        if (bytes > 0) {
            status = neuron_output_set_read(work->tools->outputs, i, rows, work->read_back, error);
        }
        if (status == NEURON_OK && bytes > 0 &&
            memcmp(work->read_back, slot->slot.outputs[i].data, bytes) != 0) {
            slot->lease->audit_differs = true;
        }
    }
    return status;
}

static enum neuron_status
write_block(struct neuron_rank_work *work, struct rank_slot *slot, struct neuron_error *error)
{
    const struct neuron_row_range rows = {.first = slot->slot.block.first,
                                          .count = slot->slot.block.count};
    uint64_t begin_ns = neuron_clock_ns();

    enum neuron_status status = neuron_output_set_write_block(
        work->tools->outputs, rows, slot->slot.outputs, slot->lease->sums, error);
    work->counters.write_ns += neuron_clock_ns() - begin_ns;
    work->counters.rows += rows.count;
    work->counters.written_bytes += rows.count * neuron_output_set_row_bytes(work->tools->outputs);
    return status;
}

/* What the clock says of a block that is done. */
static void
note_times(struct neuron_rank_work *work, struct rank_slot *slot)
{
    const struct neuron_row_range rows = {.first = slot->slot.block.first,
                                          .count = slot->slot.block.count};
    uint64_t now_ns = neuron_clock_ns();
    uint64_t begin_ns =
        slot->slot.begin_ns > work->finished_ns ? slot->slot.begin_ns : work->finished_ns;

    slot->lease->busy_ns += now_ns - begin_ns;
    work->counters.run_ns += now_ns - begin_ns;
    if (work->counters.warm_ns == 0) {
        work->counters.warm_ns = now_ns - begin_ns;
    }
    work->finished_ns = now_ns;
    work->block_ns =
        work->block_ns == 0 ? now_ns - begin_ns : (3 * work->block_ns + now_ns - begin_ns) / 4;
    if (slot->slot.report != NULL) {
        neuron_lease_spans_add(&slot->lease->spans, slot->slot.report, slot->slot.real_ns);
        if (slot->lease->finished_rows == 0) {
            slot->lease->nc = neuron_lease_spans_first_nc(slot->slot.report);
        }
    }
    if (work->tools->slowest != NULL && slot->slot.report != NULL) {
        neuron_slowest_block_offer(work->tools->slowest, &slot->report, &rows);
    }
}

/* A lease with a row that must not fail is not done: it is scored again once such rows may. */
static enum neuron_status
check_failures(const struct neuron_rank_work *work, const struct rank_lease *lease,
               struct neuron_error *error)
{
    const struct neuron_score_options *options = work->tools->options;
    const struct neuron_row_failure *first = lease->failures.items;

    if (lease->failures.count == 0 || options->on_error == NEURON_ON_ERROR_SKIP ||
        lease->lease.kind == NEURON_LEASE_AUDIT) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "row %llu: %s; with --on-error skip such rows are filled in and listed, and "
                       "this job goes on",
                       (unsigned long long)(options->first_row + first->row), first->reason);
}

/* What a rank writes of a block whose lease still counts. */
static enum neuron_status
settle_block(struct neuron_rank_work *work, struct rank_slot *slot, struct neuron_error *error)
{
    struct rank_lease *lease = slot->lease;

    enum neuron_status status = neuron_score_slot_finish(&slot->slot, &lease->failures, error);
    if (lease->is_dropped) {
        return NEURON_OK; /* what was taken back may have failed for that */
    }
    if (status == NEURON_OK) {
        status = neuron_row_source_check(work->tools->source, error);
    }
    if (status == NEURON_OK) {
        status = check_failures(work, lease, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    note_times(work, slot);
    status = lease->lease.kind == NEURON_LEASE_AUDIT ? compare_block(work, slot, error)
                                                     : write_block(work, slot, error);
    lease->finished_rows += slot->slot.block.count;
    return status;
}

enum neuron_status
neuron_rank_work_finish(struct neuron_rank_work *work, struct neuron_error *error)
{
    struct rank_slot *slot = &work->slots[work->first_slot];

    enum neuron_status status = settle_block(work, slot, error);
    neuron_score_slot_release(&slot->slot);
    slot->lease = NULL;
    work->first_slot = (work->first_slot + 1) % SLOT_COUNT;
    work->slot_count -= 1;
    remove_dropped(work);
    return status;
}

bool
neuron_rank_work_take_done(struct neuron_rank_work *work, struct neuron_lease_message *message)
{
    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        struct rank_lease *lease = work->leases[i];

        if (lease->is_dropped || lease->finished_rows < lease->lease.rows.count) {
            continue;
        }
        *message = (struct neuron_lease_message){
            .kind = NEURON_LEASE_DONE,
            .end = {.id = lease->lease.id, .busy_ns = lease->busy_ns, .nc = lease->nc},
            .rows = lease->lease.rows,
            .failure_count = (uint32_t)lease->failures.count,
            .failures = lease->failures.items,
            .chunk_ns = lease->busy_ns,
            .audit_differs = lease->audit_differs};
        lease->failures = (struct neuron_failure_list){0};
        message->sum_count = neuron_output_sums_count(lease->sums);
        message->sums = lease->results;
        neuron_output_sums_read(lease->sums, message->sums);
        lease->results = NULL;
        neuron_lease_spans_take(&lease->spans, &message->spans, &message->span_count);
        remove_lease(work, i);
        return true;
    }
    return false;
}

void
neuron_rank_work_count(const struct neuron_rank_work *work, struct neuron_rank_counters *counters)
{
    counters->rows += work->counters.rows;
    counters->run_ns += work->counters.run_ns;
    counters->write_ns += work->counters.write_ns;
    counters->read_bytes += work->counters.read_bytes;
    counters->written_bytes += work->counters.written_bytes;
    counters->warm_ns = counters->warm_ns == 0 ? work->counters.warm_ns : counters->warm_ns;
}

void
neuron_rank_work_destroy(struct neuron_rank_work *work)
{
    if (work == NULL) {
        return;
    }
    for (int i = 0; i < SLOT_COUNT; i += 1) {
        if (work->slots[i].lease != NULL) {
            neuron_score_slot_release(&work->slots[i].slot);
        }
        neuron_score_slot_destroy(&work->slots[i].slot);
        neuron_data_parallel_report_destroy(work->slots[i].report);
    }
    for (uint32_t i = 0; i < work->lease_count; i += 1) {
        destroy_lease(work->leases[i]);
    }
    free(work->read_back);
    free(work);
}
