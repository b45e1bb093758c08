/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes into tensors, out of them, and between them. */
#include "nrt_bench.h"

#include <stdlib.h>
#include <string.h>

#include "nrt_models.h"

enum { SIZE = 26 };

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

/* A tensor of the letters. */
static nrt_tensor_t *
letters(nrt_tensor_placement_t placement, int vnc)
{
    nrt_tensor_t *tensor = NULL;

    assert_nrt_ok(nrt_tensor_allocate(placement, vnc, SIZE, "letters", &tensor));
    assert_nrt_ok(nrt_tensor_write(tensor, alphabet, 0, SIZE));
    return tensor;
}

static void
expect_letters(const nrt_tensor_t *tensor, const char *expected)
{
    char read[SIZE + 1] = "";

    assert_nrt_ok(nrt_tensor_read(tensor, read, 0, SIZE));
    assert_string_equal(read, expected);
}

static void
bytes_go_in_and_out_at_offsets(void **state)
{
    nrt_tensor_t *tensor = letters(NRT_TENSOR_PLACEMENT_DEVICE, 0);
    char read[4] = "";

    (void)state;
    assert_nrt_ok(nrt_tensor_write(tensor, "123", 23, 3));
    assert_nrt_ok(nrt_tensor_read(tensor, read, 22, 3));
    assert_string_equal(read, "w12");
    assert_nrt_ok(nrt_tensor_memset(tensor, 1, 'X', 2));
    expect_letters(tensor, "aXXdefghijklmnopqrstuvw123");
    nrt_tensor_free(&tensor);
}

static void
ranges_are_checked_without_overflow(void **state)
{
    static const struct {
        size_t offset;
        size_t size;
    } outside[] = {{0, SIZE + 1}, {SIZE, 1},     {SIZE + 1, 0},
                   {1, SIZE_MAX}, {SIZE_MAX, 1}, {SIZE_MAX, SIZE_MAX}};
    nrt_tensor_t *tensor = letters(NRT_TENSOR_PLACEMENT_HOST, 0);
    nrt_tensor_t *other = letters(NRT_TENSOR_PLACEMENT_HOST, 0);
    char buffer[SIZE + 1] = "";

    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i += 1) {
        size_t offset = outside[i].offset;
        size_t size = outside[i].size;

        assert_nrt(NRT_INVALID, nrt_tensor_read(tensor, buffer, offset, size));
        assert_nrt(NRT_INVALID, nrt_tensor_write(tensor, buffer, offset, size));
        assert_nrt(NRT_INVALID, nrt_tensor_memset(tensor, offset, 0, size));
        assert_nrt(NRT_INVALID, nrt_tensor_copy(tensor, offset, other, 0, size));
        assert_nrt(NRT_INVALID, nrt_tensor_copy(other, 0, tensor, offset, size));
    }
    assert_logged(*state, "1 bytes at offset 26 reach beyond tensor letters, which has 26 bytes");
    expect_letters(tensor, alphabet);
    nrt_tensor_free(&tensor);
    nrt_tensor_free(&other);
}

static void
batches_do_all_their_transfers(void **state)
{
    nrt_tensor_t *first = letters(NRT_TENSOR_PLACEMENT_DEVICE, 0);
    nrt_tensor_t *second = letters(NRT_TENSOR_PLACEMENT_HOST, 0);
    char one[] = "1";
    char two[] = "22";
    char three[4] = "333";
    const nrt_tensor_batch_op_t ops[] = {{.offset = 0, .size = 1, .buffer = one},
                                         {.offset = 24, .size = 2, .buffer = two}};
    const nrt_tensor_batch_op_t last = {.offset = 3, .size = 3, .buffer = three};
    const nrt_tensor_batch_t batches[] = {{.tensor = first, .ops = ops, .num_ops = 2},
                                          {.tensor = second, .ops = NULL, .num_ops = 0},
                                          {.tensor = second, .ops = &last, .num_ops = 1}};

    (void)state;
    assert_nrt_ok(nrt_tensor_write_batch(batches, 3, false));
    expect_letters(first, "1bcdefghijklmnopqrstuvwx22");
    expect_letters(second, "abc333ghijklmnopqrstuvwxyz");
    assert_nrt_ok(nrt_tensor_write(second, "xyz", 3, 3));
    assert_nrt_ok(nrt_tensor_read_batch(batches, 3, true));
    assert_string_equal(three, "xyz");
    nrt_tensor_free(&first);
    nrt_tensor_free(&second);
}

