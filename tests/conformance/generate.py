#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the node tests of ONNX's backend collection, as files for the runner.

    generate.py FOLDER

FOLDER/node/CASE/... is made for each case that is to be run, and FOLDER/skipped.txt says of each
other one, "CASE: REASON".
"""
import os
import shutil
import sys

import numpy as np
from onnx import TensorProto, defs

import node_collection
from case_files import write_case
from known_inputs import make_known
from skip_rules import skip_reason

# These contract or move; float64 is promised for what is elementwise or a reduction. Their cases
# that are in float64 are run in float32.
_FLOAT32_OPERATORS = ("Einsum",)

_OLDEST_OPSET = 7  # that is promised


def _raise_opset(model):
    """The collection names the first opset that has an operator's newest definition. Where that is
    older than what is promised, a promised one has the same definition."""
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version < _OLDEST_OPSET:
            for node in model.graph.node:
                if (defs.get_schema(node.op_type, opset.version).since_version
                        != defs.get_schema(node.op_type, _OLDEST_OPSET).since_version):
                    raise ValueError(f"{node.op_type} differs in opset {_OLDEST_OPSET}")
            opset.version = _OLDEST_OPSET


def _declare_shapes(values, arrays):
    """The shapes of the values themselves: a few cases are declared with another one."""
    for value, array in zip(values, arrays):
        shape = value.type.tensor_type.shape
        if [dim.dim_value for dim in shape.dim] != list(array.shape):
            del shape.dim[:]
            for size in array.shape:
                shape.dim.add().dim_value = size


def _narrow(model, arrays):
    """Makes a float64 case one of float32."""
    for value in [*model.graph.input, *model.graph.output]:
        if value.type.tensor_type.elem_type == TensorProto.DOUBLE:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    return [array.astype(np.float32) if array.dtype == np.float64 else array for array in arrays]


def _write(folder, case):
    inputs, outputs = ([np.asarray(array) for array in arrays] for arrays in case.data_sets[0])
    if any(node.op_type in _FLOAT32_OPERATORS for node in case.model.graph.node):
        inputs, outputs = _narrow(case.model, inputs), _narrow(case.model, outputs)
    _declare_shapes(case.model.graph.input, inputs)
    _declare_shapes(case.model.graph.output, outputs)
    _raise_opset(case.model)
    inputs = make_known(case.model, inputs)
    write_case(os.path.join(folder, "node", case.name), case.model, inputs, outputs,
               {"rtol": case.rtol, "atol": case.atol})


def main(folder):
    shutil.rmtree(os.path.join(folder, "node"), ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    skipped = []
    for case in sorted(node_collection.collect(), key=lambda case: case.name):
        reason = skip_reason(case)
        if reason is None:
            _write(folder, case)
        else:
            skipped.append(f"{case.name}: {reason}\n")
    with open(os.path.join(folder, "skipped.txt"), "w", encoding="utf-8") as file:
        file.writelines(skipped)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py FOLDER")
    main(sys.argv[1])
