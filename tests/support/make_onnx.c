/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes an ONNX file for the acceptance tests:
 *
 *   make_onnx classifier|shapes|refused|names|clash|product|beside FILE
 *
 * A small convolutional classifier of float32[N,1,8,8] with 3 classes; a perceptron behind the
 * shape code of exporters; a model with two operators that there are not; or sum and product of two
 * inputs, under names that are none of files, and under two that would be one file; or the product
 * of float32[N,3] and weights, also with these in the first 48 bytes of weights.bin.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "onnx_builder.h"

static void
add_classifier(struct onnx_model *model)
{
    onnx_add_input(model, "image", "N,1,8,8");
    onnx_add_weights(model, "w1", "4,1,3,3", 1);
    onnx_add_weights(model, "p", "4", 2);
    onnx_add_tensor(model, "v", ONNX_FLOAT, "4", "\0\0\200?\0\0\200?\0\0\200?\0\0\200?", 16);
    onnx_add_weights(model, "w2", "3,64", 3);
    onnx_begin_node(model, "Conv", "image w1", "c");
    onnx_add_list(model, "pads", "1,1,1,1");
    onnx_end_node(model);
    onnx_add_node(model, "BatchNormalization", "c p p p v", "n");
    onnx_add_node(model, "Relu", "n", "r");
    onnx_begin_node(model, "MaxPool", "r", "m");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_end_node(model);
    onnx_add_node(model, "Flatten", "m", "f");
    onnx_begin_node(model, "Gemm", "f w2", "g");
    onnx_add_integer(model, "transB", 1);
    onnx_end_node(model);
    onnx_add_node(model, "Softmax", "g", "scores");
    onnx_add_output(model, "scores");
}

static void
add_shapes(struct onnx_model *model)
{
    onnx_add_input(model, "x", "N,2,3");
    onnx_add_integers(model, "zero", "0");
    onnx_add_integers(model, "rest", "-1");
    onnx_add_weights(model, "w", "6,2", 1);
    onnx_add_weights(model, "low", "1", 0);
    onnx_add_node(model, "Shape", "x", "shape");
    onnx_add_node(model, "Gather", "shape zero", "rows");
    onnx_begin_node(model, "Concat", "rows rest", "wanted");
    onnx_add_integer(model, "axis", 0);
    onnx_end_node(model);
    onnx_add_node(model, "Reshape", "x wanted", "flat");
    onnx_add_node(model, "MatMul", "flat w", "product");
    onnx_add_node(model, "Clip", "product low", "y");
    onnx_add_output(model, "y");
}

static void
add_refused(struct onnx_model *model)
{
    onnx_add_input(model, "x", "2,3");
    onnx_add_node(model, "NonZero", "x", "a");
    onnx_add_node(model, "Relu", "a", "b");
    onnx_add_node(model, "Scan", "b", "y");
    onnx_add_output(model, "y");
}

static void
add_names(struct onnx_model *model, const char *product)
{
    onnx_add_input(model, "left:0", "N,3");
    onnx_add_input(model, "right", "N,3");
    onnx_add_node(model, "Add", "left:0 right", "sum/of_all:0");
    onnx_add_node(model, "Mul", "left:0 right", product);
    onnx_add_output(model, "sum/of_all:0");
    onnx_add_output(model, product);
}

static void
add_product(struct onnx_model *model, bool is_beside)
{
    onnx_add_input(model, "x", "N,3");
    if (is_beside) {
        onnx_add_external(model, "w", "3,4", "weights.bin", NULL, NULL);
    } else {
        onnx_add_weights(model, "w", "3,4", 1);
    }
    onnx_add_node(model, "MatMul", "x w", "y");
    onnx_add_output(model, "y");
}

/* Adds the model of a name; false where there is none. */
static bool
add_model(struct onnx_model *model, const char *name)
{
    if (strcmp(name, "classifier") == 0) {
        add_classifier(model);
    } else if (strcmp(name, "shapes") == 0) {
        add_shapes(model);
    } else if (strcmp(name, "refused") == 0) {
        add_refused(model);
    } else if (strcmp(name, "names") == 0) {
        add_names(model, "product");
    } else if (strcmp(name, "clash") == 0) {
        add_names(model, "sum_of_all_0");
    } else if (strcmp(name, "product") == 0 || strcmp(name, "beside") == 0) {
        add_product(model, strcmp(name, "beside") == 0);
    } else {
        return false;
    }
    return true;
}

int
main(int argument_count, char **arguments)
{
    struct onnx_model *model = onnx_create();

    if (argument_count != 3 || !add_model(model, arguments[1])) {
        (void)fprintf(
            stderr, "usage: make_onnx classifier|shapes|refused|names|clash|product|beside FILE\n");
        onnx_destroy(model);
        return 2;
    }
    onnx_finish(model, 13);
    FILE *file = fopen(arguments[2], "wb");
    bool is_written = file != NULL && fwrite(model->file.bytes, 1, model->file.size_bytes, file) ==
                                          model->file.size_bytes;
    is_written = file != NULL && fclose(file) == 0 && is_written;
    onnx_destroy(model);
    return is_written ? 0 : 1;
}