static void
a_batch_with_a_bad_transfer_does_none(void **state)
{
    nrt_tensor_t *tensor = letters(NRT_TENSOR_PLACEMENT_DEVICE, 0);
    char text[] = "text";
    const nrt_tensor_batch_op_t ops[] = {{.offset = 0, .size = 4, .buffer = text},
                                         {.offset = SIZE - 3, .size = 4, .buffer = text}};
    const nrt_tensor_batch_t bad_range = {.tensor = tensor, .ops = ops, .num_ops = 2};
    const nrt_tensor_batch_t no_ops = {.tensor = tensor, .ops = NULL, .num_ops = 1};
    const nrt_tensor_batch_t batches[] = {{.tensor = tensor, .ops = ops, .num_ops = 1},
                                          {.tensor = NULL, .ops = ops, .num_ops = 1}};

    (void)state;
    assert_nrt(NRT_INVALID, nrt_tensor_write_batch(&bad_range, 1, true));
    assert_nrt(NRT_INVALID, nrt_tensor_write_batch(&no_ops, 1, true));
    assert_nrt(NRT_INVALID_HANDLE, nrt_tensor_write_batch(batches, 2, true));
    expect_letters(tensor, alphabet);
    assert_nrt(NRT_INVALID, nrt_tensor_read_batch(&bad_range, 1, true));
    assert_string_equal(text, "text");
    nrt_tensor_free(&tensor);
}

static void
a_copy_may_overlap_itself(void **state)
{
    nrt_tensor_t *tensor = letters(NRT_TENSOR_PLACEMENT_DEVICE, 0);
    nrt_tensor_t *slice = NULL;

    (void)state;
    assert_nrt_ok(nrt_tensor_copy(tensor, 0, tensor, 2, 24));
    expect_letters(tensor, "ababcdefghijklmnopqrstuvwx");
    assert_nrt_ok(nrt_tensor_allocate_slice(tensor, 4, 22, NULL, &slice));
    assert_nrt_ok(nrt_tensor_copy(slice, 0, tensor, 0, 10));
    expect_letters(tensor, "cdefghijklijklmnopqrstuvwx");
    nrt_tensor_free(&slice);
    nrt_tensor_free(&tensor);
}

static void
copies_between_cores_go_by_way_of_the_host(void **state)
{
    nrt_tensor_t *here = letters(NRT_TENSOR_PLACEMENT_DEVICE, 0);
    nrt_tensor_t *there = letters(NRT_TENSOR_PLACEMENT_DEVICE, 1);
    nrt_tensor_t *host = letters(NRT_TENSOR_PLACEMENT_HOST, 0);

    assert_nrt_ok(nrt_tensor_memset(here, 0, '-', SIZE));
    assert_nrt(NRT_INVALID, nrt_tensor_copy(here, 0, there, 0, SIZE));
    assert_logged(*state, "the source is on vnc 0 and the destination on vnc 1");
    expect_letters(there, alphabet);
    assert_nrt_ok(nrt_tensor_copy(here, 0, host, 0, SIZE));
    assert_nrt_ok(nrt_tensor_copy(host, 0, there, 0, SIZE));
    expect_letters(there, "--------------------------");
    nrt_tensor_free(&here);
    nrt_tensor_free(&there);
    nrt_tensor_free(&host);
}

static void
an_address_may_be_written_directly(void **state)
{
    nrt_tensor_t *tensor = letters(NRT_TENSOR_PLACEMENT_DEVICE, 2);

    (void)state;
    assert_nrt_ok(nrt_memcpy_to_device(nrt_tensor_get_va(tensor), "ABC", 3));
    expect_letters(tensor, "ABCdefghijklmnopqrstuvwxyz");
    /* Onto itself, too. */
    assert_nrt_ok(nrt_tensor_read(tensor, (char *)nrt_tensor_get_va(tensor) + 1, 0, 3));
    expect_letters(tensor, "AABCefghijklmnopqrstuvwxyz");
    nrt_tensor_free(&tensor);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_in_and_out_at_offsets),
        cmocka_unit_test(ranges_are_checked_without_overflow),
        cmocka_unit_test(batches_do_all_their_transfers),
        cmocka_unit_test(a_batch_with_a_bad_transfer_does_none),
        cmocka_unit_test(a_copy_may_overlap_itself),
        cmocka_unit_test(copies_between_cores_go_by_way_of_the_host),
        cmocka_unit_test(an_address_may_be_written_directly),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
