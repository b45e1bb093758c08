#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How much of the cores comes through neuron-score, on two of them. What is compared runs in turn,
# some times over, and the best time of each counts; all times are of whole processes, from their
# start to their end, but for those of steady rates.
#
#   identity  a model that copies rows of 4 KB, against a parallel copy of the same file by the same
#             cores (support/file_copy.c): to a disk with a sync at the end, and in memory without
#   resnet50  full size: against the cores fed from memory (support/memory_scorer.c), and two ranks
#             against one
#   ort       the same model against ONNX Runtime in two processes over mapped files
#             (support/ort_scorer.c); left out where that cannot be had
#   memory    of a rank, over 10 GB of rows
#
#   sh score.sh [PART...]    with NEURON_BUILD, NEURON_SOURCE and NEURON_BENCH_FOLDER set;
#                            NEURON_BENCH_ROUNDS says how often each is run (5)
set -eu
[ "$(nproc)" -ge 2 ] || exit 77
folder=$NEURON_BENCH_FOLDER
rounds=${NEURON_BENCH_ROUNDS:-5}
shared=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$shared"' EXIT
score=$NEURON_BUILD/dp/score/neuron-score
neuronrun=$NEURON_BUILD/launcher/neuronrun
cc=$NEURON_BUILD/runtime/tools/neuron-cc
peers=$NEURON_BUILD/tests/bench
export NEURON_RT_LEASE_DIRECTORY="$folder/leases"
mkdir -m 1777 "$folder/leases"
cd "$folder"

# arrays CODE: runs some lines of Python with numpy and onnx.
arrays()
{
    /usr/bin/python3 -B -c "import numpy, onnx
$1"
}

# A model of one node over rows of 1,024 numbers: one_node FILE OPERATOR COLUMNS [ATTRIBUTES]
one_node()
{
    arrays "
from onnx import TensorProto, helper
rows = helper.make_tensor_value_info('rows', TensorProto.FLOAT, ['N', 1024])
results = helper.make_tensor_value_info('results', TensorProto.FLOAT, ['N', $3])
node = helper.make_node('$2', ['rows'], ['results']${4:+, $4})
model = helper.make_model(helper.make_graph([node], 'bench', [rows], [results]),
                          opset_imports=[helper.make_opsetid('', 13)])
model.ir_version = 8
onnx.save(model, '$1.onnx')"
    "$cc" compile "$1.onnx" -o "$1.neff" --shape=rows=16x1024 >compiled
}

# seconds COMMAND...: how long it takes.
seconds()
{
    begin=$(date +%s%N)
    "$@" >messages 2>&1 || {
        cat messages >&2
        return 1
    }
    echo "$begin $(date +%s%N)" | awk '{ printf "%.6f\n", ($2 - $1) / 1e9 }'
}

# note NAME COMMAND...: adds the number that it prints to those of a name.
note()
{
    name=$1
    shift
    "$@" >number
    cat number >>"times-$name"
}

# best NAME: the least of its numbers; most NAME: the largest.
best() { sort -g "times-$1" | head -n 1; }
most() { sort -g "times-$1" | tail -n 1; }

# over A B: A / B.
over() { echo "$1 $2" | awk '{ printf "%.4f", $1 / $2 }'; }

# show NAME VALUE UNIT [TARGET]
show() { echo "score_$1 $2 $3 ${4:--}"; }

# steady REPORT: rows a second between start and tail.
steady()
{
    sed -n '/"rows_per_s": {/,/}/s/^ *"steady": \([0-9.]*\).*/\1/p' "$1"
}

score_once() { # FOLDER MODEL INPUT RANKS CORES
    rm -f "$1"/results.npy*
    if [ "$4" = 1 ] && [ "$5" = 2 ]; then
        seconds "$score" --model "$2" --input "$3" --output "$1/results.npy" --report report.json
    else
        seconds "$neuronrun" -np "$4" --cores-per-rank "$5" -- "$score" --model "$2" --input "$3" \
            --output "$1/results.npy" --report report.json
    fi
}

# copy_and_score NAME FOLDER sync|nosync: the identity model against a copy.
copy_and_score()
{
    for _ in $(seq "$rounds"); do
        rm -f "$2"/results.npy* "$2/copy"
        note "$1-copy" "$peers/file_copy" rows.npy "$2/copy" 2 "$3"
        rm -f "$2/copy"
        note "$1-one" score_once "$2" identity.neff rows.npy 1 2
        note "$1-two" score_once "$2" identity.neff rows.npy 2 1
    done
    cmp -s rows.npy "$2/results.npy" || {
        echo "score.sh: the results of identity are no copy" >&2
        exit 1
    }
    rm -f "$2"/results.npy*
    show "identity_$1_copy" "$(over 1.073741952 "$(best "$1-copy")")" GB/s
    show "identity_$1_one_rank" "$(over 1.073741952 "$(best "$1-one")")" GB/s
    show "identity_$1_two_ranks" "$(over 1.073741952 "$(best "$1-two")")" GB/s
    show "identity_$1_one_rank_over_copy" "$(over "$(best "$1-copy")" "$(best "$1-one")")" \
        ratio '>=0.8'
    show "identity_$1_two_ranks_over_copy" "$(over "$(best "$1-copy")" "$(best "$1-two")")" \
        ratio '>=0.8'
}

