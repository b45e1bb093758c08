#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc bench measures a model on one core, shows where the time goes, and writes a trace.
# shellcheck source=tests/acceptance/neuron_cc_checks.sh
. "$NEURON_SOURCE/tests/acceptance/neuron_cc_checks.sh"
NEURON_COMPILE_CACHE_URL=file://$work/caches/neuron
export NEURON_COMPILE_CACHE_URL
json_check=$NEURON_BUILD/tests/json_check

"$make_onnx" classifier net.onnx && "$make_onnx" names names.onnx || fail "make_onnx"
"$npy_tool" make x.npy 2 3 || fail "npy_tool"

# A number of runs is exactly that; what is not given is made up, and said to be.
expect 0 bench net.onnx --batch 4 --runs 7
matches out '^core      [0-9]+ of the machine'
matches out '^input     image float32\[4,1,8,8\], made up$'
matches out '^runs      7 in [0-9.]+ s, after [0-9]+ to warm up$'
matches out '^latency   [0-9.]+ ms least, [0-9.]+ p50, [0-9.]+ p90, [0-9.]+ p99, [0-9.]+ most$'
matches out '^runs/s    [0-9.]+$'
matches out '^GFLOP     0\.0000[0-9]+ a run$'
matches out '^GFLOP/s   [0-9.]+$'
for type in float32 bf16 int8; do
    matches out "^peak      [0-9.]+ GFLOP/s of $type, measured on this core with "
done
matches out '^reads     [0-9.]+ GB/s from l2, [0-9.]+ GB/s from l3, [0-9.]+ GB/s from memory$'
matches out "^limits    measured now, kept in $work/caches/neuron/roofline-1.txt\$"
matches out '^share     [0-9.]+% of the peak of float32$'
if grep -q '^operator' out; then fail "a profile that nobody asked for"; fi

expect 0 bench names.onnx --input right=x.npy --seconds 0.05
matches out '^input     left:0 float32\[2,3\], made up$'
matches out '^input     right float32\[2,3\], given$'

# The profile has a row for each operator and each step, the trace an event for each step.
expect 0 compile net.onnx -o net.neff --batch 4
expect 0 bench net.neff --runs 3 --profile --trace trace.json
matches out '^profile   [0-9]+ runs of [0-9]+ steps$'
matches out '^roof      [0-9.]+% of what the core.s limits allow: at least [0-9.]+ ms a run$'
matches out '^conv +1 +[1-9].*% (compute|memory) '
matches out '^ +[0-9]+ conv +convolution +[^ ]+ .*% (compute|memory) .*float32\[4,4,8,8\]$'
steps=$(sed -n 's/^profile .* runs of \([0-9]*\) steps$/\1/p' out)
[ "$(grep -cE '^ +[0-9]+ [a-z(]' out)" -eq "$steps" ] || fail "not $steps steps in the table"
"$json_check" trace.json || fail "the trace is no JSON"
[ "$(grep -c '"ph":"X"' trace.json)" -eq "$steps" ] || fail "not $steps steps in the trace"
matches trace.json '"traceEvents":\['
matches trace.json '"name":"conv","cat":"convolution","ts":[0-9.]+,"dur":[0-9.]+'

# The limits of the core are measured once, anew when asked to, and where they are damaged; a folder
# that cannot be written is no failure.
limits=caches/neuron/roofline-1.txt
matches out "^limits    of an earlier run, kept in $work/$limits\$"
sed 's/^float32 [0-9.]*/float32 12345.678/' $limits >changed && cp changed $limits
expect 0 bench net.neff --runs 1
matches out '^peak      12345\.68 GFLOP/s of float32'
expect 0 bench net.neff --runs 1 --remeasure
matches out '^limits    measured now, kept in '
if grep -q 12345 out $limits; then fail "the limits were not measured anew"; fi
head -c 100 changed >$limits
expect 0 bench net.neff --runs 1
matches out '^limits    measured now, kept in '
[ "$(wc -l <$limits)" -eq 9 ] || fail "a damaged file stayed"
NEURON_COMPILE_CACHE_URL=/dev/null/caches "$cc" bench net.neff --runs 1 >out 2>err ||
    fail "a folder that cannot be made"
matches out '^limits    measured now, and not kept: cannot make /dev/null'
NEURON_COMPILE_CACHE_URL=s3://bucket/caches "$cc" bench net.neff --runs 1 >out 2>err &&
    fail "a folder that is none"
matches err '^neuron-cc: NEURON_COMPILE_CACHE_URL=s3://bucket/caches is no folder of this machine; give'
[ "$(wc -l <err)" -eq 1 ] || fail "not one line"
# shellcheck disable=SC2088 # it is the program that expands it
HOME=$work/home NEURON_COMPILE_CACHE_URL='~/caches' "$cc" bench net.neff --runs 1 >out 2>err ||
    fail "a folder in the user's home"
matches out "^limits    measured now, kept in $work/home/caches/roofline-1.txt\$"
expect 2 compile net.onnx -o x.neff --remeasure
matches err 'only bench measures'

# What the environment does not let kernels use is no limit of theirs, and is kept apart. A value
# that is kept in 16 bits is one of 16 bits.
if grep -qw avx512f /proc/cpuinfo; then
    cp $limits before
    DNNL_MAX_CPU_ISA=AVX2 "$cc" bench net.neff --runs 1 >out 2>err || fail "no bench with AVX2"
    matches out '^peak      [0-9.]+ GFLOP/s of float32, measured on this core with AVX2$'
    matches out "^limits    measured now, kept in $work/caches/neuron/roofline-1-avx2.txt\$"
    if grep -q 'AVX-512' out; then fail "the limits of instructions that are not used"; fi
    cmp $limits before || fail "the limits with all instructions are lost"
fi
if grep -qw avx512_bf16 /proc/cpuinfo; then
    expect 0 bench net.onnx --batch 4 --runs 1 --profile --auto-cast all
    matches out '^ *[0-9]+ conv .* bfloat16\[4,4,8,8\]$'
    matches out '^ *[0-9]+ softmax .* float32\[4,3\]$'
fi

# Names that JSON has to escape.
expect 0 compile net.onnx -o odd.neff --batch 1 --name 'a "b" \ c'
expect 0 bench odd.neff --runs 1 --trace odd.json
"$json_check" odd.json || fail "the trace of an odd name is no JSON"
matches odd.json '"name":"a \\"b\\" \\\\ c"'
if "$json_check" "$NEURON_SOURCE/README.md" 2>/dev/null; then fail "json_check takes anything"; fi

# A core that there is not is not measured.
NEURON_RT_VISIBLE_CORES=999999 "$cc" bench net.neff --runs 1 >out 2>err
[ $? -eq 1 ] || fail "measured a core that there is not"
matches err '999999'

expect 1 bench net.neff --runs 1 --trace no/such/folder/t.json
matches err 'no/such/folder/t.json'
expect 1 bench net.onnx --runs 1
matches err 'dimension 0 \(N\) is open'
expect 1 bench net.neff --input image=x.npy
matches err 'x.npy is float32\[2,3\]; the input image is float32\[4,1,8,8\]'
expect 2 bench net.neff --runs 0
expect 2 bench net.neff --seconds forever
expect 2 bench
