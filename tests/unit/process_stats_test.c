/* SPDX-License-Identifier: Apache-2.0 */
#include "node/process_stats.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "neuron/clock.h"

/* What the kernel writes behind the name, up to the resident pages and some more. */
static const char rest[] = "S 41 7 7 34816 99 4194304 11 0 2 0 250 50 3 4 20 0 9 0 123456 "
                           "1000000 777 18446744073709551615 1 1";

static void
a_process_tells_its_times_memory_and_threads(void **state)
{
    const uint64_t ns_per_tick = NEURON_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    struct neuron_process_stats stats = {0};
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof(text), "42 (neuron-score) %s\n", rest);
    assert_true(neuron_process_stats_parse(text, &stats));
    assert_int_equal(stats.parent, 41);
    assert_int_equal(stats.user_ns, 250 * ns_per_tick);
    assert_int_equal(stats.system_ns, 50 * ns_per_tick);
    assert_int_equal(stats.thread_count, 9);
    assert_int_equal(stats.resident_bytes, 777 * (uint64_t)sysconf(_SC_PAGESIZE));
}

static void
names_may_hold_blanks_and_parentheses(void **state)
{
    static const char *const names[] = {"",           "a b", ")",     "(",     ") (", ") S 1",
                                        "a) R 1 2 3", "\n",  "(()))", "1 2 3", "%s%n"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        struct neuron_process_stats stats = {0};
        char text[512];

        (void)snprintf(text, sizeof(text), "42 (%s) %s\n", names[i], rest);
        assert_true(neuron_process_stats_parse(text, &stats));
        assert_int_equal(stats.parent, 41);
        assert_int_equal(stats.thread_count, 9);
    }
}

static void
texts_that_end_early_are_refused(void **state)
{
    char text[512];
    struct neuron_process_stats stats = {0};
    size_t needed = 0;

    (void)state;
    (void)snprintf(text, sizeof(text), "42 (a b) %s\n", rest);
    needed = (size_t)(strstr(text, " 777") - text) + 2; /* its first digit would do */
    for (size_t length = 0; length < needed; length += 1) {
        char cut[512] = "";

        memcpy(cut, text, length);
        assert_false(neuron_process_stats_parse(cut, &stats));
    }
    assert_false(neuron_process_stats_parse("42 (a) S x", &stats));
    assert_false(neuron_process_stats_parse("hello", &stats));
}

static void
this_process_can_be_read_and_none_cannot(void **state)
{
    struct neuron_process_stats stats = {0};

    (void)state;
    assert_true(neuron_process_stats_read(getpid(), &stats));
    assert_int_equal(stats.parent, getppid());
    assert_true(stats.thread_count >= 1);
    assert_true(stats.resident_bytes > 0);
    assert_false(neuron_process_stats_read(0, &stats));
    assert_false(neuron_process_stats_read(-1, &stats));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_tells_its_times_memory_and_threads),
        cmocka_unit_test(names_may_hold_blanks_and_parentheses),
        cmocka_unit_test(texts_that_end_early_are_refused),
        cmocka_unit_test(this_process_can_be_read_and_none_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
