#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rows that make a run fail, give NaN, kill its process or never end: each costs itself alone.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"
neuronrun="$NEURON_BUILD/launcher/neuronrun"

/usr/bin/python3 - <<'END' || fail "numpy"
import numpy as np
x = (np.arange(400).reshape(100, 4) % 509).astype("f4") / 8
x[[13, 77], 0] = -1
np.save("x.npy", x)
END
# job KIND OPTIONS...
job() {
    kind=$1
    shift
    "$score" --model "$bad_rows" --config "$kind" --input x.npy --output y.npy "$@"
}
# has_skipped STAGE: the two rows are filled in, listed and masked, and nothing else is.
has_skipped() {
    [ "$got" -eq 3 ] || fail "exit status $got"
    stage=$1 /usr/bin/python3 - <<'END' || fail "wrong results of $kind"
import json, os, numpy as np
x, y, m = np.load("x.npy"), np.load("y.npy"), np.load("m.npy")
bad = x[:, 0] < 0
assert np.array_equal(m, bad), m
assert np.isnan(y[bad]).all() and np.array_equal(y[~bad], 2 * x[~bad] + 1)
errors = [json.loads(line) for line in open("y.npy.errors.jsonl")]
assert [e["row"] for e in errors] == [13, 77], errors
assert all(e["stage"] == os.environ["stage"] and e["attempts"] >= 1 for e in errors), errors
END
    absent y.npy.part y.npy.server
    rm y.npy y.npy.journal y.npy.errors.jsonl m.npy
}

# The first such row ends the job, and is named; what is done stays for a run that skips it.
for kind in fail nan; do
    case $kind in fail) stage=run ;; *) stage=$kind ;; esac
    refuses 1 "--on-error skip" job $kind --mask m.npy
    grep -qE 'row (13|77)' err || fail "the row is not named"
    absent y.npy
    expect 3 job $kind --on-error skip --mask m.npy --resume require
    has_skipped $stage
    expect 3 job $kind --on-error skip --mask m.npy --isolate
    has_skipped $stage
done
expect 0 job nan --nan allow
rm y.npy y.npy.journal

# A process that dies: in processes of their own; and by itself, when it is run again and again.
expect 3 job crash --isolate --on-error skip --mask m.npy
has_skipped crash
refuses 1 "row" job crash --isolate
rm y.npy.*
runs=0
got=137
while [ "$got" -eq 137 ]; do
    runs=$((runs + 1))
    [ "$runs" -le 20 ] || fail "20 runs do not find the rows that kill them"
    job crash --on-error skip --mask m.npy >out 2>err
    got=$?
done
has_skipped crash
# With several ranks; only the one that leads fails, so that no other is broken off.
expect 3 "$neuronrun" -np 2 -c 1 -- "$score" --model "$bad_rows" --config crash \
    --input x.npy --output y.npy --on-error skip --mask m.npy --isolate
grep -q '^neuronrun: rank 0 .* exited with code 3' err || fail "not the leader's exit status"
has_skipped crash

# A run that never ends.
expect 3 job hang --row-timeout 0.1 --on-error skip --mask m.npy
has_skipped time
refuses 1 "row" job hang --row-timeout 0.1
