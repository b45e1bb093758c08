/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "npy/literal_reader.h"

static struct neuron_literal_reader
reader_of(const char *text)
{
    return (struct neuron_literal_reader){.position = text, .end = text + strlen(text)};
}

static void
strings_have_either_quote(void **state)
{
    struct neuron_literal_reader reader = reader_of(" 'a\"b' \"c'd\"");
    struct neuron_literal_string string = {0};

    (void)state;
    assert_true(neuron_literal_read_string(&reader, &string));
    assert_int_equal(string.length, 3);
    assert_memory_equal(string.start, "a\"b", 3);
    assert_true(neuron_literal_read_string(&reader, &string));
    assert_memory_equal(string.start, "c'd", 3);
    assert_true(neuron_literal_is_at_end(&reader));
}

static void
strings_without_an_end_are_none(void **state)
{
    static const char *const texts[] = {"", "'", "'abc", "'abc\"", "'a\nb'", "'a\\'b'", "abc"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        struct neuron_literal_reader reader = reader_of(texts[i]);
        struct neuron_literal_string string = {0};

        assert_false(neuron_literal_read_string(&reader, &string));
        assert_ptr_equal(reader.position, texts[i]);
    }
}

static void
booleans_are_whole_words(void **state)
{
    struct neuron_literal_reader reader = reader_of("True False,Trueish");
    bool value = false;

    (void)state;
    assert_true(neuron_literal_read_bool(&reader, &value));
    assert_true(value);
    assert_true(neuron_literal_read_bool(&reader, &value));
    assert_false(value);
    assert_false(neuron_literal_read_bool(&reader, &value));
    assert_true(neuron_literal_accept(&reader, ','));
    assert_false(neuron_literal_read_bool(&reader, &value));
}

static void
integers_are_read_up_to_63_bits(void **state)
{
    struct neuron_literal_reader reader = reader_of("0 5L 9223372036854775807 -0 x");
    int64_t value = 1;

    (void)state;
    assert_int_equal(neuron_literal_read_integer(&reader, &value), NEURON_LITERAL_INTEGER_READ);
    assert_int_equal(value, 0);
    assert_int_equal(neuron_literal_read_integer(&reader, &value), NEURON_LITERAL_INTEGER_READ);
    assert_int_equal(value, 5);
    assert_int_equal(neuron_literal_read_integer(&reader, &value), NEURON_LITERAL_INTEGER_READ);
    assert_int_equal(value, INT64_MAX);
    assert_int_equal(neuron_literal_read_integer(&reader, &value), NEURON_LITERAL_INTEGER_READ);
    assert_int_equal(value, 0);
    assert_int_equal(neuron_literal_read_integer(&reader, &value), NEURON_LITERAL_INTEGER_NONE);
}

static void
other_numbers_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum neuron_literal_integer outcome;
    } cases[] = {
        {"-1", NEURON_LITERAL_INTEGER_NEGATIVE},
        {"-99999999999999999999", NEURON_LITERAL_INTEGER_NEGATIVE},
        {"9223372036854775808", NEURON_LITERAL_INTEGER_TOO_LARGE},
        {"99999999999999999999999", NEURON_LITERAL_INTEGER_TOO_LARGE},
        {"007", NEURON_LITERAL_INTEGER_NONE},
        {"1.5", NEURON_LITERAL_INTEGER_NONE},
        {"0x10", NEURON_LITERAL_INTEGER_NONE},
        {"1_000", NEURON_LITERAL_INTEGER_NONE},
        {"-", NEURON_LITERAL_INTEGER_NONE},
        {"", NEURON_LITERAL_INTEGER_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct neuron_literal_reader reader = reader_of(cases[i].text);
        int64_t value = 42;

        assert_int_equal(neuron_literal_read_integer(&reader, &value), cases[i].outcome);
        assert_int_equal(value, 42);
        assert_ptr_equal(reader.position, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_have_either_quote),
        cmocka_unit_test(strings_without_an_end_are_none),
        cmocka_unit_test(booleans_are_whole_words),
        cmocka_unit_test(integers_are_read_up_to_63_bits),
        cmocka_unit_test(other_numbers_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
