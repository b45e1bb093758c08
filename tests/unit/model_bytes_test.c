/* SPDX-License-Identifier: Apache-2.0 */
/* A model from memory, and what tells one model from another. */
#include "neuron/model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/compiler.h"

#include "check.h"
#include "model_bench.h"
#include "module/model_body.h"

/* x [2,3] to x times weights [2,3], of which `user` says the last one. */
static enum neuron_status
weigh(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    float weights[6] = {1, 2, 3, 4, 5, *(const float *)user};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}, .data = weights};

    y[0] = neuron_multiply(trace, x[0], neuron_constant(trace, &view));
    return neuron_trace_status(trace);
}

/* Compiles such a graph to a file in the bench's folder. */
static void
compile_weights(const struct model_bench *bench, float last, const char *file_name,
                const char *model_name, char *path)
{
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    const struct neuron_compiler_options options = {.model_name = model_name};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    test_folder_path(&bench->folder, file_name, path);
    assert_ok(neuron_trace(weigh, &signature, &last, &graph, &error), &error);
    assert_ok(neuron_compile(graph, &options, path, &error), &error);
    neuron_graph_destroy(graph);
}

static struct neuron_model *
load(const char *path)
{
    struct neuron_model *model = NULL;
    struct neuron_error error;

    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

/* A file in memory. */
struct file_bytes {
    unsigned char *bytes;
    size_t size_bytes;
};

/* Maps a whole file privately; the caller may change the bytes. */
static struct file_bytes
map_whole(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct file_bytes mapped = {0};

    assert_true(file >= 0);
    mapped.size_bytes = (size_t)lseek(file, 0, SEEK_END);
    mapped.bytes = mmap(NULL, mapped.size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    assert_true(mapped.bytes != MAP_FAILED);
    assert_int_equal(close(file), 0);
    return mapped;
}

static void
unmap(const struct file_bytes *mapped)
{
    assert_int_equal(munmap(mapped->bytes, mapped->size_bytes), 0);
}

static struct neuron_model *
load_bytes(const void *bytes, size_t size_bytes)
{
    struct neuron_model *model = NULL;
    struct neuron_error error;

    assert_ok(neuron_model_load_bytes(bytes, size_bytes, &model, &error), &error);
    return model;
}

static void
expect_refused(const void *bytes, size_t size_bytes, const char *text)
{
    struct neuron_model *model = NULL;
    struct neuron_error error;

    assert_status(NEURON_DAMAGED_MODEL, neuron_model_load_bytes(bytes, size_bytes, &model, &error),
                  &error);
    assert_contains(error.text, text);
    assert_null(model);
    assert_int_equal(neuron_model_load_bytes(bytes, size_bytes, &model, NULL),
                     NEURON_DAMAGED_MODEL);
}

static void
check_results(const struct model_bench *bench, const struct neuron_model *model)
{
    static const float expected[] = {1, 4, 9, 16, 25, 48};
    float numbers[] = {1, 2, 3, 4, 5, 6};
    float results[6] = {0};
    struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}, .data = numbers};
    struct neuron_tensor_view output = input;

    output.data = results;
    run_once(bench, model, &input, &output);
    assert_memory_equal(results, expected, sizeof(expected));
}

static void
a_model_from_a_mapped_file_runs_when_mapping_and_file_are_gone(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    struct neuron_model *model = load_bytes(mapped.bytes, mapped.size_bytes);
    unmap(&mapped);
    assert_int_equal(unlink(path), 0);
    assert_true(model->file.is_file_backed);
    assert_string_equal(neuron_model_name(model), "weights");
    check_results(bench, model);
    neuron_model_destroy(model);
}

static void
a_model_from_the_heap_runs_when_the_bytes_are_gone(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    /* At an odd address, as a language with strings of bytes may have them. */
    unsigned char *bytes = malloc(mapped.size_bytes + 1);
    assert_non_null(bytes);
    memcpy(bytes + 1, mapped.bytes, mapped.size_bytes);
    struct neuron_model *model = load_bytes(bytes + 1, mapped.size_bytes);
    free(bytes);
    unmap(&mapped);
    assert_false(model->file.is_file_backed);
    check_results(bench, model);
    neuron_model_destroy(model);
}

