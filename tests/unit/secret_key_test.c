/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "neuron/secret_key.h"

static struct neuron_error error;

static void
a_key_is_64_hex_digits(void **state)
{
    char text[NEURON_SECRET_KEY_DIGITS + 1];

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_ok(neuron_secret_key_make(text, &error), &error);
    assert_int_equal(strlen(text), 64);
    assert_int_equal(strspn(text, "0123456789abcdef"), 64);
}

static void
no_key_comes_twice(void **state)
{
    char texts[32][NEURON_SECRET_KEY_DIGITS + 1];

    (void)state;
    for (size_t i = 0; i < 32; i += 1) {
        assert_ok(neuron_secret_key_make(texts[i], &error), &error);
        for (size_t j = 0; j < i; j += 1) {
            assert_string_not_equal(texts[i], texts[j]);
        }
    }
}

static void
digits_become_bytes(void **state)
{
    unsigned char key[NEURON_SECRET_KEY_BYTES] = {0};

    (void)state;
    assert_true(neuron_secret_key_parse(
        "000102030405060708090a0b0c0d0e0f0A0B0C0D0E0Fa0b0c0d0e0f0ff7f8001", key));
    for (size_t i = 0; i < 16; i += 1) {
        assert_int_equal(key[i], i);
    }
    assert_int_equal(key[16], 0x0a);
    assert_int_equal(key[28], 0xff);
    assert_int_equal(key[31], 1);
}

static void
other_texts_are_no_keys(void **state)
{
    static const char *const texts[] = {
        "",
        "0",
        "00010203",
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0",
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f0",
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0g",
        " 00102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f",
        "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n",
    };
    unsigned char key[NEURON_SECRET_KEY_BYTES] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_false(neuron_secret_key_parse(texts[i], key));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_64_hex_digits),
        cmocka_unit_test(no_key_comes_twice),
        cmocka_unit_test(digits_become_bytes),
        cmocka_unit_test(other_texts_are_no_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
