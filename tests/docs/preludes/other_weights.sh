# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# tuesday.npz: the weights of r.npz, trained further.
/usr/bin/python3 -c 'import numpy
weights = numpy.load("r.npz")
numpy.savez("tuesday.npz", **{name: weights[name] * numpy.float32(0.9) for name in weights})'