static void
a_model_inside_a_larger_file_is_shared_where_it_is_aligned(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    for (size_t lead_bytes = 60; lead_bytes <= 64; lead_bytes += 4) {
        FILE *archive = fopen(test_folder_path(&bench->folder, "archive", path), "we");
        assert_non_null(archive);
        assert_int_equal(fwrite(mapped.bytes, 1, lead_bytes, archive), lead_bytes);
        assert_int_equal(fwrite(mapped.bytes, mapped.size_bytes, 1, archive), 1);
        assert_int_equal(fputc('x', archive), 'x');
        assert_int_equal(fclose(archive), 0);
        struct file_bytes whole = map_whole(path);
        struct neuron_model *model = load_bytes(whole.bytes + lead_bytes, mapped.size_bytes);
        unmap(&whole);
        assert_int_equal(model->file.is_file_backed, lead_bytes == 64);
        check_results(bench, model);
        neuron_model_destroy(model);
    }
    unmap(&mapped);
}

static void
a_model_from_a_path_says_that_it_shows_a_file(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct neuron_model *model = load(path);
    assert_true(model->file.is_file_backed);
    check_results(bench, model);
    neuron_model_destroy(model);
}

static void
a_weight_that_the_caller_changed_is_noticed(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    mapped.bytes[mapped.size_bytes - 1] ^= 0x20;
    expect_refused(mapped.bytes, mapped.size_bytes,
                   "the model in memory is damaged: the checksum of its weights does not match; "
                   "compile the model again");
    unmap(&mapped);
    neuron_model_destroy(load(path));
}

/* Changes a byte of a file in place. */
static void
flip_byte(const char *path, uint64_t offset)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    unsigned char byte = 0;

    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, (off_t)offset), 1);
    byte ^= 0x20;
    assert_int_equal(pwrite(file, &byte, 1, (off_t)offset), 1);
    assert_int_equal(close(file), 0);
}

static void
a_file_that_was_changed_under_its_model_is_noticed(void **state)
{
    static const char *const texts[] = {
        "the model weights is damaged: the checksum of its graph does not match: its file was "
        "changed while it is loaded; load it again",
        "the checksum of its weights does not match: its file was changed"};
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    struct neuron_error error;

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct neuron_model *model = load(path);
    assert_ok(neuron_model_check(model, &error), &error);
    for (size_t i = 0; i < 2; i += 1) {
        flip_byte(path, model->file.sections[i].offset);
        assert_status(NEURON_DAMAGED_MODEL, neuron_model_check(model, &error), &error);
        assert_contains(error.text, texts[i]);
        assert_int_equal(neuron_model_check(model, NULL), NEURON_DAMAGED_MODEL);
        flip_byte(path, model->file.sections[i].offset);
    }
    assert_ok(neuron_model_check(model, &error), &error);
    neuron_model_destroy(model);
}

static void
a_copy_stays_what_it_was(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    struct neuron_error error;

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    unsigned char *bytes = malloc(mapped.size_bytes);
    assert_non_null(bytes);
    memcpy(bytes, mapped.bytes, mapped.size_bytes);
    struct neuron_model *model = load_bytes(bytes, mapped.size_bytes);
    memset(bytes, 0, mapped.size_bytes);
    flip_byte(path, mapped.size_bytes - 1);
    assert_ok(neuron_model_check(model, &error), &error);
    check_results(bench, model);
    unmap(&mapped);
    free(bytes);
    neuron_model_destroy(model);
}

static void
bytes_that_are_none_are_refused(void **state)
{
    (void)state;
    expect_refused(NULL, 0,
                   "the model in memory is no NEFF file: it is 0 bytes long, and its header alone "
                   "takes 1024; compile the model again");
    expect_refused("", 0, "it is 0 bytes long");
    expect_refused("\x89NEFF", 5, "it is 5 bytes long, and its header alone takes 1024");
    expect_refused(NULL, 5, "it is 5 bytes long");
    expect_refused(NULL, 100000, "the model in memory is no NEFF file: its address is NULL");
}

