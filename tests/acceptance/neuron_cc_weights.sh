#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc leaves weights out of the compiled file, and gives a model those of numpy's npz files.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"

# answer NAME ARGUMENTS...: runs a model over x.npy, with its output in NAME.
answer() {
    name=$1
    shift
    expect 0 run "$@" --input image=x.npy --output-dir "$name.dir"
    mv "$name.dir/scores.npy" "$name" || fail "no output of neuron-cc run $*"
}

"$make_onnx" classifier net.onnx || fail "make_onnx"
/usr/bin/python3 - <<'END' || fail "numpy"
import numpy
numpy.save("x.npy", numpy.linspace(-1, 1, 128, dtype=numpy.float32).reshape(2, 1, 8, 8))
END

# The file without its weights is small, and says what it lacks; its weights stand beside it.
expect 0 compile net.onnx -o whole.neff --batch 2
expect 0 compile net.onnx -o apart.neff --batch 2 --no-inline-weights
has out "apart     4 weights, "
matches out '^arena     [0-9]+ bytes a core$'
expect 0 info apart.neff
has out "give them with --weights FILE.npz"
[ -f apart.npz ] || fail "no weights beside the compiled file"
expect 0 compile net.onnx -o whole.neff --batch 2 --auto-cast all
grep -E '^(arena|deviation)' out >whole.out
expect 0 compile net.onnx -o cast.neff --batch 2 --no-inline-weights --auto-cast all
grep -E '^(arena|deviation)' out | cmp -s whole.out - || fail "other figures without the weights"
expect 0 compile net.onnx -o whole.neff --batch 2
expect 0 compile net.onnx -o other.neff --batch 2 --no-inline-weights --weights-out named.npz
cmp -s apart.npz named.npz || fail "--weights-out gives other weights"
[ ! -e other.npz ] || fail "--weights-out writes two files"
cmp -s apart.neff other.neff && fail "the names of two models are one"

# Without weights it does not run. With them it answers as if they had been compiled in: also batch
# normalizations, and also from an ONNX file.
expect 1 run apart.neff --input image=x.npy --output-dir none
has err "is missing, and others are: the model was compiled without its weights"
[ ! -e none ] || fail "a run that was refused left a folder"
answer whole whole.neff
answer given apart.neff --weights apart.npz
cmp -s whole given || fail "given weights answer otherwise"
answer imported net.onnx --weights apart.npz
cmp -s whole imported || fail "weights given to an ONNX file answer otherwise"
expect 0 bench apart.neff --weights apart.npz --runs 3

# What numpy writes is taken, deflated or not, and changes the answer where it is changed.
/usr/bin/python3 - <<'END' || fail "numpy"
import numpy
weights = dict(numpy.load("apart.npz"))
assert sorted(weights) == ["p", "v", "w1", "w2"], sorted(weights)
assert weights["w2"].shape == (3, 64) and weights["w2"].dtype == numpy.float32
numpy.savez("stored.npz", **weights)
numpy.savez_compressed("deflated.npz", **weights)
numpy.savez("without.npz", **{name: weights[name] for name in weights if name != "v"})
numpy.savez("with.npz", spare=weights["p"], **weights)
numpy.savez("changed.npz", **{**weights, "v": weights["v"] * 4})
numpy.savez("double.npz", **{**weights, "v": weights["v"].astype(float)})
END
answer stored apart.neff --weights stored.npz
cmp -s whole stored || fail "weights of numpy.savez() answer otherwise"
answer deflated apart.neff --weights deflated.npz
cmp -s whole deflated || fail "weights of numpy.savez_compressed() answer otherwise"
answer changed apart.neff --weights changed.npz
cmp -s whole changed && fail "other variances give the same answer"

# refuse_weights TEXT FILE: weights that do not fit.
refuse_weights() {
    expect 1 run apart.neff --weights "$2" --input image=x.npy --output-dir none
    has err "$1"
    [ "$(wc -l <err)" -eq 1 ] || fail "more than one line"
    [ ! -e none ] || fail "a run that was refused left a folder"
}
refuse_weights "without.npz: the weight v is missing" without.npz
refuse_weights "with.npz: array spare is no weight that can be replaced" with.npz
refuse_weights "double.npz: array v is float64[4]; the weight is float32[4]" double.npz
refuse_weights "net.onnx: no npz file" net.onnx
refuse_weights "absent.npz cannot be opened" absent.npz
head -c 1000 apart.npz >cut.npz
refuse_weights "cut.npz: no npz file, or one that was cut off" cut.npz

# What was folded when it was compiled cannot be replaced, and no file overwrites what it is made of.
expect 1 run whole.neff --weights apart.npz --input image=x.npy --output-dir none
has err "see --no-inline-weights"
expect 1 compile net.onnx -o net.neff --batch 2 --no-inline-weights --weights-out net.onnx
has err "would overwrite net.onnx"
expect 1 compile net.onnx -o net.npz --batch 2 --no-inline-weights --weights-out net.npz
has err "is where the compiled file goes"
expect 2 compile net.onnx -o net.neff --weights-out w.npz
has err "unless there is --no-inline-weights"
expect 2 info whole.neff --weights apart.npz
has err "only run and bench give a model weights"

# neuron-score takes them, too, and takes a model without them for what it is.
score=$NEURON_BUILD/dp/score/neuron-score
"$score" -q --model whole.neff --input x.npy --output whole.npy 2>err || fail "neuron-score"
"$score" -q --model apart.neff --weights stored.npz --input x.npy --output apart.npy 2>err ||
    fail "neuron-score --weights"
cmp -s whole.npy apart.npy || fail "neuron-score --weights answers otherwise"
"$score" -q --model apart.neff --input x.npy --output none.npy 2>err && fail "scored without weights"
has err "is missing, and others are"
"$score" -q --model apart.neff --weights with.npz --input x.npy --output none.npy 2>err &&
    fail "scored with weights that do not fit"
has err "array spare is no weight"
"$score" -q --model apart.neff --weights stored.npz --input x.npy --output stored.npz 2>err &&
    fail "overwrote its weights"
has err "the weights"

# A file says how it is loaded, and answers alike.
expect 0 compile net.onnx -o late.neff --batch 2 --lazy-load --async-load
expect 0 info late.neff
has out "loading   lazy async"
answer late late.neff
cmp -s whole late || fail "a model that is loaded late answers otherwise"
expect 0 bench late.neff --runs 3
expect 2 bench late.neff --lazy-load
has err "only compile writes a file"
