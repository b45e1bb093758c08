/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment asks of a runtime, and how it is told that it asks for nonsense. */
#include "neuron/runtime.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "environment_variable.h"

static const char *const variables[] = {
    "NEURON_RT_VISIBLE_CORES", "NEURON_RT_NUM_CORES",
    "NEURONCORE_GROUP_SIZES",  "NEURON_RT_LEASE_DIRECTORY",
    "NEURONRUN_LEASE",         "NEURON_RT_DEVICE_MEMORY",
    "NEURON_RT_EXEC_TIMEOUT",  "NEURON_RT_NUMERICAL_ERRORS_VERBOSITY",
    "NEURON_FAIL_ON_NAN",      "NEURON_PROCESS_TAG",
};

enum { VARIABLE_COUNT = sizeof(variables) / sizeof(variables[0]) };

static int
clear_environment(void **state)
{
    (void)state;
    for (int i = 0; i < VARIABLE_COUNT; i += 1) {
        if (unsetenv(variables[i]) != 0) { /* NOLINT(concurrency-mt-unsafe): one thread runs */
            return -1;
        }
    }
    return 0;
}

/* What the environment asks for with this variable set, which must be right. */
static struct neuron_runtime_options
read_with(const char *name, const char *value)
{
    struct neuron_runtime_options options = {0};
    struct neuron_error error = {0};

    set_variable(name, value);
    assert_ok(neuron_runtime_options_read(&options, &error), &error);
    return options;
}

/* Fails unless the value is refused, and the reason names the variable, the value and `advice`. */
static void
check_refused(const char *name, const char *value, const char *advice)
{
    struct neuron_runtime_options options = {.core_count = 77};
    struct neuron_error error = {0};

    set_variable(name, value);
    assert_status(NEURON_INVALID_SYNTAX, neuron_runtime_options_read(&options, &error), &error);
    assert_contains(error.text, name);
    assert_contains(error.text, value);
    assert_contains(error.text, advice);
    assert_int_equal(options.core_count, 77);
    assert_status(NEURON_INVALID_SYNTAX, neuron_runtime_options_read(&options, NULL), NULL);
}

static void
an_empty_environment_asks_for_all_and_has_the_usual_timeout(void **state)
{
    struct neuron_runtime_options options = {.core_count = 77};
    struct neuron_error error = {0};

    (void)state;
    for (int round = 0; round < 2; round += 1) {
        assert_ok(neuron_runtime_options_read(&options, &error), &error);
        assert_null(options.visible_cores);
        assert_null(options.group_sizes);
        assert_null(options.lease.directory);
        assert_null(options.process_tag);
        assert_int_equal(options.core_count, 0);
        assert_int_equal(options.lease.parent.pid, 0);
        assert_int_equal(options.device_memory_bytes, 0);
        assert_int_equal(options.execution_timeout_ms, 600000);
        assert_int_equal(options.numerical_check, NEURON_NUMERICAL_CHECK_OFF);
        for (int i = 0; i < VARIABLE_COUNT; i += 1) {
            set_variable(variables[i], ""); /* the same as unset */
        }
    }
}

static void
group_sizes_are_kept_as_text(void **state)
{
    (void)state;
    assert_string_equal(read_with("NEURONCORE_GROUP_SIZES", "2,4").group_sizes, "2,4");
    assert_string_equal(read_with("NEURONCORE_GROUP_SIZES", "[2x1]").group_sizes, "[2x1]");
}

static void
group_sizes_that_do_not_parse_are_refused(void **state)
{
    (void)state;
    check_refused("NEURONCORE_GROUP_SIZES", "2;4", "as in 2,4");
    check_refused("NEURONCORE_GROUP_SIZES", "0", "each from 1");
}

static void
device_memory_is_read_in_bytes_and_powers_of_1024(void **state)
{
    static const char name[] = "NEURON_RT_DEVICE_MEMORY";

    (void)state;
    assert_int_equal(read_with(name, "0").device_memory_bytes, 0);
    assert_int_equal(read_with(name, "123456789").device_memory_bytes, 123456789);
    assert_int_equal(read_with(name, "3K").device_memory_bytes, 3072);
    assert_int_equal(read_with(name, "5M").device_memory_bytes, 5 << 20);
    assert_int_equal(read_with(name, "4G").device_memory_bytes, UINT64_C(4) << 30);
    assert_int_equal(read_with(name, "4g").device_memory_bytes, UINT64_C(4) << 30);
    assert_int_equal(read_with(name, "4GB").device_memory_bytes, UINT64_C(4) << 30);
    assert_int_equal(read_with(name, "4GiB").device_memory_bytes, UINT64_C(4) << 30);
    assert_int_equal(read_with(name, "4Gi").device_memory_bytes, UINT64_C(4) << 30);
    assert_int_equal(read_with(name, "2T").device_memory_bytes, UINT64_C(2) << 40);
    assert_int_equal(read_with(name, "9223372036854775807").device_memory_bytes, INT64_MAX);
}

static void
device_memory_that_is_no_amount_is_refused(void **state)
{
    static const char *const values[] = {"G",    "4 G",  "4GBs", "4GiBi", "4BG",  "-1",
                                         "1.5G", "0x10", "4P",   " 4G",   "lots", "4iB"};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 1) {
        check_refused("NEURON_RT_DEVICE_MEMORY", values[i], "as in 4G");
    }
}

static void
device_memory_beyond_what_numbers_hold_is_refused(void **state)
{
    static const char *const values[] = {"9223372036854775808", "18446744073709551617",
                                         "9007199254740992K", "8388608T",
                                         "99999999999999999999999999G"};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 1) {
        check_refused("NEURON_RT_DEVICE_MEMORY", values[i], "whole number");
    }
    assert_int_equal(read_with("NEURON_RT_DEVICE_MEMORY", "8388607T").device_memory_bytes,
                     INT64_MAX - (INT64_C(1) << 40) + 1);
}

