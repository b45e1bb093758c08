/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_roofline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "roofline_file.h"
#include "sample_roofline.h"
#include "test_folder.h"

/* What is printed; the caller frees it. */
static char *
print(const struct neuron_cc_roofline *roofline)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    neuron_cc_roofline_print(stream, roofline);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void
expect_print(const struct neuron_cc_roofline *roofline, const char *part)
{
    char *text = print(roofline);

    assert_contains(text, part);
    free(text);
}

static void
what_is_kept_is_not_measured(void **state)
{
    struct test_folder folder;
    struct neuron_cc_roofline roofline;
    struct neuron_error error = {0};

    (void)state;
    test_folder_create(&folder);
    neuron_cc_roofline_find(folder.path, false, &roofline);
    assert_false(roofline.is_kept);
    assert_ok(neuron_roofline_save(&sample_roofline, &roofline.cpu, roofline.path, &error), &error);
    neuron_cc_roofline_find(folder.path, false, &roofline);
    assert_true(roofline.is_kept);
    assert_ok(neuron_cc_roofline_complete(&roofline, &error), &error);
    neuron_cc_roofline_keep(&roofline);
    assert_false(roofline.is_measured);
    assert_memory_equal(&roofline.limits, &sample_roofline, sizeof(sample_roofline));
    expect_print(&roofline,
                 "peak      200.00 GFLOP/s of bf16, measured on this core with AVX-512 ");
    expect_print(&roofline, "100.00 GB/s from l2, 50.00 GB/s from l3, 10.00 GB/s from memory");
    expect_print(&roofline, "limits    of an earlier run, kept in ");
    test_folder_destroy(&folder);
}

static void
what_is_measured_is_kept(void **state)
{
    struct test_folder folder;
    struct neuron_cc_roofline roofline;
    struct neuron_error error = {0};

    (void)state;
    test_folder_create(&folder);
    neuron_cc_roofline_find(folder.path, false, &roofline);
    assert_ok(neuron_roofline_save(&sample_roofline, &roofline.cpu, roofline.path, &error), &error);
    neuron_cc_roofline_find(folder.path, true, &roofline);
    assert_false(roofline.is_kept);
    assert_ok(neuron_cc_roofline_complete(&roofline, &error), &error);
    assert_true(roofline.is_measured);
    neuron_cc_roofline_keep(&roofline);
    assert_true(roofline.is_kept);
    expect_print(&roofline, "limits    measured now, kept in ");
    neuron_cc_roofline_find(folder.path, false, &roofline);
    assert_true(roofline.is_kept);
    assert_true(roofline.limits.memory[NEURON_MEMORY_L2].gbps !=
                sample_roofline.memory[NEURON_MEMORY_L2].gbps);
    test_folder_destroy(&folder);
}

static void
what_cannot_be_kept_is_told(void **state)
{
    struct neuron_cc_roofline roofline;

    (void)state;
    neuron_cc_roofline_find("/dev/null/below", false, &roofline);
    roofline.is_measured = true;
    roofline.limits = sample_roofline;
    neuron_cc_roofline_keep(&roofline);
    assert_false(roofline.is_kept);
    expect_print(&roofline, "limits    measured now, and not kept: cannot make /dev/null");
}

static void
without_a_folder_nothing_is_kept(void **state)
{
    struct neuron_cc_roofline roofline;
    char long_path[PATH_MAX];

    (void)state;
    neuron_cc_roofline_find(NULL, false, &roofline);
    roofline.is_measured = true;
    neuron_cc_roofline_keep(&roofline);
    assert_false(roofline.is_kept);
    expect_print(&roofline, "and not kept: the environment names no folder for caches");
    memset(long_path, 'p', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    neuron_cc_roofline_find(long_path, false, &roofline);
    assert_string_equal(roofline.path, "");
}

static void
the_operator_says_what_is_multiplied(void **state)
{
    (void)state;
    assert_int_equal(neuron_cc_node_arithmetic(&(struct neuron_node){.kind = NEURON_OPERATOR_CONV}),
                     NEURON_ARITHMETIC_FLOAT32);
    assert_int_equal(
        neuron_cc_node_arithmetic(&(struct neuron_node){.kind = NEURON_OPERATOR_MATMUL_INTEGER}),
        NEURON_ARITHMETIC_INT8);
    assert_int_equal(
        neuron_cc_node_arithmetic(&(struct neuron_node){.kind = NEURON_OPERATOR_CONV_INTEGER}),
        NEURON_ARITHMETIC_INT8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_not_measured),
        cmocka_unit_test(what_is_measured_is_kept),
        cmocka_unit_test(what_cannot_be_kept_is_told),
        cmocka_unit_test(without_a_folder_nothing_is_kept),
        cmocka_unit_test(the_operator_says_what_is_multiplied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
