#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What neuron-score makes: the right rows in the right order, by one rank or several.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

"$make_model" m.neff 8 6 0 || fail "no model"

# One rank: numbers of rows around the batch and the cores.
for rows in 1 7 8 9 31 32 33 1000; do
    "$npy_tool" make x.npy "$rows" 6
    expect 0 "$score" --model m.neff --input x.npy --output y.npy
    "$npy_tool" check y.npy "$rows" 6 || fail "wrong output of $rows rows"
    [ "$(wc -l <out)" -eq 1 ] || fail "not one line on standard output"
    grep -q "^neuron-score: $rows rows\{0,1\} in [0-9.]* s, [0-9]* rows/s on 4 cores (1 rank): y.npy$" \
        out || fail "another report"
done
absent y.npy.part

# An earlier output is replaced; --quiet says nothing; the same file through another folder.
cp y.npy reference.npy
echo old >y.npy
mkdir folder
expect 0 "$score" -q --model=m.neff --input=x.npy --output=folder/../y.npy
cmp -s y.npy reference.npy || fail "the earlier output was not replaced"
[ ! -s out ] || fail "--quiet says something"

# What is done is not done again, but for --restart; an output that is gone is.
expect 0 "$score" --model m.neff --input x.npy --output y.npy
[ "$(cat out)" = 'neuron-score: all 1000 rows were done before; --restart scores them again: y.npy' ] ||
    fail "not one line on a finished job"
rm y.npy
expect 0 "$score" --model m.neff --input x.npy --output y.npy
cmp -s y.npy reference.npy || fail "an output that was removed does not come again"
grep -q '^neuron-score: 1000 rows in ' out || fail "an output that was removed is not scored again"

# Chosen cores, other cuts.
expect 0 "$score" --model m.neff --input x.npy --output y.npy --device-ids nc:1,3 --split-size 5 \
    --restart
cmp -s y.npy reference.npy || fail "chosen cores give another output"
grep -q 'on 2 cores' out || fail "not the chosen number of cores"

# A timeline: on standard error alone, a line a core, also with --quiet; the output is the same.
expect 0 "$score" --model m.neff --input x.npy --output y.npy --restart --timeline
cmp -s y.npy reference.npy || fail "a timeline gives another output"
[ "$(wc -l <out)" -eq 1 ] || fail "a timeline changes standard output"
head -n 1 err | grep -q \
    '^neuron-score: block [0-9]* of [0-9]*, the slowest: rows [0-9]*-[0-9]*$' ||
    fail "no heading of a timeline"
[ "$(grep -c '^nc:[0-3] core [0-3] *|[#=.]\{60\}|  [ 0-9]*%' err)" -eq 4 ] ||
    fail "not a line a core"
[ "$(wc -l <err)" -eq 8 ] || fail "not a line a core, and four more"
expect 0 "$score" -q --model m.neff --input x.npy --output y.npy --restart --timeline \
    --device-ids 2 --split-size 5
grep -q '^1 replica, [0-9]* chunks*, [0-9]* rows in .* bytes copied$' err || fail "no sum of a block"
grep -q '^nc:2 core 2 |' err || fail "no line of the chosen core"
grep -q ' 0 bytes copied$' err && fail "chunks that fill no batch are not copied"

# Legacy groups choose cores as their number does, and are said to be deprecated once.
expect 0 env NEURONCORE_GROUP_SIZES=2,1 \
    "$score" --model m.neff --input x.npy --output y.npy --restart
cmp -s y.npy reference.npy || fail "groups of cores give another output"
grep -q 'on 3 cores' out || fail "not the cores of the groups"
[ "$(cat err)" = 'neuron-score: NEURONCORE_GROUP_SIZES is deprecated; set NEURON_RT_NUM_CORES or '\
'NEURON_RT_VISIBLE_CORES' ] || fail "not one line on the groups"

# No rows.
"$npy_tool" make empty.npy 0 6
expect 0 "$score" --model m.neff --input empty.npy --output y.npy
"$npy_tool" check y.npy 0 6 || fail "wrong output of no rows"
expect 0 "$score" --model m.neff --input empty.npy --output y.npy --restart --timeline
[ "$(cat err)" = 'neuron-score: no timeline, as there were no rows' ] || fail "a timeline of no rows"

# Ranks side by side; Open MPI's variables; a job that its launcher has named; ranks without rows.
side_by_side() {
    size=$1
    shift
    pids=
    rank=0
    while [ "$rank" -lt "$size" ]; do
        env "$@" OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_SIZE="$size" \
            NEURON_RT_VISIBLE_CORES=$rank \
            "$score" --model m.neff --input x.npy --output z.npy >>all 2>err &
        pids="$pids $!"
        rank=$((rank + 1))
    done
    started=$pids
    for pid in $pids; do
        wait "$pid" || fail "a rank failed"
    done
    started=
    [ "$(grep -c "^neuron-score: $rows rows in .* (. ranks*): z.npy\$" all)" -eq 1 ] ||
        fail "not one line of the job: $(cat all)"
    # A rank may come when all is done; the last rows may be scored by two.
    [ "$(sed -n 's/^neuron-score: rank [0-3]: \([0-9]*\) rows in .*/\1/p' all |
        awk '{ sum += $1 } END { print sum }')" -ge "$rows" ] || fail "the ranks have too few rows: $(cat all)"
    rm all
}
rows=1000
side_by_side 4 NOTHING=
cmp -s z.npy reference.npy || fail "four ranks give another output"
rows=2
"$npy_tool" make x.npy $rows 6
side_by_side 4 NEURONRUN_JOBID=night-7
"$npy_tool" check z.npy 2 6 || fail "four ranks on two rows give a wrong output"
absent z.npy.part z.npy.server