static void
the_timeout_is_read_in_seconds(void **state)
{
    static const char name[] = "NEURON_RT_EXEC_TIMEOUT";

    (void)state;
    assert_int_equal(read_with(name, "30").execution_timeout_ms, 30000);
    assert_int_equal(read_with(name, "1").execution_timeout_ms, 1000);
    assert_int_equal(read_with(name, "0").execution_timeout_ms, 0);
    assert_int_equal(read_with(name, "100000000").execution_timeout_ms, UINT64_C(100000000000));
}

static void
a_timeout_that_is_no_time_is_refused(void **state)
{
    static const char *const values[] = {
        "-1", "1.5", "30s", "never", "1e3", "100000001", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 1) {
        check_refused("NEURON_RT_EXEC_TIMEOUT", values[i], "whole seconds");
    }
}

static void
critical_numerical_errors_are_searched_for(void **state)
{
    static const char name[] = "NEURON_RT_NUMERICAL_ERRORS_VERBOSITY";

    (void)state;
    assert_int_equal(read_with(name, "critical").numerical_check, NEURON_NUMERICAL_CHECK_NAN);
    assert_int_equal(read_with(name, "none").numerical_check, NEURON_NUMERICAL_CHECK_OFF);
    assert_int_equal(read_with(name, "off").numerical_check, NEURON_NUMERICAL_CHECK_OFF);
}

static void
the_older_variable_turns_the_search_on_and_off(void **state)
{
    static const char name[] = "NEURON_FAIL_ON_NAN";

    (void)state;
    assert_int_equal(read_with(name, "1").numerical_check, NEURON_NUMERICAL_CHECK_NAN);
    assert_int_equal(read_with(name, "true").numerical_check, NEURON_NUMERICAL_CHECK_NAN);
    assert_int_equal(read_with(name, "0").numerical_check, NEURON_NUMERICAL_CHECK_OFF);
    assert_int_equal(read_with(name, "false").numerical_check, NEURON_NUMERICAL_CHECK_OFF);
}

static void
the_newer_variable_comes_before_the_older_one(void **state)
{
    static const char name[] = "NEURON_RT_NUMERICAL_ERRORS_VERBOSITY";

    (void)state;
    set_variable("NEURON_FAIL_ON_NAN", "1");
    assert_int_equal(read_with(name, "none").numerical_check, NEURON_NUMERICAL_CHECK_OFF);
    assert_int_equal(read_with(name, "").numerical_check, NEURON_NUMERICAL_CHECK_NAN);
    set_variable("NEURON_FAIL_ON_NAN", "0");
    assert_int_equal(read_with(name, "critical").numerical_check, NEURON_NUMERICAL_CHECK_NAN);
}

static void
unknown_wishes_about_numerical_errors_are_refused(void **state)
{
    (void)state;
    check_refused("NEURON_FAIL_ON_NAN", "yes", "1 or true, or 0 or false");
    check_refused("NEURON_FAIL_ON_NAN", "2", "1 or true");
    check_refused("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY", "warning", "critical");
    check_refused("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY", "CRITICAL", "none or off");
}

/* A tag of so many bytes. */
static const char *
long_tag(char *text, size_t length)
{
    memset(text, 't', length);
    text[length] = '\0';
    return text;
}

static void
a_process_tag_has_up_to_255_bytes(void **state)
{
    char text[NEURON_PROCESS_TAG_LIMIT + 2];

    (void)state;
    assert_string_equal(read_with("NEURON_PROCESS_TAG", "a b").process_tag, "a b");
    (void)long_tag(text, 255);
    assert_string_equal(read_with("NEURON_PROCESS_TAG", text).process_tag, text);
    struct neuron_error error = {0};
    struct neuron_runtime_options options = {.core_count = 77};
    set_variable("NEURON_PROCESS_TAG", long_tag(text, 256));
    assert_status(NEURON_INVALID_SYNTAX, neuron_runtime_options_read(&options, &error), &error);
    assert_contains(error.text, "NEURON_PROCESS_TAG=ttt");
    assert_contains(error.text, "has 256 bytes; give at most 255");
    assert_int_equal(options.core_count, 77);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_environment_asks_for_all_and_has_the_usual_timeout,
                               clear_environment),
        cmocka_unit_test_setup(group_sizes_are_kept_as_text, clear_environment),
        cmocka_unit_test_setup(group_sizes_that_do_not_parse_are_refused, clear_environment),
        cmocka_unit_test_setup(device_memory_is_read_in_bytes_and_powers_of_1024,
                               clear_environment),
        cmocka_unit_test_setup(device_memory_that_is_no_amount_is_refused, clear_environment),
        cmocka_unit_test_setup(device_memory_beyond_what_numbers_hold_is_refused,
                               clear_environment),
        cmocka_unit_test_setup(the_timeout_is_read_in_seconds, clear_environment),
        cmocka_unit_test_setup(a_timeout_that_is_no_time_is_refused, clear_environment),
        cmocka_unit_test_setup(critical_numerical_errors_are_searched_for, clear_environment),
        cmocka_unit_test_setup(the_older_variable_turns_the_search_on_and_off, clear_environment),
        cmocka_unit_test_setup(the_newer_variable_comes_before_the_older_one, clear_environment),
        cmocka_unit_test_setup(a_process_tag_has_up_to_255_bytes, clear_environment),
        cmocka_unit_test_setup(unknown_wishes_about_numerical_errors_are_refused,
                               clear_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
