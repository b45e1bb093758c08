/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are no compiled file any more, read under their path and from memory. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neff/neff_file.h"
#include "neff/neff_header.h"
#include "neuron/model.h"
#include "sample_graph.h"
#include "test_folder.h"

/* A file that is well, until a test changes it. */
struct file_bench {
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
    int file;
    off_t size_bytes;
};

static int
make_file(void **state)
{
    static struct file_bench bench;
    struct neuron_graph *graph = sample_graph();
    struct neuron_error error;

    test_folder_create(&bench.folder);
    test_folder_path(&bench.folder, "sample.neff", bench.path);
    assert_ok(neuron_neff_write(graph, "a sample", bench.path, &error), &error);
    neuron_graph_destroy(graph);
    bench.file = open(bench.path, O_RDWR | O_CLOEXEC);
    assert_true(bench.file >= 0);
    bench.size_bytes = lseek(bench.file, 0, SEEK_END);
    *state = &bench;
    return 0;
}

static int
remove_file(void **state)
{
    struct file_bench *bench = *state;

    assert_int_equal(close(bench->file), 0);
    test_folder_destroy(&bench->folder);
    return 0;
}

/* Reads the file under its path. */
static void
expect_path_refused(const char *path, enum neuron_status status, const char *text,
                    struct neuron_error *error)
{
    struct neuron_neff_file file = {.size_bytes = 77};

    assert_status(status, neuron_neff_read(path, &file, error), error);
    assert_contains(error->text, text);
    assert_int_equal(file.size_bytes, 77);
    assert_null(file.mapping);
}

/* What the file holds by now, in memory of exactly its size. The caller frees it. */
static unsigned char *
copy_file(const struct file_bench *bench, size_t *size_bytes)
{
    off_t length = lseek(bench->file, 0, SEEK_END);
    unsigned char *bytes = malloc((size_t)length);

    assert_true(bytes != NULL || length == 0);
    assert_int_equal(pread(bench->file, bytes, (size_t)length, 0), length);
    *size_bytes = (size_t)length;
    return bytes;
}

static enum neuron_status
read_copy(const struct file_bench *bench, struct neuron_neff_file *file, struct neuron_error *error)
{
    size_t size_bytes = 0;
    unsigned char *bytes = copy_file(bench, &size_bytes);
    enum neuron_status status = neuron_neff_read_bytes(bytes, size_bytes, file, error);

    free(bytes);
    return status;
}

/* Reads the file both ways: the reason is the same, and the name is not. */
static void
expect_refused(const struct file_bench *bench, enum neuron_status status, const char *text)
{
    static const char memory_name[] = "the model in memory";
    struct neuron_neff_file file = {.size_bytes = 77};
    struct neuron_error error;
    struct neuron_error memory_error;

    expect_path_refused(bench->path, status, text, &error);
    assert_status(status, read_copy(bench, &file, &memory_error), &memory_error);
    assert_int_equal(file.size_bytes, 77);
    assert_null(file.mapping);
    assert_int_equal(strncmp(error.text, bench->path, strlen(bench->path)), 0);
    assert_int_equal(strncmp(memory_error.text, memory_name, strlen(memory_name)), 0);
    assert_string_equal(error.text + strlen(bench->path), memory_error.text + strlen(memory_name));
}

static struct neuron_neff_header
read_header(const struct file_bench *bench)
{
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_neff_header header = {0};
    struct neuron_error error;

    assert_int_equal(pread(bench->file, bytes, sizeof(bytes), 0), sizeof(bytes));
    assert_ok(neuron_neff_header_decode(bytes, &header, &error), &error);
    return header;
}

/* Puts another header, with the right checksum, in front of the file. */
static void
write_header(const struct file_bench *bench, const struct neuron_neff_header *header)
{
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];

    neuron_neff_header_encode(header, bytes);
    assert_int_equal(pwrite(bench->file, bytes, sizeof(bytes), 0), sizeof(bytes));
}

static void
flip_byte(const struct file_bench *bench, off_t offset)
{
    unsigned char byte = 0;

    assert_int_equal(pread(bench->file, &byte, 1, offset), 1);
    byte ^= 0x20;
    assert_int_equal(pwrite(bench->file, &byte, 1, offset), 1);
}

static void
a_changed_byte_anywhere_is_noticed(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    for (off_t i = 0; i < bench->size_bytes; i += i < NEURON_NEFF_HEADER_BYTES ? 1 : 3) {
        flip_byte(bench, i);
        assert_int_equal(neuron_neff_read(bench->path, &file, NULL), NEURON_DAMAGED_MODEL);
        assert_int_equal(read_copy(bench, &file, NULL), NEURON_DAMAGED_MODEL);
        flip_byte(bench, i);
    }
    assert_ok(neuron_neff_read(bench->path, &file, &error), &error);
    neuron_neff_close(&file);
    assert_ok(read_copy(bench, &file, &error), &error);
    assert_false(file.is_file_backed);
    neuron_neff_close(&file);
}

static void
each_part_that_changed_is_named(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_neff_header header = read_header(bench);
    const struct {
        off_t offset;
        const char *text;
    } changes[] = {
        {0, " is no NEFF file: it does not begin as one; compile the model again"},
        {200, "is damaged: the checksum of its header does not match; compile the model again"},
        {(off_t)header.graph.offset, "the checksum of its graph"},
        {(off_t)(header.graph.offset + header.graph.size_bytes), "something between its sections"},
        {(off_t)header.weights.offset, "the checksum of its weights"},
        {bench->size_bytes - 1, "the checksum of its weights"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i += 1) {
        flip_byte(bench, changes[i].offset);
        expect_refused(bench, NEURON_DAMAGED_MODEL, changes[i].text);
        flip_byte(bench, changes[i].offset);
    }
}

static void
a_file_that_is_too_short_is_refused_with_both_sizes(void **state)
{
    const struct file_bench *bench = *state;
    const off_t lengths[] = {bench->size_bytes - 1, bench->size_bytes / 2, 1024};
    char text[64] = "";

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i += 1) {
        assert_int_equal(ftruncate(bench->file, lengths[i]), 0);
        (void)snprintf(text, sizeof(text), "is %lld bytes long and was written with %lld",
                       (long long)lengths[i], (long long)bench->size_bytes);
        expect_refused(bench, NEURON_DAMAGED_MODEL, text);
    }
}

