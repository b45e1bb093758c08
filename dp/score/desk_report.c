/* SPDX-License-Identifier: Apache-2.0 */
/* What a desk tells about the job, and what becomes of ranks that stayed silent. */
#include <stdio.h>

#include "score/lease_desk_body.h"

const struct neuron_lease_desk_state *
neuron_lease_desk_state(const struct neuron_lease_desk *desk)
{
    return &desk->state;
}

uint32_t
neuron_lease_desk_live_count(const struct neuron_lease_desk *desk)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < desk->roll.count; i += 1) {
        count += desk->roll.ranks[i].is_alive ? 1 : 0;
    }
    return count;
}

uint32_t
neuron_lease_desk_absent_count(const struct neuron_lease_desk *desk)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < desk->roll.count; i += 1) {
        count += desk->roll.ranks[i].joined_ns == 0 ? 1 : 0;
    }
    return count;
}

void
neuron_lease_desk_report(struct neuron_lease_desk *desk, struct neuron_score_report *report)
{
    report->end = desk->state.end;
    report->end_text = desk->state.text;
    report->rows = desk->plan->rules.rows;
    report->rows_before = desk->rows_before;
    report->done_rows = desk->state.done_rows;
    report->failures = desk->books.failures.items;
    report->failure_count = desk->books.failures.count;
    report->first_lease_ns = desk->first_lease_ns;
    report->first_done_ns = desk->first_done_ns;
    report->tail_ns = desk->tail_ns;
    report->last_done_ns = desk->last_done_ns;
    report->ranks = desk->roll.ranks;
    report->rank_count = desk->roll.count;
    report->spans = desk->books.spans;
    report->span_count = desk->books.span_count;
    report->dropped_spans = desk->books.dropped_spans;
    report->chunk_ns = desk->books.chunk_ns;
    report->chunk_count = desk->books.chunk_count;
    report->lost_lease_count = desk->lost_leases;
    report->copy_count = desk->copies;
    report->audit_count = desk->audits;
    report->audit_difference_count = desk->audit_differences;
}

void
neuron_lease_desk_end_silent(struct neuron_lease_desk *desk)
{
    for (uint32_t i = 0; i < desk->roll.count; i += 1) {
        if (!desk->roll.ranks[i].is_alive && neuron_rank_roll_end_process(&desk->roll, i)) {
            (void)fprintf(stderr, "neuron-score: rank %u (pid %lld) was silent; it was ended\n", i,
                          (long long)desk->roll.ranks[i].pid);
        }
    }
}

struct neuron_desk_books *
neuron_lease_desk_books(struct neuron_lease_desk *desk)
{
    return &desk->books;
}
