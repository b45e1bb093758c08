/* SPDX-License-Identifier: Apache-2.0 */
#include "score/desk_books.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SPAN_LIMIT = 200000, CHUNK_LIMIT = 1000000 };

/* Makes room for one more entry; false where there is none. */
static bool
make_room(void **items, size_t *limit, size_t count, size_t size_bytes)
{
    if (count < *limit) {
        return true;
    }
    size_t wanted = *limit == 0 ? 64 : 2 * *limit;
    void *grown = reallocarray(*items, wanted, size_bytes);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *limit = wanted;
    return true;
}

enum neuron_status
neuron_desk_books_add_piece(struct neuron_desk_books *books, struct neuron_row_range rows,
                            const struct neuron_piece_sum *sums, struct neuron_error *error)
{
    void *pieces = books->pieces;
    void *owned = books->sums;
    struct neuron_piece_sum *copy = calloc(books->output_count, sizeof(*copy));
    bool has_room =
        make_room(&pieces, &books->piece_limit, books->piece_count, sizeof(*books->pieces));

    books->pieces = pieces;
    has_room = make_room(&owned, &books->sums_limit, books->piece_count,
                         sizeof(struct neuron_piece_sum *)) &&
               has_room;
    books->sums = owned;
    if (copy == NULL || !has_room) {
        free(copy);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for what is done");
    }
    memcpy(copy, sums, books->output_count * sizeof(*copy));
    books->sums[books->piece_count] = copy;
    books->pieces[books->piece_count] = (struct neuron_output_piece){.rows = rows, .sums = copy};
    books->piece_count += 1;
    return NEURON_OK;
}

void
neuron_desk_books_add_times(struct neuron_desk_books *books,
                            const struct neuron_lease_message *done)
{
    void *items = books->chunk_ns;

    if (books->chunk_count < CHUNK_LIMIT &&
        make_room(&items, &books->chunk_limit, books->chunk_count, sizeof(*books->chunk_ns))) {
        books->chunk_ns = items;
        books->chunk_ns[books->chunk_count] = done->chunk_ns;
        books->chunk_count += 1;
    }
    for (uint32_t i = 0; i < done->span_count; i += 1) {
        items = books->spans;
        if (books->span_count >= SPAN_LIMIT ||
            !make_room(&items, &books->span_limit, books->span_count, sizeof(*books->spans))) {
            books->dropped_spans += 1;
            continue;
        }
        books->spans = items;
        books->spans[books->span_count] =
            (struct neuron_report_span){.rank = done->rank, .span = done->spans[i]};
        books->span_count += 1;
    }
}

static int
compare_pieces(const void *left, const void *right)
{
    const struct neuron_output_piece *a = left;
    const struct neuron_output_piece *b = right;

    return a->rows.first < b->rows.first ? -1 : a->rows.first > b->rows.first ? 1 : 0;
}

void
neuron_desk_books_sort(struct neuron_desk_books *books)
{
    if (books->piece_count > 0) {
        qsort(books->pieces, books->piece_count, sizeof(*books->pieces), compare_pieces);
    }
    neuron_failure_list_sort(&books->failures);
}

void
neuron_desk_books_destroy(struct neuron_desk_books *books)
{
    for (size_t i = 0; i < books->piece_count; i += 1) {
        free(books->sums[i]);
    }
    free(books->sums);
    free(books->pieces);
    neuron_failure_list_destroy(&books->failures);
    free(books->spans);
    free(books->chunk_ns);
    *books = (struct neuron_desk_books){0};
}