static void
a_file_shorter_than_a_header_is_refused(void **state)
{
    const struct file_bench *bench = *state;

    assert_int_equal(ftruncate(bench->file, 1023), 0);
    expect_refused(bench, NEURON_DAMAGED_MODEL, "it is 1023 bytes long, and its header");
    assert_int_equal(ftruncate(bench->file, 0), 0);
    expect_refused(bench, NEURON_DAMAGED_MODEL, "it is 0 bytes long, and its header");
}

static void
a_file_that_is_too_long_is_refused_with_both_sizes(void **state)
{
    const struct file_bench *bench = *state;
    char text[64] = "";

    assert_int_equal(ftruncate(bench->file, bench->size_bytes + 1), 0);
    (void)snprintf(text, sizeof(text), "is %lld bytes long and was written with %lld",
                   (long long)bench->size_bytes + 1, (long long)bench->size_bytes);
    expect_refused(bench, NEURON_DAMAGED_MODEL, text);
}

static void
a_newer_version_is_named_with_what_this_program_reads(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_neff_header header = read_header(bench);

    header.version_major = 3;
    write_header(bench, &header);
    expect_refused(bench, NEURON_UNSUPPORTED_MODEL,
                   "sample.neff was written by a newer version: file 3.0, this program reads up "
                   "to 2.x; compile the model with this version, or update");
}

static void
sections_outside_the_file_are_refused(void **state)
{
    const struct file_bench *bench = *state;
    const struct neuron_neff_header good = read_header(bench);
    struct neuron_neff_header header = good;

    header.graph.size_bytes = UINT64_MAX - 1023;
    write_header(bench, &header);
    expect_refused(bench, NEURON_DAMAGED_MODEL, "its graph (");
    header = good;
    header.weights.offset = 1ULL << 40;
    header.weights.size_bytes = 0;
    write_header(bench, &header);
    expect_refused(bench, NEURON_DAMAGED_MODEL, "its weights (");
}

static void
a_graph_that_does_not_match_its_weights_is_refused(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_neff_header header = read_header(bench);

    /* Everything fits, but the last constant has lost its end. */
    header.weights.size_bytes = 64;
    header.file_bytes = header.weights.offset + 64;
    unsigned char kept[64];
    assert_int_equal(pread(bench->file, kept, sizeof(kept), (off_t)header.weights.offset), 64);
    header.weights.checksum = neuron_neff_checksum_of(kept, sizeof(kept));
    write_header(bench, &header);
    assert_int_equal(ftruncate(bench->file, (off_t)header.file_bytes), 0);
    expect_refused(bench, NEURON_DAMAGED_MODEL, "lies outside the 64 bytes of weights");
}

static void
a_header_and_a_graph_for_different_cores_are_refused(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_neff_header header = read_header(bench);

    header.core_count = 2;
    write_header(bench, &header);
    expect_refused(bench, NEURON_DAMAGED_MODEL,
                   "its header says that it takes 2 cores, and its graph is for 1");
}

static void
a_file_that_is_not_there_is_named(void **state)
{
    const struct file_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    struct neuron_error error;

    expect_path_refused(test_folder_path(&bench->folder, "none.neff", path), NEURON_SYSTEM,
                        "none.neff: No such file or directory", &error);
}

static void
what_is_no_regular_file_is_refused(void **state)
{
    const struct file_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    struct neuron_error error;

    expect_path_refused(bench->folder.path, NEURON_DAMAGED_MODEL, "it is no regular file", &error);
    test_folder_path(&bench->folder, "pipe", path);
    assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
    expect_path_refused(path, NEURON_DAMAGED_MODEL, "it is no regular file", &error);
}

static void
a_text_is_no_compiled_file(void **state)
{
    const struct file_bench *bench = *state;
    char text[2000];

    memset(text, 'x', sizeof(text));
    assert_int_equal(pwrite(bench->file, text, sizeof(text), 0), sizeof(text));
    expect_refused(bench, NEURON_DAMAGED_MODEL, "is no NEFF file: it does not begin as one");
}

static void
a_damaged_model_is_not_loaded(void **state)
{
    const struct file_bench *bench = *state;
    struct neuron_model *model = NULL;
    struct neuron_error error;

    flip_byte(bench, bench->size_bytes - 1);
    assert_status(NEURON_DAMAGED_MODEL, neuron_model_load(bench->path, &model, &error), &error);
    assert_null(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_byte_anywhere_is_noticed, make_file, remove_file),
        cmocka_unit_test_setup_teardown(each_part_that_changed_is_named, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_short_is_refused_with_both_sizes,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_file_shorter_than_a_header_is_refused, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_long_is_refused_with_both_sizes,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_newer_version_is_named_with_what_this_program_reads,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(sections_outside_the_file_are_refused, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(a_graph_that_does_not_match_its_weights_is_refused,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_header_and_a_graph_for_different_cores_are_refused,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_named, make_file, remove_file),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_text_is_no_compiled_file, make_file, remove_file),
        cmocka_unit_test_setup_teardown(a_damaged_model_is_not_loaded, make_file, remove_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
