/* SPDX-License-Identifier: Apache-2.0 */
/* What conformance cases call equal, and what they do not. */
#include "case_compare.h"

#include <math.h>
#include <string.h>

#include "check.h"

static const struct case_tolerance by_element = {.absolute = 1e-7, .relative = 1e-3};
static const struct case_tolerance by_length = {.l2 = 1e-2};

static struct case_tensor
tensor_of(enum neuron_type type, int64_t count, void *elements)
{
    struct case_tensor tensor = {.bytes = elements};

    memcpy(tensor.spec.name, "y", sizeof("y"));
    tensor.spec.shape = (struct neuron_tensor_shape){.type = type, .rank = 1, .dims = {count}};
    return tensor;
}

static void
compare_accepts_floats_within_the_tolerance(void **unused)
{
    float expected[] = {1000, -1000, 0, NAN, INFINITY, -INFINITY};
    const float result[] = {1000.9F, -999.1F, 5e-8F, NAN, INFINITY, -INFINITY};
    const struct case_tensor tensor = tensor_of(NEURON_FLOAT32, 6, expected);
    struct neuron_error error = {0};

    (void)unused;
    assert_ok(case_compare(&tensor, result, &by_element, &error), &error);
}

/* Each pair of the array is what is expected and what is wrong for it. */
static void
compare_refuses_each_of_these_floats(void **unused)
{
    const float pairs[][2] = {
        {1000, 1001.5F}, {0, 2e-7F},           {1, NAN}, {NAN, 1}, {1, INFINITY},
        {INFINITY, 1},   {INFINITY, -INFINITY}};

    (void)unused;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i += 1) {
        float expected[] = {7, pairs[i][0]};
        const float result[] = {7, pairs[i][1]};
        const struct case_tensor tensor = tensor_of(NEURON_FLOAT32, 2, expected);
        struct neuron_error error = {0};

        assert_status(NEURON_NUMERICAL_ERROR, case_compare(&tensor, result, &by_element, &error),
                      &error);
        assert_contains(error.text, "output y: 1 of 2 elements differ; element 1 is ");
    }
}

static void
compare_reads_both_kinds_of_short_floats(void **unused)
{
    const struct {
        enum neuron_type type;
        uint16_t expected[4];
        uint16_t near; /* the last one, one step further */
        uint16_t far;
    } rows[] = {
        {NEURON_FLOAT16, {0x7c00, 0x7e00, 0x0001, 0x3c00}, 0x3bff, 0x3c02}, /* 1 is last */
        {NEURON_BFLOAT16, {0x7f80, 0x7fc0, 0x0001, 0x3f80}, 0x3f80, 0x3f82},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i += 1) {
        uint16_t expected[4];
        uint16_t result[4];
        struct neuron_error error = {0};

        memcpy(expected, rows[i].expected, sizeof(expected));
        memcpy(result, rows[i].expected, sizeof(result));
        const struct case_tensor tensor = tensor_of(rows[i].type, 4, expected);
        result[3] = rows[i].near;
        assert_ok(case_compare(&tensor, result, &by_element, &error), &error);
        result[3] = rows[i].far;
        assert_status(NEURON_NUMERICAL_ERROR, case_compare(&tensor, result, &by_element, &error),
                      &error);
    }
}

static void
compare_wants_integers_exact(void **unused)
{
    int64_t expected[] = {INT64_MAX, -2};
    int64_t result[] = {INT64_MAX, -2};
    const struct case_tensor tensor = tensor_of(NEURON_INT64, 2, expected);
    struct neuron_error error = {0};

    (void)unused;
    assert_ok(case_compare(&tensor, result, &by_length, &error), &error);
    result[0] = INT64_MAX - 1;
    assert_status(NEURON_NUMERICAL_ERROR, case_compare(&tensor, result, &by_element, &error),
                  &error);
    assert_contains(error.text, "element 0 is 9223372036854775806, not 9223372036854775807");
}

static void
compare_tells_signed_bytes_from_others(void **unused)
{
    unsigned char expected[] = {0xff};
    const unsigned char result[] = {0xfe};
    const struct case_tensor whole = tensor_of(NEURON_INT8, 1, expected);
    const struct case_tensor natural = tensor_of(NEURON_UINT8, 1, expected);
    struct neuron_error error = {0};

    (void)unused;
    assert_status(NEURON_NUMERICAL_ERROR, case_compare(&whole, result, &by_element, &error),
                  &error);
    assert_contains(error.text, "is -2, not -1");
    assert_status(NEURON_NUMERICAL_ERROR, case_compare(&natural, result, &by_element, &error),
                  &error);
    assert_contains(error.text, "is 254, not 255");
}

static void
compare_measures_the_length_of_the_difference(void **unused)
{
    float expected[] = {100, 0, 0};
    float result[] = {100.5F, 0.5F, 0};
    const struct case_tensor tensor = tensor_of(NEURON_FLOAT32, 3, expected);
    struct neuron_error error = {0};

    (void)unused;
    assert_ok(case_compare(&tensor, result, &by_length, &error), &error);
    result[2] = 1;
    assert_status(NEURON_NUMERICAL_ERROR, case_compare(&tensor, result, &by_length, &error),
                  &error);
    result[2] = NAN;
    assert_status(NEURON_NUMERICAL_ERROR, case_compare(&tensor, result, &by_length, &error),
                  &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_accepts_floats_within_the_tolerance),
        cmocka_unit_test(compare_refuses_each_of_these_floats),
        cmocka_unit_test(compare_reads_both_kinds_of_short_floats),
        cmocka_unit_test(compare_wants_integers_exact),
        cmocka_unit_test(compare_tells_signed_bytes_from_others),
        cmocka_unit_test(compare_measures_the_length_of_the_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
