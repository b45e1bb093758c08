/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/operators.h"

#include <stddef.h>
#include <string.h>

#include "frontend/onnx/import_branch.h"
#include "frontend/onnx/known.h"
#include "frontend/onnx/translate.h"

/* Sorted by what they do, for the reader. */
static const struct neuron_onnx_operator operators[] = {
    /* Constants, and shapes as numbers. */
    {"Constant", 7, 0, 0, NEURON_ONNX_NEEDS_ALL_KNOWN, neuron_onnx_know_constant},
    {"Shape", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_know_shape},
    {"Size", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_know_size},
    {"ConstantOfShape", 9, 1, 1, NEURON_ONNX_NEEDS_ALL_KNOWN, neuron_onnx_know_constant_of_shape},
    {"Range", 11, 3, 3, NEURON_ONNX_NEEDS_ALL_KNOWN, neuron_onnx_know_range},
    {"EyeLike", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_know_eye},

    /* Branches. */
    {"If", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_import_branch},

    /* Elementwise, one input. */
    {"Relu", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Sigmoid", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Tanh", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Neg", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Abs", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Sign", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Floor", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Ceil", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Round", 11, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Reciprocal", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Sqrt", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Exp", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Log", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Erf", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Sin", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Cos", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Tan", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Asin", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Acos", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Atan", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Sinh", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Cosh", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Asinh", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Acosh", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Atanh", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Not", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"BitwiseNot", 18, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"IsNaN", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"HardSwish", 14, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Mish", 18, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Softplus", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"Softsign", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unary},
    {"LeakyRelu", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"Elu", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"Selu", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"Celu", 12, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"HardSigmoid", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"ThresholdedRelu", 10, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"Shrink", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tuned},
    {"IsInf", 10, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_is_inf},
    {"Clip", 7, 1, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_clip},
    {"Cast", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_cast},
    {"CastLike", 15, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_cast_like},
    {"Identity", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_identity},
    {"Dropout", 7, 1, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_dropout},

    /* Elementwise, two inputs and more. */
    {"Add", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Sub", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Mul", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Div", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Pow", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"PRelu", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Equal", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Less", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"LessOrEqual", 12, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Greater", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"GreaterOrEqual", 12, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"And", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Or", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Xor", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"BitwiseAnd", 18, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"BitwiseOr", 18, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"BitwiseXor", 18, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binary},
    {"Mod", 10, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_mod},
    {"BitShift", 11, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_bit_shift},
    {"Where", 9, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_where},
    {"Min", 7, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_several},
    {"Max", 7, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_several},
    {"Sum", 7, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_several},
    {"Mean", 7, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_several},

    /* Reductions, and along one axis. */
    {"ReduceSum", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceMean", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceProd", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceMin", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceMax", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceL1", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceL2", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceSumSquare", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceLogSum", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"ReduceLogSumExp", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reduce},
    {"Softmax", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_softmax},
    {"LogSoftmax", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_softmax},
    {"Hardmax", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_softmax},
    {"ArgMax", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_arg},
    {"ArgMin", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_arg},
    {"CumSum", 11, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_cum_sum},
    {"TopK", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_top_k},

    /* Normalizations. */
    {"BatchNormalization", 7, 5, 5, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_batch_norm},
    {"InstanceNormalization", 7, 3, 3, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_instance_norm},
    {"GroupNormalization", 18, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_group_norm},
    {"LayerNormalization", 17, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_layer_norm},
    {"MeanVarianceNormalization", 9, 1, 1, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_mean_variance_norm},
    {"LpNormalization", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_lp_normalization},

    /* Products. */
    {"MatMul", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_matmul},
    {"Gemm", 7, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_gemm},
    {"Einsum", 12, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_einsum},

    /* Windows. */
    {"Conv", 7, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_conv},
    {"ConvTranspose", 7, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_conv_transpose},
    {"MaxPool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_max_pool},
    {"AveragePool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_average_pool},
    {"LpPool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_lp_pool},
    {"GlobalMaxPool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_global_pool},
    {"GlobalAveragePool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_global_pool},
    {"GlobalLpPool", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_global_pool},
    {"MaxUnpool", 9, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_max_unpool},
    {"LRN", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_lrn},
    {"Upsample", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_upsample},
    {"Resize", 10, 1, 4, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_resize},

    /* Moving elements. */
    {"Reshape", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_reshape},
    {"Flatten", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_flatten},
    {"Squeeze", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_squeeze},
    {"Unsqueeze", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_unsqueeze},
    {"Transpose", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_transpose},
    {"Concat", 7, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_concat},
    {"Slice", 7, 1, 5, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_slice},
    {"Expand", 8, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_expand},
    {"Tile", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_tile},
    {"Gather", 7, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_gather},
    {"GatherElements", 11, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_gather},
    {"GatherND", 11, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_gather_nd},
    {"Scatter", 9, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_scatter},
    {"ScatterElements", 11, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_scatter},
    {"ScatterND", 11, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_scatter},
    {"OneHot", 9, 3, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_one_hot},
    {"Split", 7, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_split},
    {"Pad", 7, 1, 4, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_pad},
    {"CenterCropPad", 18, 2, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_center_crop_pad},
    {"Trilu", 14, 1, 2, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_trilu},
    {"ReverseSequence", 10, 2, 2, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_reverse_sequence},
    {"DepthToSpace", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_depth},
    {"SpaceToDepth", 7, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_depth},

    /* Quantization. */
    {"QuantizeLinear", 10, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_quantize},
    {"DequantizeLinear", 10, 2, 3, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_dequantize},
    {"DynamicQuantizeLinear", 11, 1, 1, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_dynamic_quantize},
    {"MatMulInteger", 10, 2, 4, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_matmul_integer},
    {"ConvInteger", 10, 2, 4, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_conv_integer},
    {"QLinearMatMul", 10, 8, 8, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_quantized_matmul},
    {"QLinearConv", 10, 8, 9, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_quantized_conv},

    /* Recurrent. */
    {"LSTM", 7, 3, 8, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_recurrent},
    {"GRU", 7, 3, 6, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_recurrent},
    {"RNN", 7, 3, 6, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_recurrent},

    /* Tables. */
};

/* Those of the domain ai.onnx.ml. */
static const struct neuron_onnx_operator table_operators[] = {
    {"TreeEnsembleRegressor", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_tree_regressor},
    {"TreeEnsembleClassifier", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_tree_classifier},
    {"LinearRegressor", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_linear_regressor},
    {"LinearClassifier", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_linear_classifier},
    {"Scaler", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_scaler},
    {"Normalizer", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_normalizer},
    {"Imputer", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_imputer},
    {"Binarizer", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_binarizer},
    {"ArrayFeatureExtractor", 1, 2, 2, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_feature_extractor},
    {"FeatureVectorizer", 1, 1, NEURON_ONNX_ANY_INPUTS, NEURON_ONNX_NEEDS_NOTHING,
     neuron_onnx_translate_feature_vectorizer},
    {"OneHotEncoder", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_category_encoder},
    {"LabelEncoder", 1, 1, 1, NEURON_ONNX_NEEDS_NOTHING, neuron_onnx_translate_label_encoder},
};

const struct neuron_onnx_operator *
neuron_onnx_table_operator_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table_operators) / sizeof(table_operators[0]); i += 1) {
        if (strcmp(table_operators[i].name, name) == 0) {
            return &table_operators[i];
        }
    }
    return NULL;
}

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
