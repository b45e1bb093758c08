#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option is in the completions of both shells and in the help; and bash completes what it
# should.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
completions=$NEURON_SOURCE/launcher/completions

options=$(sed -n 's/.*"\(--[a-z-]*\)".*/\1/p' "$NEURON_SOURCE/launcher/src/option_table.c" |
    sort -u)
[ "$(echo "$options" | wc -l)" -ge 40 ] || fail "options are not found: $options"
for topic in $("$neuronrun" --help=none 2>&1 | sed 's/.*help on//; s/,//g'); do
    expect 0 "$neuronrun" "--help=$topic"
    [ "$(wc -l <"$folder/out")" -le 24 ] || fail "--help=$topic does not fit a screen"
    [ "$(wc -L <"$folder/out")" -le 80 ] || fail "--help=$topic is wider than 80 letters"
    cat "$folder/out" >>"$folder/help"
done
expect 0 "$neuronrun" --help
[ "$(wc -l <"$folder/out")" -le 24 ] || fail "--help does not fit a screen"
cat "$folder/out" >>"$folder/help"
# Spellings of other launchers need not be in the help.
for option in $options; do
    grep -qF -- "Fl ${option#-}" "$NEURON_SOURCE/docs/neuronrun.1" ||
        fail "$option is not in the manual"
    grep -qF -- "$option" "$completions/neuronrun.bash" || fail "$option is not completed in bash"
    grep -qF -- "$option" "$completions/_neuronrun" || fail "$option is not completed in zsh"
    case $option in
    --np | --label | --report-bindings | --cores | --use-hwthread-cpus | --machinefile | --cpus-per-task) ;;
    --allow-run-as-root | --version) ;;
    *) grep -qF -- "$option" "$folder/help" || fail "$option is not in the help" ;;
    esac
done
expect 125 "$neuronrun" --help=nothing
expect_text err 'there is help on placement'

cat >"$folder/complete.bash" <<'EOF'
source "$1"
shift
COMP_WORDS=(neuronrun "$@") COMP_CWORD=$#
_neuronrun
echo "${COMPREPLY[*]}"
EOF
# completes WORDS... RESULT
completes() {
    words=
    while [ $# -gt 1 ]; do
        words="$words '$1'"
        shift
    done
    found=$(eval "bash '$folder/complete.bash' '$completions/neuronrun.bash' $words")
    [ "$found" = "$1" ] || fail "bash completes$words to \"$found\" instead of \"$1\""
}
cd "$folder" && : >plan.txt || exit 1
completes --max '--max-restarts'
completes --map-by n 'numa node'
completes --map-by = p 'package'
completes --display-map = s 'svg:'
completes --report pl 'plan.txt'
completes --mca pml ob1 --eng '--engine'
completes -np 2 ./cat pl 'plan.txt'
completes -np 2 -- ./cat --max ''
completes -n 1 ./cat : --hostf '--hostfile'
completes --grace '' ''
if command -v zsh >/dev/null; then
    zsh -n "$completions/_neuronrun" || fail "zsh does not read its completion"
fi
