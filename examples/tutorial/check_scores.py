#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares scores with what numpy computes of the ONNX file, in double precision.

check_scores.py MODEL.onnx IMAGES.npy SCORES.npy

Knows the four operators of the tutorial's network, and looks at the first 1,000 rows. Needs
Debian's python3-onnx.
"""
import sys

import numpy
import onnx
import onnx.numpy_helper


def convolution(attributes, values, kernels, bias):
    """Conv of two dimensions with equal strides and equal pads."""
    stride, pad = attributes["strides"][0], attributes["pads"][0]
    values = numpy.pad(values, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = numpy.lib.stride_tricks.sliding_window_view(values, kernels.shape[2:], (2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return numpy.einsum("ncyxij,ocij->noyx", windows, kernels) + bias[:, None, None]


OPERATORS = {
    "Conv": convolution,
    "Relu": lambda attributes, values: numpy.maximum(values, 0),
    "Flatten": lambda attributes, values: values.reshape(len(values), -1),
    "Gemm": lambda attributes, values, weights, bias:
        values @ (weights.T if attributes.get("transB") else weights) + bias,
}


def reference(path, images):
    """The output of the file for these images."""
    graph = onnx.load(path).graph
    values = {part.name: onnx.numpy_helper.to_array(part).astype(numpy.float64)
              for part in graph.initializer}
    values[graph.input[0].name] = images.astype(numpy.float64)
    for node in graph.node:
        attributes = {part.name: onnx.helper.get_attribute_value(part) for part in node.attribute}
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
    return values[graph.output[0].name]


def main():
    """Says how far apart the two are; exits with 1 if that is more than rounding explains."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    images, scores = (numpy.load(path, mmap_mode="r")[:1000] for path in sys.argv[2:])
    expected = reference(sys.argv[1], images)
    if scores.shape != expected.shape:
        sys.exit(f"{sys.argv[3]}: rows of {scores.shape[1:]}, expected {expected.shape[1:]}")
    difference = numpy.abs(scores - expected).max()
    print(f"{len(scores)} rows: the largest score is {numpy.abs(expected).max():.2f},"
          f" the largest difference {difference:.1e}")
    if not difference <= 1e-4:
        sys.exit("these are not the scores of this model")


if __name__ == "__main__":
    main()
