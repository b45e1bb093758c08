#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option of neuron-monitor is in its help, its manual and the completions of both shells.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
completions=$NEURON_SOURCE/runtime/completions

options=$(sed -n 's/^ *{"\(--[a-z-]*\)",.*/\1/p' \
    "$NEURON_SOURCE/runtime/tools/monitor/monitor_options.c")
[ "$(echo "$options" | wc -l)" -eq 6 ] || fail "options are not found: $options"
expect 0 "$NEURON_BUILD/runtime/tools/neuron-monitor" --help
[ "$(wc -l <"$folder/out")" -le 24 ] || fail 'the help does not fit a screen'
[ "$(wc -L <"$folder/out")" -le 80 ] || fail 'the help is wider than 80 letters'
for option in $options --help --version; do
    expect_text out "$option"
    grep -qF -- "Fl ${option#-}" "$NEURON_SOURCE/docs/neuron-monitor.1" ||
        fail "$option is not in the manual"
    grep -qF -- "$option" "$completions/neuron-monitor.bash" ||
        fail "$option is not completed in bash"
    grep -qF -- "$option" "$completions/_neuron-monitor" || fail "$option is not completed in zsh"
done

# completes WORDS... RESULT
completes() {
    # shellcheck disable=SC2016 # expanded by bash
    found=$(bash -c 'source "$1"; shift; result=${!#}; set -- "${@:1:$#-1}"
        COMP_WORDS=(neuron-monitor "$@") COMP_CWORD=$#; _neuron_monitor
        [ "${COMPREPLY[*]}" = "$result" ] || echo "\"${COMPREPLY[*]}\" instead of \"$result\""' \
        bash "$completions/neuron-monitor.bash" "$@")
    [ -z "$found" ] || fail "bash completes $*: $found"
}
cd "$folder" && : >page.prom || exit 1
completes --pr --prometheus
completes --prometheus pag page.prom
completes --prometheus = pag page.prom
completes -n '' ''
completes --period = 5 ''
completes -q --per --period
completes --verbose 3 3
if command -v zsh >/dev/null; then
    zsh -n "$completions/_neuron-monitor" || fail 'zsh does not read its completion'
fi
