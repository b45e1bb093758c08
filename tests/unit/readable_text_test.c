/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>

#include "neuron/readable_text.h"

static void
counts_have_commas(void **state)
{
    (void)state;
    assert_string_equal(neuron_count_text(0).text, "0");
    assert_string_equal(neuron_count_text(999).text, "999");
    assert_string_equal(neuron_count_text(1000).text, "1,000");
    assert_string_equal(neuron_count_text(1234567).text, "1,234,567");
    assert_string_equal(neuron_count_text(UINT64_MAX).text, "18,446,744,073,709,551,615");
    assert_string_equal(neuron_rate_text(1999.6).text, "2,000");
    assert_string_equal(neuron_rate_text((double)NAN).text, "0");
    assert_string_equal(neuron_rate_text(-1.0).text, "0");
    assert_string_equal(neuron_rate_text((double)INFINITY).text, "0");
}

static void
bytes_have_the_largest_unit_that_fits(void **state)
{
    (void)state;
    assert_string_equal(neuron_bytes_text(0).text, "0 B");
    assert_string_equal(neuron_bytes_text(1023).text, "1023 B");
    assert_string_equal(neuron_bytes_text(1536).text, "1.5 KiB");
    assert_string_equal(neuron_bytes_text(226U << 20).text, "226 MiB");
    assert_string_equal(neuron_bytes_text(UINT64_MAX).text, "16.0 EiB");
}

static void
times_have_the_unit_that_fits(void **state)
{
    (void)state;
    assert_string_equal(neuron_seconds_text(0.0).text, "0.000 s");
    assert_string_equal(neuron_seconds_text(0.000042).text, "42 us");
    assert_string_equal(neuron_seconds_text(0.0123).text, "12.30 ms");
    assert_string_equal(neuron_seconds_text(0.5).text, "500.0 ms");
    assert_string_equal(neuron_seconds_text(1.2344).text, "1.234 s");
    assert_string_equal(neuron_seconds_text(723.0).text, "12 min 3 s");
    assert_string_equal(neuron_seconds_text(7500.0).text, "2 h 5 min");
    assert_string_equal(neuron_seconds_text(-3.0).text, "0.000 s");
    assert_string_equal(neuron_seconds_text((double)NAN).text, "0.000 s");
    assert_string_equal(neuron_share_text(0.9931).text, "99.3 %");
    assert_string_equal(neuron_share_text((double)NAN).text, "0.0 %");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(bytes_have_the_largest_unit_that_fits),
        cmocka_unit_test(times_have_the_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
