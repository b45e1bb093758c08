/* SPDX-License-Identifier: Apache-2.0 */
/* Writing compiled files, and reading back what was written. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neff/neff_file.h"
#include "neff/neff_header.h"
#include "sample_graph.h"
#include "test_folder.h"

enum { UNSEEN = UINT16_MAX };

static void
check_same_attributes(const struct neuron_attributes *a, const struct neuron_attributes *b)
{
    assert_int_equal(a->axis, b->axis);
    assert_memory_equal(&a->epsilon, &b->epsilon, sizeof(a->epsilon));
    assert_int_equal(a->transpose_left, b->transpose_left);
    assert_int_equal(a->transpose_right, b->transpose_right);
    assert_memory_equal(a->kernel, b->kernel, sizeof(a->kernel));
    assert_memory_equal(a->strides, b->strides, sizeof(a->strides));
    assert_memory_equal(a->dilations, b->dilations, sizeof(a->dilations));
    assert_memory_equal(a->pads, b->pads, sizeof(a->pads));
    assert_int_equal(a->groups, b->groups);
    assert_int_equal(a->count_padding, b->count_padding);
    assert_int_equal(a->rank, b->rank);
    assert_memory_equal(a->dims, b->dims, sizeof(a->dims));
    assert_memory_equal(a->order, b->order, sizeof(a->order));
    assert_int_equal(a->activation, b->activation);
    assert_int_equal(a->has_residual, b->has_residual);
}

/* Values are numbered differently; each of the one graph has its place in the other. */
static void
check_same_value(const struct neuron_graph *a, uint32_t a_value, const struct neuron_graph *b,
                 uint32_t b_value, uint16_t *places)
{
    const struct neuron_graph_value *from = &a->values[a_value];
    const struct neuron_graph_value *to = &b->values[b_value];

    if (places[a_value] == UNSEEN) {
        places[a_value] = (uint16_t)b_value;
    }
    assert_int_equal(places[a_value], b_value);
    assert_int_equal(from->origin, to->origin);
    assert_true(neuron_tensor_shape_equals(&from->shape, &to->shape));
    if (from->origin == NEURON_VALUE_CONSTANT) {
        assert_int_equal((uintptr_t)to->constant % 64, 0);
        assert_memory_equal(from->constant, to->constant,
                            neuron_tensor_shape_size_bytes(&from->shape));
    }
}

static void
check_same_port(const struct neuron_graph_port *a, const struct neuron_graph_port *b,
                const uint16_t *places)
{
    assert_string_equal(a->spec.name, b->spec.name);
    assert_true(neuron_tensor_shape_equals(&a->spec.shape, &b->spec.shape));
    assert_int_equal(places[a->value], b->value);
    assert_int_equal(a->is_shared, b->is_shared);
}

static void
check_same_graph(const struct neuron_graph *a, const struct neuron_graph *b)
{
    uint16_t places[256];

    memset(places, 0xFF, sizeof(places));
    assert_true(a->value_count < 256);
    assert_int_equal(a->value_count, b->value_count);
    assert_int_equal(a->node_count, b->node_count);
    for (uint32_t i = 0; i < a->input_count; i += 1) {
        check_same_value(a, a->inputs[i].value, b, b->inputs[i].value, places);
        check_same_port(&a->inputs[i], &b->inputs[i], places);
    }
    for (uint32_t i = 0; i < a->node_count; i += 1) {
        const struct neuron_node *from = &a->nodes[i];
        const struct neuron_node *to = &b->nodes[i];

        assert_int_equal(from->kind, to->kind);
        assert_int_equal(from->input_count, to->input_count);
        check_same_attributes(&from->attributes, &to->attributes);
        for (uint32_t j = 0; j < from->input_count; j += 1) {
            check_same_value(a, from->inputs[j], b, to->inputs[j], places);
        }
        check_same_value(a, from->output, b, to->output, places);
    }
    for (uint32_t i = 0; i < a->output_count; i += 1) {
        check_same_port(&a->outputs[i], &b->outputs[i], places);
    }
}

static size_t
read_bytes(const char *path, unsigned char *bytes, size_t room_bytes)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size_bytes = fread(bytes, 1, room_bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_true(size_bytes < room_bytes);
    return size_bytes;
}

