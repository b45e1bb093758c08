# SPDX-License-Identifier: Apache-2.0
"""A perceptron and a LeNet on digits, ResNet-50 and MobileNetV2 on photographs."""
import numpy as np

from graph_builder import GraphBuilder

_CLASSES = 1000
_DIGITS = 10
_MOBILENET_STAGES = [  # expansion, channels, blocks, stride of the first one
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1)]


def _convolution(graph, x, channels, kernel, **options):
    """`channels` are those that come in and those that go out."""
    channels_in, channels_out = channels
    groups, stride = options.get("groups", 1), options.get("stride", 1)
    fan_in = channels_in // groups * kernel * kernel
    inputs = [x, graph.weights((channels_out, channels_in // groups, kernel, kernel),
                               (2.0 / fan_in) ** 0.5)]
    if options.get("bias"):
        inputs.append(graph.weights((channels_out,), 0.1))
    return graph.add("Conv", inputs, kernel_shape=[kernel, kernel], strides=[stride, stride],
                     pads=[kernel // 2] * 4, dilations=[1, 1], group=groups)


def _normalization(graph, x, channels, scale):
    variance = graph.constant((1 + 0.1 * np.abs(graph.random.standard_normal(channels)))
                              .astype(np.float32))
    return graph.add("BatchNormalization",
                     [x, graph.weights((channels,), 0.1 * scale, scale),
                      graph.weights((channels,), 0.1), graph.weights((channels,), 0.1), variance],
                     epsilon=1e-5)


def _classifier(graph, x, channels):
    x = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])], axis=1)
    x = graph.add("Gemm", [x, graph.weights((_CLASSES, channels), 0.02),
                           graph.weights((_CLASSES,), 0.1)], transB=1, alpha=1.0, beta=1.0)
    graph.output(x, "scores", "float32", ["batch", _CLASSES])


def _image(graph, is_full):
    size = 224 if is_full else 64
    x = graph.input("image", "float32", ["batch", 3, size, size])
    picture = np.random.RandomState(7).standard_normal((1, 3, size, size))
    return x, {"image": picture.astype(np.float32)}


def _bottleneck(graph, x, channels, width, stride):
    """A block of version 1.5: the stride is that of the 3x3 convolution."""
    def convolve(x, channels, kernel, stride=1, scale=1.0):
        y = _convolution(graph, x, channels, kernel, stride=stride)
        return _normalization(graph, y, channels[1], scale)

    y = graph.add("Relu", [convolve(x, (channels, width), 1)])
    y = graph.add("Relu", [convolve(y, (width, width), 3, stride)])
    y = convolve(y, (width, 4 * width), 1, scale=0.3)
    shortcut = x if channels == 4 * width else convolve(x, (channels, 4 * width), 1, stride)
    return graph.add("Relu", [graph.add("Add", [y, shortcut])])


def resnet50(is_full):
    """With BatchNormalization in nodes of its own."""
    graph = GraphBuilder("resnet50", 2)
    x, inputs = _image(graph, is_full)
    base = 64 if is_full else 8
    x = _normalization(graph, _convolution(graph, x, (3, base), 7, stride=2), base, 1.0)
    x = graph.add("MaxPool", [graph.add("Relu", [x])], kernel_shape=[3, 3], strides=[2, 2],
                  pads=[1, 1, 1, 1], ceil_mode=0)
    channels = base
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = base << stage
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            x = _bottleneck(graph, x, channels, width, stride)
            channels = 4 * width
    _classifier(graph, x, channels)
    return graph.model(), inputs


def _inverted_residual(graph, x, channels, expansion, stride):
    channels_in, channels_out = channels
    hidden, y = channels_in * expansion, x

    def bounded(x, *arguments, **options):
        y = _convolution(graph, x, *arguments, bias=True, **options)
        return graph.add("Clip", [y, graph.number(0), graph.number(6)])

    if expansion != 1:
        y = bounded(y, (channels_in, hidden), 1)
    y = bounded(y, (hidden, hidden), 3, stride=stride, groups=hidden)
    y = _convolution(graph, y, (hidden, channels_out), 1, bias=True)
    return graph.add("Add", [x, y]) if stride == 1 and channels_in == channels_out else y


def mobilenet_v2(is_full):
    """With BatchNormalization folded into the convolutions, and ReLU6 as Clip."""
    graph = GraphBuilder("mobilenet_v2", 3)
    x, inputs = _image(graph, is_full)
    divisor = 1 if is_full else 4
    channels = 32 // divisor
    x = _convolution(graph, x, (3, channels), 3, stride=2, bias=True)
    x = graph.add("Clip", [x, graph.number(0), graph.number(6)])
    for expansion, stage_channels, blocks, first_stride in _MOBILENET_STAGES:
        for block in range(blocks):
            stride = first_stride if block == 0 else 1
            following = stage_channels // divisor
            x = _inverted_residual(graph, x, (channels, following), expansion, stride)
            channels = following
    last = 1280 // divisor
    x = _convolution(graph, x, (channels, last), 1, bias=True)
    x = graph.add("Clip", [x, graph.number(0), graph.number(6)])
    _classifier(graph, x, last)
    return graph.model(), inputs


def _gemm(graph, x, width_in, width_out):
    return graph.add("Gemm", [x, graph.weights((width_out, width_in), (2.0 / width_in) ** 0.5),
                              graph.weights((width_out,), 0.1)], transB=1)


def mlp(is_full):
    """A digit's 28 x 28 pixels through two hidden layers."""
    graph = GraphBuilder("mlp", 17)
    pixels, width = (784, 1024) if is_full else (49, 64)
    x = graph.input("pixels", "float32", ["batch", pixels])
    hidden = graph.add("Relu", [_gemm(graph, x, pixels, width)])
    hidden = graph.add("Relu", [_gemm(graph, hidden, width, width)])
    graph.output(_gemm(graph, hidden, width, _DIGITS), "scores", "float32", ["batch", _DIGITS])
    picture = np.random.RandomState(7).standard_normal((1, pixels))
    return graph.model(), {"pixels": picture.astype(np.float32)}


def lenet(is_full):
    """Two convolutions of 5x5 with their pools, and two layers behind them."""
    graph = GraphBuilder("lenet", 19)
    base, width = (32, 512) if is_full else (4, 32)
    x = graph.input("image", "float32", ["batch", 1, 28, 28])
    y = x
    for channels in ((1, base), (base, 2 * base)):
        y = graph.add("Relu", [_convolution(graph, y, channels, 5, bias=True)])
        y = graph.add("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
    features = 2 * base * 7 * 7
    y = graph.add("Relu", [_gemm(graph, graph.add("Flatten", [y], axis=1), features, width)])
    graph.output(_gemm(graph, y, width, _DIGITS), "scores", "float32", ["batch", _DIGITS])
    picture = np.random.RandomState(7).standard_normal((1, 1, 28, 28))
    return graph.model(), {"image": picture.astype(np.float32)}
