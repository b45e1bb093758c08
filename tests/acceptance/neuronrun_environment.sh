#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a rank finds when it starts: variables, descriptors, directory, signals.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"

shown='echo $RANK $WORLD_SIZE $LOCAL_RANK $LOCAL_WORLD_SIZE $GROUP_RANK $NODE_RANK $MASTER_ADDR
echo $NEURONRUN_RANK $NEURONRUN_SIZE $OMPI_COMM_WORLD_RANK $OMPI_COMM_WORLD_SIZE $PMI_RANK $PMI_SIZE
echo ${NEURON_RT_NUM_CORES-unset} ${PMI_FD-unset} $OMP_NUM_THREADS'
expect 0 env -u MASTER_ADDR -u OMP_NUM_THREADS NEURON_RT_NUM_CORES=1 PMI_FD=7 \
    "$neuronrun" -np 1 -- sh -c "$shown"
[ "$(cat "$folder/out")" = '0 1 0 1 0 0 127.0.0.1
0 1 0 1 0 1
unset unset 1' ] || fail "variables: $(cat "$folder/out")"
expect 0 env OMP_NUM_THREADS=5 "$neuronrun" -x MASTER_ADDR=there -x A=1 -x A=2 -x PATH -- \
    sh -c 'echo $OMP_NUM_THREADS $MASTER_ADDR $A'
grep -qx '5 there 2' "$folder/out" || fail "the user's variables: $(cat "$folder/out")"
ids=$("$neuronrun" -np 2 -O -- sh -c 'echo $NEURONRUN_JOBID' | sort -u | wc -l)
[ "$ids" -eq 1 ] || fail 'ranks have different job ids'

# All ranks of a job share a key that neither the caller has nor a job inside a rank; no report tells.
keys='echo $NEURONRUN_KEY'
expect 0 env NEURONRUN_KEY=old "$neuronrun" -np 2 -O --report "$folder/report" -- sh -c "$keys"
[ "$(sort -u "$folder/out" | grep -Ecx '[0-9a-f]{64}')" -eq 1 ] || fail "keys: $(cat "$folder/out")"
[ "$(wc -l <"$folder/out")" -eq 2 ] || fail "keys of two ranks: $(cat "$folder/out")"
! grep -qf "$folder/out" "$folder/report" || fail 'the report tells the key'
expect 0 "$neuronrun" -np 1 -- sh -c "$keys; \"$neuronrun\" -v -np 1 -- sh -c '$keys'"
[ "$(sort -u "$folder/out" | grep -Ecx '[0-9a-f]{64}')" -eq 2 ] || fail "nested: $(cat "$folder/out")"
! grep -qf "$folder/out" "$folder/err" || fail 'the log tells the key'

# Only 0, 1 and 2, also where the caller has more open; 3 is the directory that ls reads.
for ranks in 1 2; do
    expect 0 "$neuronrun" -np $ranks -O -- ls /proc/self/fd 5<"$0" 7<"$0"
    [ "$(sort -u "$folder/out" | tr -d '\n')" = 0123 ] || fail "descriptors: $(cat "$folder/out")"
done
# Closed descriptors do not become somebody else's.
"$neuronrun" -np 2 -O true <&- >&- 2>&- || fail 'cannot start without open descriptors'

expect 0 "$neuronrun" --wdir "$folder" pwd -P
[ "$(sort -u "$folder/out")" = "$(cd "$folder" && pwd -P)" ] || fail "--wdir: $(cat "$folder/out")"

# Whatever the caller ignores, ranks have it as a program expects it, but for nohup.
signals=$(trap '' PIPE USR1 HUP CHLD
    "$neuronrun" -np 1 -- grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\t\n')
[ "$signals" = SigBlk:0000000000000000SigIgn:0000000000000001 ] || fail "signals: $signals"

# Each rank leads a process group of its own.
expect 0 "$neuronrun" -np 2 -O -- sh -c '[ "$(ps -o pgid= -p $$ | tr -d " ")" = $$ ]'
