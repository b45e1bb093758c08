/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "divisor_list.h"

static void
check_list(uint32_t number, const char *expected)
{
    char text[96] = "";

    assert_string_equal(neuron_divisor_list_format(number, text, sizeof(text)), expected);
}

static void
divisors_ascend_and_the_last_is_the_number(void **state)
{
    (void)state;
    check_list(1, "1");
    check_list(2, "1 or 2");
    check_list(6, "1, 2, 3 or 6");
    check_list(7, "1 or 7");
    check_list(16, "1, 2, 4, 8 or 16");
    check_list(65536,
               "1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, ... or 65536");
}

static void
a_list_that_is_too_long_leaves_out_the_middle(void **state)
{
    char text[32] = "";

    (void)state;
    assert_string_equal(neuron_divisor_list_format(720, text, sizeof(text)), "1, ... or 720");
    assert_string_equal(neuron_divisor_list_format(UINT32_MAX, text, sizeof(text)),
                        "1, ... or 4294967295");
}

static void
no_list_is_cut_anywhere_else(void **state)
{
    char text[48] = "";

    (void)state;
    for (uint32_t number = 2; number < 3000; number += 1) {
        (void)neuron_divisor_list_format(number, text, sizeof(text));
        const char *last = strstr(text, " or ");
        assert_non_null(last);
        assert_int_equal(strtoul(last + 4, NULL, 10), number);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divisors_ascend_and_the_last_is_the_number),
        cmocka_unit_test(a_list_that_is_too_long_leaves_out_the_middle),
        cmocka_unit_test(no_list_is_cut_anywhere_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
