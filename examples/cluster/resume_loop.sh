#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a scoring command again while that helps: after a rank, a host or the launcher died.
#
#   resume_loop.sh [-n TIMES] COMMAND...
#
# -n  how often at most it is run again; 20 unless told otherwise
#
# It ends with the status of the last run. 0 and 3 mean that all rows are done, 1, 2 and 4 that
# another run would end the same; 5, and 129 to 143 for a death by a signal, are what it is for.
set -u
most=20
if [ "${1-}" = -n ] && [ $# -ge 2 ]; then
    most=$2
    shift 2
fi
case $most in
'' | *[!0-9]*) set -- ;;
esac
if [ $# -eq 0 ]; then
    echo "usage: resume_loop.sh [-n TIMES] COMMAND..." >&2
    exit 2
fi

# A signal to this loop is the end: the command gets TERM, as the shell has it ignore INT.
child=''
stopped=''
told=''
stop() {
    stopped=yes
    [ -n "$child" ] || return
    told=yes
    kill -s TERM "$child" 2>/dev/null
}
trap stop INT TERM HUP

# What is started in the background would read nothing.
exec 3<&0
count=0
while :; do
    "$@" <&3 3<&- &
    child=$!
    # The signal may have come when the command ran already, but had no name here.
    [ -z "$stopped" ] || [ -n "$told" ] || stop
    # A signal ends the wait before the command has ended: it is waited for once more.
    wait "$child"
    status=$?
    # The signal may have come while it was waited for: then that says nothing of its end.
    if [ -n "$stopped" ]; then
        wait "$child"
        late=$?
        # The wait that the signal ended may have seen the end, and lost it: what was told TERM.
        case $late:$status in
        127:129 | 127:130 | 127:143) status=143 ;;
        127:*) ;;
        *) status=$late ;;
        esac
    fi
    child=
    [ -z "$stopped" ] || exit "$status"
    if [ "$status" -ne 5 ] && { [ "$status" -lt 129 ] || [ "$status" -gt 143 ]; }; then
        exit "$status"
    fi
    if [ "$count" -ge "$most" ]; then
        echo "resume_loop.sh: status $status; given up after $count more runs" >&2
        exit "$status"
    fi
    count=$((count + 1))
    echo "resume_loop.sh: status $status; run $count of $most more" >&2
    sleep "${RESUME_WAIT:-1}"
    [ -z "$stopped" ] || exit "$status"
done
