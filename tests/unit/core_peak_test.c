/* SPDX-License-Identifier: Apache-2.0 */
#include "core_peak.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#include "core_bandwidth.h"
#include "cpu.h"
#include "engine/machine.h"

enum { BUFFER_BYTES = 64 * 1024 };

/* Sets of instructions that a processor may be without, from none of them to all. */
static const uint32_t masks[] = {
    0,
    NEURON_CPU_AVX2,
    NEURON_CPU_AVX2 | NEURON_CPU_AVX_VNNI,
    NEURON_CPU_AVX2 | NEURON_CPU_AVX512,
    NEURON_CPU_AVX2 | NEURON_CPU_AVX512 | NEURON_CPU_AVX512_BF16 | NEURON_CPU_AVX512_VNNI,
    UINT32_MAX,
};

enum { MASK_COUNT = sizeof(masks) / sizeof(masks[0]) };

/* No core that runs this is slower than a million a second, or faster than all others. */
static void
check_rate(double rate)
{
    assert_true(rate > 0.001);
    assert_true(rate < 1000000.0);
}

static void
a_core_computes_with_what_it_has(void **state)
{
    struct neuron_cpu cpu = {0};

    (void)state;
    neuron_cpu_read(&cpu);
    for (int i = 0; i < MASK_COUNT; i += 1) {
        for (int j = 0; j < NEURON_ARITHMETIC_COUNT; j += 1) {
            struct neuron_core_peak peak =
                neuron_core_peak_measure((enum neuron_arithmetic)j, cpu.features & masks[i]);

            check_rate(peak.gflops);
            assert_true(peak.instructions[0] != '\0');
        }
    }
}

static void
without_any_set_all_numbers_are_float32(void **state)
{
    (void)state;
    for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
        struct neuron_core_peak peak = neuron_core_peak_measure((enum neuron_arithmetic)i, 0);

        assert_string_equal(peak.instructions, "vectors of 16 bytes");
    }
}

static void
a_core_reads_with_what_it_has(void **state)
{
    struct neuron_cpu cpu = {0};
    void *buffer = aligned_alloc(64, BUFFER_BYTES);

    (void)state;
    assert_non_null(buffer);
    memset(buffer, 0, BUFFER_BYTES);
    neuron_cpu_read(&cpu);
    for (int i = 0; i < MASK_COUNT; i += 1) {
        check_rate(neuron_core_bandwidth_measure(buffer, BUFFER_BYTES, cpu.features & masks[i]));
    }
    free(buffer);
}

static void
a_processor_is_one_line_that_stays(void **state)
{
    struct neuron_cpu first = {0};
    struct neuron_cpu second = {0};

    (void)state;
    neuron_cpu_read(&first);
    neuron_cpu_read(&second);
    assert_true(strlen(first.text) > 2);
    assert_null(strchr(first.text, '\n'));
    assert_string_equal(first.text, second.text);
    assert_int_equal(first.features, second.features);
    assert_int_equal(strstr(first.text, " avx512-vnni") != NULL,
                     (first.features & NEURON_CPU_AVX512_VNNI) != 0);
}

/* Also run with DNNL_MAX_CPU_ISA. */
static void
a_processor_has_what_kernels_may_use(void **state)
{
    static const struct {
        enum neuron_cpu_feature feature;
        enum neuron_instructions least;
    } needs[] = {{NEURON_CPU_AVX2, NEURON_INSTRUCTIONS_AVX2},
                 {NEURON_CPU_AVX512, NEURON_INSTRUCTIONS_AVX512},
                 {NEURON_CPU_AVX512_VNNI, NEURON_INSTRUCTIONS_AVX512_VNNI},
                 {NEURON_CPU_AVX512_BF16, NEURON_INSTRUCTIONS_AVX512_BF16},
                 {NEURON_CPU_AMX_INT8, NEURON_INSTRUCTIONS_AMX}};
    enum neuron_instructions machine = neuron_machine_instructions();
    struct neuron_cpu cpu = {0};

    (void)state;
    neuron_cpu_read(&cpu);
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i += 1) {
        assert_true((cpu.features & needs[i].feature) == 0 || machine >= needs[i].least);
    }
    assert_true(cpu.limit[0] == '\0' || strcmp(cpu.limit, neuron_instructions_name(machine)) == 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_computes_with_what_it_has),
        cmocka_unit_test(without_any_set_all_numbers_are_float32),
        cmocka_unit_test(a_core_reads_with_what_it_has),
        cmocka_unit_test(a_processor_is_one_line_that_stays),
        cmocka_unit_test(a_processor_has_what_kernels_may_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
