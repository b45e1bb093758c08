# SPDX-License-Identifier: Apache-2.0
"""Builds an ONNX model node by node, with seeded weights."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}
_IR_VERSION = 7


class GraphBuilder:
    """Values are their names. What draws numbers does so in the order of the calls."""

    def __init__(self, name, seed):
        self.name = name
        self.random = np.random.RandomState(seed)
        self._nodes, self._constants, self._inputs, self._outputs = [], [], [], []

    def _new_name(self, kind):
        return f"{kind}_{len(self._nodes) + len(self._constants)}"

    def input(self, name, type_name, dims):
        """A dimension that is a text stays open, and has that name."""
        self._inputs.append(helper.make_tensor_value_info(name, _TYPES[type_name], dims))
        return name

    def output(self, value, name, type_name, dims):
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _TYPES[type_name], dims))

    def constant(self, array):
        """An initializer."""
        name = self._new_name("constant")
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def number(self, value):
        """A float32 scalar, in a node of its own as exporters write it."""
        return self._constant_node(np.array(value, np.float32))

    def integers(self, *values):
        return self._constant_node(np.array(values, np.int64))

    def integer(self, value):
        """An int64 scalar."""
        return self._constant_node(np.array(value, np.int64))

    def _constant_node(self, array):
        return self.add("Constant", [], value=numpy_helper.from_array(array))

    def weights(self, shape, deviation, mean=0.0):
        drawn = mean + self.random.standard_normal(shape) * deviation
        return self.constant(drawn.astype(np.float32))

    def add(self, operator, inputs, **attributes):
        """A node with one result."""
        return self.add_all(operator, inputs, 1, **attributes)[0]

    def add_all(self, operator, inputs, output_count, domain="", **attributes):
        """A node with several results."""
        name = self._new_name(operator)
        outputs = [f"{name}_{index}" for index in range(output_count)]
        self._nodes.append(helper.make_node(operator, inputs, outputs, name=name, domain=domain,
                                            **attributes))
        return outputs

    def dimension(self, value, index):
        """One extent as a list of one, by the nodes that exporters write for it."""
        extent = self.add("Gather", [self.add("Shape", [value]), self.integer(index)], axis=0)
        return self.add("Unsqueeze", [extent, self.integers(0)])

    def model(self, opset=13, ml_opset=None):
        opsets = [helper.make_opsetid("", opset)]
        if ml_opset is not None:
            opsets.append(helper.make_opsetid("ai.onnx.ml", ml_opset))
        graph = helper.make_graph(self._nodes, self.name, self._inputs, self._outputs,
                                  self._constants)
        model = helper.make_model(graph, opset_imports=opsets, producer_name="conformance")
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        return model
