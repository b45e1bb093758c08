/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline_text.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#include "sample_roofline.h"

static const char cpu[] = "x86_64 Somebody 1.2.3 avx2";
static const char sample_text[] = "neuron-roofline 1\n"
                                  "cpu x86_64 Somebody 1.2.3 avx2\n"
                                  "float32 100.000 AVX-512\n"
                                  "bf16 200.000 AVX-512 BF16\n"
                                  "int8 400.000 AVX-512 VNNI\n"
                                  "l2 1000000 100.000\n"
                                  "l3 16000000 50.000\n"
                                  "memory 0 10.000\n"
                                  "end\n";

static void
expect_damaged(const char *text)
{
    struct neuron_roofline roofline = {.memory[0].size_bytes = 77};

    assert_false(neuron_roofline_parse(text, cpu, &roofline));
    assert_int_equal(roofline.memory[0].size_bytes, 77);
}

/* Fails unless the sample, with a part of it replaced, is refused. */
static void
expect_damaged_by(const char *part, const char *replacement)
{
    char text[2 * NEURON_ROOFLINE_TEXT_BYTES];
    const char *place = strstr(sample_text, part);

    assert_non_null(place);
    (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - sample_text), sample_text,
                   replacement, place + strlen(part));
    expect_damaged(text);
}

static void
a_roofline_reads_back(void **state)
{
    char text[NEURON_ROOFLINE_TEXT_BYTES];
    struct neuron_roofline roofline = {0};

    (void)state;
    assert_int_equal(neuron_roofline_format(&sample_roofline, cpu, text), strlen(sample_text));
    assert_string_equal(text, sample_text);
    assert_true(neuron_roofline_parse(text, cpu, &roofline));
    assert_memory_equal(&roofline, &sample_roofline, sizeof(roofline));
}

static void
the_longest_roofline_fits(void **state)
{
    char text[NEURON_ROOFLINE_TEXT_BYTES];
    char long_cpu[NEURON_CPU_TEXT_BYTES];
    struct neuron_roofline roofline = sample_roofline;
    struct neuron_roofline again = {0};

    (void)state;
    memset(long_cpu, 'c', sizeof(long_cpu) - 1);
    long_cpu[sizeof(long_cpu) - 1] = '\0';
    for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
        roofline.peaks[i].gflops = 999999999.0;
        memset(roofline.peaks[i].instructions, 'i', NEURON_INSTRUCTIONS_BYTES - 1);
    }
    for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
        roofline.memory[i] = (struct neuron_memory_speed){UINT64_MAX, 999999999.0};
    }
    assert_true(neuron_roofline_format(&roofline, long_cpu, text) < NEURON_ROOFLINE_TEXT_BYTES);
    assert_true(neuron_roofline_parse(text, long_cpu, &again));
}

static void
a_text_that_is_cut_is_damaged(void **state)
{
    char text[sizeof(sample_text)];

    (void)state;
    for (size_t length = 0; length < strlen(sample_text); length += 1) {
        memcpy(text, sample_text, length);
        text[length] = '\0';
        expect_damaged(text);
    }
}

static void
a_text_with_anything_else_is_damaged(void **state)
{
    (void)state;
    expect_damaged_by("end\n", "end\nmore\n");
    expect_damaged_by("end\n", "end");
    expect_damaged_by("end\n", "\n");
    expect_damaged_by("bf16 200.000 AVX-512 BF16\n", "");
    expect_damaged_by("l2 1000000 100.000\nl3 16000000 50.000\n",
                      "l3 16000000 50.000\nl2 1000000 100.000\n");
    expect_damaged_by("float32 100.000", "float32  100.000");
    expect_damaged_by("neuron-roofline 1", "neuron-roofline 2");
    expect_damaged_by("neuron-roofline", "another-file");
}

static void
numbers_that_no_core_has_are_damaged(void **state)
{
    (void)state;
    expect_damaged_by("100.000 AVX", "-1.000 AVX");
    expect_damaged_by("100.000 AVX", "0.000 AVX");
    expect_damaged_by("100.000 AVX", "nan AVX");
    expect_damaged_by("100.000 AVX", "inf AVX");
    expect_damaged_by("100.000 AVX", "1e300 AVX");
    expect_damaged_by("100.000 AVX", "100 AVX");
    expect_damaged_by("memory 0 10.000", "memory 0 0.000");
    expect_damaged_by("memory 0 10.000", "memory -1 10.000");
    expect_damaged_by("memory 0 10.000", "memory 10.000");
    expect_damaged_by("AVX-512 BF16", "");
    expect_damaged_by("AVX-512 BF16", "a name that is longer than any");
}

static void
another_processor_is_refused(void **state)
{
    struct neuron_roofline roofline = {0};

    (void)state;
    assert_false(neuron_roofline_parse(sample_text, "x86_64 Somebody 1.2.4 avx2", &roofline));
    assert_false(neuron_roofline_parse(sample_text, "x86_64 Somebody 1.2.3", &roofline));
    assert_false(neuron_roofline_parse(sample_text, "", &roofline));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roofline_reads_back),
        cmocka_unit_test(the_longest_roofline_fits),
        cmocka_unit_test(a_text_that_is_cut_is_damaged),
        cmocka_unit_test(a_text_with_anything_else_is_damaged),
        cmocka_unit_test(numbers_that_no_core_has_are_damaged),
        cmocka_unit_test(another_processor_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
