#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-score on two hosts that share a folder: the same bytes as on one, no talk without the key,
# and nothing lost when either host is cut off half-way.
export HWLOC_SYNTHETIC="core:4 pu:1" # an invented machine: ranks of both hosts are pinned to no core
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
# shellcheck source=tests/acceptance/host_checks.sh
. "$NEURON_SOURCE/tests/acceptance/host_checks.sh"
score="$NEURON_BUILD/dp/score/neuron-score"
npy_tool="$NEURON_BUILD/tests/npy_tool"
make_model="$NEURON_BUILD/tests/make_model"
make_hosts 2
h1=h1-$$
h2=h2-$$
cd "$folder" || exit 1
columns=256
output=y$marker.npy # by it the ranks are found

# score_on HOSTS OPTIONS...: what scores there, without the input and the output; $before_score stands
# before neuron-score. The signs of life come often, so that a lost host is noticed soon.
score_on() {
    where=$1
    shift
    # shellcheck disable=SC2086 # several options
    timeout 60 "$neuronrun" $many --host "$where" -c 1 --heartbeat 0.5 --grace 1 $launch -- \
        $before_score "$score" --model m.neff --input x.npy --checkpoint 0.05 \
        --output "$output" "$@"
}

# done_by RANK: how often the journal says that rows of this rank are done.
done_by() {
    grep -c "^done [0-9]* [0-9]* $1 " "$output.journal" 2>/dev/null || :
}

# is_half_way: both ranks have got on since the job began.
is_half_way() {
    by_first=$(done_by 0)
    by_second=$(done_by 1)
    [ "${by_first:-0}" -gt 1 ] && [ "${by_second:-0}" -gt 1 ]
}

# begin: the job on both hosts, in the background, until it is half-way.
begin() {
    score_on "$h1:1,$h2:1" >out 2>err </dev/null &
    job=$!
    wait_until 20 "the ranks do not get on" is_half_way
}

# is_whole: the output is that of one host, and nothing else is left.
is_whole() {
    cmp "$output" reference.npy || fail "other bytes than on one host"
    leftovers=$(find . -name '*part*' -o -name '*.server*' -o -name '*.errors.jsonl')
    [ -z "$leftovers" ] || fail "left: $leftovers"
    expect 0 "$score" --model m.neff --input x.npy --output "$output" --verify
    rm "$output" "$output.journal"
}

# lose HOST: its link goes down under a job that is half-way. The launcher names it and ends the job.
lose() {
    begin
    on_host "$1" ip link set eth0 down
    code=0
    wait "$job" || code=$?
    [ "$code" -eq 125 ] || fail "exit code $code instead of 125"
    expect_text err "host $1 does not answer"
}

# cut HOST: the same, with rows left to do. A rank that is fast may have done all before the loss was
# noticed: then it is tried again.
cut() {
    attempts=1
    lose "$1"
    while [ -e "$output" ]; do
        is_whole
        [ "$attempts" -lt 4 ] || fail "all rows are done before the loss is noticed"
        attempts=$((attempts + 1))
        wait_until 20 "ranks outlive their job" none_marked
        on_host "$1" ip link set eth0 up
        lose "$1"
    done
    [ -s "$output.part" ] || fail "nothing to go on from"
}

launch=
before_score=
tries=0

# Rows for four seconds of a core here: more than a lost host takes to be noticed, on any machine.
"$make_model" m.neff 8 $columns 80 || fail "no model"
"$npy_tool" make x.npy 1000 $columns
rate=0
for sample in 1 2 3; do
    expect 0 "$score" --model m.neff --device-ids 0 --input x.npy --output "few-$sample.npy"
    found=$(sed -n 's,.* \([0-9]*\) rows/s on .*,\1,p' out)
    [ "${found:-0}" -gt 0 ] || fail "no rate in $(cat out)"
    [ "$found" -le "$rate" ] || rate=$found
done
rows=$((4 * rate))
echo "$rate rows/s on a core; $rows rows"
"$npy_tool" make x.npy "$rows" $columns

# Without the key nothing listens, and nobody comes in.
before_score="env -u NEURONRUN_KEY"
expect 1 score_on "$h1:1,$h2:1"
expect_text err "ranks on several hosts talk only with a common key"
[ "$(grep -c '^neuron-score: ' err)" -eq 1 ] || fail "not one line of neuron-score"
[ -z "$(find . -name "$output*")" ] || fail "left: $(find . -name "$output*")"

# It is scored by both, over tcp.
before_score=
begin
grep -q "^host $h1\$" "$output.server" || fail "the server is not at $h1: $(cat "$output.server")"
grep -Eq "^at tcp://$net.11:[0-9]+\$" "$output.server" || fail "$(cat "$output.server")"
! grep -Eq '^(key|at ipc)' "$output.server" || fail "$(cat "$output.server")"
code=0
wait "$job" || code=$?
[ "$code" -eq 0 ] || fail "exit code $code"
mv "$output" on_two.npy
rm "$output.journal"
expect 0 "$neuronrun" -np 2 -c 1 -- "$score" --model m.neff --input x.npy --output reference.npy
cmp on_two.npy reference.npy || fail "other bytes than on one host"

# The second host is cut off, and comes back: the same command goes on with all that was done.
cut "$h2"
wait_until 20 "ranks outlive their job" none_marked
on_host "$h2" ip link set eth0 up
before=$(awk '/^done / { rows += $3 } END { print rows }' "$output.journal")
expect 0 score_on "$h1:1,$h2:1"
expect_text out " $before done before: "
is_whole

# The host of rank 0 is cut off, and others may go on where one fails: a lost host ends the job all
# the same. The one that is left finishes it alone, as soon as nobody holds the journal: rank 0 does
# until the shim of its host has ended it.
launch="--on-failure continue"
cut "$h1"
code=5
until [ "$code" -ne 5 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || fail "the lock of the lost host stays"
    code=0
    score_on "$h2:1" >out 2>err </dev/null || code=$?
    [ "$code" -ne 5 ] || expect_text err "is being written by another job"
done
[ "$code" -eq 0 ] || fail "exit code $code"
expect_text out " done before: "
echo "the host that is left has finished it, at try $tries"
is_whole
on_host "$h1" ip link set eth0 up

# With restarts left the job goes on by itself when the host is back.
launch="--max-restarts 1 --wait=20"
begin
on_host "$h1" ip link set eth0 down
wait_until 20 "no restart" grep -q "restart 1 of 1 in 1 s: host $h1 does not answer" err
on_host "$h1" ip link set eth0 up
code=0
wait "$job" || code=$?
[ "$code" -eq 0 ] || fail "exit code $code"
expect_text out " done before: "
is_whole
