/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>

#include "core_pattern.h"

static const struct neuron_core_pattern_process worker = {
    .process = 4242,
    .user = 1000,
    .group = 100,
    .signal_number = SIGSEGV,
    .program = "/opt/tools/a-worker-with-a-long-name",
    .host = "node7",
};

static void
check_name(const char *pattern, const char *expected)
{
    char name[128] = "";

    assert_true(neuron_core_pattern_fill(pattern, &worker, name, sizeof(name)));
    assert_string_equal(name, expected);
}

static void
check_unknown(const char *pattern)
{
    char name[128] = "";

    assert_false(neuron_core_pattern_fill(pattern, &worker, name, sizeof(name)));
}

static void
a_pattern_is_filled_in(void **state)
{
    (void)state;
    check_name("core", "core");
    check_name("core\n", "core");
    check_name("/var/crash/core.%p", "/var/crash/core.4242");
    check_name("%h.%u.%g.%s.core", "node7.1000.100.11.core");
    check_name("100%%-%e", "100%-a-worker-with-a");
    check_name("%E.%p", "!opt!tools!a-worker-with-a-long-name.4242");
    check_name("core%", "core");
}

static void
a_pid_goes_behind_a_pattern_without_one(void **state)
{
    struct neuron_core_pattern_process process = worker;
    char name[64] = "";

    (void)state;
    process.adds_pid = true;
    assert_true(neuron_core_pattern_fill("core", &process, name, sizeof(name)));
    assert_string_equal(name, "core.4242");
    assert_true(neuron_core_pattern_fill("%p.core", &process, name, sizeof(name)));
    assert_string_equal(name, "4242.core");
}

static void
what_only_the_kernel_knows_is_not_guessed(void **state)
{
    (void)state;
    check_unknown("|/usr/lib/systemd/systemd-coredump %P %u");
    check_unknown("core.%t");
    check_unknown("core.%P");
    check_unknown("core.%c");
    check_unknown("");
    check_unknown("\n");
}

static void
a_name_that_does_not_fit_is_none(void **state)
{
    char name[12] = "";

    (void)state;
    assert_true(neuron_core_pattern_fill("12345678901", &worker, name, sizeof(name)));
    assert_false(neuron_core_pattern_fill("123456789012", &worker, name, sizeof(name)));
    assert_false(neuron_core_pattern_fill("12345678%p", &worker, name, sizeof(name)));
    assert_int_equal(name[sizeof(name) - 1], '\0');
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_filled_in),
        cmocka_unit_test(a_pid_goes_behind_a_pattern_without_one),
        cmocka_unit_test(what_only_the_kernel_knows_is_not_guessed),
        cmocka_unit_test(a_name_that_does_not_fit_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
