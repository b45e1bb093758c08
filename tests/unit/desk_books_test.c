/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/desk_books.h"

static struct neuron_error error;

static void
add_piece(struct neuron_desk_books *books, uint64_t first)
{
    struct neuron_piece_sum sums[2] = {{.xxh3 = first, .crc32 = 1}, {.xxh3 = first + 1}};

    assert_ok(
        neuron_desk_books_add_piece(books, (struct neuron_row_range){first, 10}, sums, &error),
        &error);
    sums[0].xxh3 = 0; /* they are copied */
    sums[1].xxh3 = 0;
}

static void
pieces_keep_their_sums_when_they_are_sorted(void **state)
{
    struct neuron_desk_books books = {.output_count = 2};

    (void)state;
    for (uint64_t i = 0; i < 200; i += 1) {
        add_piece(&books, i * 7 % 200 * 10);
    }
    neuron_desk_books_sort(&books);
    add_piece(&books, 2000);
    neuron_desk_books_sort(&books);
    assert_int_equal(books.piece_count, 201);
    for (uint64_t i = 0; i < books.piece_count; i += 1) {
        assert_int_equal(books.pieces[i].rows.first, 10 * i);
        assert_int_equal(books.pieces[i].sums[0].xxh3, 10 * i);
        assert_int_equal(books.pieces[i].sums[0].crc32, 1);
        assert_int_equal(books.pieces[i].sums[1].xxh3, 10 * i + 1);
    }
    neuron_desk_books_destroy(&books);
    assert_int_equal(books.piece_count, 0);
}

static void
failures_are_sorted_with_the_pieces(void **state)
{
    struct neuron_desk_books books = {.output_count = 1};

    (void)state;
    for (uint64_t i = 10; i > 0; i -= 1) {
        const struct neuron_row_failure failure = {.row = i / 2, .stage = NEURON_BAD_RUN};

        assert_ok(neuron_failure_list_add(&books.failures, &failure, &error), &error);
    }
    neuron_desk_books_sort(&books);
    assert_int_equal(books.failures.count, 6);
    assert_int_equal(books.failures.items[5].row, 5);
    neuron_desk_books_destroy(&books);
}

static void
times_are_kept_up_to_a_limit(void **state)
{
    enum { TIMES = 4000 };
    struct neuron_desk_books books = {.output_count = 1};
    struct neuron_lease_span spans[NEURON_LEASE_SPAN_LIMIT] = {{.nc = 3}};
    const struct neuron_lease_message done = {
        .rank = 5, .chunk_ns = 17, .spans = spans, .span_count = NEURON_LEASE_SPAN_LIMIT};

    (void)state;
    for (int i = 0; i < TIMES; i += 1) {
        neuron_desk_books_add_times(&books, &done);
    }
    assert_int_equal(books.chunk_count, TIMES);
    assert_int_equal(books.chunk_ns[TIMES - 1], 17);
    assert_int_equal(books.span_count, 200000);
    assert_int_equal(books.span_count + books.dropped_spans, TIMES * NEURON_LEASE_SPAN_LIMIT);
    assert_int_equal(books.spans[0].rank, 5);
    assert_int_equal(books.spans[0].span.nc, 3);
    neuron_desk_books_destroy(&books);
}

static void
empty_books_may_be_sorted_and_destroyed(void **state)
{
    struct neuron_desk_books books = {.output_count = 1};

    (void)state;
    neuron_desk_books_sort(&books);
    neuron_desk_books_destroy(&books);
    neuron_desk_books_destroy(&books);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_keep_their_sums_when_they_are_sorted),
        cmocka_unit_test(failures_are_sorted_with_the_pieces),
        cmocka_unit_test(times_are_kept_up_to_a_limit),
        cmocka_unit_test(empty_books_may_be_sorted_and_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
