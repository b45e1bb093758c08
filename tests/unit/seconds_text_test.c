/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/seconds_text.h"

#include "check.h"

/* Milliseconds of a text; 12345 where it is refused. */
static uint64_t
parsed(const char *text)
{
    uint64_t time_ms = 12345;
    bool is_right = neuron_seconds_parse(text, &time_ms);

    assert_true(is_right || time_ms == 12345);
    return time_ms;
}

static void
seconds_have_decimals(void **state)
{
    (void)state;
    assert_int_equal(parsed("30"), 30000);
    assert_int_equal(parsed("0.5"), 500);
    assert_int_equal(parsed(".25"), 250);
    assert_int_equal(parsed("1.2349"), 1234);
    assert_int_equal(parsed("2."), 2000);
    assert_int_equal(parsed("100000000"), 100000000000);
}

static void
other_texts_are_refused(void **state)
{
    static const char *const texts[] = {"",   "-1",  "+1",  ".",         " 1",
                                        "1s", "1e3", "nan", "100000001", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_int_equal(parsed(texts[i]), 12345);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_have_decimals),
        cmocka_unit_test(other_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
