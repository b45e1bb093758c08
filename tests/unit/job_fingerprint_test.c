/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "score/job_fingerprint.h"

static int
set_up(void **state)
{
    struct neuron_job_fingerprint *fingerprint = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_job_fingerprint_create(&fingerprint, &error), &error);
    assert_ok(neuron_job_fingerprint_add(fingerprint, "model", &error, "%s %x", "a.neff", 0x51F0),
              &error);
    assert_ok(neuron_job_fingerprint_add(fingerprint, "input x", &error, "rows.npy"), &error);
    *state = fingerprint;
    return 0;
}

static int
tear_down(void **state)
{
    neuron_job_fingerprint_destroy(*state);
    return 0;
}

static uint32_t
compare(void **state, const char *earlier, char *difference, size_t size_bytes)
{
    return neuron_job_fingerprint_compare(*state, earlier, difference, size_bytes);
}

static void
the_text_has_a_line_for_each_key_in_order(void **state)
{
    assert_string_equal(neuron_job_fingerprint_text(*state),
                        "model: a.neff 51f0\ninput x: rows.npy\n");
}

static void
a_new_one_is_an_empty_text(void **state)
{
    struct neuron_job_fingerprint *fingerprint = NULL;

    (void)state;
    assert_ok(neuron_job_fingerprint_create(&fingerprint, NULL), NULL);
    assert_string_equal(neuron_job_fingerprint_text(fingerprint), "");
    neuron_job_fingerprint_destroy(fingerprint);
    neuron_job_fingerprint_destroy(NULL);
}

static void
what_would_break_a_line_is_written_in_hex(void **state)
{
    struct neuron_error error = {0};

    assert_ok(neuron_job_fingerprint_add(*state, "rows", &error, "a\nb\\\x7f\xC3\xA4"), &error);
    assert_contains(neuron_job_fingerprint_text(*state), "rows: a\\x0ab\\x5c\\x7f\xC3\xA4\n");
}

static void
the_digest_follows_every_byte(void **state)
{
    uint64_t before = neuron_job_fingerprint_digest(*state);

    assert_true(before == neuron_job_fingerprint_digest(*state));
    assert_ok(neuron_job_fingerprint_add(*state, "rows", NULL, "1"), NULL);
    assert_true(before != neuron_job_fingerprint_digest(*state));
}

static void
the_same_text_has_no_difference(void **state)
{
    char difference[100] = "old";

    assert_int_equal(
        compare(state, "model: a.neff 51f0\ninput x: rows.npy\n", difference, sizeof(difference)),
        0);
    assert_string_equal(difference, "");
}

static void
a_changed_value_is_told_with_both(void **state)
{
    char difference[100] = "";

    assert_int_equal(
        compare(state, "model: b.neff 1183\ninput x: rows.npy\n", difference, sizeof(difference)),
        1);
    assert_string_equal(difference, "model: was b.neff 1183, is a.neff 51f0");
}

static void
the_first_of_several_differences_is_told_with_their_number(void **state)
{
    char difference[100] = "";

    assert_int_equal(
        compare(state, "model: b\ninput x: other.npy\nseed: 3\n", difference, sizeof(difference)),
        3);
    assert_string_equal(difference, "model: was b, is a.neff 51f0; 2 more differ");
}

static void
lines_of_one_side_alone_are_told(void **state)
{
    char difference[100] = "";

    assert_int_equal(compare(state, "model: a.neff 51f0\n", difference, sizeof(difference)), 1);
    assert_string_equal(difference, "input x: was not there, is rows.npy");
    assert_int_equal(compare(state, "seed: 3\nmodel: a.neff 51f0\ninput x: rows.npy\n", difference,
                             sizeof(difference)),
                     1);
    assert_string_equal(difference, "seed: was 3, is not there");
}

static void
another_order_is_a_difference(void **state)
{
    char difference[100] = "";

    assert_int_equal(
        compare(state, "input x: rows.npy\nmodel: a.neff 51f0\n", difference, sizeof(difference)),
        1);
    assert_contains(difference, "order");
}

static void
damaged_texts_are_different(void **state)
{
    const char *const damaged[] = {"",  "\n", "model", "model: a.neff 51f0\ninput x: rows.np",
                                   ":", ": ", "\n\n\n"};

    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i += 1) {
        char difference[100] = "";

        assert_true(compare(state, damaged[i], difference, sizeof(difference)) > 0);
        assert_true(difference[0] != '\0');
    }
}

static void
a_difference_that_does_not_fit_is_cut_at_a_whole_character(void **state)
{
    char difference[16] = "";

    assert_int_equal(compare(state, "model: \xC3\xA4\ninput x: rows.npy\n", difference, 13), 1);
    assert_string_equal(difference, "model: was ");
    assert_int_equal(compare(state, "model: b\n", difference, 1), 2);
    assert_string_equal(difference, "");
    assert_int_equal(compare(state, "model: b\n", NULL, 0), 2);
}

/* A folder with a shard more at its beginning. */
static void
many_lines_are_compared_where_they_have_moved(void **state)
{
    static char earlier[200000];
    size_t length = 0;
    char difference[100] = "";
    char key[32] = "";

    length += (size_t)snprintf(earlier, sizeof(earlier), "model: a.neff 51f0\ninput x: rows.npy\n");
    for (uint32_t i = 0; i < 5000; i += 1) {
        (void)snprintf(key, sizeof(key), "shard %u", i);
        assert_ok(neuron_job_fingerprint_add(*state, key, NULL, "%u", 3 * i), NULL);
        if (i != 1) {
            length += (size_t)snprintf(earlier + length, sizeof(earlier) - length, "%s: %u\n", key,
                                       3 * i);
        }
    }
    assert_int_equal(compare(state, earlier, difference, sizeof(difference)), 1);
    assert_string_equal(difference, "shard 1: was not there, is 3");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_text_has_a_line_for_each_key_in_order, set_up,
                                        tear_down),
        cmocka_unit_test(a_new_one_is_an_empty_text),
        cmocka_unit_test_setup_teardown(what_would_break_a_line_is_written_in_hex, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_digest_follows_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_text_has_no_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_value_is_told_with_both, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_of_several_differences_is_told_with_their_number,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_of_one_side_alone_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_order_is_a_difference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_texts_are_different, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_difference_that_does_not_fit_is_cut_at_a_whole_character,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_lines_are_compared_where_they_have_moved, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
