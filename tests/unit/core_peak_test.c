/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "core_peak.h"

static void
a_core_does_some_arithmetic(void **state)
{
    struct neuron_core_peak peak = neuron_core_peak_measure();

    (void)state;
    /* No core that runs this is slower than a product a microsecond, or faster than all others. */
    assert_true(peak.gflops > 0.001);
    assert_true(peak.gflops < 100000.0);
    assert_true(peak.instructions[0] != '\0');
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_does_some_arithmetic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
