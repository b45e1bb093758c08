#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws rows to score: images of digits, 16x16, moved, dimmed, and under noise.

make_rows.py ROWS SEED IMAGES.npy LABELS.npy

A seed draws the same rows on every machine.
"""
import sys

import numpy

SIDE = 16
GLYPHS = (  # 5 columns and 7 rows of each digit, a number a row
    (14, 17, 19, 21, 25, 17, 14), (4, 12, 4, 4, 4, 4, 14), (14, 17, 1, 2, 4, 8, 31),
    (31, 2, 4, 2, 1, 17, 14), (2, 6, 10, 18, 31, 2, 2), (31, 16, 30, 1, 1, 17, 14),
    (6, 8, 16, 30, 17, 17, 14), (31, 1, 2, 4, 8, 8, 8), (14, 17, 17, 14, 17, 17, 14),
    (14, 17, 17, 15, 1, 2, 12))


def glyph_image(rows):
    """A digit as 14x10 pixels: each of its dots is a square of four."""
    dots = [[(row >> (4 - column)) & 1 for column in range(5)] for row in rows]
    return numpy.kron(numpy.array(dots, numpy.float32), numpy.ones((2, 2), numpy.float32))


def draw(row_count, seed):
    """Returns images of shape (rows, 1, 16, 16), and their labels."""
    random = numpy.random.default_rng(seed)
    glyphs = numpy.stack([glyph_image(rows) for rows in GLYPHS])
    height, width = glyphs.shape[1:]
    labels = random.integers(0, len(GLYPHS), row_count)
    downs = random.integers(0, SIDE - height + 1, row_count)
    rights = random.integers(0, SIDE - width + 1, row_count)
    images = numpy.zeros((row_count, 1, SIDE, SIDE), numpy.float32)
    for down in range(SIDE - height + 1):
        for right in range(SIDE - width + 1):
            here = (downs == down) & (rights == right)
            images[here, 0, down:down + height, right:right + width] = glyphs[labels[here]]
    images *= random.uniform(0.4, 1.0, (row_count, 1, 1, 1)).astype(numpy.float32)
    images += random.normal(0.0, 0.35, images.shape).astype(numpy.float32)
    return images, labels.astype(numpy.int64)


def main():
    """Writes what the command line asks for."""
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    images, labels = draw(int(sys.argv[1]), int(sys.argv[2]))
    numpy.save(sys.argv[3], images)
    numpy.save(sys.argv[4], labels)


if __name__ == "__main__":
    main()
