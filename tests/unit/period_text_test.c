/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/period_text.h"

#include "check.h"

static const uint64_t ms = 1000000;

static uint64_t
parsed(const char *text)
{
    uint64_t period_ns = 0;

    assert_true(neuron_period_parse(text, &period_ns));
    return period_ns;
}

static void
periods_are_numbers_with_units(void **state)
{
    (void)state;
    assert_int_equal(parsed("5s"), 5000 * ms);
    assert_int_equal(parsed("100ms"), 100 * ms);
    assert_int_equal(parsed("1m30s"), 90000 * ms);
    assert_int_equal(parsed("1.5s"), 1500 * ms);
    assert_int_equal(parsed("0.1s"), 100 * ms);
    assert_int_equal(parsed("24h"), 86400000 * ms);
    assert_int_equal(parsed("0h1m1s1ms"), 61001 * ms);
}

static void
other_texts_are_refused(void **state)
{
    static const char *const texts[] = {
        "",     "5",      "s",   "5 s", "-5s",  "5x",   "5.s",  ".5s",   "99ms",
        "1e3s", "24h1ms", "5s ", "5s3", "infs", "0x5s", "nans", "1..5s", "99999999999999999999h"};
    uint64_t period_ns = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_false(neuron_period_parse(texts[i], &period_ns));
        assert_int_equal(period_ns, 7);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_numbers_with_units),
        cmocka_unit_test(other_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
