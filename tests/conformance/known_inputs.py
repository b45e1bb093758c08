# SPDX-License-Identifier: Apache-2.0
"""Turns inputs that an operator has to know beforehand into constants of the model.

The collection gives every operand of an operator as an input of the run, also a shape, axes or the
`k` of TopK. A compiled file has fixed shapes, so what decides one has to be known when it is
compiled, as it is in the files that exporters write. Only such inputs become constants; they keep
their values. Whatever a run computes with stays an input.
"""
from onnx import numpy_helper

# By operator, the operands that say how a result looks, or which rule computes it.
_KNOWN_OPERANDS = {
    "CenterCropPad": (1,),
    "Clip": (1, 2),
    "ConstantOfShape": (0,),
    "CumSum": (1,),
    "Dropout": (1, 2),
    "Expand": (1,),
    "If": (0,),
    "MaxUnpool": (2,),
    "OneHot": (1,),
    "Pad": (1, 2, 3),
    "Range": (0, 1, 2),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1, 2),
    "TopK": (1,),
    "Trilu": (1,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
}
_REDUCTION_OPERANDS = (1,)
_SHAPE_READERS = ("Shape", "Size")  # what is behind these does not matter, only its shape


def _known_operands(node):
    if node.op_type.startswith("Reduce"):
        return _REDUCTION_OPERANDS
    return _KNOWN_OPERANDS.get(node.op_type, ())


def _inputs_behind(graph, wanted):
    """The graph inputs from which the wanted values are computed."""
    makers = {name: node for node in graph.node for name in node.output}
    pending, seen = list(wanted), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        maker = makers.get(name)
        if maker is not None and maker.op_type not in _SHAPE_READERS:
            pending.extend(maker.input)
    return [value.name for value in graph.input if value.name in seen]


def known_input_names(graph):
    """The inputs that have to be constants, in the order of the graph."""
    wanted = [node.input[index] for node in graph.node for index in _known_operands(node)
              if index < len(node.input) and node.input[index]]
    return _inputs_behind(graph, wanted)


def make_known(model, inputs):
    """Moves such inputs into the model. Returns the values of those that are left."""
    graph = model.graph
    known = set(known_input_names(graph))
    for value, array in zip(graph.input, inputs):
        if value.name in known:
            graph.initializer.append(numpy_helper.from_array(array, value.name))
    left = [(value, array) for value, array in zip(graph.input, inputs)
            if value.name not in known]
    kept = [value for value, _ in left]
    del graph.input[:]
    graph.input.extend(kept)
    return [array for _, array in left]
