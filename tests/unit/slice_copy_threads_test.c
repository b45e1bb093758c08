/* SPDX-License-Identifier: Apache-2.0 */
/* Slices that meet in cache lines, unpacked by two threads at once. */
#include "check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dense_slice.h"
#include "slice_copy.h"

#include "filled_bytes.h"

/* One of two threads' part of a tensor. */
struct half {
    struct neuron_slice slice;
    unsigned char *dense;
    unsigned char *tensor;
};

static void *
unpack_half(void *argument)
{
    const struct half *half = argument;

    neuron_slice_unpack(&half->slice, half->dense, half->tensor);
    return NULL;
}

/* Unpacks both halves of the inner dimension at once. */
static void
check_halves(size_t run_bytes, size_t run_count)
{
    const struct neuron_tensor_shape shape = {
        .type = NEURON_UINT8, .rank = 2, .dims = {(int64_t)run_count, 2 * (int64_t)run_bytes}};
    const size_t half_bytes = run_bytes * run_count;
    unsigned char *tensor = calloc(2, half_bytes);
    struct half halves[2];
    pthread_t thread;

    assert_non_null(tensor);
    for (int64_t i = 0; i < 2; i += 1) {
        const struct neuron_row_range range = {.first = i * (int64_t)run_bytes,
                                               .count = (int64_t)run_bytes};

        halves[i].slice = dense_slice_of(&shape, 1, range);
        halves[i].tensor = tensor;
        halves[i].dense = malloc(half_bytes);
        assert_non_null(halves[i].dense);
        memset(halves[i].dense, (int)i + 1, half_bytes);
    }
    assert_int_equal(pthread_create(&thread, NULL, unpack_half, &halves[1]), 0);
    (void)unpack_half(&halves[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < 2 * run_count; i += 1) {
        assert_true(is_filled(tensor + i * run_bytes, run_bytes, (unsigned char)(i % 2 + 1)));
    }
    free(halves[0].dense);
    free(halves[1].dense);
    free(tensor);
}

static void
threads_unpack_slices_of_one_tensor_side_by_side(void **state)
{
    const size_t large_bytes = (size_t)9 << 20;
    static const size_t run_bytes[] = {3, 40, 64, 100, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(run_bytes) / sizeof(run_bytes[0]); i += 1) {
        check_halves(run_bytes[i], 50);
        check_halves(run_bytes[i], large_bytes / run_bytes[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_unpack_slices_of_one_tensor_side_by_side),
    };
    return cmocka_run_group_tests_name("slice_copy_threads", tests, NULL, NULL);
}
