#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc compiles several shapes to one file, of which a run takes the smallest that fits.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"

"$make_onnx" classifier net.onnx || fail "make_onnx"
/usr/bin/python3 - <<'END' || fail "numpy"
import numpy
numpy.save("all.npy", numpy.linspace(-1, 1, 17 * 64, dtype=numpy.float32).reshape(17, 1, 8, 8))
for rows in (1, 3, 4, 16, 17):
    numpy.save("x%d.npy" % rows, numpy.load("all.npy")[:rows])
numpy.save("wide.npy", numpy.zeros((3, 1, 8, 9), numpy.float32))
END

# One file for three batches, not larger than one for the largest alone but for the graphs.
expect 0 compile net.onnx -o one.neff --batch 16
expect 0 compile net.onnx -o all.neff --batch 1,16,4
has out "input     image float32[16,1,8,8]"
has out "bucket    image float32[1,1,8,8]"
expect 0 info all.neff
has out "bucket    image float32[4,1,8,8]"
has out "padding   dimension 0 of image: changes no result"
[ "$(wc -c <all.neff)" -le $(($(wc -c <one.neff) + 8192)) ] || fail "the weights are there twice"

# Each number of rows is answered as by the file that was compiled for it.
for rows in 1 3 4 16; do
    expect 0 compile net.onnx -o exact.neff --batch $rows
    expect 0 run exact.neff --input image=x$rows.npy --output-dir exact
    expect 0 run all.neff --input image=x$rows.npy --output-dir fitting
    has out "fitting/scores.npy float32[$rows,3]"
    /usr/bin/python3 - <<'END' || fail "$rows rows are answered otherwise"
import numpy
fitting, exact = numpy.load("fitting/scores.npy"), numpy.load("exact/scores.npy")
numpy.testing.assert_allclose(fitting, exact, 1e-5, 1e-6)
END
done
expect 1 run all.neff --input image=x17.npy --output-dir none
has err "input image is float32[17,1,8,8], and with the others fits no bucket"
has err "the largest takes float32[16,1,8,8]"
expect 1 run all.neff --input image=wide.npy --output-dir none
has err "float32[3,1,8,9]"
[ ! -e none ] || fail "a run that was refused left a folder"

# --bucket spells the shapes out. Programs that know one shape take the largest.
expect 0 compile net.onnx -o named.neff --name all --bucket image=1x1x8x8 \
    --bucket image=16x1x8x8 --bucket image=4x1x8x8
cmp -s named.neff all.neff || fail "--bucket and --batch give other files"
expect 0 bench all.neff --runs 3
"$NEURON_BUILD/dp/score/neuron-score" -q --model all.neff --input x17.npy --output y.npy 2>err ||
    fail "neuron-score"

refuse 2 '--batch 4,4,1: 4 is there twice' compile missing.onnx -o none.neff --batch 4,4,1
refuse 2 '--batch does nothing beside --bucket' \
    compile missing.onnx -o none.neff --bucket image=1x1x8x8 --batch 4
refuse 1 'two buckets have the same shapes' \
    compile net.onnx -o none.neff --bucket image=1x1x8x8 --bucket image=1x1x8x8
expect 1 compile net.onnx -o bad.neff --batch 4,8 --no-inline-weights
has err "has its weights in its file"
if [ -e bad.neff ] || [ -e bad.npz ]; then fail "a refusal left a file"; fi
expect 2 compile net.onnx -o bad.neff --bucket image=1x1x8x8 --batch 2,4
has err "there are buckets already"
expect 2 compile net.onnx -o bad.neff --batch 2,4 --bucket image=1x1x8x8
has err "buckets of --batch already"
expect 2 compile net.onnx -o bad.neff --bucket image=1x1x8x8,image=2x1x8x8
has err "image is there twice"
expect 2 compile net.onnx -o bad.neff --bucket image
has err "write names and extents: ids=1x64,mask=1x64"
expect 2 compile net.onnx -o bad.neff --batch 2,,4
has err "or several: 1,4,16"
expect 2 compile net.onnx -o bad.neff --batch 2,
has err "or several: 1,4,16"
expect 2 info net.onnx --batch 2,4
has err "only compile takes several"
