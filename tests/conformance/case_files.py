# SPDX-License-Identifier: Apache-2.0
"""Writes a case as the runner reads it: a folder with the model, its tensors, and case.txt.

    model.onnx
    case.txt       "rtol 0.001", "atol 1e-07" or, for whole models, "l2 0.0001", then a line for
                   each tensor: "input float32 2,3 input_0.bin NAME"; the dimensions of a scalar
                   are "-"
    input_0.bin    dense elements, little endian
    output_0.bin   what is expected

Elements are written raw and not as messages, so that the runner, which is there to find what the
importer reads wrongly, needs none of it.
"""
import os

import numpy as np
from onnx import TensorProto

_TYPE_NAMES = {
    TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64",
    TensorProto.BFLOAT16: "bfloat16", TensorProto.FLOAT16: "float16",
    TensorProto.INT8: "int8", TensorProto.UINT8: "uint8", TensorProto.INT32: "int32",
    TensorProto.INT64: "int64", TensorProto.BOOL: "bool",
}
# numpy has no bfloat16: the collection holds the bits, as uint16.
_NUMPY_TYPES = {"bfloat16": "uint16"}


def _write_tensor(folder, role, index, value, array):
    """Writes the elements. Returns the line that describes them."""
    array = np.asarray(array)
    type_name = _TYPE_NAMES[value.type.tensor_type.elem_type]
    expected = _NUMPY_TYPES.get(type_name, type_name)
    if array.dtype.name != expected:
        raise ValueError(f"{value.name} holds {array.dtype.name} and is declared {type_name}")
    file_name = f"{role}_{index}.bin"
    np.ascontiguousarray(array).tofile(os.path.join(folder, file_name))
    dims = ",".join(str(dim) for dim in array.shape) or "-"
    return f"{role} {type_name} {dims} {file_name} {value.name}"


def write_case(folder, model, inputs, outputs, tolerances):
    """`tolerances` is a dictionary with rtol and atol, or with l2."""
    os.makedirs(folder, exist_ok=True)
    lines = [f"{name} {number:g}" for name, number in tolerances.items()]
    for index, (value, array) in enumerate(zip(model.graph.input, inputs)):
        lines.append(_write_tensor(folder, "input", index, value, array))
    for index, (value, array) in enumerate(zip(model.graph.output, outputs)):
        lines.append(_write_tensor(folder, "output", index, value, array))
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(model.SerializeToString())
    with open(os.path.join(folder, "case.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
