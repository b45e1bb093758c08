/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "job_key.h"

static struct neuron_error error;

static void
a_key_is_64_hex_digits(void **state)
{
    char key[NEURON_JOB_SECRET_DIGITS + 1];

    (void)state;
    memset(key, 'x', sizeof(key));
    assert_ok(neuron_job_key_make(key, &error), &error);
    assert_int_equal(strlen(key), 64);
    assert_int_equal(strspn(key, "0123456789abcdef"), 64);
}

static void
no_key_comes_twice(void **state)
{
    char keys[32][NEURON_JOB_SECRET_DIGITS + 1];

    (void)state;
    for (size_t i = 0; i < 32; i += 1) {
        assert_ok(neuron_job_key_make(keys[i], &error), &error);
        for (size_t j = 0; j < i; j += 1) {
            assert_string_not_equal(keys[i], keys[j]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_64_hex_digits),
        cmocka_unit_test(no_key_comes_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
