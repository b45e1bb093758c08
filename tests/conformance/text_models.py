# SPDX-License-Identifier: Apache-2.0
"""The encoder of BERT-base, and an LSTM tagger, as PyTorch's exporter writes them."""
import numpy as np

from graph_builder import GraphBuilder

_TOKENS = 128


def _linear(graph, x, width_in, width_out):
    product = graph.add("MatMul", [x, graph.weights((width_in, width_out), 0.5 / width_in ** 0.5)])
    return graph.add("Add", [product, graph.weights((width_out,), 0.02)])


def _layer_norm(graph, x, width):
    """Decomposed, as before opset 17."""
    centered = graph.add("Sub", [x, graph.add("ReduceMean", [x], axes=[-1])])
    squares = graph.add("Pow", [centered, graph.number(2)])
    variance = graph.add("Add", [graph.add("ReduceMean", [squares], axes=[-1]),
                                 graph.number(1e-12)])
    normal = graph.add("Div", [centered, graph.add("Sqrt", [variance])])
    scaled = graph.add("Mul", [normal, graph.weights((width,), 0.1, 1.0)])
    return graph.add("Add", [scaled, graph.weights((width,), 0.1)])


def _gelu(graph, x):
    error = graph.add("Erf", [graph.add("Div", [x, graph.number(2 ** 0.5)])])
    product = graph.add("Mul", [x, graph.add("Add", [error, graph.number(1)])])
    return graph.add("Mul", [product, graph.number(0.5)])


def _split_heads(graph, x, heads, head_width, order):
    shape = graph.add("Concat", [graph.dimension(x, 0), graph.dimension(x, 1),
                                 graph.integers(heads), graph.integers(head_width)], axis=0)
    return graph.add("Transpose", [graph.add("Reshape", [x, shape])], perm=order)


def _attention(graph, x, mask, width, heads):
    head_width = width // heads
    query, key, value = (_linear(graph, x, width, width) for _ in range(3))
    query = _split_heads(graph, query, heads, head_width, [0, 2, 1, 3])
    value = _split_heads(graph, value, heads, head_width, [0, 2, 1, 3])
    key = _split_heads(graph, key, heads, head_width, [0, 2, 3, 1])
    scores = graph.add("Div", [graph.add("MatMul", [query, key]), graph.number(head_width ** 0.5)])
    weights = graph.add("Softmax", [graph.add("Add", [scores, mask])], axis=-1)
    context = graph.add("Transpose", [graph.add("MatMul", [weights, value])], perm=[0, 2, 1, 3])
    shape = graph.add("Concat", [graph.dimension(context, 0), graph.dimension(context, 1),
                                 graph.integers(width)], axis=0)
    return _linear(graph, graph.add("Reshape", [context, shape]), width, width)


def _embeddings(graph, ids, types, words, width):
    """Positions are a slice of a constant, as long as the input."""
    places = graph.constant(np.arange(512, dtype=np.int64).reshape(1, 512))
    positions = graph.add("Slice", [places, graph.integers(0), graph.dimension(ids, 1),
                                    graph.integers(1), graph.integers(1)])
    x = graph.add("Add", [graph.add("Gather", [graph.weights((words, width), 0.5), ids]),
                          graph.add("Gather", [graph.weights((2, width), 0.5), types])])
    x = graph.add("Add", [x, graph.add("Gather", [graph.weights((512, width), 0.5), positions])])
    return _layer_norm(graph, x, width)


def _additive_mask(graph, mask):
    """0 where a token counts, and a large negative number where it is padding."""
    mask = graph.add("Unsqueeze", [graph.add("Unsqueeze", [mask, graph.integers(1)]),
                                   graph.integers(2)])
    mask = graph.add("Cast", [mask], to=1)
    return graph.add("Mul", [graph.add("Sub", [graph.number(1), mask]), graph.number(-10000)])


