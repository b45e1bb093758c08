# SPDX-License-Identifier: Apache-2.0
# Completion of neuron-monitor's command line in bash.
# shellcheck shell=bash

_neuron_monitor()
{
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}

    # --period=5 is three words.
    [[ $current == = ]] && current=''
    [[ $option == = ]] && option=${COMP_WORDS[COMP_CWORD - 2]}
    COMPREPLY=()
    case $option in
    -c | --config-file | --prometheus) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    -p | --period | -n | --count) ;;
    --verbose) mapfile -t COMPREPLY < <(compgen -W '0 1 2 3 4' -- "$current") ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W '--config-file --period --count --prometheus --quiet
            --verbose --help --version' -- "$current")
        ;;
    esac
}

complete -o filenames -F _neuron_monitor neuron-monitor
