#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes one whole model as a case.

    models.py NAME FOLDER           small, with the outputs that numpy computes for it
    models.py --full NAME FOLDER    as large as the one it is named after, without outputs

The case is FOLDER/NAME. All weights and inputs are seeded.
"""
import os
import sys

import tabular_models
import text_models
import vision_models
from case_files import write_case
from reference import evaluate

_MODELS = {
    "bert_base": text_models.bert_base,
    "dlrm": tabular_models.dlrm,
    "logistic_pipeline": tabular_models.logistic_pipeline,
    "lstm_tagger": text_models.lstm_tagger,
    "mobilenet_v2": vision_models.mobilenet_v2,
    "resnet50": vision_models.resnet50,
    "tree_classifier": tabular_models.tree_classifier,
    "tree_regressor": tabular_models.tree_regressor,
}
_TOLERANCES = {"l2": 1e-4}  # of float32; the sums of a layer come in any order


def main(arguments):
    is_full = arguments[:1] == ["--full"]
    name, folder = arguments[1:] if is_full else arguments
    model, inputs = _MODELS[name](is_full)
    outputs = [] if is_full else evaluate(model, inputs)
    arrays = [inputs[value.name] for value in model.graph.input]
    write_case(os.path.join(folder, name), model, arrays, outputs, _TOLERANCES)


if __name__ == "__main__":
    if len(sys.argv) != (4 if sys.argv[1:2] == ["--full"] else 3):
        sys.exit("usage: models.py [--full] NAME FOLDER")
    main(sys.argv[1:])
