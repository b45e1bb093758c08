#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option of neuron-top is in its help, its manual and the completions of both shells.
# shellcheck source=tests/acceptance/launcher_checks.sh
. "$NEURON_SOURCE/tests/acceptance/launcher_checks.sh"
completions=$NEURON_SOURCE/runtime/completions

options=$(sed -n 's/^ *{"\(--[a-z-]*\)",.*/\1/p' "$NEURON_SOURCE/runtime/tools/top/top_options.c")
[ "$(echo "$options" | wc -l)" -eq 4 ] || fail "options are not found: $options"
expect 0 "$NEURON_BUILD/runtime/tools/neuron-top" --help
[ "$(wc -l <"$folder/out")" -le 24 ] || fail 'the help does not fit a screen'
[ "$(wc -L <"$folder/out")" -le 80 ] || fail 'the help is wider than 80 letters'
for option in $options --help --version; do
    expect_text out "$option"
    grep -qF -- "Fl ${option#-}" "$NEURON_SOURCE/docs/neuron-top.1" ||
        fail "$option is not in the manual"
    grep -qF -- "$option" "$completions/neuron-top.bash" || fail "$option is not completed in bash"
    grep -qF -- "$option" "$completions/_neuron-top" || fail "$option is not completed in zsh"
done
# shellcheck disable=SC2016 # expanded by bash
found=$(bash -c 'source "$1"; COMP_WORDS=(neuron-top --d) COMP_CWORD=1; _neuron_top
    echo "${COMPREPLY[*]}"' bash "$completions/neuron-top.bash")
[ "$found" = '--delay' ] || fail "bash completes --d to \"$found\""
if command -v zsh >/dev/null; then
    zsh -n "$completions/_neuron-top" || fail 'zsh does not read its completion'
fi
