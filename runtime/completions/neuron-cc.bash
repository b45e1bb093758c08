# SPDX-License-Identifier: Apache-2.0
# Completion of neuron-cc's command line in bash.
# shellcheck shell=bash

# Prints what an option takes: words, "file", "folder", "any" where only the user knows; nothing for
# an option without a value.
_neuron_cc_values()
{
    case $1 in
    --auto-cast) echo none matmult all ;;
    --auto-cast-type) echo bf16 fp16 int8 ;;
    --optlevel | -O) echo 1 2 3 ;;
    --split) echo pipeline wide ;;
    --target) echo native generic avx2 avx512 avx512-vnni avx512-bf16 amx ;;
    --output | -o | --input | --calibrate | --weights | --weights-out | --trace) echo file ;;
    --output-dir | --dump-passes) echo folder ;;
    --batch | --bucket | --shape | --shared-input | --name | --num-neuroncores | --runs | \
        --seconds) echo any ;;
    esac
}

# Prints the options of a command, or what can stand before there is one.
_neuron_cc_words()
{
    local of_all='--batch --shape --shared-input --help --version'
    local compiling='--auto-cast --auto-cast-type --optlevel -O1 -O2 -O3 --target'

    case $1 in
    compile)
        echo "$of_all" "$compiling" --output --bucket --name --dump-passes --calibrate \
            --num-neuroncores --split --no-inline-weights --weights-out --lazy-load --async-load
        ;;
    info | analyze) echo "$of_all" ;;
    run) echo "$of_all" "$compiling" --input --output-dir --weights ;;
    bench)
        echo "$of_all" "$compiling" --input --weights --runs --seconds --profile --remeasure --trace
        ;;
    *) echo compile info analyze run bench --help --version ;;
    esac
}

_neuron_cc()
{
    local current=${COMP_WORDS[COMP_CWORD]} i word command='' waiting='' last='' words

    # Finds the command, and the option that waits for a value where the current word stands. Words
    # are parted at "=", too: --input NAME = PATH.
    for ((i = 1; i < COMP_CWORD; i += 1)); do
        word=${COMP_WORDS[i]}
        if [[ $word == = ]]; then
            waiting=$last
        elif [[ -n $waiting ]]; then
            waiting=
        elif [[ $word == -* ]]; then
            last=$word
            waiting=$([[ -z $(_neuron_cc_values "$word") ]] || echo "$word")
        elif [[ -z $command ]]; then
            command=$word
        fi
    done
    if [[ $current == = ]]; then
        current=
        waiting=$last
    fi
    words=$(_neuron_cc_values "$waiting")
    case $words in
    '')
        mapfile -t COMPREPLY < <(compgen -W "$(_neuron_cc_words "$command")" -- "$current")
        # The model.
        [[ -z $command || $current == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    any) COMPREPLY=() ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    esac
}

complete -o filenames -F _neuron_cc neuron-cc
