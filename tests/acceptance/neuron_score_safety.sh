#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing that is read or written is lost to another file, however it is spelled; what is asked for
# later is added; rows that the disk has changed are scored again.
# shellcheck source=tests/acceptance/score_place.sh
. "$NEURON_SOURCE/tests/acceptance/score_place.sh"

"$make_model" m.neff 8 6 0 && "$make_model" slow.neff 8 512 "$slow_layers" || fail "no model"
"$npy_tool" make x.npy 100 6
cp x.npy kept.npy
cp m.neff kept.neff
run() {
    "$score" --model m.neff --input x.npy "$@"
}

# What is written beside the output replaces nothing that is read, and nothing that is written.
mkdir folder
ln -s folder link
for option in --mask --report --report-html --metrics; do
    refuses 1 "would replace the input" run --output y.npy $option ./x.npy
    refuses 1 "would replace the model" run --output y.npy $option folder/../m.neff
    refuses 1 "are one file" run --output folder/y.npy $option link/y.npy
    refuses 1 "are one file" run --output y.npy $option ./y.npy.journal
    refuses 1 "are one file" run --output y.npy $option folder/../y.npy.part
    refuses 1 "cannot be created" run --output y.npy $option nowhere/z
done
absent y.npy y.npy.journal y.npy.part folder/y.npy
cmp -s x.npy kept.npy && cmp -s m.neff kept.neff || fail "a file that is read was changed"

# The summary does not go into an output that has got the number of a closed standard output.
"$score" --model m.neff --input x.npy --output y.npy <&- >&- 2>err || fail "closed files"
"$npy_tool" check y.npy 100 6 || fail "the summary went into the output"

# A mask that is asked for when all is done.
expect 0 run --output y.npy --mask mask.npy
grep -q 'were done before' out || fail "scored again"
test -s mask.npy || fail "no mask of a job that is done"

# A column that is not there leaves nothing behind that stands in the way.
echo 'a,b,c,d,e,f' >x.csv
echo '1,2,3,4,5,6' >>x.csv
refuses 1 "nope" "$score" --model m.neff --input x.csv --output z.csv --join-key nope
absent z.csv.journal z.csv.part
expect 0 "$score" --model m.neff --input x.csv --output z.csv --join-key a

# Rows that are not on disk as they were written are scored again.
"$npy_tool" make big.npy 2500 512
expect 0 "$score" --model slow.neff --input big.npy --output reference.npy
"$score" --model slow.neff --input big.npy --output w.npy >/dev/null 2>&1 &
started=$!
wait_for grep -q '^done' w.npy.journal
kill -TERM "$started"
wait "$started"
started=
first=$(sed -n 's/^done \([0-9]*\) .*/\1/p' w.npy.journal | head -n 1)
printf 'damage' | dd of=w.npy.part bs=1 seek=$((128 + first * 2048 + 9)) conv=notrunc 2>/dev/null
expect 0 "$score" --model slow.neff --input big.npy --output w.npy
grep -q 'not as they were written' err || fail "damaged rows are not told"
cmp -s w.npy reference.npy || fail "damaged rows stay"

# Parts that somebody removes while the job runs: it fails, and the next run starts anew.
rm -f w.npy*
"$score" --model slow.neff --input big.npy --output w.npy >background.out 2>&1 &
started=$!
wait_for grep -q '^lease' w.npy.journal
rm w.npy.part
wait "$started"
[ $? -eq 5 ] || fail "removed parts: $(cat background.out)"
started=
expect 0 "$score" --model slow.neff --input big.npy --output w.npy
cmp -s w.npy reference.npy || fail "another output after removed parts"

# A leader that reads what is done, before it serves, is waited for as long as it has the journal.
/usr/bin/python3 - <<'END' &
import fcntl, time
journal = open("v.npy.journal", "w")
fcntl.lockf(journal, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(20)
END
holder=$!
started=$holder
wait_for test -e locked
RANK=1 WORLD_SIZE=2 NEURONRUN_JOBID=j "$score" --model m.neff --input x.npy --output v.npy \
    --lease-timeout 0.1 >background.out 2>&1 &
waiting=$!
started="$holder $waiting"
sleep 2
kill -0 "$waiting" 2>/dev/null || fail "a rank did not wait for its leader: $(cat background.out)"
kill -TERM "$waiting"
wait "$waiting"
[ $? -eq 143 ] || fail "the rank that waits does not hear a signal"
kill -KILL "$holder"
