/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/operators.h"

#include <stddef.h>
#include <string.h>

#include "frontend/onnx/evaluate.h"
#include "frontend/onnx/translate.h"

/* Sorted by what they do, for the reader. */
static const struct neuron_onnx_operator operators[] = {
    {"Constant", 7, 0, 0, false, neuron_onnx_evaluate_constant, NULL},
    {"Shape", 7, 1, 1, true, neuron_onnx_evaluate_shape, NULL},
    {"Size", 7, 1, 1, true, neuron_onnx_evaluate_size, NULL},
    {"ConstantOfShape", 9, 1, 1, false, neuron_onnx_evaluate_constant_of_shape, NULL},
    {"Range", 11, 3, 3, false, neuron_onnx_evaluate_range, NULL},
    {"Gather", 7, 2, 2, false, neuron_onnx_evaluate_gather, NULL},
    {"Slice", 7, 1, 5, false, neuron_onnx_evaluate_slice, NULL},
    {"Expand", 8, 2, 2, false, neuron_onnx_evaluate_expand, NULL},
    {"Tile", 7, 2, 2, false, neuron_onnx_evaluate_tile, NULL},
    {"Where", 9, 3, 3, false, neuron_onnx_evaluate_where, NULL},
    {"Mod", 10, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"Equal", 7, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"Less", 7, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"Greater", 7, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"LessOrEqual", 12, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"GreaterOrEqual", 12, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"And", 7, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"Or", 7, 2, 2, false, neuron_onnx_evaluate_binary, NULL},
    {"Min", 7, 1, UINT32_MAX, false, neuron_onnx_evaluate_several, NULL},
    {"Max", 7, 1, UINT32_MAX, false, neuron_onnx_evaluate_several, NULL},
    {"Neg", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"Abs", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"Not", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"Floor", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"Ceil", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"Sqrt", 7, 1, 1, false, neuron_onnx_evaluate_unary, NULL},
    {"ReduceSum", 7, 1, 2, false, neuron_onnx_evaluate_reduce, NULL},
    {"ReduceProd", 7, 1, 2, false, neuron_onnx_evaluate_reduce, NULL},
    {"ReduceMin", 7, 1, 2, false, neuron_onnx_evaluate_reduce, NULL},
    {"ReduceMax", 7, 1, 2, false, neuron_onnx_evaluate_reduce, NULL},

    {"Cast", 7, 1, 1, false, neuron_onnx_evaluate_cast, neuron_onnx_evaluate_cast},
    {"Identity", 7, 1, 1, false, neuron_onnx_translate_identity, neuron_onnx_translate_identity},
    {"Dropout", 7, 1, 3, false, neuron_onnx_translate_dropout, neuron_onnx_translate_dropout},
    {"Reshape", 7, 2, 2, false, neuron_onnx_translate_reshape, neuron_onnx_translate_reshape},
    {"Flatten", 7, 1, 1, false, neuron_onnx_translate_flatten, neuron_onnx_translate_flatten},
    {"Squeeze", 7, 1, 2, false, neuron_onnx_translate_squeeze, neuron_onnx_translate_squeeze},
    {"Unsqueeze", 7, 1, 2, false, neuron_onnx_translate_unsqueeze, neuron_onnx_translate_unsqueeze},
    {"Transpose", 7, 1, 1, false, neuron_onnx_evaluate_transpose, neuron_onnx_translate_transpose},
    {"Concat", 7, 1, UINT32_MAX, false, neuron_onnx_evaluate_concat, neuron_onnx_translate_concat},
    {"Add", 7, 2, 2, false, neuron_onnx_evaluate_binary, neuron_onnx_translate_arithmetic},
    {"Sub", 7, 2, 2, false, neuron_onnx_evaluate_binary, neuron_onnx_translate_arithmetic},
    {"Mul", 7, 2, 2, false, neuron_onnx_evaluate_binary, neuron_onnx_translate_arithmetic},
    {"Div", 7, 2, 2, false, neuron_onnx_evaluate_binary, neuron_onnx_translate_arithmetic},

    {"Relu", 7, 1, 1, false, NULL, neuron_onnx_translate_function},
    {"Sigmoid", 7, 1, 1, false, NULL, neuron_onnx_translate_function},
    {"Tanh", 7, 1, 1, false, NULL, neuron_onnx_translate_function},
    {"Clip", 7, 1, 3, false, NULL, neuron_onnx_translate_clip},
    {"MatMul", 7, 2, 2, false, NULL, neuron_onnx_translate_matmul},
    {"Gemm", 7, 2, 3, false, NULL, neuron_onnx_translate_gemm},
    {"Conv", 7, 2, 3, false, NULL, neuron_onnx_translate_conv},
    {"MaxPool", 7, 1, 1, false, NULL, neuron_onnx_translate_pool},
    {"AveragePool", 7, 1, 1, false, NULL, neuron_onnx_translate_pool},
    {"GlobalMaxPool", 7, 1, 1, false, NULL, neuron_onnx_translate_global_pool},
    {"GlobalAveragePool", 7, 1, 1, false, NULL, neuron_onnx_translate_global_pool},
    {"ReduceMean", 7, 1, 2, false, NULL, neuron_onnx_translate_reduce_mean},
    {"BatchNormalization", 7, 5, 5, false, NULL, neuron_onnx_translate_batch_norm},
    {"LayerNormalization", 17, 2, 3, false, NULL, neuron_onnx_translate_layer_norm},
    {"Softmax", 7, 1, 1, false, NULL, neuron_onnx_translate_softmax},
};

const struct neuron_onnx_operator *
neuron_onnx_operator_find(const char *name)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i += 1) {
        if (strcmp(operators[i].name, name) == 0) {
            return &operators[i];
        }
    }
    return NULL;
}
