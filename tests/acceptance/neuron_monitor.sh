#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neuron-monitor beside running jobs: what it writes is what /proc and the jobs themselves say; a job
# that is killed is gone from the next line; the page of metrics is whole at every moment.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
monitor=$NEURON_BUILD/runtime/tools/neuron-monitor
cd "$folder" || exit 1
# A machine that nobody else invents, of which executors run unpinned.
export HWLOC_SYNTHETIC="numa:2 core:3 pu:1"

# Bad input: one line each, with file and place.
expect 2 "$monitor" --perod 5
expect_text err 'did you mean --period'
expect 2 "$monitor" --quiet
expect_text err '--quiet leaves nothing to write; give --prometheus FILE, too'
expect 2 "$monitor" -c none.conf
expect_text err 'neuron-monitor: cannot read none.conf: No such file or directory'
echo '{"neuron_runtimes": [{"metrics": [{"type": "inference_stats"}]}]}' >bad.conf
expect 2 "$monitor" -c bad.conf
expect_text err 'bad.conf: neuron_runtimes[0].metrics[0].type: unknown group of metrics'
expect_lines err 1
expect 2 "$monitor" --prometheus ''
expect_text err '--prometheus: give a file; this one has no name'
expect 0 "$monitor" --help
expect_text out 'Exit status: 0 '
expect 1 "$monitor" -p .1 --prometheus no/such/folder/page.prom
expect_lines err 1
# A page replaces pages alone, and follows nothing.
echo precious >precious
ln -s precious link.prom
mkfifo pipe.prom
mkdir folder.prom
for path in precious link.prom pipe.prom folder.prom /dev/null; do
    expect 2 timeout 10 "$monitor" -q -p 0.1 -n 1 --prometheus "$path"
    expect_text err "neuron-monitor: --prometheus $path: is "
    expect_lines err 1
done
[ "$(cat precious)" = precious ] || fail "a file of others is changed"
(umask 077 && expect 0 "$monitor" -q -p 0.1 -n 1 --prometheus page.prom)
[ "$(stat -c %a page.prom)" = 644 ] || fail "a page that others cannot read"
if [ -w /dev/full ]; then
    code=0
    "$monitor" -p 0.1 >/dev/full 2>err || code=$?
    [ "$code" -eq 1 ] || fail "exit code $code where output does not get out"
    expect_text err 'neuron-monitor: standard output cannot be written: No space left on device'
fi
# A reader that has enough ends it without a word.
{
    "$monitor" -p 0.1 2>err
    echo $? >code
} | head -n 1 >/dev/null
wait_until 10 "a reader that goes does not end it" test -s code
[ "$(cat code)" -eq 0 ] || fail "exit code $(cat code) after a reader that goes"
[ ! -s err ] || fail "a word about a reader that goes"

"$NEURON_BUILD/tests/make_model" quick.neff 1 4 0 || fail "no model"
"$NEURON_BUILD/tests/make_model" slow.neff 8192 256 60 || fail "no slow model"
# The marker has no other use than to find the jobs.
"$neuronrun" -np 2 -c 1 -- "$NEURON_BUILD/tests/looping_job" quick.neff "count.$marker" 2>launched &
launcher=$!
mkfifo hold
NEURON_RT_VISIBLE_CORES=4-5 NEURON_PROCESS_TAG='a "b" \ c' \
    "$NEURON_BUILD/tests/failing_job" quick.neff slow.neff "$marker" <hold >ready &
failing=$!
exec 3>hold
counting() {
    [ "$(cat count."$marker".* 2>/dev/null | wc -c)" -eq 16 ] &&
        ! cat count."$marker".* | od -A n -t u8 -w8 | grep -q '^ *0$' && grep -q ready ready
}
wait_until 30 "the jobs do not run" counting

python3 "$NEURON_SOURCE/tests/acceptance/neuron_monitor.py" "$monitor" "$failing" "$marker" ||
    fail "what it writes is wrong"

# Of a user who may not look into the jobs, these are told with the reason.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$folder"
    expect 0 setpriv --reuid 65534 --regid 65534 --clear-groups "$monitor" -p 0.1 -n 1
    expect_text out "{\"pid\": $failing, "
    grep -qE "\"pid\": $failing, [^{}]*\"error\": \"[^\"]" out || fail "no reason: $(cat out)"
    "$NEURON_BUILD/tests/json_check" out || fail "no JSON"
fi

# A job that is killed is gone from the next line; a signal ends the monitor well, with its page.
"$monitor" -p 0.1 --prometheus page.prom --verbose $marker >lines 2>err &
watching=$!
shows() {
    tail -n 1 lines 2>/dev/null | grep -q "\"pid\": $failing, "
}
shows_not() {
    [ "$(wc -l <lines)" -gt "$1" ] && ! shows
}
wait_until 10 "the job is not told" shows
kill -KILL "$failing"
wait "$failing" 2>/dev/null
# The line that was begun before it died may still have it.
wait_until 10 "the job that was killed is still told" shows_not $(($(wc -l <lines) + 1))
[ -s page.prom ] || fail "no page"
expect 2 "$monitor" -q -p 0.1 -n 1 --prometheus page.prom
expect_text err 'page.prom: is kept by another neuron-monitor'
: >err
kill -TERM "$watching"
code=0
wait "$watching" || code=$?
[ "$code" -eq 0 ] || fail "exit code $code after SIGTERM"
[ ! -s err ] || fail "a word about SIGTERM"
[ ! -e page.prom ] || fail "the page stays without who keeps it"

# So it does while nobody reads, however long the line is.
mkfifo slow
"$monitor" -p 0.1 --verbose $marker >slow 2>err &
watching=$!
exec 4<slow
sleep 0.3
kill -TERM "$watching"
code=0
wait "$watching" || code=$?
[ "$code" -eq 0 ] || fail "exit code $code while nobody reads: $(cat err)"
exec 4<&- 3>&-

kill -KILL "$launcher"
wait_until 10 "jobs stay" none_marked
echo "neuron-monitor tells what is there"
