# SPDX-License-Identifier: Apache-2.0
"""Evaluates a model in numpy, in float64: what the whole models are compared with.

Written after the definitions of the operators, and shares nothing with the runtime. It knows what
the models here use, and raises KeyError for any other operator.
"""
import numpy as np
from onnx import helper, numpy_helper

from reference_recurrent import lstm
from reference_linear import imputer, linear_classifier, normalizer, scaler
from reference_trees import tree_classifier, tree_regressor
from reference_windows import convolution, max_pool

_CAST_TYPES = {1: np.float64, 7: np.int64}  # float32 is computed in float64


def _gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def _erf(x):
    """The series of erf, and that of erfc as a continued fraction where x is large."""
    small = np.clip(np.abs(x), 0, 3)
    term, total = small.copy(), small.copy()
    for n in range(1, 60):
        term = term * -(small * small) / n
        total = total + term / (2 * n + 1)
    large = np.maximum(np.abs(x), 3)
    fraction = large
    for n in range(40, 0, -1):
        fraction = large + (n / 2) / fraction
    tail = 1 - np.exp(-large * large) / (fraction * np.pi ** 0.5)
    return np.sign(x) * np.where(np.abs(x) < 3, total * 2 / np.pi ** 0.5, tail)


def _normalize(x, scale, bias, mean, variance, epsilon=1e-5):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale, bias, mean, variance = (v.reshape(shape) for v in (scale, bias, mean, variance))
    return scale * (x - mean) / np.sqrt(variance + epsilon) + bias


def _softmax(x, axis=-1):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _log_softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _reshape(x, shape):
    kept = [x.shape[index] if size == 0 else int(size) for index, size in enumerate(shape)]
    return x.reshape(kept)


def _slice(x, starts, ends, axes, steps=None):
    cuts = [slice(None)] * x.ndim
    for index, axis in enumerate(axes):
        cuts[axis] = slice(starts[index], ends[index], 1 if steps is None else steps[index])
    return x[tuple(cuts)]


def _unsqueeze(x, axes):
    return np.expand_dims(x, tuple(int(axis) for axis in axes))


def _squeeze(x, axes):
    return np.squeeze(x, tuple(int(axis) for axis in axes))


def _arg_max(x, axis=0, keepdims=1):
    best = np.argmax(x, axis=axis)
    return np.expand_dims(best, axis) if keepdims else best


def _constant(value):
    return _widen(numpy_helper.to_array(value))


_OPERATORS = {
    "Add": lambda a, b: a + b,
    "ArgMax": _arg_max,
    "BatchNormalization": _normalize,
    "Cast": lambda x, to: x.astype(_CAST_TYPES[to]),
    "Clip": np.clip,
    "Concat": lambda *xs, axis: np.concatenate(xs, axis=axis),
    "Constant": _constant,
    "Conv": convolution,
    "Div": lambda a, b: a / b,
    "Erf": _erf,
    "Expand": lambda x, shape: x * np.ones(shape, x.dtype),
    "Flatten": lambda x, axis=1: x.reshape(int(np.prod(x.shape[:axis])), -1),
    "Gather": lambda x, indices, axis=0: np.take(x, indices, axis=axis),
    "GatherND": lambda x, indices: x[tuple(np.moveaxis(indices, -1, 0))],
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x: x.mean(axis=tuple(range(2, x.ndim)), keepdims=True),
    "Identity": lambda x: x,
    "Imputer": imputer,
    "LSTM": lstm,
    "LinearClassifier": linear_classifier,
    "LogSoftmax": _log_softmax,
    "MatMul": np.matmul,
    "MaxPool": max_pool,
    "Mul": lambda a, b: a * b,
    "Normalizer": normalizer,
    "Pow": np.power,
    "ReduceMean": lambda x, axes, keepdims=1: x.mean(axis=tuple(axes), keepdims=bool(keepdims)),
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": _reshape,
    "Scaler": scaler,
    "Shape": lambda x: np.array(x.shape, np.int64),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Slice": _slice,
    "Softmax": _softmax,
    "Sqrt": np.sqrt,
    "Squeeze": _squeeze,
    "Sub": lambda a, b: a - b,
    "Tanh": np.tanh,
    "Transpose": lambda x, perm: np.transpose(x, perm),
    "TreeEnsembleClassifier": tree_classifier,
    "TreeEnsembleRegressor": tree_regressor,
    "Unsqueeze": _unsqueeze,
}


def _widen(array):
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _run_node(node, values):
    """An input that is left out is None."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    inputs = [values[name] if name else None for name in node.input]
    results = _OPERATORS[node.op_type](*inputs, **attributes)
    results = results if isinstance(results, tuple) else (results,)
    values.update(zip(node.output, results))


def evaluate(model, inputs):
    """The outputs, in the order of the model; those of float32 are rounded to it at the end."""
    graph = model.graph
    values = {t.name: _widen(numpy_helper.to_array(t)) for t in graph.initializer}
    values.update((name, _widen(array)) for name, array in inputs.items())
    for node in graph.node:
        _run_node(node, values)
    results = [values[value.name] for value in graph.output]
    return [r.astype(np.float32) if r.dtype == np.float64 else r for r in results]
