# SPDX-License-Identifier: Apache-2.0
"""Ensembles of decision trees in numpy, row by row and tree by tree."""
import numpy as np


def _index_nodes(attributes):
    """The position of each node in the attributes, by tree and number."""
    pairs = zip(attributes["nodes_treeids"], attributes["nodes_nodeids"])
    return {pair: position for position, pair in enumerate(pairs)}


def _find_leaf(attributes, positions, tree, row):
    number = 0
    while True:
        position = positions[tree, number]
        mode = attributes["nodes_modes"][position]
        if mode == b"LEAF":
            return number
        if mode != b"BRANCH_LT":
            raise ValueError(f"{mode} is not known here")
        value = row[attributes["nodes_featureids"][position]]
        if np.isnan(value):
            is_true = attributes["nodes_missing_value_tracks_true"][position] != 0
        else:
            is_true = value < attributes["nodes_values"][position]
        following = "nodes_truenodeids" if is_true else "nodes_falsenodeids"
        number = attributes[following][position]


def _sum_votes(x, kind, class_count, attributes):
    """The sum of the weights of all leaves that a row comes to, for each class or target."""
    positions = _index_nodes(attributes)
    votes = {}
    for tree, node, target, weight in zip(*(attributes[f"{kind}_{name}"] for name in
                                            ("treeids", "nodeids", "ids", "weights"))):
        votes.setdefault((tree, node), []).append((target, weight))
    sums = np.zeros((len(x), class_count))
    for row_sums, row in zip(sums, x):
        for tree in sorted(set(attributes["nodes_treeids"])):
            for target, weight in votes[tree, _find_leaf(attributes, positions, tree, row)]:
                row_sums[target] += weight
    return sums


def tree_regressor(x, n_targets, base_values, post_transform, **attributes):
    if post_transform != b"NONE":
        raise ValueError(f"{post_transform} is not known here")
    return _sum_votes(x, "target", n_targets, attributes) + np.array(base_values)


def tree_classifier(x, classlabels_int64s, post_transform, **attributes):
    if post_transform != b"SOFTMAX":
        raise ValueError(f"{post_transform} is not known here")
    sums = _sum_votes(x, "class", len(classlabels_int64s), attributes)
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    labels = np.array(classlabels_int64s, np.int64)[sums.argmax(axis=1)]
    return labels, powers / powers.sum(axis=1, keepdims=True)
