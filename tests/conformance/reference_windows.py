# SPDX-License-Identifier: Apache-2.0
"""Operators of windows over height and width, in numpy."""
import numpy as np


def _windows(x, kernel_shape, strides, pads, filling):
    """All windows, as [N, C, out height, out width, kernel height, kernel width]."""
    top, left, bottom, right = pads
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=filling)
    views = np.lib.stride_tricks.sliding_window_view(x, tuple(kernel_shape), axis=(2, 3))
    return views[:, :, ::strides[0], ::strides[1]]


def convolution(x, weights, bias=None, group=1, kernel_shape=None, strides=(1, 1),
                pads=(0, 0, 0, 0), dilations=(1, 1)):
    if list(dilations) != [1, 1]:
        raise ValueError("convolutions with gaps are not known here")
    windows = _windows(x, kernel_shape, strides, pads, 0.0)
    channels_in, channels_out = x.shape[1] // group, weights.shape[0] // group
    parts = [np.einsum("nchwij,ocij->nohw",
                       windows[:, g * channels_in:(g + 1) * channels_in],
                       weights[g * channels_out:(g + 1) * channels_out], optimize=True)
             for g in range(group)]
    result = np.concatenate(parts, axis=1)
    return result if bias is None else result + bias.reshape(1, -1, 1, 1)


def max_pool(x, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0), ceil_mode=0):
    if ceil_mode != 0:
        raise ValueError("windows beyond the edge are not known here")
    return _windows(x, kernel_shape, strides, pads, -np.inf).max(axis=(4, 5))
