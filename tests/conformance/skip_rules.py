# SPDX-License-Identifier: Apache-2.0
"""Which cases of the collection are out of what is promised, and why.

The tables here say what is promised: operators, types, static shapes. They know nothing of the
importer, so what it refuses of a promised operator is a failed case and not a skipped one.
"""
import numpy as np
from onnx import AttributeProto, TensorProto

_OPERATORS = set("""
    Conv ConvTranspose BatchNormalization InstanceNormalization LayerNormalization
    GroupNormalization MatMul Gemm Einsum AveragePool MaxPool LpPool GlobalAveragePool
    GlobalMaxPool GlobalLpPool LRN

    Abs Acos Acosh Add Asin Asinh Atan Atanh BitShift Ceil Cos Cosh Div Exp Floor Log Max Mean Min
    Mod Mul Neg Pow Reciprocal Round Sign Sin Sinh Sqrt Sub Sum Tan
    And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not Or Xor

    Relu LeakyRelu PRelu Elu Selu Celu Gelu HardSigmoid HardSwish Mish Sigmoid Tanh Softplus
    Softsign ThresholdedRelu Clip Erf Softmax LogSoftmax Hardmax

    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
    ReduceSum ReduceSumSquare ArgMax ArgMin TopK CumSum

    Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Pad Tile Expand Gather
    GatherElements GatherND ScatterElements ScatterND Where OneHot Resize Upsample DepthToSpace
    SpaceToDepth Trilu

    LSTM GRU RNN

    QuantizeLinear DequantizeLinear QLinearConv QLinearMatMul MatMulInteger ConvInteger
    DynamicQuantizeLinear

    Shape Size Constant ConstantOfShape Range Cast Identity Dropout If

    CastLike Shrink Scatter MeanVarianceNormalization EyeLike ReverseSequence MaxUnpool
    CenterCropPad
""".split())

# Of the domain ai.onnx.ml.
_TABLE_OPERATORS = set("""
    TreeEnsembleClassifier TreeEnsembleRegressor LinearClassifier LinearRegressor Scaler Normalizer
    Imputer Binarizer ArrayFeatureExtractor FeatureVectorizer OneHotEncoder LabelEncoder
""".split())

# Why the best known of the others are not promised.
_REFUSED_OPERATORS = {
    "Adagrad": "training", "Adam": "training", "Momentum": "training",
    "Bernoulli": "random", "RandomUniformLike": "random",
    "Compress": "the shape of the result depends on data",
    "NonMaxSuppression": "the shape of the result depends on data",
    "NonZero": "the shape of the result depends on data",
    "Unique": "the shape of the result depends on data",
    "Loop": "control flow on data", "Scan": "control flow on data",
}

_TYPES = {TensorProto.FLOAT, TensorProto.BFLOAT16, TensorProto.FLOAT16, TensorProto.DOUBLE,
          TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64,
          TensorProto.BOOL}


def _all_nodes(graph):
    """The nodes of a graph and of the graphs inside it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _all_nodes(attribute.g)


def _attribute(node, name, default):
    for attribute in node.attribute:
        if attribute.name == name:
            return attribute.s if attribute.type == AttributeProto.STRING else attribute.i
    return default


def _type_reason(value):
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return f"{value.name} is of a {kind.split('_')[0]} type"
    element = value.type.tensor_type.elem_type
    if element not in _TYPES:
        return f"{value.name} is of type {TensorProto.DataType.Name(element).lower()}"
    return None


def _operator_reason(node):
    if node.domain == "ai.onnx.ml" and node.op_type in _TABLE_OPERATORS:
        return None
    if node.domain not in ("", "ai.onnx"):
        reason = _REFUSED_OPERATORS.get(node.op_type, "operators of that domain are not promised")
        return f"{node.domain} {node.op_type}: {reason}"
    if node.op_type not in _OPERATORS:
        reason = _REFUSED_OPERATORS.get(node.op_type, "the operator is not promised")
        return f"{node.op_type}: {reason}"
    return None


def _training_reason(node, constants):
    training = _attribute(node, "training_mode", 0) != 0
    if node.op_type == "Dropout" and len(node.input) > 2:
        training = bool(np.any(constants.get(node.input[2], False)))
    return f"{node.op_type}: training mode" if training else None


def skip_reason(case):
    """Why a case is not run, or None for one that is."""
    graph = case.model.graph
    inputs, _ = case.data_sets[0]
    constants = {value.name: array for value, array in zip(graph.input, inputs)}
    reasons = [_type_reason(value) for value in [*graph.input, *graph.output]]
    for node in _all_nodes(graph):
        reasons.append(_operator_reason(node))
        reasons.append(_training_reason(node, constants))
    return next((reason for reason in reasons if reason is not None), None)
