/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "npy/npy_file.h"
#include "test_folder.h"

static void
expect_no_array(const char *path, enum neuron_status status, const char *text)
{
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_npy_array_load(path, &array, &error), &error);
    assert_contains(error.text, path);
    assert_contains(error.text, text);
    assert_null(array);
}

/* Saves a tensor of this shape, loads it, and compares. */
static void
expect_same_after_load(const struct neuron_tensor_shape *shape, const char *path)
{
    unsigned char bytes[256];
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(bytes); i += 1) {
        bytes[i] = (unsigned char)(i * 37 + (size_t)shape->type);
    }
    const struct neuron_tensor_view saved = neuron_tensor_view_of(shape, bytes);
    assert_ok(neuron_npy_save(&saved, path, &error), &error);
    assert_ok(neuron_npy_array_load(path, &array, &error), &error);
    struct neuron_tensor_view loaded = neuron_npy_array_view(array);
    struct neuron_tensor_shape found = neuron_tensor_view_shape(&loaded);
    assert_true(neuron_tensor_shape_equals(&found, shape));
    assert_int_equal((uintptr_t)loaded.data % 64, 0);
    assert_memory_equal(loaded.data, bytes, neuron_tensor_shape_size_bytes(shape));
    neuron_npy_array_destroy(array);
}

static void
every_type_comes_back_as_it_was_saved(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT32, NEURON_FLOAT64, NEURON_FLOAT16,
                                             NEURON_INT8,    NEURON_UINT8,   NEURON_INT32,
                                             NEURON_INT64,   NEURON_BOOL};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "a.npy", path);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        const struct neuron_tensor_shape shapes[] = {
            {.type = types[i]},
            {.type = types[i], .rank = 1, .dims = {0}},
            {.type = types[i], .rank = 3, .dims = {2, 3, 5}},
        };

        for (size_t j = 0; j < sizeof(shapes) / sizeof(shapes[0]); j += 1) {
            expect_same_after_load(&shapes[j], path);
        }
    }
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
a_payload_at_an_odd_place_is_read_aligned(void **state)
{
    static const char start[] = "\x93NUMPY\x01\x00\x3c\x00"
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  \n"
                                "\0\0\200?\0\0\0@";
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(*state, "odd.npy", path), start, sizeof(start) - 1);
    assert_ok(neuron_npy_array_load(path, &array, &error), &error);
    const float *numbers = neuron_npy_array_view(array).data;
    assert_true(numbers[0] == 1.0F && numbers[1] == 2.0F);
    neuron_npy_array_destroy(array);
}

static void
what_is_no_npy_file_is_refused_by_name(void **state)
{
    char path[TEST_PATH_BYTES];

    expect_no_array(test_folder_path(*state, "missing.npy", path), NEURON_SYSTEM, "No such file");
    expect_no_array(((struct test_folder *)*state)->path, NEURON_INVALID_ARGUMENT,
                    "no regular file");
    test_file_put(test_folder_path(*state, "text.npy", path), "1 2 3\n", 6);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "not an npy file");
    test_file_put(path, "", 0);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "the file is empty");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
    expect_no_array(path, NEURON_INVALID_ARGUMENT, "no regular file");
}

static void
a_file_that_is_cut_or_too_long_is_refused(void **state)
{
    float numbers[6] = {0};
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {6}};
    const struct neuron_tensor_view tensor = neuron_tensor_view_of(&shape, numbers);
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    assert_ok(neuron_npy_save(&tensor, test_folder_path(*state, "a.npy", path), &error), &error);
    assert_int_equal(truncate(path, 128 + 23), 0);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "23 bytes behind the header");
    assert_int_equal(truncate(path, 128 + 25), 0);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "25 bytes behind the header");
    assert_int_equal(truncate(path, 60), 0);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "ends inside its header");
}

static void
a_place_that_cannot_be_written_keeps_what_was_there(void **state)
{
    static float numbers[4096];
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {4096}};
    const struct neuron_tensor_view tensor = neuron_tensor_view_of(&shape, numbers);
    struct neuron_error error = {0};
    struct rlimit before;
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(*state, "a.npy", path), "the old one", 11);
    /* The limit stands for the end of the disk: beyond it, writing fails. */
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){5000, before.rlim_max}), 0);
    assert_status(NEURON_SYSTEM, neuron_npy_save(&tensor, path, &error), &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_contains(error.text, "a.npy: File too large");
    assert_int_equal(test_folder_file_count(*state), 1);
    expect_no_array(path, NEURON_INVALID_SYNTAX, "not an npy file");
    assert_status(NEURON_SYSTEM, neuron_npy_save(&tensor, "/no/such/folder/a.npy", &error), &error);
    assert_contains(error.text, "/no/such/folder/a.npy: No such file");
    assert_status(NEURON_SYSTEM, neuron_npy_save(&tensor, "/dev/null", &error), &error);
    assert_contains(error.text, "no regular file");
}

static void
a_part_that_is_not_published_leaves_nothing(void **state)
{
    float number = 1.0F;
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32};
    const struct neuron_tensor_view tensor = neuron_tensor_view_of(&shape, &number);
    struct neuron_whole_file file = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "a.npy", path);
    assert_ok(neuron_whole_file_open(&file, path, &error), &error);
    assert_ok(neuron_npy_write(&tensor, &file, &error), &error);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(test_folder_file_count(*state), 1);
    neuron_whole_file_close(&file);
    assert_int_equal(test_folder_file_count(*state), 0);
    neuron_whole_file_close(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_type_comes_back_as_it_was_saved, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_payload_at_an_odd_place_is_read_aligned,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_npy_file_is_refused_by_name, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_cut_or_too_long_is_refused,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_keeps_what_was_there,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_part_that_is_not_published_leaves_nothing,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
