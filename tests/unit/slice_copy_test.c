/* SPDX-License-Identifier: Apache-2.0 */
/* Slices against a plain loop over elements, and the bytes around them. */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dense_slice.h"
#include "slice_copy.h"

#include "filled_bytes.h"
#include "random_numbers.h"

enum {
    PAGE_BYTES = 4096,
    GUARD_BYTES = 256,
    GUARDS_BYTES = 2 * GUARD_BYTES,
    BEFORE = 0x5A,
    AFTER = 0xC3
};

/* A slice of a tensor, and memory for it with guards on both sides. */
struct example {
    struct neuron_tensor_shape shape;
    uint32_t dim;
    struct neuron_row_range range;
    struct neuron_slice slice;
    size_t tensor_bytes;
    size_t dense_bytes;
    unsigned char *tensor;
    unsigned char *dense;
    unsigned char *memory[2]; /* in which they lie */
};

/* Memory of so many bytes that begins so many bytes behind a page. */
static unsigned char *
make_guarded(size_t size_bytes, size_t offset, unsigned char **memory)
{
    size_t all_bytes = size_bytes + offset + GUARDS_BYTES;

    *memory = aligned_alloc(PAGE_BYTES, (all_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
    assert_non_null(*memory);
    memset(*memory, BEFORE, all_bytes);
    return *memory + GUARD_BYTES + offset;
}

static void
create_example(struct example *example, const size_t offsets[2])
{
    struct neuron_tensor_shape sliced = example->shape;

    sliced.dims[example->dim] = example->range.count;
    example->slice = dense_slice_of(&example->shape, example->dim, example->range);
    example->tensor_bytes = neuron_tensor_shape_size_bytes(&example->shape);
    example->dense_bytes = neuron_tensor_shape_size_bytes(&sliced);
    assert_int_equal(neuron_slice_size_bytes(&example->slice), example->dense_bytes);
    example->tensor = make_guarded(example->tensor_bytes, offsets[0], &example->memory[0]);
    example->dense = make_guarded(example->dense_bytes, offsets[1], &example->memory[1]);
}

static void
destroy_example(struct example *example)
{
    free(example->memory[0]);
    free(example->memory[1]);
}

static void
assert_guards(const unsigned char *bytes, size_t size_bytes)
{
    assert_true(is_filled(bytes - GUARD_BYTES, GUARD_BYTES, BEFORE));
    assert_true(is_filled(bytes + size_bytes, GUARD_BYTES, BEFORE));
}

/* Where byte `position` of the dense slice stands in the tensor, by the coordinates of its
   element; that is the loop everything is held against. */
static size_t
find_in_tensor(const struct example *example, size_t position)
{
    size_t element_bytes = neuron_type_size_bytes(example->shape.type);
    size_t element = position / element_bytes;
    size_t found = 0;
    size_t scale = 1;

    for (uint32_t i = example->shape.rank; i > 0; i -= 1) {
        uint32_t dim = i - 1;
        int64_t extent = dim == example->dim ? example->range.count : example->shape.dims[dim];
        int64_t index = (int64_t)(element % (size_t)extent);

        element /= (size_t)extent;
        index += dim == example->dim ? example->range.first : 0;
        found += (size_t)index * scale;
        scale *= (size_t)example->shape.dims[dim];
    }
    return found * element_bytes + position % element_bytes;
}

/* A byte that tells positions apart. */
static unsigned char
byte_at(size_t position)
{
    return (unsigned char)(position * 2654435761U >> 13U);
}

/* Fills memory with bytes that tell positions apart. */
static void
number_bytes(unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        bytes[i] = byte_at(i);
    }
}

/* The first byte that is not packed as it should be, or how many there are. */
static size_t
find_wrong_packed(const struct example *example)
{
    for (size_t i = 0; i < example->dense_bytes; i += 1) {
        if (example->dense[i] != byte_at(find_in_tensor(example, i))) {
            return i;
        }
    }
    return example->dense_bytes;
}

/* The same of unpacked ones. Each that is right is taken back, so that what was there is left. */
static size_t
find_wrong_unpacked(const struct example *example)
{
    for (size_t i = 0; i < example->dense_bytes; i += 1) {
        unsigned char *found = &example->tensor[find_in_tensor(example, i)];

        if (*found != byte_at(i)) {
            return i;
        }
        *found = AFTER;
    }
    return example->dense_bytes;
}

static void
check_pack(struct example *example)
{
    number_bytes(example->tensor, example->tensor_bytes);
    neuron_slice_pack(&example->slice, example->tensor, example->dense);
    assert_int_equal(find_wrong_packed(example), example->dense_bytes);
    assert_guards(example->dense, example->dense_bytes);
}

/* The byte that stands around the slice is none that is in it, but by chance. */
static void
check_unpack(struct example *example)
{
    memset(example->tensor, AFTER, example->tensor_bytes);
    number_bytes(example->dense, example->dense_bytes);
    neuron_slice_unpack(&example->slice, example->dense, example->tensor);
    assert_int_equal(find_wrong_unpacked(example), example->dense_bytes);
    assert_true(is_filled(example->tensor, example->tensor_bytes, AFTER));
    assert_guards(example->tensor, example->tensor_bytes);
}

static void
check_example(struct example *example, const size_t offsets[2])
{
    create_example(example, offsets);
    check_pack(example);
    check_unpack(example);
    destroy_example(example);
}

/* Every slice along one dimension. */
static void
check_slices(const struct neuron_tensor_shape *shape, uint32_t dim)
{
    int64_t extent = shape->dims[dim];

    for (int64_t i = 0; i < (extent + 1) * (extent + 1); i += 1) {
        struct example example = {.shape = *shape,
                                  .dim = dim,
                                  .range = {.first = i % (extent + 1), .count = i / (extent + 1)}};
        const size_t offsets[2] = {(size_t)example.range.first, (size_t)example.range.count};

        if (example.range.first + example.range.count <= extent) {
            check_example(&example, offsets);
        }
    }
}

static void
every_slice_of_small_tensors_is_copied(void **state)
{
    static const enum neuron_type types[] = {NEURON_UINT8, NEURON_FLOAT16, NEURON_FLOAT32,
                                             NEURON_INT64};
    enum { TYPES = 4, EXTENTS = 4, INNER_EXTENTS = 5 };
    struct neuron_tensor_shape shape = {.rank = 3};

    (void)state;
    for (int i = 0; i < TYPES * EXTENTS * EXTENTS * INNER_EXTENTS; i += 1) {
        shape.type = types[i % TYPES];
        shape.dims[0] = i / TYPES % EXTENTS;
        shape.dims[1] = i / (TYPES * EXTENTS) % EXTENTS;
        shape.dims[2] = i / (TYPES * EXTENTS * EXTENTS) + 1;
        for (uint32_t dim = 0; dim < shape.rank; dim += 1) {
            check_slices(&shape, dim);
        }
    }
}

/* One slice of a matrix of bytes: run_count runs of run_bytes. */
static void
check_runs(size_t run_bytes, size_t stride_bytes, size_t run_count, const size_t offsets[2])
{
    struct example example = {
        .shape = {.type = NEURON_UINT8,
                  .rank = 2,
                  .dims = {(int64_t)run_count, (int64_t)stride_bytes}},
        .dim = 1,
        .range = {.first = (int64_t)(stride_bytes - run_bytes) / 2, .count = (int64_t)run_bytes}};

    check_example(&example, offsets);
}

static void
runs_of_every_length_are_copied(void **state)
{
    static const size_t offsets[] = {0, 1, 16};

    (void)state;
    for (size_t run_bytes = 1; run_bytes <= 200; run_bytes += 1) {
        for (size_t i = 0; i < 3; i += 1) {
            const size_t pair[2] = {offsets[i], offsets[2 - i]};

            check_runs(run_bytes, 2 * run_bytes, 33, pair);
            check_runs(run_bytes, 4 * run_bytes, 19, pair);
            check_runs(run_bytes, run_bytes + 1, 21, pair);
            check_runs(run_bytes, run_bytes, 5, pair);
        }
    }
}

/* Slices that take the ways past the caches. */
static const struct {
    size_t run_bytes;
    size_t stride_bytes;
    size_t offset;
} large_cases[] = {
    {1, 2, 0},
    {3, 7, 5},
    {4, 8, 0},
    {16, 48, 16},
    {24, 72, 8},
    {40, 80, 0},
    {64, 128, 0},
    {64, 130, 0},
    {64, 128, 16},
    {65, 130, 7},
    {96, 192, 0},
    {100, 300, 3},
    {256, 512, 0},
    {300, 601, 1},
    {1000, 2000, 16},
    {4096, 8192, 0},
    {5000, 15000, 8},
    {70001, 90000, 0},
    {1 << 20, 1 << 21, 0},
    {9 << 20, 9 << 20, 4},
};

static void
slices_larger_than_the_caches_are_copied(void **state)
{
    const size_t slice_bytes = (size_t)9 << 20;

    (void)state;
    for (size_t i = 0; i < sizeof(large_cases) / sizeof(large_cases[0]); i += 1) {
        const size_t offsets[2] = {large_cases[i].offset, large_cases[i].offset / 2};

        check_runs(large_cases[i].run_bytes, large_cases[i].stride_bytes,
                   slice_bytes / large_cases[i].run_bytes, offsets);
    }
}

static void
random_slices_are_copied(void **state)
{
    uint64_t seed = 6;

    (void)state;
    for (int i = 0; i < 300; i += 1) {
        struct example example = {
            .shape = {.type = (enum neuron_type)(1 + random_below(&seed, NEURON_BOOL)),
                      .rank = 1 + random_below(&seed, 5)}};

        for (uint32_t dim = 0; dim < example.shape.rank; dim += 1) {
            example.shape.dims[dim] = 1 + random_below(&seed, 12);
        }
        example.dim = random_below(&seed, example.shape.rank);

        int64_t extent = example.shape.dims[example.dim];

        example.range.first = random_below(&seed, (uint32_t)extent);
        example.range.count = random_below(&seed, (uint32_t)(extent - example.range.first) + 1);
        check_example(&example,
                      (const size_t[2]){random_below(&seed, 64), random_below(&seed, 64)});
    }
}

static void
an_empty_slice_touches_no_memory(void **state)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 3, .dims = {2, 5, 0}};
    const struct neuron_row_range none = {.first = 2, .count = 0};
    const struct neuron_row_range some = {.first = 2, .count = 2};
    struct neuron_slice slice = dense_slice_of(&shape, 1, none);

    (void)state;
    neuron_slice_pack(&slice, NULL, NULL);
    neuron_slice_unpack(&slice, NULL, NULL);
    slice = dense_slice_of(&shape, 1, some);
    assert_int_equal(neuron_slice_size_bytes(&slice), 0);
    neuron_slice_pack(&slice, NULL, NULL);
    neuron_slice_unpack(&slice, NULL, NULL);
}

static void
a_whole_extent_is_one_run(void **state)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 3, .dims = {2, 5, 3}};
    const struct neuron_row_range all = {.first = 0, .count = 5};
    const struct neuron_row_range part = {.first = 1, .count = 4};
    struct neuron_slice slice = dense_slice_of(&shape, 1, all);

    (void)state;
    assert_int_equal(slice.run_count, 1);
    assert_int_equal(slice.run_bytes, 120);
    assert_int_equal(slice.first_byte, 0);
    slice = dense_slice_of(&shape, 1, part);
    assert_int_equal(slice.run_count, 2);
    assert_int_equal(slice.run_bytes, 48);
    assert_int_equal(slice.stride_bytes, 60);
    assert_int_equal(slice.first_byte, 12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slice_of_small_tensors_is_copied),
        cmocka_unit_test(runs_of_every_length_are_copied),
        cmocka_unit_test(slices_larger_than_the_caches_are_copied),
        cmocka_unit_test(random_slices_are_copied),
        cmocka_unit_test(an_empty_slice_touches_no_memory),
        cmocka_unit_test(a_whole_extent_is_one_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
