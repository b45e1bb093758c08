#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc compiles in fewer bits and for other machines, and says what that costs.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"

"$make_onnx" classifier net.onnx && "$make_onnx" product product.onnx &&
    "$make_onnx" names names.onnx || fail "make_onnx"
"$npy_tool" make rows.npy 5 3 && "$npy_tool" make wide.npy 5 4 || fail "npy_tool"

# Every compilation says what it made: memory of a run, and how long it took.
expect 0 compile net.onnx -o net.neff --batch 4
matches out '^arena     [0-9]+ bytes a core$'
matches out '^compiled  in [0-9.]+ s$'
if grep -q '^deviation' out; then fail "a deviation of float32 from itself"; fi

# With fewer bits, how far it is from float32; by every level, in each of its ways.
for cast in "--auto-cast matmult" "--auto-cast=all" "--auto-cast all --auto-cast-type int8" \
    "--auto-cast matmult --auto-cast-type=fp16"; do
    # shellcheck disable=SC2086
    expect 0 compile net.onnx -o cast.neff --batch 4 $cast
    matches out '^deviation [0-9.e-]+ at most, [0-9.e-]+ of the length of an output, on made-up rows$'
done
for level in -O1 -O2 -O3 "-O 2" --optlevel=1 "--optlevel 3"; do
    # shellcheck disable=SC2086
    expect 0 compile net.onnx -o level.neff --batch 4 $level
    matches out '^compiled  in '
done
expect 0 run product.onnx --input x=rows.npy --output-dir exact --auto-cast all
expect 0 bench net.onnx --batch 1 --runs 1 -O1 --auto-cast matmult

# Operands of 8 bits are measured on the rows of a file, for an input or for the only one.
for rows in rows.npy x=rows.npy; do
    expect 0 compile product.onnx -o product.neff --batch 2 --auto-cast matmult \
        --auto-cast-type int8 --calibrate "$rows"
    matches out '^deviation .* on the 5 rows of --calibrate, to which it is fitted$'
    [ ! -s err ] || fail "a note about rows that are not zeros"
done
expect 0 run product.onnx --input x=rows.npy --output-dir out5 --auto-cast matmult \
    --auto-cast-type int8
int8="--batch 2 --auto-cast matmult --auto-cast-type int8"
# shellcheck disable=SC2086
{
    refuse 1 'float32\[5,4\]; the input is float32\[2,3\]' \
        compile product.onnx -o none.neff $int8 --calibrate wide.npy
    refuse 1 'there is no input y' \
        compile product.onnx -o none.neff $int8 --calibrate y=rows.npy
    refuse 1 'missing.npy' compile product.onnx -o none.neff $int8 --calibrate missing.npy
    refuse 1 'not an npy file' compile product.onnx -o none.neff $int8 --calibrate net.onnx
    refuse 1 'there are no rows for the input left:0' \
        compile names.onnx -o none.neff $int8 --calibrate rows.npy
    refuse 1 'there is no input z' \
        compile product.onnx -o none.neff $int8 --calibrate x=rows.npy --calibrate z=rows.npy
}
# Rows that say nothing are named; whole numbers may well be zeros alone.
{ head -c 128 rows.npy && head -c 60 /dev/zero; } >zeros.npy
# shellcheck disable=SC2086
expect 0 compile product.onnx -o zeros.neff $int8 --calibrate zeros.npy
matches err '^neuron-cc: note: zeros.neff: all rows of --calibrate for the input x are zeros, which '
[ "$(wc -l <err)" -eq 1 ] || fail "more than one note"
LC_ALL=C sed 's/<f4/<i4/' rows.npy >integers.npy
# shellcheck disable=SC2086
refuse 1 'int32\[5,3\]; the input is float32' \
    compile product.onnx -o none.neff $int8 --calibrate integers.npy

# A file for a machine that has more runs here, and says what is lacking; for a lesser one, nothing.
expect 0 compile product.onnx -o generic.neff --batch 5 --target generic
[ ! -s err ] || fail "something lacks of a generic machine"
expect 0 compile product.onnx -o amx.neff --batch 5 --target amx
expect 0 run amx.neff --input x=rows.npy --output-dir amx
DNNL_MAX_CPU_ISA=AVX2 "$cc" run amx.neff --input x=rows.npy --output-dir lesser >out 2>err ||
    fail "a file for amx does not run"
matches err '^neuron-cc: note: amx.neff: it was compiled for amx, and this machine has '
DNNL_MAX_CPU_ISA=AVX2 "$cc" compile product.onnx -o int8.neff --batch 5 --auto-cast all \
    --auto-cast-type int8 >out 2>err || fail "int8 does not compile without its kernels"
matches err '^neuron-cc: note: int8.neff: it was compiled for int8, of which there are no kernels'
matches out '^deviation 0 at most'

# A file says what it was compiled for.
expect 0 info amx.neff
matches out '^target    amx$'
if grep -qE '^(precision|level)' out; then fail "float32 at level 2 is nothing to tell"; fi
# shellcheck disable=SC2086
expect 0 compile product.onnx -o int8.neff $int8 -O3 --calibrate rows.npy
expect 0 info int8.neff
matches out '^precision int8 in 1 of the operators$'
matches out '^          calibrated in 1$'
matches out '^level     3, measured on [a-z0-9_]+ '
expect 0 compile product.onnx -o apart.neff --batch 5 --no-inline-weights --auto-cast all -O1
expect 0 info apart.neff
matches out '^precision bf16, of all, once the weights are given$'
matches out '^level     1, once the weights are given$'

# What is wrong is refused before anything is written.
refuse 2 '--target avx9: there are native, generic' \
    compile net.onnx -o none.neff --batch 4 --target avx9
refuse 1 'level 3 measures on this machine' \
    compile net.onnx -o none.neff --batch 4 -O3 --target avx2
for wrong in -O0 -O4 -O=2 --optlevel=5 --auto-cast=some --auto-cast-type=tf32; do
    refuse 2 'there are' compile net.onnx -o none.neff --batch 4 "$wrong"
done
for nothing in --auto-cast-type=int8 "--auto-cast=all --calibrate=rows.npy" "--auto-cast none \
    --auto-cast-type bf16" --calibrate=rows.npy; do
    # shellcheck disable=SC2086
    refuse 2 '^neuron-cc: --(auto-cast-type does nothing without|calibrate is for products of 8)' \
        compile missing.onnx -o none.neff --dump-passes none.passes $nothing
done
refuse 2 'does nothing without --auto-cast' bench missing.onnx --auto-cast-type=int8
refuse 2 'its value is missing' compile net.onnx -o none.neff --batch 4 --calibrate
refuse 2 'it compiles nothing' info net.onnx -O2
refuse 2 'only compile calibrates' bench net.onnx --calibrate=rows.npy

# A compiled file is as it is.
for option in -O2 --auto-cast=matmult --auto-cast-type=bf16 --target=avx2; do
    "$cc" bench net.neff --runs 1 "$option" >out 2>err && fail "$option for a compiled file"
    [ "$(wc -l <err)" -eq 1 ] || fail "$option: not one line"
done