static void
read_gives_back_the_graph_that_was_written(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    graph->inputs[1].is_shared = true;
    test_folder_path(*state, "sample.neff", path);
    assert_ok(neuron_neff_write(graph, "a sample", path, &error), &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    assert_string_equal(file.name, "a sample");
    check_same_graph(graph, file.graph);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
every_attribute_survives(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    /* The inference reads only what counts for the operator; the file keeps all but two. */
    assert_int_equal(graph->nodes[0].kind, NEURON_OPERATOR_CONV);
    graph->nodes[0].attributes.axis = -7;
    graph->nodes[0].attributes.epsilon = 0.123F;
    graph->nodes[0].attributes.transpose_left = true;
    graph->nodes[0].attributes.kernel[0] = 11;
    graph->nodes[0].attributes.kernel[1] = 12;
    graph->nodes[0].attributes.activation = NEURON_OPERATOR_TANH;
    test_folder_path(*state, "sample.neff", path);
    assert_ok(neuron_neff_write(graph, "", path, &error), &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    check_same_graph(graph, file.graph);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
}

static void
the_same_graph_gives_the_same_bytes(void **state)
{
    static unsigned char first[1 << 16];
    static unsigned char second[1 << 16];
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    assert_ok(neuron_neff_write(graph, "a", test_folder_path(*state, "1", path), &error), &error);
    size_t first_bytes = read_bytes(path, first, sizeof(first));
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    /* Also when it is written again from what was read. */
    assert_ok(neuron_neff_write(file.graph, "a", test_folder_path(*state, "2", path), &error),
              &error);
    assert_int_equal(read_bytes(path, second, sizeof(second)), first_bytes);
    assert_memory_equal(first, second, first_bytes);
    /* Under another name, it is still the same model. */
    assert_ok(neuron_neff_write(graph, "b", test_folder_path(*state, "3", path), &error), &error);
    (void)read_bytes(path, second, sizeof(second));
    assert_memory_equal(first + 96, second + 96, NEURON_NEFF_CHECKSUM_BYTES);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
}

static void
the_weights_start_at_a_page_and_end_with_the_file(void **state)
{
    static unsigned char bytes[1 << 16];
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_neff_header header = {0};
    struct neuron_error error;

    assert_ok(neuron_neff_write(graph, "a", test_folder_path(*state, "1", path), &error), &error);
    size_t size_bytes = read_bytes(path, bytes, sizeof(bytes));
    assert_ok(neuron_neff_header_decode(bytes, &header, &error), &error);
    assert_int_equal(header.file_bytes, size_bytes);
    assert_int_equal(header.weights.offset % 4096, 0);
    assert_int_equal(header.weights.offset + header.weights.size_bytes, size_bytes);
    assert_int_equal(header.core_count, 1);
    assert_contains(header.build, "neuron ");
    neuron_graph_destroy(graph);
}

static enum neuron_status
record_empty(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    const struct neuron_tensor_view empty = {
        .type = NEURON_INT64, .rank = 2, .shape = {3, 0}, .data = NULL};

    (void)user;
    (void)x;
    y[0] = neuron_constant(trace, &empty);
    return neuron_trace_status(trace);
}

static void
a_constant_without_elements_is_kept(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = trace_sample(record_empty, 1, 1, 1, 1);
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    test_folder_path(*state, "empty.neff", path);
    assert_ok(neuron_neff_write(graph, "empty", path, &error), &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    assert_int_equal(file.graph->outputs[0].spec.shape.type, NEURON_INT64);
    assert_int_equal(file.graph->outputs[0].spec.shape.dims[1], 0);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
}

static void
a_model_that_is_mapped_stays_as_it_was_when_replaced(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_graph *other = trace_sample(record_empty, 1, 1, 1, 1);
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    test_folder_path(*state, "model.neff", path);
    assert_ok(neuron_neff_write(graph, "old", path, &error), &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    assert_ok(neuron_neff_write(other, "new", path, &error), &error);
    check_same_graph(graph, file.graph);
    assert_int_equal(test_folder_file_count(*state), 1);
    neuron_neff_close(&file);
    neuron_graph_destroy(other);
    neuron_graph_destroy(graph);
}

static void
expect_no_write(const char *name, const char *path, enum neuron_status status, const char *text)
{
    struct neuron_graph *graph = sample_graph();
    struct neuron_error error;

    assert_status(status, neuron_neff_write(graph, name, path, &error), &error);
    assert_contains(error.text, text);
    neuron_graph_destroy(graph);
}

static void
a_folder_that_is_not_there_is_named(void **state)
{
    char path[TEST_PATH_BYTES];

    expect_no_write("a", test_folder_path(*state, "none/a.neff", path), NEURON_SYSTEM,
                    "none/a.neff: No such file or directory");
}

static void
what_is_no_regular_file_is_not_replaced(void **state)
{
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "pipe", path);
    assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0);
    expect_no_write("a", path, NEURON_SYSTEM, "is no regular file");
    expect_no_write("a", ((struct test_folder *)*state)->path, NEURON_SYSTEM, "no regular file");
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_name_that_does_not_fit_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];
    char name[NEURON_NAME_LIMIT_BYTES + 1] = "";

    memset(name, 'n', NEURON_NAME_LIMIT_BYTES);
    expect_no_write(name, test_folder_path(*state, "a.neff", path), NEURON_INVALID_ARGUMENT,
                    "more than 255 bytes");
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_full_disk_leaves_the_old_file_and_nothing_else(void **state)
{
    static unsigned char before[64];
    static unsigned char after[64];
    struct rlimit before_limit;
    char path[TEST_PATH_BYTES];

    test_folder_path(*state, "a.neff", path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("the old one", file) >= 0);
    assert_int_equal(fclose(file), 0);
    size_t before_bytes = read_bytes(path, before, sizeof(before));
    /* The limit stands for the end of the disk: beyond it, writing fails. */
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before_limit), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){5000, before_limit.rlim_max}), 0);
    expect_no_write("a", path, NEURON_SYSTEM, "a.neff: File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before_limit), 0);
    assert_int_equal(read_bytes(path, after, sizeof(after)), before_bytes);
    assert_memory_equal(before, after, before_bytes);
    assert_int_equal(test_folder_file_count(*state), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_gives_back_the_graph_that_was_written,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(every_attribute_survives, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(the_same_graph_gives_the_same_bytes, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(the_weights_start_at_a_page_and_end_with_the_file,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_constant_without_elements_is_kept, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_model_that_is_mapped_stays_as_it_was_when_replaced,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_named, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_not_replaced, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_name_that_does_not_fit_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_file_and_nothing_else,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
