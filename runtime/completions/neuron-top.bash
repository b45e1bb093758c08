# SPDX-License-Identifier: Apache-2.0
# Completion of neuron-top's command line in bash.
# shellcheck shell=bash

_neuron_top()
{
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}

    # Words are parted at "=", too.
    if [[ $current == = ]]; then
        current=
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $option in
    -d | --delay) mapfile -t COMPREPLY < <(compgen -W "0.1 0.5 1 2 5 10 60" -- "$current") ;;
    -n | --count) COMPREPLY=() ;;
    *) mapfile -t COMPREPLY < <(compgen -W "--delay --once --json --count --help --version" -- \
        "$current") ;;
    esac
}

complete -F _neuron_top neuron-top
