/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "device_ids.h"

static void
both_forms_name_the_same_cores(void **state)
{
    static const char *const ids[] = {"3", "nc:0", "nc:12", "007"};
    struct neuron_error error = {0};
    uint32_t cores[4] = {0};

    (void)state;
    assert_ok(neuron_device_ids_parse(ids, 4, 13, cores, &error), &error);
    assert_int_equal(cores[0], 3);
    assert_int_equal(cores[1], 0);
    assert_int_equal(cores[2], 12);
    assert_int_equal(cores[3], 7);
}

static void
the_last_owned_core_is_the_last_id(void **state)
{
    const char *last = "nc:4294967294";
    const char *behind = "nc:4294967295";
    struct neuron_error error = {0};
    uint32_t core = 0;

    (void)state;
    assert_ok(neuron_device_ids_parse(&last, 1, UINT32_MAX, &core, &error), &error);
    assert_int_equal(core, UINT32_MAX - 1);
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_device_ids_parse(&behind, 1, UINT32_MAX, &core, &error), &error);
}

static void
texts_of_neither_form_are_refused(void **state)
{
    static const char *const ids[] = {"",    "nc:",   "nc",    "nc3",    "-1",  "+1",
                                      " 1",  "1 ",    "nc: 1", "NC:1",   "0x1", "1.0",
                                      "1,2", "nc:1x", "x1",    "nc:nc:1"};
    struct neuron_error error = {0};
    uint32_t core = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i += 1) {
        assert_status(NEURON_INVALID_SYNTAX, neuron_device_ids_parse(&ids[i], 1, 8, &core, &error),
                      &error);
        assert_contains(error.text, ids[i]);
        assert_contains(error.text, "write \"3\" or \"nc:3\"");
    }
}

static void
a_missing_text_is_refused(void **state)
{
    const char *none = NULL;
    struct neuron_error error = {0};
    uint32_t core = 0;

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX, neuron_device_ids_parse(&none, 1, 8, &core, &error),
                  &error);
}

static void
a_core_that_is_not_owned_is_refused_with_those_that_are(void **state)
{
    static const char *const ids[] = {"nc:6", "14"};
    struct neuron_error error = {0};
    uint32_t cores[2] = {0};

    (void)state;
    assert_status(NEURON_NO_SUCH_CORE, neuron_device_ids_parse(ids, 2, 7, cores, &error), &error);
    assert_string_equal(error.text, "device id nc:14: this process owns nc:0 to nc:6");
    assert_status(NEURON_NO_SUCH_CORE, neuron_device_ids_parse(ids, 1, 1, cores, &error), &error);
    assert_string_equal(error.text, "device id nc:6: this process owns nc:0 alone");
}

static void
a_number_beyond_all_types_is_a_core_that_is_not_owned(void **state)
{
    static const char *const ids[] = {"4294967296", "nc:18446744073709551616",
                                      "99999999999999999999999999999999999999999"};
    struct neuron_error error = {0};
    uint32_t core = 0;

    (void)state;
    for (size_t i = 0; i < 3; i += 1) {
        assert_status(NEURON_NO_SUCH_CORE, neuron_device_ids_parse(&ids[i], 1, 7, &core, &error),
                      &error);
    }
}

static void
a_core_named_twice_is_refused_whatever_its_form(void **state)
{
    static const char *const ids[] = {"nc:0", "1", "nc:2", "nc:1"};
    struct neuron_error error = {0};
    uint32_t cores[4] = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_device_ids_parse(ids, 4, 8, cores, &error),
                  &error);
    assert_string_equal(error.text,
                        "device ids 1 and 3 of the list both name nc:1: name each core once");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_name_the_same_cores),
        cmocka_unit_test(the_last_owned_core_is_the_last_id),
        cmocka_unit_test(texts_of_neither_form_are_refused),
        cmocka_unit_test(a_missing_text_is_refused),
        cmocka_unit_test(a_core_that_is_not_owned_is_refused_with_those_that_are),
        cmocka_unit_test(a_number_beyond_all_types_is_a_core_that_is_not_owned),
        cmocka_unit_test(a_core_named_twice_is_refused_whatever_its_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