part_identity()
{
    one_node identity Identity 1024
    arrays "
some = numpy.random.default_rng(1).standard_normal((4096, 1024), dtype=numpy.float32)
with open('rows.npy', 'wb') as file:
    numpy.lib.format.write_array_header_1_0(
        file, {'descr': '<f4', 'fortran_order': False, 'shape': (262144, 1024)})
    for _ in range(64):
        some.tofile(file)"
    mkdir disk
    copy_and_score disk disk sync
    copy_and_score memory "$shared" nosync
    rm -rf rows.npy disk
}

# The model, and some rows for it.
make_resnet50()
{
    [ ! -e images.npy ] || return 0
    images=96
    /usr/bin/python3 -B "$NEURON_SOURCE/tests/conformance/models.py" --full resnet50 . 8
    "$cc" compile resnet50/model.onnx -o resnet50.neff -O3 --shape=image=8x3x224x224 >compiled
    arrays "
numpy.save('images.npy', numpy.random.default_rng(2).standard_normal(
    ($images, 3, 224, 224), dtype=numpy.float32))"
}

part_resnet50()
{
    make_resnet50
    for _ in $(seq "$rounds"); do
        note memory "$peers/memory_scorer" resnet50.neff images.npy
        note resnet50-one score_once . resnet50.neff images.npy 1 2
        note resnet50-one-steady steady report.json
        note resnet50-two score_once . resnet50.neff images.npy 2 1
        note resnet50-two-steady steady report.json
        note resnet50-single score_once . resnet50.neff images.npy 1 1
        note resnet50-single-steady steady report.json
    done
    show resnet50_from_memory "$(most memory)" rows/s
    show resnet50_one_rank "$(over "$images" "$(best resnet50-one)")" rows/s
    show resnet50_one_rank_steady "$(most resnet50-one-steady)" rows/s
    show resnet50_steady_over_memory "$(over "$(most resnet50-one-steady)" "$(most memory)")" \
        ratio '>=0.97'
    show resnet50_whole_over_memory \
        "$(over "$(over "$images" "$(best resnet50-one)")" "$(most memory)")" ratio
    show resnet50_two_ranks_over_one \
        "$(over "$(most resnet50-two-steady)" "$(most resnet50-single-steady)")" ratio '>=1.95'
    show resnet50_two_ranks_over_one_whole \
        "$(over "$(best resnet50-single)" "$(best resnet50-two)")" ratio
}

part_ort()
{
    library=$(sh "$NEURON_SOURCE/tests/bench/support/ort_library.sh") || return 0
    make_resnet50
    "$cc" compile resnet50/model.onnx -o resnet50-bf16.neff -O3 --shape=image=8x3x224x224 \
        --auto-cast all --auto-cast-type bf16 >compiled
    for _ in $(seq "$rounds"); do
        note ort "$peers/ort_scorer" "$library" resnet50/model.onnx image 1000 8 images.npy \
            ort.npy 2
        note ours score_once . resnet50.neff images.npy 2 1
        note ours-bf16 score_once . resnet50-bf16.neff images.npy 2 1
    done
    show resnet50_ort "$(over "$images" "$(best ort)")" rows/s
    show resnet50_over_ort "$(over "$(best ort)" "$(best ours)")" times '>=1.2'
    show resnet50_bf16_over_ort "$(over "$(best ort)" "$(best ours-bf16)")" times '>=4'
}

part_memory()
{
    one_node mean ReduceMean 1 'axes=[1]'
    arrays "
numpy.lib.format.open_memmap('sparse.npy', mode='w+', dtype='<f4', shape=(2621440, 1024))"
    note sparse score_once . mean.neff sparse.npy 2 1
    most_bytes=$(sed -n 's/.*"peak_memory_bytes": \([0-9]*\).*/\1/p' report.json | sort -n |
        tail -n 1)
    show memory_of_10_gb "$(over "$most_bytes" 1000000)" MB '<=300'
    show memory_of_10_gb_rate "$(over 10.737418 "$(best sparse)")" GB/s
    rm -f sparse.npy results.npy
}

[ $# -gt 0 ] || set -- identity resnet50 ort memory
for part in "$@"; do
    "part_$part"
done
