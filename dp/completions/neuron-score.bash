# SPDX-License-Identifier: Apache-2.0
# Completion of neuron-score's command line in bash.
# shellcheck shell=bash

# Prints what an option takes: words, "file", "any" where only the user knows; nothing for an option
# without a value.
_neuron_score_values()
{
    case $1 in
    --resume) echo auto require never ;;
    --schedule) echo guided static ;;
    --on-error) echo fail skip ;;
    --nan) echo error allow ;;
    --model | --weights | --input | --output | --labels | --mask | --report | --report-html | \
        --metrics) echo file ;;
    --config | --columns | --join-key | --passthrough | --rows | --checkpoint | --lease-timeout | \
        --max-errors | --fill | --row-timeout | --audit | --device-ids | --split-size | \
        --mem-limit) echo any ;;
    esac
}

_neuron_score_options="--model --weights --config --input --output --columns --join-key --passthrough --rows
    --labels --mask --resume --restart --checkpoint --lease-timeout --schedule --on-error
    --max-errors --nan --fill --isolate --row-timeout --audit --verify --device-ids --split-size
    --mem-limit --dry-run --report --report-html --metrics --timeline --quiet --help --version"

_neuron_score()
{
    local current=${COMP_WORDS[COMP_CWORD]} i word waiting='' last=''

    # Finds the option that waits for a value where the current word stands. Words are parted at
    # "=", too: --input NAME = PATH.
    for ((i = 1; i < COMP_CWORD; i += 1)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then
            waiting=$last
        elif [[ -n $waiting ]]; then
            waiting=
        else
            last=$word
            waiting=$([[ -z $(_neuron_score_values "$word") ]] || echo "$word")
        fi
    done
    if [[ $current == = ]]; then
        current=
        waiting=$last
    fi
    case $(_neuron_score_values "$waiting") in
    '') mapfile -t COMPREPLY < <(compgen -W "$_neuron_score_options" -- "$current") ;;
    any) COMPREPLY=() ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(_neuron_score_values "$waiting")" -- "$current") ;;
    esac
}

complete -o filenames -F _neuron_score neuron-score