static void
a_size_that_is_not_the_files_is_refused_with_both(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    char text[128];

    compile_weights(bench, 8, "a.neff", "weights", path);
    struct file_bytes mapped = map_whole(path);
    /* The larger ones would end far behind the mapping. */
    const size_t sizes[] = {1024, mapped.size_bytes - 1, mapped.size_bytes + 1, 1ULL << 40,
                            SIZE_MAX};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        (void)snprintf(text, sizeof(text),
                       "the model in memory is damaged: it is %zu bytes long and was written with "
                       "%zu; compile",
                       sizes[i], mapped.size_bytes);
        expect_refused(mapped.bytes, sizes[i], text);
    }
    expect_refused(mapped.bytes, 1023, "it is 1023 bytes long, and its header");
    unmap(&mapped);
}

/* Says whether two files hold one model. */
static bool
are_identical(const char *left_path, const char *right_path)
{
    struct neuron_model *left = load(left_path);
    struct neuron_model *right = load(right_path);
    bool are_equal = memcmp(neuron_model_identity(left), neuron_model_identity(right),
                            NEURON_MODEL_IDENTITY_BYTES) == 0;

    neuron_model_destroy(left);
    neuron_model_destroy(right);
    return are_equal;
}

static void
equal_models_have_one_identity_wherever_they_stand(void **state)
{
    const struct model_bench *bench = *state;
    char first[TEST_PATH_BYTES];
    char second[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "a", first);
    compile_weights(bench, 8, "b.neff", "a", second);
    assert_true(are_identical(first, second));
    /* Its name makes no other model of it. */
    compile_weights(bench, 8, "c.neff", "c", second);
    assert_true(are_identical(first, second));
}

static void
another_weight_gives_another_identity(void **state)
{
    const struct model_bench *bench = *state;
    char first[TEST_PATH_BYTES];
    char second[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "a", first);
    compile_weights(bench, 8.000001F, "b.neff", "a", second);
    assert_false(are_identical(first, second));
}

static void
the_identity_is_the_same_from_memory(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    compile_weights(bench, 8, "a.neff", "a", path);
    struct file_bytes mapped = map_whole(path);
    struct neuron_model *from_file = load(path);
    struct neuron_model *from_memory = load_bytes(mapped.bytes, mapped.size_bytes);
    assert_memory_equal(neuron_model_identity(from_file), neuron_model_identity(from_memory),
                        NEURON_MODEL_IDENTITY_BYTES);
    /* It is the uuid, for which docs/neff-format.md says the place. */
    assert_memory_equal(neuron_model_identity(from_file), mapped.bytes + 96,
                        NEURON_MODEL_IDENTITY_BYTES);
    assert_int_equal(neuron_model_core_count(from_memory), 1);
    assert_int_equal(neuron_model_core_count(from_file), 1);
    neuron_model_destroy(from_memory);
    neuron_model_destroy(from_file);
    unmap(&mapped);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_from_a_mapped_file_runs_when_mapping_and_file_are_gone),
        cmocka_unit_test(a_model_from_the_heap_runs_when_the_bytes_are_gone),
        cmocka_unit_test(a_model_inside_a_larger_file_is_shared_where_it_is_aligned),
        cmocka_unit_test(a_model_from_a_path_says_that_it_shows_a_file),
        cmocka_unit_test(a_weight_that_the_caller_changed_is_noticed),
        cmocka_unit_test(a_file_that_was_changed_under_its_model_is_noticed),
        cmocka_unit_test(a_copy_stays_what_it_was),
        cmocka_unit_test(bytes_that_are_none_are_refused),
        cmocka_unit_test(a_size_that_is_not_the_files_is_refused_with_both),
        cmocka_unit_test(equal_models_have_one_identity_wherever_they_stand),
        cmocka_unit_test(another_weight_gives_another_identity),
        cmocka_unit_test(the_identity_is_the_same_from_memory),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
