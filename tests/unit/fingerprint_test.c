/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/fingerprint.h"

static void
bytes_give_the_number_that_fnv_1a_defines(void **state)
{
    (void)state;
    assert_true(neuron_fingerprint_add(NEURON_FINGERPRINT_START, "", 0) == 0xCBF29CE484222325);
    assert_true(neuron_fingerprint_add(NEURON_FINGERPRINT_START, "a", 1) == 0xAF63DC4C8601EC8C);
    assert_true(neuron_fingerprint_add(NEURON_FINGERPRINT_START, "foobar", 6) ==
                0x85944171F73967E8);
}

static uint64_t
of_file(const struct stat *file, enum neuron_fingerprint_scope scope)
{
    return neuron_fingerprint_add_file(NEURON_FINGERPRINT_START, file, scope);
}

static void
a_changed_file_of_the_same_size_counts_on_one_host_only(void **state)
{
    const struct stat before = {.st_size = 100, .st_ino = 5, .st_mtim = {.tv_sec = 10}};
    struct stat after = before;

    (void)state;
    after.st_mtim.tv_nsec = 1;
    assert_true(of_file(&before, NEURON_FINGERPRINT_ONE_HOST) !=
                of_file(&after, NEURON_FINGERPRINT_ONE_HOST));
    assert_true(of_file(&before, NEURON_FINGERPRINT_ANY_HOST) ==
                of_file(&after, NEURON_FINGERPRINT_ANY_HOST));
}

static void
another_size_counts_everywhere(void **state)
{
    const struct stat before = {.st_size = 100};
    const struct stat after = {.st_size = 101};

    (void)state;
    assert_true(of_file(&before, NEURON_FINGERPRINT_ANY_HOST) !=
                of_file(&after, NEURON_FINGERPRINT_ANY_HOST));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_give_the_number_that_fnv_1a_defines),
        cmocka_unit_test(a_changed_file_of_the_same_size_counts_on_one_host_only),
        cmocka_unit_test(another_size_counts_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
