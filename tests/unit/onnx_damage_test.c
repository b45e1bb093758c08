/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are no models, or not any more. */
#include "frontend/onnx/onnx_import.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "onnx_check.h"

enum { FLIP_COUNT = 4000, FOLDED_BYTES = 1 << 20 };

static struct onnx_model *
build_sample(void)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "1,2,6,6");
    onnx_add_weights(model, "w", "3,2,3,3", 1);
    onnx_add_weights(model, "b", "3", 2);
    onnx_add_integers(model, "shape", "0,-1");
    onnx_begin_node(model, "Conv", "x w b", "c");
    onnx_add_list(model, "pads", "1,1,1,1");
    onnx_end_node(model);
    onnx_begin_node(model, "MaxPool", "c", "p");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_end_node(model);
    onnx_add_node(model, "Reshape", "p shape", "f");
    onnx_add_node(model, "Softmax", "f", "y");
    onnx_add_output(model, "y");
    onnx_finish(model, 13);
    return model;
}

/* Imports bytes that stand in memory of exactly their size, so that ASan sees a step too far. */
static enum neuron_status
import_exact(const unsigned char *bytes, size_t size_bytes)
{
    unsigned char *exact = malloc(size_bytes + (size_bytes == 0 ? 1 : 0));
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};

    assert_non_null(exact);
    memcpy(exact, bytes, size_bytes);
    const struct neuron_onnx_bytes file = {exact, size_bytes, FOLDED_BYTES};
    enum neuron_status status = neuron_onnx_import_bytes(&file, NULL, &graph, &report, &error);
    assert_int_equal(status == NEURON_OK, graph != NULL);
    assert_true(status == NEURON_OK || error.text[0] != '\0');
    neuron_graph_destroy(graph);
    neuron_onnx_report_destroy(report);
    free(exact);
    return status;
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
    struct onnx_model *model = build_sample();

    (void)state;
    assert_int_equal(import_exact(model->file.bytes, model->file.size_bytes), NEURON_OK);
    for (size_t i = 0; i < model->file.size_bytes; i += 1) {
        assert_int_not_equal(import_exact(model->file.bytes, i), NEURON_OK);
    }
    onnx_destroy(model);
}

static void
a_file_with_flipped_bits_breaks_nothing(void **state)
{
    struct onnx_model *model = build_sample();
    uint32_t random = 7;

    (void)state;
    for (int i = 0; i < FLIP_COUNT; i += 1) {
        random = random * 1664525U + 1013904223U;
        size_t place = (random >> 8) % model->file.size_bytes;
        unsigned char before = model->file.bytes[place];

        model->file.bytes[place] ^= (unsigned char)(1U << (random >> 5 & 7U));
        (void)import_exact(model->file.bytes, model->file.size_bytes);
        model->file.bytes[place] = before;
    }
    onnx_destroy(model);
}

/* A model of a graph with so many graphs around it. */
static struct onnx_model *
build_nested(int depth)
{
    static struct onnx_message graph, node, attribute;
    struct onnx_model *model = onnx_create();

    node.size_bytes = 0;
    onnx_put_text(&node, 4, "If");
    onnx_put_text(&node, 2, "y");
    for (int i = 0; i < depth; i += 1) {
        graph.size_bytes = 0;
        onnx_put_message(&graph, 1, &node);
        attribute.size_bytes = 0;
        onnx_put_message(&attribute, 6, &graph);
        node.size_bytes = 0;
        onnx_put_text(&node, 4, "If");
        onnx_put_text(&node, 2, "y");
        onnx_put_message(&node, 5, &attribute);
    }
    onnx_put_message(&model->graph, 1, &node);
    onnx_add_output(model, "y");
    return model;
}

static void
deep_nesting_is_not_followed(void **state)
{
    static const int depths[] = {9, 10, 2000};

    (void)state;
    onnx_expect_problem(build_nested(8), 13, "If", "has 0 inputs");
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i += 1) {
        struct onnx_model *model = build_nested(depths[i]);
        struct neuron_graph *graph = NULL;
        struct neuron_error error = {0};

        assert_status(NEURON_DAMAGED_MODEL, onnx_import(model, 13, NULL, &graph, NULL, &error),
                      &error);
        assert_contains(error.text, "deeper inside each other");
        onnx_destroy(model);
    }
}

static void
many_tiny_messages_do_not_take_memory_without_bound(void **state)
{
    enum { COUNT = 400000, LENGTH = 2 * COUNT };
    static unsigned char bytes[16 + LENGTH];
    const size_t length = LENGTH;
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    size_t used = 0;

    (void)state;
    bytes[used++] = 7 << 3 | 2; /* the graph, whose length is a number of three bytes */
    bytes[used++] = (unsigned char)(length & 0x7F) | 0x80;
    bytes[used++] = (unsigned char)(length >> 7 & 0x7F) | 0x80;
    bytes[used++] = (unsigned char)(length >> 14);
    for (int i = 0; i < COUNT; i += 1) {
        bytes[used++] = 1 << 3 | 2; /* an empty node */
        bytes[used++] = 0;
    }
    const struct neuron_onnx_bytes file = {bytes, used, FOLDED_BYTES};
    assert_status(NEURON_DAMAGED_MODEL, neuron_onnx_import_bytes(&file, NULL, &graph, NULL, &error),
                  &error);
    assert_contains(error.text, "memory");
}

static void
empty_and_foreign_bytes_are_no_model(void **state)
{
    static const char text[] = "This is no model, but a text.";
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    const struct neuron_onnx_bytes foreign = {text, sizeof(text), 0};
    const struct neuron_onnx_bytes empty = {text, 0, 0};
    assert_status(NEURON_DAMAGED_MODEL,
                  neuron_onnx_import_bytes(&foreign, NULL, &graph, NULL, &error), &error);
    assert_status(NEURON_DAMAGED_MODEL,
                  neuron_onnx_import_bytes(&empty, NULL, &graph, NULL, &error), &error);
    assert_contains(error.text, "no graph");
    assert_status(NEURON_SYSTEM, neuron_onnx_import("/no/such.onnx", NULL, &graph, NULL, &error),
                  &error);
    assert_contains(error.text, "/no/such.onnx");
    assert_status(NEURON_SYSTEM, neuron_onnx_import("/", NULL, &graph, NULL, &error), &error);
    assert_contains(error.text, "no regular file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_file_with_flipped_bits_breaks_nothing),
        cmocka_unit_test(deep_nesting_is_not_followed),
        cmocka_unit_test(many_tiny_messages_do_not_take_memory_without_bound),
        cmocka_unit_test(empty_and_foreign_bytes_are_no_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
