# SPDX-License-Identifier: Apache-2.0
"""A recommender in the way of DLRM; trees and a pipeline as converters write them."""
import numpy as np

from graph_builder import GraphBuilder

_TREES, _DEPTH, _FEATURES, _CLASSES = 500, 6, 30, 3
_ML_OPSET = 3


def _perceptron(graph, x, widths):
    """A Gemm for each width after the first, and Relu between them."""
    for index, (width_in, width_out) in enumerate(zip(widths, widths[1:])):
        if index > 0:
            x = graph.add("Relu", [x])
        x = graph.add("Gemm", [x, graph.weights((width_out, width_in), (2.0 / width_in) ** 0.5),
                               graph.weights((width_out,), 0.1)], transB=1)
    return x


def _interactions(graph, vectors, width):
    """The product of each pair of different vectors, by the lower triangle of all products."""
    shape = graph.integers(-1, len(vectors), width)
    stacked = graph.add("Reshape", [graph.add("Concat", vectors, axis=1), shape])
    products = graph.add("MatMul",
                         [stacked, graph.add("Transpose", [stacked], perm=[0, 2, 1])])
    pairs = np.stack(np.tril_indices(len(vectors), -1), axis=1).astype(np.int64)
    last = graph.add("Transpose", [products], perm=[1, 2, 0])
    chosen = graph.add("GatherND", [last, graph.constant(pairs)])
    return graph.add("Transpose", [chosen], perm=[1, 0]), len(pairs)


def dlrm(is_full):
    """Dense features through a perceptron, categories through tables, and their products."""
    tables, rows, width, hidden, batch = (26, 20000, 64, 512, 128) if is_full else \
        (8, 100, 8, 32, 8)
    graph = GraphBuilder("dlrm", 13)
    dense = graph.input("dense", "float32", ["batch", 13])
    sparse = graph.input("sparse", "int64", ["batch", tables])
    bottom = graph.add("Relu", [_perceptron(graph, dense, [13, hidden, hidden // 2, width])])
    vectors = [bottom]
    for table in range(tables):
        column = graph.add("Gather", [sparse, graph.integer(table)], axis=1)
        vectors.append(graph.add("Gather", [graph.weights((rows, width), 0.5), column], axis=0))
    pairs, pair_count = _interactions(graph, vectors, width)
    x = graph.add("Concat", [bottom, pairs], axis=1)
    x = _perceptron(graph, x, [width + pair_count, hidden, hidden // 2, 1])
    graph.output(graph.add("Sigmoid", [x]), "click", "float32", ["batch", 1])
    random = np.random.RandomState(7)
    return graph.model(), {
        "dense": random.uniform(0, 1, (batch, 13)).astype(np.float32),
        "sparse": random.randint(0, rows, (batch, tables)).astype(np.int64)}


def _grow_tree(random, tree, nodes):
    """Appends the nodes of a tree, in the order of their numbers; some branches end early.
    Returns the numbers of its leaves."""
    leaves, pending = [], [(0, 0)]
    following = 1
    while pending:
        number, depth = pending.pop(0)
        is_leaf = depth == _DEPTH or (depth > 2 and random.uniform() < 0.1)
        nodes["nodes_treeids"].append(tree)
        nodes["nodes_nodeids"].append(number)
        nodes["nodes_modes"].append("LEAF" if is_leaf else "BRANCH_LT")
        nodes["nodes_featureids"].append(0 if is_leaf else int(random.randint(_FEATURES)))
        nodes["nodes_values"].append(0.0 if is_leaf else float(np.float32(random.normal())))
        nodes["nodes_hitrates"].append(1.0)
        nodes["nodes_missing_value_tracks_true"].append(0 if is_leaf else int(random.randint(2)))
        nodes["nodes_truenodeids"].append(0 if is_leaf else following)
        nodes["nodes_falsenodeids"].append(0 if is_leaf else following + 1)
        if is_leaf:
            leaves.append(number)
        else:
            pending += [(following, depth + 1), (following + 1, depth + 1)]
            following += 2
    return leaves


def _grow_trees(random, kind, class_count):
    """The attributes of 500 trees; tree after tree votes for the next class, or target."""
    nodes = {f"nodes_{name}": [] for name in
             ("treeids", "nodeids", "modes", "featureids", "values", "hitrates",
              "missing_value_tracks_true", "truenodeids", "falsenodeids")}
    votes = {f"{kind}_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    for tree in range(_TREES):
        for leaf in _grow_tree(random, tree, nodes):
            votes[f"{kind}_treeids"].append(tree)
            votes[f"{kind}_nodeids"].append(leaf)
            votes[f"{kind}_ids"].append(tree % class_count)
            votes[f"{kind}_weights"].append(float(np.float32(random.normal() * 0.1)))
    return {**nodes, **votes}


def _rows(is_full):
    """Rows in which some values are missing."""
    random = np.random.RandomState(7)
    rows = random.standard_normal((256 if is_full else 32, _FEATURES)).astype(np.float32)
    rows[random.uniform(size=rows.shape) < 0.02] = np.nan
    return {"features": rows}


def tree_regressor(is_full):
    graph = GraphBuilder("tree_regressor", 17)
    x = graph.input("features", "float32", ["batch", _FEATURES])
    y = graph.add_all("TreeEnsembleRegressor", [x], 1, domain="ai.onnx.ml", n_targets=1,
                      base_values=[0.5], post_transform="NONE",
                      **_grow_trees(graph.random, "target", 1))[0]
    graph.output(y, "prediction", "float32", ["batch", 1])
    return graph.model(ml_opset=_ML_OPSET), _rows(is_full)


def tree_classifier(is_full):
    """Without ZipMap: a label and a row of probabilities."""
    graph = GraphBuilder("tree_classifier", 19)
    x = graph.input("features", "float32", ["batch", _FEATURES])
    label, scores = graph.add_all(
        "TreeEnsembleClassifier", [x], 2, domain="ai.onnx.ml", post_transform="SOFTMAX",
        classlabels_int64s=list(range(_CLASSES)), **_grow_trees(graph.random, "class", _CLASSES))
    graph.output(label, "label", "int64", ["batch"])
    graph.output(scores, "probabilities", "float32", ["batch", _CLASSES])
    return graph.model(ml_opset=_ML_OPSET), _rows(is_full)


def logistic_pipeline(is_full):
    """Missing values filled in, scaled, normalized and classified."""
    graph = GraphBuilder("logistic_pipeline", 17)
    random = graph.random

    def numbers(*shape):
        return [float(x) for x in random.standard_normal(shape).astype(np.float32).ravel()]

    x = graph.input("features", "float32", ["batch", _FEATURES])
    steps = [("Imputer", {"imputed_value_floats": numbers(_FEATURES),
                          "replaced_value_float": float("nan")}),
             ("Scaler", {"offset": numbers(_FEATURES), "scale": [0.5]}),
             ("Normalizer", {"norm": "L2"})]
    for operator, attributes in steps:
        x = graph.add_all(operator, [x], 1, domain="ai.onnx.ml", **attributes)[0]
    label, scores = graph.add_all(
        "LinearClassifier", [x], 2, domain="ai.onnx.ml", coefficients=numbers(_CLASSES, _FEATURES),
        intercepts=numbers(_CLASSES), classlabels_ints=[2, 5, 11], multi_class=1,
        post_transform="SOFTMAX")
    graph.output(label, "label", "int64", ["batch"])
    graph.output(scores, "probabilities", "float32", ["batch", _CLASSES])
    return graph.model(ml_opset=_ML_OPSET), _rows(is_full)
