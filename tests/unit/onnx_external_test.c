/* SPDX-License-Identifier: Apache-2.0 */
/* Weights in files beside the model. */
#include "neuron/onnx.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "frontend/onnx/onnx_report.h"
#include "graph/graph_body.h"
#include "onnx_check.h"
#include "test_folder.h"

static const float numbers[4] = {1.0F, 2.0F, 3.0F, 4.0F};

/* A folder with a model inside of a folder of its own, so that there is an outside. */
struct place {
    struct test_folder folder;
    char inner[TEST_PATH_BYTES];
    char model[TEST_PATH_BYTES];
};

static void
write_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

/* Writes a file below the outer folder: 4 bytes that are skipped, then the numbers. */
static void
write_weights(const struct place *place, const char *name)
{
    unsigned char bytes[4 + sizeof(numbers)] = {0};
    char path[TEST_PATH_BYTES];

    memcpy(bytes + 4, numbers, sizeof(numbers));
    write_file(test_folder_path(&place->folder, name, path), bytes, sizeof(bytes));
}

static void
make_place(struct place *place)
{
    test_folder_create(&place->folder);
    test_folder_path(&place->folder, "inner", place->inner);
    assert_int_equal(mkdir(place->inner, 0700), 0);
    test_folder_path(&place->folder, "inner/model.onnx", place->model);
}

/* Writes a model whose weights [4] are in another file. */
static void
write_model(const struct place *place, const char *location, const char *offset, const char *length)
{
    struct onnx_model *model = onnx_create();

    onnx_add_external(model, "w", "4", location, offset, length);
    onnx_add_input(model, "x", "1,4");
    onnx_add_node(model, "Add", "x w", "y");
    onnx_add_output(model, "y");
    onnx_finish(model, 13);
    write_file(place->model, model->file.bytes, model->file.size_bytes);
    onnx_destroy(model);
}

/* The model's weights are the numbers. */
static void
expect_numbers(const struct place *place)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    uint32_t i = 0;

    assert_ok(neuron_onnx_import(place->model, NULL, &graph, NULL, &error), &error);
    while (graph->values[i].origin != NEURON_VALUE_CONSTANT) {
        i += 1;
    }
    assert_memory_equal(graph->values[i].constant, numbers, sizeof(numbers));
    neuron_graph_destroy(graph);
}

static void
expect_refusal(const struct place *place, const char *text)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_UNSUPPORTED_MODEL,
                  neuron_onnx_import(place->model, NULL, &graph, NULL, &error), &error);
    assert_contains(error.text, text);
    assert_null(graph);
}

static void
weights_are_read_from_a_file_beside_the_model(void **state)
{
    struct place place;
    char below[TEST_PATH_BYTES];

    (void)state;
    make_place(&place);
    write_weights(&place, "inner/weights.bin");
    write_model(&place, "weights.bin", "4", "16");
    expect_numbers(&place);
    write_model(&place, "weights.bin", "4", NULL);
    expect_numbers(&place);
    test_folder_path(&place.folder, "inner/below", below);
    assert_int_equal(mkdir(below, 0700), 0);
    write_weights(&place, "inner/below/weights.bin");
    write_model(&place, "below/../below/weights.bin", "4", "16");
    expect_numbers(&place);
    test_folder_destroy(&place.folder);
}

static void
paths_out_of_the_folder_are_refused(void **state)
{
    struct place place;
    char outside[TEST_PATH_BYTES];

    (void)state;
    make_place(&place);
    write_weights(&place, "weights.bin");
    write_model(&place, "../weights.bin", "4", "16");
    expect_refusal(&place, "out of the model's folder");
    write_model(&place, "below/../../weights.bin", "4", "16");
    expect_refusal(&place, "external data");
    write_model(&place, test_folder_path(&place.folder, "weights.bin", outside), "4", "16");
    expect_refusal(&place, "out of the model's folder");
    write_model(&place, "/proc/self/environ", "0", "16");
    expect_refusal(&place, "out of the model's folder");
    write_model(&place, "", "4", "16");
    expect_refusal(&place, "no location");
    test_folder_destroy(&place.folder);
}

