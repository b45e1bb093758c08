/* SPDX-License-Identifier: Apache-2.0 */
/* The names of what the compiler chooses, and of what it compiles for. */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "graph/node_choice.h"
#include "graph/target.h"

static void
precisions_are_named_as_on_the_command_line(void **state)
{
    (void)state;
    assert_string_equal(neuron_precision_name(NEURON_PRECISION_BFLOAT16), "bf16");
    assert_string_equal(neuron_precision_name(NEURON_PRECISION_FLOAT16), "fp16");
    assert_string_equal(neuron_precision_name(NEURON_PRECISION_INT8), "int8");
}

static void
every_choice_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < NEURON_PRECISION_END; i += 1) {
        for (int j = 0; j < i; j += 1) {
            assert_string_not_equal(neuron_precision_name((enum neuron_precision)i),
                                    neuron_precision_name((enum neuron_precision)j));
        }
    }
    for (int i = 0; i < NEURON_ALGORITHM_END; i += 1) {
        for (int j = 0; j < i; j += 1) {
            assert_string_not_equal(neuron_algorithm_name((enum neuron_algorithm)i),
                                    neuron_algorithm_name((enum neuron_algorithm)j));
        }
    }
    assert_string_equal(neuron_algorithm_name(NEURON_ALGORITHM_WINOGRAD), "winograd");
}

static void
instructions_are_found_by_their_names(void **state)
{
    static const char *const names[NEURON_INSTRUCTIONS_END] = {
        NULL, "generic", "avx2", "avx512", "avx512-vnni", "avx512-bf16", "amx"};

    (void)state;
    for (int i = NEURON_INSTRUCTIONS_GENERIC; i < NEURON_INSTRUCTIONS_END; i += 1) {
        enum neuron_instructions found = NEURON_INSTRUCTIONS_NONE;

        assert_true(neuron_instructions_find(names[i], &found));
        assert_int_equal(found, i);
        assert_string_equal(neuron_instructions_name(found), names[i]);
    }
}

static void
names_of_no_instructions_are_not_found(void **state)
{
    static const char *const names[] = {"", "AMX", "avx", "avx512-", "avx512_vnni", "sse", "amx "};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        enum neuron_instructions found = NEURON_INSTRUCTIONS_END;

        assert_false(neuron_instructions_find(names[i], &found));
    }
}

static void
sets_of_instructions_stand_in_the_order_of_what_they_hold(void **state)
{
    (void)state;
    assert_true(NEURON_INSTRUCTIONS_GENERIC < NEURON_INSTRUCTIONS_AVX2);
    assert_true(NEURON_INSTRUCTIONS_AVX2 < NEURON_INSTRUCTIONS_AVX512);
    assert_true(NEURON_INSTRUCTIONS_AVX512 < NEURON_INSTRUCTIONS_AVX512_VNNI);
    assert_true(NEURON_INSTRUCTIONS_AVX512_VNNI < NEURON_INSTRUCTIONS_AVX512_BF16);
    assert_true(NEURON_INSTRUCTIONS_AVX512_BF16 < NEURON_INSTRUCTIONS_AMX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precisions_are_named_as_on_the_command_line),
        cmocka_unit_test(every_choice_has_a_name_of_its_own),
        cmocka_unit_test(instructions_are_found_by_their_names),
        cmocka_unit_test(names_of_no_instructions_are_not_found),
        cmocka_unit_test(sets_of_instructions_stand_in_the_order_of_what_they_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
