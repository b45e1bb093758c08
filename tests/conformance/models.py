#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes one whole model as a case.

    models.py NAME FOLDER               small, with the outputs that numpy computes for it
    models.py --full NAME FOLDER        as large as the one it is named after, without outputs
    models.py --full NAME FOLDER ROWS   the same for a batch of that many times what it else has

The case is FOLDER/NAME. All weights and inputs are seeded.
"""
import os
import sys

import numpy as np

import tabular_models
import text_models
import vision_models
from case_files import write_case
from reference import evaluate

_MODELS = {
    "bert_base": text_models.bert_base,
    "dlrm": tabular_models.dlrm,
    "lenet": vision_models.lenet,
    "logistic_pipeline": tabular_models.logistic_pipeline,
    "lstm_tagger": text_models.lstm_tagger,
    "mlp": vision_models.mlp,
    "mobilenet_v2": vision_models.mobilenet_v2,
    "resnet50": vision_models.resnet50,
    "tree_classifier": tabular_models.tree_classifier,
    "tree_regressor": tabular_models.tree_regressor,
}
_TOLERANCES = {"l2": 1e-4}  # of float32; the sums of a layer come in any order


def _repeat(array, times):
    """Rows that differ: each is turned by some places more than the one before."""
    return np.concatenate([np.roll(array, 5 * turn, axis=-1) for turn in range(times)])


def main(arguments):
    is_full = arguments[:1] == ["--full"]
    name, folder, *times = arguments[1:] if is_full else arguments
    model, inputs = _MODELS[name](is_full)
    if times:
        inputs = {key: _repeat(array, int(times[0])) for key, array in inputs.items()}
    outputs = [] if is_full else evaluate(model, inputs)
    arrays = [inputs[value.name] for value in model.graph.input]
    write_case(os.path.join(folder, name), model, arrays, outputs, _TOLERANCES)


if __name__ == "__main__":
    if len(sys.argv) not in ((4, 5) if sys.argv[1:2] == ["--full"] else (3,)):
        sys.exit("usage: models.py [--full] NAME FOLDER [ROWS]")
    main(sys.argv[1:])