def bert_base(is_full):
    """128 tokens, of which the last ones are padding."""
    layers, width, heads, words = (12, 768, 12, 30522) if is_full else (2, 64, 4, 500)
    graph = GraphBuilder("bert_base", 5)
    ids, mask, types = (graph.input(name, "int64", ["batch", "sequence"])
                        for name in ("input_ids", "attention_mask", "token_type_ids"))
    x = _embeddings(graph, ids, types, words, width)
    additive = _additive_mask(graph, mask)
    for _ in range(layers):
        x = _layer_norm(graph, graph.add("Add", [_attention(graph, x, additive, width, heads), x]),
                        width)
        hidden = _gelu(graph, _linear(graph, x, width, 4 * width))
        x = _layer_norm(graph, graph.add("Add", [_linear(graph, hidden, 4 * width, width), x]),
                        width)
    graph.output(x, "last_hidden_state", "float32", ["batch", "sequence", width])
    first = graph.add("Gather", [x, graph.integer(0)], axis=1)
    pooled = graph.add("Gemm", [first, graph.weights((width, width), 0.5 / width ** 0.5),
                                graph.weights((width,), 0.02)], transB=1)
    graph.output(graph.add("Tanh", [pooled]), "pooler_output", "float32", ["batch", width])

    random, length = np.random.RandomState(7), _TOKENS - 17
    counts = (np.arange(_TOKENS) < length).astype(np.int64).reshape(1, _TOKENS)
    tokens = random.randint(0, words, (1, _TOKENS)).astype(np.int64) * counts
    kinds = (np.arange(_TOKENS) >= length // 2).astype(np.int64).reshape(1, _TOKENS) * counts
    return graph.model(), {"input_ids": tokens, "attention_mask": counts, "token_type_ids": kinds}


def _zero_state(graph, x, directions, width):
    """What exporters write where no initial state is given; `x` is of [tokens, batch, width]."""
    shape = graph.add("Concat", [graph.integers(directions), graph.dimension(x, 1),
                                 graph.integers(width)], axis=0)
    return graph.add("Expand", [graph.number(0), shape])


def _lstm(graph, x, width_in, width, direction):
    """Returns all states and the last ones."""
    directions = 2 if direction == "bidirectional" else 1
    deviation = 1.0 / width ** 0.5
    weights = [graph.weights((directions, 4 * width, width_in), deviation),
               graph.weights((directions, 4 * width, width), deviation),
               graph.weights((directions, 8 * width), 0.1)]
    state, cell = _zero_state(graph, x, directions, width), _zero_state(graph, x, directions, width)
    return graph.add_all("LSTM", [x, *weights, "", state, cell], 3, hidden_size=width,
                         direction=direction)[:2]


def _last_states(graph, states):
    """The last states of both directions, side by side."""
    sides = [graph.add("Squeeze", [graph.add("Slice", [states, graph.integers(side),
                                                       graph.integers(side + 1),
                                                       graph.integers(0)]), graph.integers(0)])
             for side in (0, 1)]
    return graph.add("Concat", sides, axis=1)


def lstm_tagger(is_full):
    """A layer of both directions and one of one, a score for each tag, and the best tag."""
    words, embedded, width, tags, batch, tokens = \
        (10000, 128, 256, 17, 8, 64) if is_full else (200, 24, 16, 9, 3, 20)
    graph = GraphBuilder("lstm_tagger", 11)
    ids = graph.input("tokens", "int64", ["batch", "sequence"])
    x = graph.add("Gather", [graph.weights((words, embedded), 1.0), ids])
    x = graph.add("Transpose", [x], perm=[1, 0, 2])
    both, last = _lstm(graph, x, embedded, width, "bidirectional")
    both = graph.add("Reshape", [graph.add("Transpose", [both], perm=[0, 2, 1, 3]),
                                 graph.integers(0, 0, -1)])
    one, _ = _lstm(graph, both, 2 * width, width, "forward")
    x = graph.add("Transpose", [graph.add("Squeeze", [one, graph.integers(1)])], perm=[1, 0, 2])
    x = graph.add("MatMul", [x, graph.weights((width, tags), 1.0)])
    x = graph.add("LogSoftmax", [graph.add("Add", [x, graph.weights((tags,), 0.5)])], axis=2)
    graph.output(x, "tag_scores", "float32", ["batch", "sequence", tags])
    best = graph.add("ArgMax", [x], axis=-1, keepdims=0)
    graph.output(best, "tags", "int64", ["batch", "sequence"])
    sentence = graph.add("Gemm", [_last_states(graph, last), graph.weights((2, 2 * width), 0.5),
                                  graph.weights((2,), 0.1)], transB=1)
    graph.output(sentence, "sentence_scores", "float32", ["batch", 2])
    ids = np.random.RandomState(7).randint(0, words, (batch, tokens)).astype(np.int64)
    return graph.model(), {"tokens": ids}
