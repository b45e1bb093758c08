#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small network with PyTorch, and exports it as an ONNX file.

train_and_export.py DIGITS.onnx

Takes PyTorch (Debian: python3-torch) and some seconds. It is the only step of the tutorial
that does: digits.onnx beside this file is what it wrote.
"""
import sys

import torch

from make_rows import draw


class Digits(torch.nn.Module):
    """Two convolutions and a layer of ten scores: 3,818 weights."""

    def __init__(self):
        super().__init__()
        self.conv_1 = torch.nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.conv_2 = torch.nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.scores = torch.nn.Linear(16 * 4 * 4, 10)

    def forward(self, images):
        """Ten scores for each image."""
        values = torch.relu(self.conv_1(images))
        values = torch.relu(self.conv_2(values))
        return self.scores(torch.flatten(values, 1))


def train(network, images, labels):
    """Eight passes over the rows in random order."""
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    for _ in range(8):
        for batch in torch.randperm(len(images)).split(100):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()


def main():
    """Trains, measures on rows that were not learnt, and exports."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.manual_seed(1)
    network = Digits()
    train(network, *(torch.from_numpy(part) for part in draw(20000, 1)))
    network.eval()
    images, labels = (torch.from_numpy(part) for part in draw(10000, 2))
    with torch.no_grad():
        right = (network(images).argmax(1) == labels).double().mean().item()
    print(f"{100 * right:.1f} % of 10000 rows are right")
    # The batch stays open: how many rows a run has is decided when the file is compiled.
    torch.onnx.export(network, images[:1], sys.argv[1], opset_version=13,
                      input_names=["images"], output_names=["scores"],
                      dynamic_axes={"images": {0: "N"}, "scores": {0: "N"}})


if __name__ == "__main__":
    main()
