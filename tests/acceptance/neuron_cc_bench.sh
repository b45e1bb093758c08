#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-cc bench measures a model on one core, shows where the time goes, and writes a trace.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
NEURON_RT_LEASE_DIRECTORY=$work/leases
NEURON_COMPILE_CACHE_URL=file://$work/caches/neuron
export NEURON_RT_LEASE_DIRECTORY NEURON_COMPILE_CACHE_URL
mkdir leases
cc=$NEURON_BUILD/runtime/tools/neuron-cc
make_onnx=$NEURON_BUILD/tests/make_onnx
npy_tool=$NEURON_BUILD/tests/npy_tool
json_check=$NEURON_BUILD/tests/json_check

fail() {
    echo "neuron_cc_bench: $*" >&2
    cat out err >&2
    exit 1
}

# expect STATUS ARGUMENTS...: runs neuron-cc, with its output in the files out and err.
expect() {
    wanted=$1
    shift
    "$cc" "$@" >out 2>err
    status=$?
    [ "$status" -eq "$wanted" ] || fail "neuron-cc $*: exit status $status, not $wanted"
}

# has FILE PATTERN: the file has a line with the pattern.
has() {
    grep -qE -e "$2" "$1" || fail "no \"$2\" in $1"
}

"$make_onnx" classifier net.onnx && "$make_onnx" names names.onnx || fail "make_onnx"
"$npy_tool" make x.npy 2 3 || fail "npy_tool"

# A number of runs is exactly that; what is not given is made up, and said to be.
expect 0 bench net.onnx --batch 4 --runs 7
has out '^core      [0-9]+ of the machine'
has out '^input     image float32\[4,1,8,8\], made up$'
has out '^runs      7 in [0-9.]+ s, after [0-9]+ to warm up$'
has out '^latency   [0-9.]+ ms least, [0-9.]+ p50, [0-9.]+ p90, [0-9.]+ p99, [0-9.]+ most$'
has out '^runs/s    [0-9.]+$'
has out '^GFLOP     0\.0000[0-9]+ a run$'
has out '^GFLOP/s   [0-9.]+$'
for type in float32 bf16 int8; do
    has out "^peak      [0-9.]+ GFLOP/s of $type, measured on this core with "
done
has out '^reads     [0-9.]+ GB/s from l2, [0-9.]+ GB/s from l3, [0-9.]+ GB/s from memory$'
has out "^limits    measured now, kept in $work/caches/neuron/roofline-1.txt\$"
has out '^share     [0-9.]+% of the peak of float32$'
if grep -q '^operator' out; then fail "a profile that nobody asked for"; fi

expect 0 bench names.onnx --input right=x.npy --seconds 0.05
has out '^input     left:0 float32\[2,3\], made up$'
has out '^input     right float32\[2,3\], given$'

# The profile has a row for each operator and each step, the trace an event for each step.
expect 0 compile net.onnx -o net.neff --batch 4
expect 0 bench net.neff --runs 3 --profile --trace trace.json
has out '^profile   [0-9]+ runs of [0-9]+ steps$'
has out '^roof      [0-9.]+% of what the core.s limits allow: at least [0-9.]+ ms a run$'
has out '^conv +1 +[1-9].*% (compute|memory) '
has out '^ +[0-9]+ conv +convolution +[^ ]+ .*% (compute|memory) .*float32\[4,4,8,8\]$'
steps=$(sed -n 's/^profile .* runs of \([0-9]*\) steps$/\1/p' out)
[ "$(grep -cE '^ +[0-9]+ [a-z(]' out)" -eq "$steps" ] || fail "not $steps steps in the table"
"$json_check" trace.json || fail "the trace is no JSON"
[ "$(grep -c '"ph":"X"' trace.json)" -eq "$steps" ] || fail "not $steps steps in the trace"
has trace.json '"traceEvents":\['
has trace.json '"name":"conv","cat":"convolution","ts":[0-9.]+,"dur":[0-9.]+'

# The limits of the core are measured once, anew when asked to, and where they are damaged; a folder
# that cannot be written is no failure.
limits=caches/neuron/roofline-1.txt
has out "^limits    of an earlier run, kept in $work/$limits\$"
sed 's/^float32 [0-9.]*/float32 12345.678/' $limits >changed && cp changed $limits
expect 0 bench net.neff --runs 1
has out '^peak      12345\.68 GFLOP/s of float32'
expect 0 bench net.neff --runs 1 --remeasure
has out '^limits    measured now, kept in '
if grep -q 12345 out $limits; then fail "the limits were not measured anew"; fi
head -c 100 changed >$limits
expect 0 bench net.neff --runs 1
has out '^limits    measured now, kept in '
[ "$(wc -l <$limits)" -eq 9 ] || fail "a damaged file stayed"
NEURON_COMPILE_CACHE_URL=/dev/null/caches "$cc" bench net.neff --runs 1 >out 2>err ||
    fail "a folder that cannot be made"
has out '^limits    measured now, and not kept: cannot make /dev/null'
NEURON_COMPILE_CACHE_URL=s3://bucket/caches "$cc" bench net.neff --runs 1 >out 2>err ||
    fail "a folder that is none"
has out '^limits    measured now, and not kept: the environment names no folder for caches$'
expect 2 compile net.onnx -o x.neff --remeasure
has err 'only bench measures'

# Names that JSON has to escape.
expect 0 compile net.onnx -o odd.neff --batch 1 --name 'a "b" \ c'
expect 0 bench odd.neff --runs 1 --trace odd.json
"$json_check" odd.json || fail "the trace of an odd name is no JSON"
has odd.json '"name":"a \\"b\\" \\\\ c"'
if "$json_check" "$NEURON_SOURCE/README.md" 2>/dev/null; then fail "json_check takes anything"; fi

# A core that there is not is not measured.
NEURON_RT_VISIBLE_CORES=999999 "$cc" bench net.neff --runs 1 >out 2>err
[ $? -eq 1 ] || fail "measured a core that there is not"
has err '999999'

expect 1 bench net.neff --runs 1 --trace no/such/folder/t.json
has err 'no/such/folder/t.json'
expect 1 bench net.onnx --runs 1
has err 'dimension 0 \(N\) is open'
expect 1 bench net.neff --input image=x.npy
has err 'x.npy is float32\[2,3\]; the input image is float32\[4,1,8,8\]'
expect 2 bench net.neff --runs 0
expect 2 bench net.neff --seconds forever
expect 2 bench
