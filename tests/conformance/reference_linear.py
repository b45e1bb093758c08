# SPDX-License-Identifier: Apache-2.0
"""A linear classifier and the steps before it in numpy."""
import numpy as np


def imputer(x, imputed_value_floats, replaced_value_float):
    if not np.isnan(replaced_value_float):
        raise ValueError(f"{replaced_value_float} is not known here")
    return np.where(np.isnan(x), np.array(imputed_value_floats), x)


def scaler(x, offset, scale):
    return (x - np.array(offset)) * np.array(scale)


def normalizer(x, norm):
    if norm != b"L2":
        raise ValueError(f"{norm} is not known here")
    return x / np.sqrt((x * x).sum(axis=1, keepdims=True))


def linear_classifier(x, coefficients, intercepts, classlabels_ints, multi_class, post_transform):
    if post_transform != b"SOFTMAX" or multi_class != 1:
        raise ValueError(f"{post_transform} is not known here")
    scores = x @ np.array(coefficients).reshape(len(intercepts), -1).T + np.array(intercepts)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    labels = np.array(classlabels_ints, np.int64)[scores.argmax(axis=1)]
    return labels, powers / powers.sum(axis=1, keepdims=True)
