/* SPDX-License-Identifier: Apache-2.0 */
/* What the lease server keeps of what was done: pieces, rows that failed, times. */
#ifndef NEURON_SCORE_DESK_BOOKS_H
#define NEURON_SCORE_DESK_BOOKS_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/failure_list.h"
#include "score/journal.h"
#include "score/lease_message.h"
#include "score/output_set.h"
#include "score/score_report.h"

/* Zeroed but for the number of outputs it is empty. One thread at a time. */
struct neuron_desk_books {
    uint32_t output_count;
    struct neuron_output_piece *pieces; /* in the order of their arrival, until they are sorted */
    struct neuron_piece_sum **sums;     /* of the pieces, in the order of their arrival */
    size_t piece_count;
    size_t piece_limit;
    size_t sums_limit;
    struct neuron_failure_list failures;
    struct neuron_report_span *spans;
    size_t span_count;
    size_t span_limit;
    size_t dropped_spans; /* beyond what is kept */
    uint64_t *chunk_ns;
    size_t chunk_count;
    size_t chunk_limit;
};

/* Enters a piece; its sums are copied. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_desk_books_add_piece(struct neuron_desk_books *books, struct neuron_row_range rows,
                            const struct neuron_piece_sum *sums, struct neuron_error *error);

/* Enters when cores worked, and how long a lease took; what does not fit is counted. */
void
neuron_desk_books_add_times(struct neuron_desk_books *books,
                            const struct neuron_lease_message *done);

/* Puts pieces and failures in the order of their rows. */
void
neuron_desk_books_sort(struct neuron_desk_books *books);

/* Frees what it holds. Accepts zeroed ones. */
void
neuron_desk_books_destroy(struct neuron_desk_books *books);

#endif
