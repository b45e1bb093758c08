/* SPDX-License-Identifier: Apache-2.0 */
/* NaN of every type, at every position, in sizes around those that a search may go by. */
#include "neuron/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Bits of numbers of one type. What is no NaN comes before what is one. */
struct number_bits {
    enum neuron_type type;
    uint64_t others[8];
    uint64_t nans[6];
};

static const struct number_bits all_bits[] = {
    {NEURON_FLOAT32,
     {0, 0x80000000, 0x3F800000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0x00000001, 0xFF7FFFFF},
     {0x7FC00000, 0xFFC00000, 0x7F800001, 0xFF800001, 0x7FFFFFFF, 0xFFFFFFFF}},
    {NEURON_FLOAT64,
     {0, 0x8000000000000000, 0x3FF0000000000000, 0x7FF0000000000000, 0xFFF0000000000000,
      0x7FEFFFFFFFFFFFFF, 0x0000000000000001, 0x00000000FFFFFFFF},
     {0x7FF8000000000000, 0xFFF8000000000000, 0x7FF0000000000001, 0xFFF0000000000001,
      0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF}},
    {NEURON_BFLOAT16,
     {0, 0x8000, 0x3F80, 0x7F80, 0xFF80, 0x7F7F, 0x0001, 0x7C01},
     {0x7FC0, 0xFFC0, 0x7F81, 0xFF81, 0x7FFF, 0xFFFF}},
    {NEURON_FLOAT16,
     {0, 0x8000, 0x3C00, 0x7C00, 0xFC00, 0x7BFF, 0x0001, 0xFBFF},
     {0x7E00, 0xFE00, 0x7C01, 0xFC01, 0x7FFF, 0xFFFF}},
};

enum { TYPE_COUNT = sizeof(all_bits) / sizeof(all_bits[0]) };

/* Sets an element to these bits; memory is little-endian here. */
static void
put_bits(unsigned char *elements, enum neuron_type type, size_t position, uint64_t bits)
{
    size_t size_bytes = neuron_type_size_bytes(type);

    memcpy(elements + position * size_bytes, &bits, size_bytes);
}

/* Memory of exactly so many elements, none of which is NaN. */
static unsigned char *
create_elements(const struct number_bits *bits, size_t count)
{
    unsigned char *elements = calloc(count + (count == 0), neuron_type_size_bytes(bits->type));

    assert_non_null(elements);
    for (size_t i = 0; i < count; i += 1) {
        put_bits(elements, bits->type, i, bits->others[i % 8]);
    }
    return elements;
}

static bool
has_nan(enum neuron_type type, size_t count, const void *elements)
{
    const struct neuron_tensor_shape shape = {.type = type, .rank = 1, .dims = {(int64_t)count}};

    return neuron_tensor_has_nan(&shape, elements);
}

static void
every_kind_of_nan_is_seen_and_no_other_number(void **state)
{
    (void)state;
    for (size_t type = 0; type < TYPE_COUNT; type += 1) {
        const struct number_bits *bits = &all_bits[type];
        unsigned char *element = create_elements(bits, 1);

        for (size_t i = 0; i < 8; i += 1) {
            put_bits(element, bits->type, 0, bits->others[i]);
            assert_false(has_nan(bits->type, 1, element));
        }
        for (size_t i = 0; i < 6; i += 1) {
            put_bits(element, bits->type, 0, bits->nans[i]);
            assert_true(has_nan(bits->type, 1, element));
        }
        free(element);
    }
}

/* Looks for one NaN at each position of so many elements. */
static void
check_positions(const struct number_bits *bits, size_t count)
{
    unsigned char *elements = create_elements(bits, count);

    assert_false(has_nan(bits->type, count, elements));
    for (size_t position = 0; position < count; position += 1) {
        put_bits(elements, bits->type, position, bits->nans[position % 6]);
        assert_true(has_nan(bits->type, count, elements));
        put_bits(elements, bits->type, position, bits->others[position % 8]);
    }
    assert_false(has_nan(bits->type, count, elements));
    free(elements);
}

static void
a_nan_is_seen_at_every_position_of_every_size(void **state)
{
    static const size_t counts[] = {1,   2,    3,    7,    8,    15,   16,   17,   31,
                                    255, 1023, 1024, 1025, 1039, 2047, 2048, 2049, 3071};

    (void)state;
    for (size_t type = 0; type < TYPE_COUNT; type += 1) {
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
            check_positions(&all_bits[type], counts[i]);
        }
    }
}

static void
a_tensor_without_elements_has_no_nan(void **state)
{
    (void)state;
    for (size_t type = 0; type < TYPE_COUNT; type += 1) {
        unsigned char nan[8];

        put_bits(nan, all_bits[type].type, 0, all_bits[type].nans[0]);
        assert_false(has_nan(all_bits[type].type, 0, nan));
    }
}

static void
shapes_count_all_their_dimensions(void **state)
{
    const struct neuron_tensor_shape scalar = {.type = NEURON_FLOAT32, .rank = 0};
    const struct neuron_tensor_shape cube = {.type = NEURON_FLOAT32, .rank = 3, .dims = {3, 5, 70}};
    float elements[1050] = {0};

    (void)state;
    assert_false(neuron_tensor_has_nan(&cube, elements));
    elements[1049] = NAN;
    assert_true(neuron_tensor_has_nan(&cube, elements));
    assert_false(neuron_tensor_has_nan(&scalar, elements));
    assert_true(neuron_tensor_has_nan(&scalar, &elements[1049]));
}

static void
types_without_nan_never_hold_one(void **state)
{
    static const enum neuron_type types[] = {NEURON_INT8, NEURON_UINT8, NEURON_INT32, NEURON_INT64,
                                             NEURON_BOOL};
    unsigned char ones[8 * 16];

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        memset(ones, 0xFF, sizeof(ones));
        assert_false(has_nan(types[i], 16, ones));
        for (size_t type = 0; type < TYPE_COUNT; type += 1) {
            put_bits(ones, all_bits[type].type, 1, all_bits[type].nans[0]);
            assert_false(has_nan(types[i], 16, ones));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_nan_is_seen_and_no_other_number),
        cmocka_unit_test(a_nan_is_seen_at_every_position_of_every_size),
        cmocka_unit_test(a_tensor_without_elements_has_no_nan),
        cmocka_unit_test(shapes_count_all_their_dimensions),
        cmocka_unit_test(types_without_nan_never_hold_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
