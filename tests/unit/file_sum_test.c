/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "score/checksum.h"
#include "score/file_sum.h"
#include "test_folder.h"

static struct neuron_error error;

static void
files_of_any_size_have_the_sum_of_their_bytes(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 262143, 262144, 262145, 600001};
    char path[TEST_PATH_BYTES];
    unsigned char *bytes = malloc(sizes[6]);

    assert_non_null(bytes);
    for (size_t i = 0; i < sizes[6]; i += 1) {
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    }
    (void)test_folder_path(*state, "model.so", path);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        uint64_t sum = 0;

        test_file_put(path, bytes, sizes[i]);
        assert_ok(neuron_file_sum(path, &sum, &error), &error);
        assert_true(sum == neuron_checksum(bytes, sizes[i]));
    }
    free(bytes);
}

static void
what_cannot_be_read_is_told_with_its_path(void **state)
{
    const struct test_folder *folder = *state;
    char path[TEST_PATH_BYTES];
    uint64_t sum = 77;

    (void)test_folder_path(folder, "nothing", path);
    assert_status(NEURON_SYSTEM, neuron_file_sum(path, &sum, &error), &error);
    assert_contains(error.text, path);
    assert_contains(error.text, "No such file");
    assert_status(NEURON_SYSTEM, neuron_file_sum(folder->path, &sum, &error), &error);
    assert_contains(error.text, "Is a directory");
    assert_status(NEURON_SYSTEM, neuron_file_sum("", &sum, NULL), NULL);
    assert_int_equal(sum, 77);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_of_any_size_have_the_sum_of_their_bytes,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_told_with_its_path,
                                        test_folder_setup, test_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
