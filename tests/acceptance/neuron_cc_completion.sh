#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The options of the help are those of the completions of both shells and of the manual; bash offers
# each command what it takes, and nothing that it refuses.
completions=$NEURON_SOURCE/runtime/completions
neuron_cc=$NEURON_BUILD/runtime/tools/neuron-cc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "failed: $*" >&2
    exit 1
}

# options_in FILE: each long one that is named there, once.
options_in() {
    grep -oE -- '--[a-z][a-z-]*' "$1" | sort -u
}

"$neuron_cc" --help >"$work/help" || fail "no help"
options_in "$work/help" >"$work/wanted"
[ "$(wc -l <"$work/wanted")" -ge 28 ] || fail "options are not found: $(cat "$work/wanted")"
sed -n 's/.*] = {"\(--[a-z-]*\)".*/\1/p' "$NEURON_SOURCE/runtime/tools/cc_command_line.c" |
    sort -u >"$work/known"
diff "$work/wanted" "$work/known" || fail "the help does not have the options of the program"
grep -oE "^\.It .*" "$NEURON_SOURCE/docs/neuron-cc.1" | grep -oE -- " -[a-z][a-z-]+" | sed "s/ -/--/" |
    sort -u >"$work/manual"
diff "$work/wanted" "$work/manual" || fail "the manual does not have the options of the help"
for file in neuron-cc.bash _neuron-cc; do
    options_in "$completions/$file" >"$work/completed"
    diff "$work/wanted" "$work/completed" || fail "$file does not have the options of the help"
done

cat >"$work/complete.bash" <<'END'
source "$1"
shift
COMP_WORDS=(neuron-cc "$@") COMP_CWORD=$#
_neuron_cc
echo "${COMPREPLY[*]}"
END
# offer WORDS...: what bash offers for the last one.
offer() {
    bash "$work/complete.bash" "$completions/neuron-cc.bash" "$@"
}
# completes WORDS... RESULT
completes() {
    words=
    while [ $# -gt 1 ]; do
        words="$words '$1'"
        shift
    done
    found=$(eval "offer $words")
    [ "$found" = "$1" ] || fail "bash completes$words to \"$found\" instead of \"$1\""
}
cd "$work" && : >model.onnx && mkdir outputs || exit 1

# taken_by BITS: the options whose line in the program's table has one of these.
taken_by() {
    sed -n "s/.*] = {\"\(--[a-z-]*\)\".*\b\(FOR_ALL\|$1\)\b.*/\1/p" \
        "$NEURON_SOURCE/runtime/tools/cc_command_line.c" | sort -u
}
for command in 'compile FOR_COMPILE\|FOR_COMPILED' 'info FOR_ALL' 'analyze FOR_ALL' \
    'run FOR_RUN\|FOR_COMPILED' 'bench FOR_BENCH\|FOR_COMPILED'; do
    taken_by "${command#* }" >"$work/taken"
    offer "${command%% *}" -- | tr ' ' '\n' | sort -u >"$work/offered"
    diff "$work/taken" "$work/offered" || fail "${command%% *} does not take what bash offers for it"
done

completes c 'compile'
completes compile mod 'model.onnx'
completes compile model.onnx -o mod 'model.onnx'
completes compile --auto-cast m 'matmult'
completes compile --target = avx512- 'avx512-vnni avx512-bf16'
completes compile model.onnx --batch '' ''
completes run model.onnx --input x = mod 'model.onnx'
completes run model.onnx --output-d '--output-dir'
completes run model.onnx --output-dir ou 'outputs'
completes bench model.onnx --prof '--profile'
completes info model.onnx --prof ''
completes --vers '--version'
if command -v zsh >/dev/null; then
    zsh -n "$completions/_neuron-cc" || fail "zsh does not read its completion"
fi
