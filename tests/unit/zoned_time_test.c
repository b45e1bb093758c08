/* SPDX-License-Identifier: Apache-2.0 */
#include "node/zoned_time.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "process_start.h"

enum { TEXT_BYTES = 32 };

/* In a zone as POSIX writes them: what is added to its time for UTC. */
static void
check_text(const char *zone, time_t seconds, const char *expected)
{
    char text[TEXT_BYTES] = "x";

    assert_int_equal(setenv("TZ", zone, 1), 0); /* NOLINT(concurrency-mt-unsafe): one thread */
    tzset();
    neuron_zoned_time_format(seconds, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void
a_time_has_its_distance_from_utc(void **state)
{
    (void)state;
    check_text("UTC0", 1795216205, "2026-11-20T23:10:05+00:00");
    check_text("IST-5:30", 1795216205, "2026-11-21T04:40:05+05:30");
    check_text("NST3:30", 1795216205, "2026-11-20T19:40:05-03:30");
}

static void
both_of_an_hour_that_comes_twice_are_told_apart(void **state)
{
    static const char zone[] = "CET-1CEST,M3.5.0,M10.5.0/3";

    (void)state;
    check_text(zone, 1792888200, "2026-10-25T02:30:00+02:00");
    check_text(zone, 1792891800, "2026-10-25T02:30:00+01:00");
}

static void
no_time_is_no_text(void **state)
{
    (void)state;
    check_text("UTC0", -1, "");
    assert_int_equal(neuron_process_start_time(INT32_MAX), -1);
    assert_true(neuron_process_start_time(getpid()) <= time(NULL) + 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_has_its_distance_from_utc),
        cmocka_unit_test(both_of_an_hour_that_comes_twice_are_told_apart),
        cmocka_unit_test(no_time_is_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
