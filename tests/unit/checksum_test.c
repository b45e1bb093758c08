/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/checksum.h"

static void
bytes_give_the_number_that_xxh3_defines(void **state)
{
    (void)state;
    assert_true(neuron_checksum("", 0) == UINT64_C(0x2D06800538D394C2));
    assert_true(neuron_checksum("a", 1) == UINT64_C(0xE6C632B61E964E1F));
}

static void
a_flipped_bit_gives_another_number(void **state)
{
    (void)state;
    assert_true(neuron_checksum("lease 4096 512", 14) != neuron_checksum("lease 4097 512", 14));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_give_the_number_that_xxh3_defines),
        cmocka_unit_test(a_flipped_bit_gives_another_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
