/* SPDX-License-Identifier: Apache-2.0 */
/* Files put together from what a layout says are those that are saved whole, also above 4 GiB. */
#include "check.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/npz.h"
#include "neuron/npz_layout.h"
#include "test_folder.h"

enum { FILE_LIMIT_BYTES = 4096, COUNT = 3 };

static float scores[4] = {0.5F, -1.25F, 3e20F, 0.0F};
static int64_t labels[2] = {7, -9};

static const struct neuron_npz_member members[COUNT] = {{"scores", {NEURON_FLOAT32, 2, {2, 2}}},
                                                        {"labels of rows", {NEURON_INT64, 1, {2}}},
                                                        {"none", {NEURON_BFLOAT16, 2, {0, 5}}}};
static void *const payloads[COUNT] = {scores, labels, NULL};

static void
put_frame(int file, struct neuron_npz_frame frame)
{
    assert_int_equal(pwrite(file, frame.bytes, frame.size_bytes, (off_t)frame.offset),
                     frame.size_bytes);
}

/* Writes payloads first, the last one first, and the frames at the end. */
static void
write_by_layout(const char *path)
{
    struct neuron_npz_layout *layout = NULL;
    struct neuron_error error = {0};
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_ok(neuron_npz_layout_create(members, COUNT, &layout, &error), &error);
    for (uint32_t i = COUNT; i-- > 0;) {
        size_t bytes = neuron_tensor_shape_size_bytes(&members[i].shape);
        uint64_t offset = neuron_npz_layout_payload_offset(layout, i);

        assert_int_equal(offset % 64, 0);
        if (bytes > 0) {
            assert_int_equal(pwrite(file, payloads[i], bytes, (off_t)offset), bytes);
            neuron_npz_layout_set_checksum(layout, i, neuron_npz_checksum(0, payloads[i], bytes));
        }
        put_frame(file, neuron_npz_layout_head(layout, i));
    }
    struct neuron_npz_frame directory = neuron_npz_layout_directory(layout);
    put_frame(file, directory);
    assert_int_equal(directory.offset + directory.size_bytes, neuron_npz_layout_size_bytes(layout));
    neuron_npz_layout_destroy(layout);
    assert_int_equal(close(file), 0);
}

static size_t
read_file(const char *path, char bytes[FILE_LIMIT_BYTES])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = read(file, bytes, FILE_LIMIT_BYTES);

    assert_in_range(length, 1, FILE_LIMIT_BYTES - 1);
    (void)close(file);
    return (size_t)length;
}

static void
a_file_by_its_layout_is_the_one_that_is_saved(void **state)
{
    struct neuron_npz_entry entries[COUNT];
    struct neuron_error error = {0};
    char saved_path[TEST_PATH_BYTES];
    char laid_path[TEST_PATH_BYTES];
    char saved[FILE_LIMIT_BYTES];
    char laid[FILE_LIMIT_BYTES];

    for (uint32_t i = 0; i < COUNT; i += 1) {
        entries[i].name = members[i].name;
        entries[i].tensor = neuron_tensor_view_of(&members[i].shape, payloads[i]);
    }
    test_folder_path(*state, "saved.npz", saved_path);
    test_folder_path(*state, "laid.npz", laid_path);
    assert_ok(neuron_npz_save(entries, COUNT, saved_path, &error), &error);
    write_by_layout(laid_path);
    size_t length = read_file(saved_path, saved);
    assert_int_equal(length, read_file(laid_path, laid));
    assert_memory_equal(saved, laid, length);
}

/* Sparse, so that nothing is written but the frames. */
static void
files_above_4_gib_are_read_by_numbers_of_64_bits(void **state)
{
    static const struct neuron_npz_member large[2] = {
        {"first", {NEURON_UINT8, 2, {5, INT64_C(1) << 30}}}, {"second", {NEURON_FLOAT32, 1, {3}}}};
    struct neuron_npz_layout *layout = NULL;
    struct neuron_npz *npz = NULL;
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    const float values[3] = {1, 2, 3};

    test_folder_path(*state, "large.npz", path);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_ok(neuron_npz_layout_create(large, 2, &layout, &error), &error);
    neuron_npz_layout_set_checksum(layout, 1, neuron_npz_checksum(0, values, sizeof(values)));
    put_frame(file, neuron_npz_layout_head(layout, 0));
    put_frame(file, neuron_npz_layout_head(layout, 1));
    put_frame(file, neuron_npz_layout_directory(layout));
    off_t offset = (off_t)neuron_npz_layout_payload_offset(layout, 1);
    assert_int_equal(pwrite(file, values, sizeof(values), offset), sizeof(values));
    neuron_npz_layout_destroy(layout);
    assert_int_equal(close(file), 0);
    assert_ok(neuron_npz_load(path, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_shape(npz, 0).dims[1], INT64_C(1) << 30);
    assert_ok(neuron_npz_read(npz, 1, &array, &error), &error);
    assert_memory_equal(neuron_npy_array_view(array).data, values, sizeof(values));
    neuron_npy_array_destroy(array);
    neuron_npz_destroy(npz);
}

static void
checksums_of_neighbours_are_joined(void **state)
{
    const char *text = "checksums of neighbours are joined";
    size_t length = strlen(text);
    uint32_t all = neuron_npz_checksum(0, text, length);

    (void)state;
    for (size_t cut = 0; cut <= length; cut += 1) {
        uint32_t left = neuron_npz_checksum(0, text, cut);
        uint32_t right = neuron_npz_checksum(0, text + cut, length - cut);

        assert_int_equal(neuron_npz_checksum_join(left, right, length - cut), all);
    }
}

static void
expect_refusal(const struct neuron_npz_member *given, uint32_t count, const char *text)
{
    struct neuron_npz_layout *layout = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_npz_layout_create(given, count, &layout, &error),
                  &error);
    assert_contains(error.text, text);
    assert_null(layout);
}

static void
what_no_file_can_hold_is_refused(void **state)
{
    static const struct neuron_npz_member nameless[] = {{"", {NEURON_INT8, 1, {1}}}};
    static const struct neuron_npz_member twins[] = {{"a", {NEURON_INT8, 1, {1}}},
                                                     {"a", {NEURON_INT8, 1, {2}}}};
    static const struct neuron_npz_member typeless[] = {{"a", {NEURON_NO_TYPE, 1, {1}}}};
    static const struct neuron_npz_member huge[] = {{"a", {NEURON_INT8, 1, {INT64_MAX}}},
                                                    {"b", {NEURON_INT8, 1, {1}}}};

    (void)state;
    expect_refusal(nameless, 1, "a name of 0 bytes");
    expect_refusal(twins, 2, "two arrays are named a");
    expect_refusal(typeless, 1, "type");
    expect_refusal(huge, 2, "array a is larger than any file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_by_its_layout_is_the_one_that_is_saved,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(files_above_4_gib_are_read_by_numbers_of_64_bits,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test(checksums_of_neighbours_are_joined),
        cmocka_unit_test(what_no_file_can_hold_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