static void
links_are_refused(void **state)
{
    struct place place;
    char target[TEST_PATH_BYTES];
    char link_path[TEST_PATH_BYTES];

    (void)state;
    make_place(&place);
    write_weights(&place, "weights.bin");
    test_folder_path(&place.folder, "weights.bin", target);
    test_folder_path(&place.folder, "inner/soft", link_path);
    assert_int_equal(symlink(target, link_path), 0);
    write_model(&place, "soft", "4", "16");
    expect_refusal(&place, "symbolic link");
    test_folder_path(&place.folder, "inner/folder", link_path);
    assert_int_equal(symlink(place.folder.path, link_path), 0);
    write_model(&place, "folder/weights.bin", "4", "16");
    expect_refusal(&place, "symbolic link");
    test_folder_path(&place.folder, "inner/hard", link_path);
    assert_int_equal(link(target, link_path), 0);
    write_model(&place, "hard", "4", "16");
    expect_refusal(&place, "second hard link");
    test_folder_destroy(&place.folder);
}

static void
what_is_no_regular_file_is_refused(void **state)
{
    struct place place;
    char pipe_path[TEST_PATH_BYTES];

    (void)state;
    make_place(&place);
    test_folder_path(&place.folder, "inner/pipe", pipe_path);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    write_model(&place, "pipe", "4", "16");
    expect_refusal(&place, "no regular file");
    write_model(&place, ".", "4", "16");
    expect_refusal(&place, "no regular file");
    write_model(&place, "missing", "4", "16");
    expect_refusal(&place, "cannot be opened");
    test_folder_destroy(&place.folder);
}

static void
places_outside_of_the_file_are_refused(void **state)
{
    static const char *const offsets[] = {
        "5", "20", "9223372036854775807", "18446744073709551616", "-4", "4x", "", " 4"};
    struct place place;

    (void)state;
    make_place(&place);
    write_weights(&place, "inner/weights.bin");
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i += 1) {
        write_model(&place, "weights.bin", offsets[i], "16");
        expect_refusal(&place, "external data");
    }
    write_model(&place, "weights.bin", "4", "12");
    expect_refusal(&place, "takes 16 bytes, and the file has 12");
    test_folder_destroy(&place.folder);
}

static void
the_report_knows_the_files_by_any_name(void **state)
{
    struct place place;
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};
    char other[TEST_PATH_BYTES];
    char link[TEST_PATH_BYTES];

    (void)state;
    make_place(&place);
    write_weights(&place, "inner/weights");
    write_weights(&place, "inner/other");
    write_model(&place, "weights", "4", "16");
    assert_ok(neuron_onnx_import(place.model, NULL, &graph, &report, &error), &error);
    test_folder_path(&place.folder, "inner/weights", other);
    assert_true(neuron_onnx_report_has_file(report, other));
    test_folder_path(&place.folder, "link", link);
    assert_int_equal(symlink(other, link), 0);
    assert_true(neuron_onnx_report_has_file(report, link));
    assert_false(neuron_onnx_report_has_file(report, place.model));
    test_folder_path(&place.folder, "inner/other", other);
    assert_false(neuron_onnx_report_has_file(report, other));
    test_folder_path(&place.folder, "inner/none", other);
    assert_false(neuron_onnx_report_has_file(report, other));
    neuron_onnx_report_destroy(report);
    neuron_graph_destroy(graph);
    test_folder_destroy(&place.folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_knows_the_files_by_any_name),
        cmocka_unit_test(weights_are_read_from_a_file_beside_the_model),
        cmocka_unit_test(paths_out_of_the_folder_are_refused),
        cmocka_unit_test(links_are_refused),
        cmocka_unit_test(what_is_no_regular_file_is_refused),
        cmocka_unit_test(places_outside_of_the_file_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
