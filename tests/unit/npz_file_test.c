/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/npz.h"
#include "test_folder.h"

/* What zipfile and numpy of Python write: a.npy, deflated, float32 [[0, 1, 2], [3, 4, 5]]. */
static const unsigned char deflated_file[] = {
    0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x21, 0x00, 0x4f,
    0xe9, 0x00, 0x2a, 0x55, 0x00, 0x00, 0x00, 0x98, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
    0x61, 0x2e, 0x6e, 0x70, 0x79, 0x9b, 0xec, 0x17, 0xea, 0x1b, 0x10, 0xc9, 0xc8, 0x50, 0xc6,
    0x50, 0xad, 0x9e, 0x92, 0x5a, 0x9c, 0x5c, 0xa4, 0x6e, 0xa5, 0xa0, 0x6e, 0x93, 0x66, 0xa2,
    0xae, 0xa3, 0xa0, 0x9e, 0x96, 0x5f, 0x54, 0x52, 0x94, 0x98, 0x17, 0x9f, 0x5f, 0x94, 0x92,
    0x0a, 0x12, 0x77, 0x4b, 0xcc, 0x29, 0x4e, 0x05, 0x8a, 0x17, 0x67, 0x24, 0x16, 0xa4, 0x02,
    0xf9, 0x1a, 0x46, 0x3a, 0x0a, 0xc6, 0x9a, 0x3a, 0x0a, 0xb5, 0x0a, 0x64, 0x03, 0x2e, 0x06,
    0x30, 0x68, 0xb0, 0x07, 0x12, 0x0e, 0x40, 0x04, 0xc4, 0x0d, 0x40, 0xbc, 0xc0, 0x01, 0x00,
    0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x21,
    0x00, 0x4f, 0xe9, 0x00, 0x2a, 0x55, 0x00, 0x00, 0x00, 0x98, 0x00, 0x00, 0x00, 0x05, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00,
    0x00, 0x61, 0x2e, 0x6e, 0x70, 0x79, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x33, 0x00, 0x00, 0x00, 0x78, 0x00, 0x00, 0x00, 0x00, 0x00};

static const float six[6] = {0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F};

/* A tensor over memory that is only read. */
static struct neuron_tensor_view
view_of(const struct neuron_tensor_shape *shape, const void *bytes)
{
    struct neuron_tensor_view view = neuron_tensor_view_of(shape, NULL);

    memcpy(&view.data, &bytes, sizeof(bytes));
    return view;
}

static void
expect_array(const struct neuron_npz *npz, const char *name,
             const struct neuron_tensor_shape *shape, const void *bytes)
{
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    uint32_t index = UINT32_MAX;

    assert_true(neuron_npz_find(npz, name, &index));
    assert_string_equal(neuron_npz_array_name(npz, index), name);
    struct neuron_tensor_shape found = neuron_npz_array_shape(npz, index);
    assert_true(neuron_tensor_shape_equals(&found, shape));
    assert_ok(neuron_npz_read(npz, index, &array, &error), &error);
    struct neuron_tensor_view view = neuron_npy_array_view(array);
    found = neuron_tensor_view_shape(&view);
    assert_true(neuron_tensor_shape_equals(&found, shape));
    assert_int_equal((uintptr_t)view.data % 64, 0);
    assert_memory_equal(view.data, bytes, neuron_tensor_shape_size_bytes(shape));
    neuron_npy_array_destroy(array);
}

static void
fill(unsigned char *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i += 1) {
        bytes[i] = (unsigned char)(i * 37);
    }
}

static void
arrays_of_every_type_come_back_as_they_were_saved(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT32,  NEURON_FLOAT64, NEURON_FLOAT16,
                                             NEURON_BFLOAT16, NEURON_INT8,    NEURON_UINT8,
                                             NEURON_INT32,    NEURON_INT64,   NEURON_BOOL};
    enum { COUNT = sizeof(types) / sizeof(types[0]) };
    struct neuron_tensor_shape shapes[COUNT];
    struct neuron_npz_entry entries[COUNT];
    unsigned char bytes[256];
    char names[COUNT][16];
    char path[TEST_PATH_BYTES];
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};

    fill(bytes, sizeof(bytes));
    for (int i = 0; i < COUNT; i += 1) {
        shapes[i] = (struct neuron_tensor_shape){.type = types[i], .rank = 2, .dims = {3, i}};
        (void)snprintf(names[i], sizeof(names[i]), "layer.%d/w", COUNT - i);
        entries[i] = (struct neuron_npz_entry){names[i], view_of(&shapes[i], bytes)};
    }
    test_folder_path(*state, "all.npz", path);
    assert_ok(neuron_npz_save(entries, COUNT, path, &error), &error);
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_count(npz), COUNT);
    for (int i = 0; i < COUNT; i += 1) {
        expect_array(npz, names[i], &shapes[i], bytes);
    }
    neuron_npz_destroy(npz);
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
a_saved_array_is_used_where_it_lies(void **state)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {6}};
    const struct neuron_npz_entry entries[] = {{"w", view_of(&shape, six)}};
    struct neuron_npy_array *arrays[2] = {NULL, NULL};
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "one.npz", path);
    assert_ok(neuron_npz_save(entries, 1, path, &error), &error);
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    for (int i = 0; i < 2; i += 1) {
        assert_ok(neuron_npz_read(npz, 0, &arrays[i], &error), &error);
    }
    assert_ptr_equal(neuron_npy_array_view(arrays[0]).data, neuron_npy_array_view(arrays[1]).data);
    neuron_npy_array_destroy(arrays[0]);
    neuron_npy_array_destroy(arrays[1]);
    neuron_npz_destroy(npz);
}

