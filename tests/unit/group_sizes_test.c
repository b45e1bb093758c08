/* SPDX-License-Identifier: Apache-2.0 */
/* The text of NEURONCORE_GROUP_SIZES. */
#include "check.h"

#include <string.h>

#include "module/group_sizes.h"

/* Fails unless the text gives exactly these sizes. */
static void
check_sizes(const char *text, const uint32_t *sizes, uint32_t count)
{
    struct neuron_group_sizes parsed = {.count = 0};
    struct neuron_error error = {0};
    uint32_t sum = 0;

    assert_ok(neuron_group_sizes_parse(text, &parsed, &error), &error);
    assert_int_equal(parsed.count, count);
    for (uint32_t i = 0; i < count; i += 1) {
        assert_int_equal(parsed.sizes[i], sizes[i]);
        sum += sizes[i];
    }
    assert_int_equal(parsed.core_count, sum);
}

/* Fails unless the text is refused, with this in the reason, and nothing is given. */
static void
check_refused(const char *text, const char *part)
{
    struct neuron_group_sizes parsed = {.count = 77};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX, neuron_group_sizes_parse(text, &parsed, &error), &error);
    assert_contains(error.text, "NEURONCORE_GROUP_SIZES=");
    assert_contains(error.text, part);
    assert_int_equal(parsed.count, 77);
    assert_status(NEURON_INVALID_SYNTAX, neuron_group_sizes_parse(text, &parsed, NULL), NULL);
}

static void
sizes_are_given_in_the_order_of_the_text(void **state)
{
    (void)state;
    check_sizes("4", (const uint32_t[]){4}, 1);
    check_sizes("2,4,6,4", (const uint32_t[]){2, 4, 6, 4}, 4);
    check_sizes("007", (const uint32_t[]){7}, 1);
}

static void
several_groups_of_a_size_are_written_as_one(void **state)
{
    (void)state;
    check_sizes("2x1", (const uint32_t[]){1, 1}, 2);
    check_sizes("1x8", (const uint32_t[]){8}, 1);
    check_sizes("3x2,1,2x4", (const uint32_t[]){2, 2, 2, 1, 4, 4}, 6);
}

static void
brackets_and_blanks_are_allowed(void **state)
{
    (void)state;
    check_sizes("[2,4]", (const uint32_t[]){2, 4}, 2);
    check_sizes(" [ 2 , 2x1 ] ", (const uint32_t[]){2, 1, 1}, 3);
    check_sizes("\t2 ,\t4 ", (const uint32_t[]){2, 4}, 2);
}

static void
a_text_without_sizes_is_refused(void **state)
{
    (void)state;
    check_refused("", "\"\" is no group");
    check_refused("  ", "no group");
    check_refused("[]", "no group");
    check_refused(",", "no group");
    check_refused("2,", "\"\" is no group");
    check_refused(",2", "\"\" is no group");
    check_refused("2,,2", "\"\" is no group");
}

static void
a_size_of_zero_is_refused(void **state)
{
    (void)state;
    check_refused("0", "\"0\" is no group");
    check_refused("2,0,2", "\"0\" is no group");
    check_refused("0x2", "\"0x2\" is no group");
    check_refused("2x0", "\"2x0\" is no group");
}

static void
what_is_no_number_is_refused(void **state)
{
    (void)state;
    check_refused("two", "\"two\" is no group; list the numbers of cores");
    check_refused("2;4", "\"2;4\"");
    check_refused("2,-4", "\"-4\"");
    check_refused("+2", "\"+2\"");
    check_refused("2.5", "\"2.5\"");
    check_refused("2 4", "\"2 4\"");
    check_refused("2,nc:4", "\"nc:4\"");
}

static void
half_a_product_is_refused(void **state)
{
    (void)state;
    check_refused("2x", "\"2x\"");
    check_refused("x2", "\"x2\"");
    check_refused("2x2x2", "\"2x2x2\"");
    check_refused("2X2", "\"2X2\"");
    check_refused("2 x 2", "\"2 x 2\"");
}

static void
half_a_pair_of_brackets_is_refused(void **state)
{
    (void)state;
    check_refused("[2", "\"[2\"");
    check_refused("2]", "\"2]\"");
    check_refused("[", "\"[\"");
    check_refused("[[2]]", "\"[2]\"");
    check_refused("[2],[4]", "\"2]\"");
}

static void
more_groups_than_the_limit_are_refused(void **state)
{
    struct neuron_group_sizes parsed = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_group_sizes_parse("1024x1", &parsed, &error), &error);
    assert_int_equal(parsed.count, NEURON_GROUP_LIMIT);
    assert_int_equal(parsed.core_count, NEURON_GROUP_LIMIT);
    check_refused("1025x1", "more than 1024 groups");
    check_refused("1023x1,1,1", "more than 1024 groups");
    check_refused("65536x65536", "more than 1024 groups");
}

static void
more_cores_than_any_machine_has_are_refused(void **state)
{
    struct neuron_group_sizes parsed = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_group_sizes_parse("65535,1", &parsed, &error), &error);
    assert_int_equal(parsed.core_count, 65536);
    check_refused("65536,1", "more than 65536 cores");
    check_refused("1024x65", "more than 65536 cores");
    check_refused("65537", "\"65537\" is no group");
    check_refused("4294967298", "\"4294967298\" is no group");            /* 2 in 32 bits */
    check_refused("18446744073709551618", "\"18446744073709551618\" is"); /* 2 in 64 bits */
}

static void
a_long_text_is_cut_in_the_reason(void **state)
{
    char text[4000] = "";
    struct neuron_group_sizes parsed = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    memset(text, '9', sizeof(text) - 1);
    assert_status(NEURON_INVALID_SYNTAX, neuron_group_sizes_parse(text, &parsed, &error), &error);
    assert_contains(error.text, "as in 2,4 or 2x1,4");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_given_in_the_order_of_the_text),
        cmocka_unit_test(several_groups_of_a_size_are_written_as_one),
        cmocka_unit_test(brackets_and_blanks_are_allowed),
        cmocka_unit_test(a_text_without_sizes_is_refused),
        cmocka_unit_test(a_size_of_zero_is_refused),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(half_a_product_is_refused),
        cmocka_unit_test(half_a_pair_of_brackets_is_refused),
        cmocka_unit_test(more_groups_than_the_limit_are_refused),
        cmocka_unit_test(more_cores_than_any_machine_has_are_refused),
        cmocka_unit_test(a_long_text_is_cut_in_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
