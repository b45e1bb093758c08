/* SPDX-License-Identifier: Apache-2.0 */
/* Which layouts can be cut without moving anything, and where the pieces lie. */
#include "engine/wide_split.h"

#include <string.h>

#include "check.h"

static dnnl_memory_desc_t
layout_of(int rank, const int64_t *dims, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t layout = {0};
    dnnl_dims_t all = {0};

    memcpy(all, dims, (size_t)rank * sizeof(*dims));
    assert_int_equal(dnnl_memory_desc_init_by_tag(&layout, rank, all, dnnl_f32, tag), dnnl_success);
    return layout;
}

/* Cuts a layout, and fails the test unless the piece is as if it lay alone. */
static void
expect_piece(const dnnl_memory_desc_t *whole, dnnl_format_tag_t tag, int dimension, int64_t begin,
             int64_t end, size_t expected_offset)
{
    dnnl_memory_desc_t piece = {0};
    size_t offset = 0;

    assert_true(neuron_wide_cut_layout(whole, dimension, begin, end, &piece, &offset));
    assert_int_equal(offset, expected_offset);
    dnnl_memory_desc_t alone = layout_of(piece.ndims, piece.dims, tag);
    assert_true(dnnl_memory_desc_equal(&piece, &alone));
    assert_int_equal(piece.dims[dimension], end - begin);
}

static void
expect_refusal(const dnnl_memory_desc_t *whole, int dimension, int64_t begin, int64_t end)
{
    dnnl_memory_desc_t piece = {0};
    size_t offset = 77;

    assert_false(neuron_wide_cut_layout(whole, dimension, begin, end, &piece, &offset));
    assert_int_equal(offset, 77);
}

static void
rows_of_a_matrix_are_pieces_and_columns_are_not(void **state)
{
    dnnl_memory_desc_t matrix = layout_of(2, (const int64_t[]){10, 6}, dnnl_ab);
    dnnl_memory_desc_t row = layout_of(2, (const int64_t[]){1, 6}, dnnl_ab);

    (void)state;
    expect_piece(&matrix, dnnl_ab, 0, 0, 5, 0);
    expect_piece(&matrix, dnnl_ab, 0, 7, 10, (size_t)7 * 6 * 4);
    expect_refusal(&matrix, 1, 0, 3);
    expect_piece(&row, dnnl_ab, 1, 2, 6, (size_t)2 * 4);
}

static void
images_are_cut_in_rows_where_channels_lie_inside(void **state)
{
    dnnl_memory_desc_t inside = layout_of(4, (const int64_t[]){1, 32, 8, 5}, dnnl_nhwc);
    dnnl_memory_desc_t outside = layout_of(4, (const int64_t[]){1, 32, 8, 5}, dnnl_nchw);
    dnnl_memory_desc_t several = layout_of(4, (const int64_t[]){2, 32, 8, 5}, dnnl_nhwc);

    (void)state;
    expect_piece(&inside, dnnl_nhwc, 2, 3, 8, (size_t)3 * 5 * 32 * 4);
    expect_refusal(&inside, 1, 0, 16);
    expect_refusal(&outside, 2, 0, 4);
    expect_piece(&outside, dnnl_nchw, 1, 16, 32, (size_t)16 * 8 * 5 * 4);
    expect_refusal(&several, 2, 0, 4);
    expect_piece(&several, dnnl_nhwc, 0, 1, 2, (size_t)32 * 8 * 5 * 4);
}

static void
blocks_are_not_cut(void **state)
{
    dnnl_memory_desc_t image = layout_of(4, (const int64_t[]){1, 40, 8, 5}, dnnl_nChw16c);

    (void)state;
    expect_piece(&image, dnnl_nChw16c, 1, 16, 40, (size_t)16 * 8 * 5 * 4);
    expect_piece(&image, dnnl_nChw16c, 1, 0, 16, 0);
    expect_refusal(&image, 1, 8, 40);
    expect_refusal(&image, 1, 0, 24);
    expect_refusal(&image, 2, 0, 4);
}

static void
weights_are_cut_in_blocks_of_outputs(void **state)
{
    dnnl_memory_desc_t weights = layout_of(4, (const int64_t[]){64, 32, 3, 3}, dnnl_OIhw16i16o);

    (void)state;
    expect_piece(&weights, dnnl_OIhw16i16o, 0, 32, 64, (size_t)32 * 32 * 9 * 4);
    expect_refusal(&weights, 1, 0, 16);
}

static void
a_piece_of_something_is_not_cut_again(void **state)
{
    dnnl_memory_desc_t matrix = layout_of(2, (const int64_t[]){10, 6}, dnnl_ab);

    (void)state;
    matrix.offset0 = 6;
    expect_refusal(&matrix, 0, 0, 5);
    matrix.offset0 = 0;
    matrix.extra.flags = 1;
    expect_refusal(&matrix, 0, 0, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_matrix_are_pieces_and_columns_are_not),
        cmocka_unit_test(images_are_cut_in_rows_where_channels_lie_inside),
        cmocka_unit_test(blocks_are_not_cut),
        cmocka_unit_test(weights_are_cut_in_blocks_of_outputs),
        cmocka_unit_test(a_piece_of_something_is_not_cut_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