static void
a_deflated_array_is_unpacked(void **state)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {2, 3}};
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(*state, "d.npz", path), deflated_file, sizeof(deflated_file));
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_count(npz), 1);
    expect_array(npz, "a", &shape, six);
    neuron_npz_destroy(npz);
}

static void
a_name_that_is_not_there_is_not_found(void **state)
{
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    uint32_t index = 7;
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(*state, "d.npz", path), deflated_file, sizeof(deflated_file));
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_false(neuron_npz_find(npz, "b", &index));
    assert_false(neuron_npz_find(npz, "a.npy", &index));
    assert_false(neuron_npz_find(npz, "", &index));
    assert_int_equal(index, 7);
    neuron_npz_destroy(npz);
}

static void
a_file_without_arrays_has_none(void **state)
{
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    uint32_t index = 0;
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "none.npz", path);
    assert_ok(neuron_npz_save(NULL, 0, path, &error), &error);
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_count(npz), 0);
    assert_false(neuron_npz_find(npz, "a", &index));
    neuron_npz_destroy(npz);
}

static void
more_arrays_than_16_bits_count_are_found(void **state)
{
    enum { COUNT = 70000 };
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {6}};
    struct neuron_npz_entry *entries = calloc(COUNT, sizeof(*entries));
    char(*names)[8] = calloc(COUNT, sizeof(*names));
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    assert_true(entries != NULL && names != NULL);
    for (int i = 0; i < COUNT; i += 1) {
        (void)snprintf(names[i], sizeof(names[i]), "%d", i);
        entries[i] = (struct neuron_npz_entry){names[i], view_of(&shape, six)};
    }
    test_folder_path(*state, "many.npz", path);
    assert_ok(neuron_npz_save(entries, COUNT, path, &error), &error);
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_count(npz), COUNT);
    expect_array(npz, "69999", &shape, six);
    neuron_npz_destroy(npz);
    free(names);
    free(entries);
}

static void
expect_not_saved(void **state, const struct neuron_npz_entry *entries, uint32_t count,
                 const char *text)
{
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "bad.npz", path);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npz_save(entries, count, path, &error), &error);
    assert_contains(error.text, text);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
saving_refuses_names_that_could_not_be_found_again(void **state)
{
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {6}};
    const struct neuron_tensor_view view = view_of(&shape, six);
    const struct neuron_npz_entry twice[] = {{"a", view}, {"b", view}, {"a", view}};
    const struct neuron_npz_entry nameless[] = {{"", view}};
    char *name = malloc(60002);

    assert_non_null(name);
    memset(name, 'n', 60001);
    name[60001] = '\0';
    const struct neuron_npz_entry lengthy[] = {{name, view}};
    expect_not_saved(state, twice, 3, "two arrays are named a");
    expect_not_saved(state, nameless, 1, "array 0 has a name of 0 bytes");
    expect_not_saved(state, lengthy, 1, "60001 bytes");
    free(name);
}

static void
expect_not_loaded(const char *path, enum neuron_status status, const char *text)
{
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_npz_load(path, &npz, &error), &error);
    assert_contains(error.text, path);
    assert_contains(error.text, text);
    assert_null(npz);
}

static void
what_is_no_regular_file_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];

    expect_not_loaded(test_folder_path(*state, "absent.npz", path), NEURON_SYSTEM, "No such file");
    expect_not_loaded(((struct test_folder *)*state)->path, NEURON_INVALID_ARGUMENT,
                      "no regular file");
    test_file_put(test_folder_path(*state, "empty.npz", path), "", 0);
    expect_not_loaded(path, NEURON_INVALID_SYNTAX, "the file is empty");
    test_file_put(test_folder_path(*state, "text.npz", path), "hello", 5);
    expect_not_loaded(path, NEURON_INVALID_SYNTAX, "no npz file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_of_every_type_come_back_as_they_were_saved,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_saved_array_is_used_where_it_lies, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_deflated_array_is_unpacked, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_name_that_is_not_there_is_not_found, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_without_arrays_has_none, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(more_arrays_than_16_bits_count_are_found, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(saving_refuses_names_that_could_not_be_found_again,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
