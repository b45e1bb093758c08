/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler chose for a node, to a message of a NEFF file and back. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "neff/neff_attributes.h"

static struct neuron_attributes
decode(const Neuron__Neff__Attributes *message)
{
    struct neuron_attributes attributes = {.axis = 77, .precision = NEURON_PRECISION_FLOAT16};
    struct neuron_error error;

    assert_ok(neuron_neff_attributes_decode(message, 5, &attributes, &error), &error);
    return attributes;
}

static void
every_choice_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < NEURON_ALGORITHM_END * NEURON_PRECISION_END * 2; i += 1) {
        struct neuron_attributes attributes = {
            .algorithm = (enum neuron_algorithm)(i % NEURON_ALGORITHM_END),
            .precision = (enum neuron_precision)(i / NEURON_ALGORITHM_END % NEURON_PRECISION_END),
            .rounds_result = i >= NEURON_ALGORITHM_END * NEURON_PRECISION_END,
            .input_peak = (float)i * 0.37F};
        Neuron__Neff__Attributes message = neuron_neff_attributes_encode(&attributes);
        struct neuron_attributes decoded = decode(&message);

        assert_int_equal(decoded.algorithm, attributes.algorithm);
        assert_int_equal(decoded.precision, attributes.precision);
        /* Nothing is rounded to all bits. */
        assert_int_equal(decoded.rounds_result,
                         attributes.rounds_result &&
                             attributes.precision != NEURON_PRECISION_FLOAT32);
        assert_true(decoded.input_peak == attributes.input_peak);
    }
}

static const struct neuron_attributes every_attribute = {.axis = 3,
                                                         .axes = 5,
                                                         .keep_dims = true,
                                                         .type = NEURON_INT64,
                                                         .mode = 2,
                                                         .epsilon = 1e-5F,
                                                         .alpha = 0.5F,
                                                         .beta = -2.0F,
                                                         .transpose_left = true,
                                                         .kernel = {1, 2, 3},
                                                         .strides = {4, 5, 6},
                                                         .dilations = {7, 8, 9},
                                                         .pads = {1, 0, 0, 0, 0, 2},
                                                         .groups = 4,
                                                         .rank = 8,
                                                         .dims = {0, 0, 0, 0, 0, 0, 0, 11},
                                                         .starts = {-1},
                                                         .steps = {1, -2},
                                                         .order = {1, 0},
                                                         .scales = {0.0F, 1.5F},
                                                         .has_residual = true,
                                                         .activation = NEURON_OPERATOR_CLIP,
                                                         .low = -INFINITY,
                                                         .high = 6.0F,
                                                         .precision = NEURON_PRECISION_INT8,
                                                         .input_peak = 4.25F};

static void
the_other_attributes_come_back_too(void **state)
{
    struct neuron_attributes attributes = every_attribute;
    Neuron__Neff__Attributes message = neuron_neff_attributes_encode(&attributes);
    struct neuron_attributes decoded = decode(&message);

    (void)state;
    /* By encoding them again: memory between fields is not compared. */
    Neuron__Neff__Attributes again = neuron_neff_attributes_encode(&decoded);
    unsigned char first[1024];
    unsigned char second[1024];
    size_t size_bytes = neuron__neff__attributes__pack(&message, first);
    assert_int_equal(neuron__neff__attributes__pack(&again, second), size_bytes);
    assert_memory_equal(first, second, size_bytes);
}

static void
a_node_without_a_message_has_no_choice_made(void **state)
{
    struct neuron_attributes decoded = decode(NULL);

    (void)state;
    assert_int_equal(decoded.axis, 0);
    assert_int_equal(decoded.algorithm, NEURON_ALGORITHM_DEFAULT);
    assert_int_equal(decoded.precision, NEURON_PRECISION_FLOAT32);
    assert_false(decoded.rounds_result);
    assert_true(decoded.input_peak == 0.0F);
}

static void
choices_of_a_newer_version_are_left_to_the_engine(void **state)
{
    static const uint32_t numbers[] = {NEURON_ALGORITHM_END, 1000, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        Neuron__Neff__Attributes message = NEURON__NEFF__ATTRIBUTES__INIT;

        message.algorithm = numbers[i];
        message.precision = numbers[i];
        struct neuron_attributes decoded = decode(&message);
        assert_int_equal(decoded.algorithm, NEURON_ALGORITHM_DEFAULT);
        assert_int_equal(decoded.precision, NEURON_PRECISION_FLOAT32);
    }
}

static void
results_of_an_unknown_precision_are_not_rounded(void **state)
{
    Neuron__Neff__Attributes message = NEURON__NEFF__ATTRIBUTES__INIT;

    (void)state;
    message.precision = NEURON_PRECISION_END;
    message.rounds_result = 1;
    assert_false(decode(&message).rounds_result);
}

static void
lists_that_are_too_long_are_refused(void **state)
{
    uint32_t numbers[NEURON_SPATIAL_LIMIT + 1] = {1, 1, 1, 1};
    Neuron__Neff__Attributes message = NEURON__NEFF__ATTRIBUTES__INIT;
    struct neuron_attributes attributes = {0};
    struct neuron_error error;

    (void)state;
    message.kernel = numbers;
    message.n_kernel = NEURON_SPATIAL_LIMIT + 1;
    assert_status(NEURON_DAMAGED_MODEL,
                  neuron_neff_attributes_decode(&message, 12, &attributes, &error), &error);
    assert_contains(error.text, "node 12");
}

static void
operators_of_a_newer_version_are_refused(void **state)
{
    static const uint32_t codes[] = {NEURON_OPERATOR_END, 1000, UINT32_MAX};
    enum neuron_operator kind = NEURON_OPERATOR_NONE;
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_neff_operator_decode(NEURON_OPERATOR_CONV, 3, &kind, &error), &error);
    assert_int_equal(kind, NEURON_OPERATOR_CONV);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i += 1) {
        assert_status(NEURON_UNSUPPORTED_MODEL,
                      neuron_neff_operator_decode(codes[i], 3, &kind, &error), &error);
        assert_contains(error.text, "node 3");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_comes_back),
        cmocka_unit_test(the_other_attributes_come_back_too),
        cmocka_unit_test(a_node_without_a_message_has_no_choice_made),
        cmocka_unit_test(choices_of_a_newer_version_are_left_to_the_engine),
        cmocka_unit_test(results_of_an_unknown_precision_are_not_rounded),
        cmocka_unit_test(lists_that_are_too_long_are_refused),
        cmocka_unit_test(operators_of_a_newer_version_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
