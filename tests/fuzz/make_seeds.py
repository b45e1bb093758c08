#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the seeds of the fuzz targets onnx, neff and neff_graph from the conformance cases.

    make_seeds.py CASES NEURON_CC CORPUS

CASES is the folder of the node cases (build/release/conformance/node), NEURON_CC the program, CORPUS
tests/fuzz/corpus. For each operator, the smallest case that has it as its only kind of node. Run
again when operators come to it or the compiled file changes; seeds of other names stay.
"""
import os
import struct
import subprocess
import sys
import tempfile

import onnx

ONNX_LIMIT_BYTES = 4096
WHOLE_FILES = ("Conv", "Gemm", "Concat", "Relu")  # the rest of a file is the same for all
GRAPH_OFFSET_AT = 32  # of the graph's offset and size in the header (docs/neff-format.md)


def smallest_cases(folder):
    """The path of one model for each operator."""
    found = {}
    for case in sorted(os.listdir(folder)):
        path = os.path.join(folder, case, "model.onnx")
        size = os.path.getsize(path)
        kinds = {node.op_type for node in onnx.load(path).graph.node}
        if len(kinds) == 1 and size <= ONNX_LIMIT_BYTES:
            kind = kinds.pop()
            if kind not in found or size < found[kind][0]:
                found[kind] = (size, path)
    return {kind: path for kind, (_, path) in found.items()}


def write(corpus, target, name, data):
    with open(os.path.join(corpus, target, name), "wb") as file:
        file.write(data)


def compile_model(program, path, *options):
    """The bytes of the compiled file; None where the model gives constants alone."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = os.path.join(folder, "m.neff")
        result = subprocess.run([program, "compile", path, "-o", compiled, *options], check=False,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if result.returncode != 0:
            print(f"{path}: {result.stderr.decode().strip()}", file=sys.stderr)
            return None
        with open(compiled, "rb") as file:
            return file.read()


def chain():
    """A network of some operators, one of whose values goes around the others."""
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 4])
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 3])
    weights = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [4, 3], [0.5] * 12)
    nodes = [onnx.helper.make_node("Tanh", ["x"], ["a"]),
             onnx.helper.make_node("Softmax", ["a"], ["b"]),
             onnx.helper.make_node("Mul", ["a", "b"], ["c"]),
             onnx.helper.make_node("MatMul", ["c", "w"], ["d"]),
             onnx.helper.make_node("Softmax", ["d"], ["y"])]
    graph = onnx.helper.make_graph(nodes, "chain", [x], [y], [weights])
    opsets = [onnx.helper.make_opsetid("", 13)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)


def write_spread(program, corpus):
    """The same network for several cores."""
    ways = {"stages_2": ["--num-neuroncores", "2"], "stages_4": ["--num-neuroncores", "4"],
            "wide_3": ["--num-neuroncores", "3", "--split", "wide"]}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "chain.onnx")
        onnx.save(chain(), path)
        for name, options in ways.items():
            compiled = compile_model(program, path, *options)
            offset, size = struct.unpack_from("<QQ", compiled, GRAPH_OFFSET_AT)
            write(corpus, "neff_graph", name, compiled[offset:offset + size])
            write(corpus, "neff", name, compiled)


def main():
    cases, program, corpus = sys.argv[1:]
    for kind, path in smallest_cases(cases).items():
        name = "operator_" + kind
        with open(path, "rb") as file:
            write(corpus, "onnx", name, file.read())
        compiled = compile_model(program, path)
        if compiled is not None:
            offset, size = struct.unpack_from("<QQ", compiled, GRAPH_OFFSET_AT)
            write(corpus, "neff_graph", name, compiled[offset:offset + size])
            if kind in WHOLE_FILES:
                write(corpus, "neff", name, compiled)
    write_spread(program, corpus)


if __name__ == "__main__":
    main()
