#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option is in the manual, in the help and in the completions of both shells, nothing else is,
# and bash completes what it should.
completions=$NEURON_SOURCE/dp/completions
manual=$NEURON_SOURCE/docs/neuron-score.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "failed: $*" >&2
    exit 1
}

options=$(sed -n 's/.*{"\(--[a-z-]*\)".*/\1/p' "$NEURON_SOURCE/dp/score/option_forms.c" | sort -u)
[ "$(echo "$options" | wc -l)" -ge 30 ] || fail "options are not found: $options"
"$NEURON_BUILD/dp/score/neuron-score" --help >"$work/help" || fail "no help"
[ "$(wc -l <"$work/help")" -le 60 ] || fail "the help does not fit a screen"
[ "$(wc -L <"$work/help")" -le 80 ] || fail "the help is wider than 80 letters"
for option in $options; do
    grep -qE "^\.It Fl (. , )?${option#-}( |\$)" "$manual" || fail "$option is not in the manual"
    grep -qF -- "$option" "$work/help" || fail "$option is not in the help"
    grep -qE -- "$option( |\"|\$)" "$completions/neuron-score.bash" ||
        fail "$option is not completed in bash"
    grep -qE -- "$option"'[=[}]' "$completions/_neuron-score" ||
        fail "$option is not completed in zsh"
done
for option in $(sed -n 's/^\.It Fl \(. , \)\{0,1\}-\([a-z-]*\).*/--\2/p' "$manual"); do
    echo "$options" | grep -qx -- "$option" || fail "$option of the manual is no option"
done

cat >"$work/complete.bash" <<'EOF'
source "$1"
shift
COMP_WORDS=(neuron-score "$@") COMP_CWORD=$#
_neuron_score
echo "${COMPREPLY[*]}"
EOF
# completes WORDS... RESULT
completes() {
    words=
    while [ $# -gt 1 ]; do
        words="$words '$1'"
        shift
    done
    found=$(eval "bash '$work/complete.bash' '$completions/neuron-score.bash' $words")
    [ "$found" = "$1" ] || fail "bash completes$words to \"$found\" instead of \"$1\""
}
cd "$work" && : >rows.npy || exit 1
completes --max '--max-errors'
completes --report '--report --report-html'
completes --on-error s 'skip'
completes --resume = r 'require'
completes --input ro 'rows.npy'
completes --input a = ro 'rows.npy'
completes --input = a = ro 'rows.npy'
completes --rows '' ''
completes --rows 3:4 --verif '--verify'
completes --input x.npy --outp '--output'
completes --quiet --time '--timeline'
completes --nan allow --sched '--schedule'
if command -v zsh >/dev/null; then
    zsh -n "$completions/_neuron-score" || fail "zsh does not read its completion"
fi
