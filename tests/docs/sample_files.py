# SPDX-License-Identifier: Apache-2.0
"""Writes the networks and arrays that the documents name, to the working folder.

They are what their names say, with fewer channels, words and layers, and drawn weights: resnet50.onnx
on images of 64x64, bert.onnx on token numbers and a mask, and model.onnx, a LeNet.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))
import text_models  # noqa: E402
import vision_models  # noqa: E402

_ROWS = 8


def _rename_input(model, old, new):
    for value in model.graph.input:
        if value.name == old:
            value.name = new
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]


def _short_bert():
    """Two inputs, where all tokens are of the first kind."""
    model, _ = text_models.bert_base(False)
    _rename_input(model, "input_ids", "ids")
    _rename_input(model, "attention_mask", "mask")
    kinds = next(value for value in model.graph.input if value.name == "token_type_ids")
    model.graph.input.remove(kinds)
    model.graph.node.insert(0, helper.make_node("Sub", ["ids", "ids"], ["token_type_ids"]))
    return model


def main():
    random = np.random.RandomState(11)
    resnet, _ = vision_models.resnet50(False)
    _rename_input(resnet, "image", "data")
    onnx.save(resnet, "resnet50.onnx")
    onnx.save(_short_bert(), "bert.onnx")
    onnx.save(vision_models.lenet(False)[0], "model.onnx")
    np.save("images.npy", random.standard_normal((_ROWS, 3, 64, 64)).astype(np.float32))
    np.save("ids77.npy", random.randint(0, 500, (1, 77)).astype(np.int64))
    np.save("mask77.npy", np.ones((1, 77), np.int64))


if __name__ == "__main__":
    main()
