# SPDX-License-Identifier: Apache-2.0
"""LSTM in numpy, step by step."""
import numpy as np


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _run_direction(x, weights, recurrence, bias, state, cell):
    """One direction over [tokens, batch, width]. The gates stand in the order i, o, f, c."""
    width = state.shape[-1]
    states = []
    for token in x:
        gates = token @ weights.T + state @ recurrence.T + bias[:4 * width] + bias[4 * width:]
        i, o, f, c = np.split(gates, 4, axis=-1)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(c)
        state = _sigmoid(o) * np.tanh(cell)
        states.append(state)
    return np.stack(states), state, cell


def lstm(x, weights, recurrence, bias, lengths, state, cell, hidden_size, direction=b"forward"):
    """Returns Y, Y_h and Y_c. All sequences are as long as the input."""
    if lengths is not None or state.shape[-1] != hidden_size:
        raise ValueError("sequences of different lengths are not known here")
    results = []
    for index in range(2 if direction == b"bidirectional" else 1):
        is_backward = index == 1
        states, last_state, last_cell = _run_direction(
            x[::-1] if is_backward else x, weights[index], recurrence[index], bias[index],
            state[index], cell[index])
        results.append((states[::-1] if is_backward else states, last_state, last_cell))
    y, last_states, last_cells = zip(*results)
    return np.stack(y, axis=1), np.stack(last_states), np.stack(last_cells)
