# SPDX-License-Identifier: Apache-2.0
# Completion of neuronrun's command line in bash.
# shellcheck shell=bash

# Prints what an option takes: words, "file", "folder", "any" where only the user knows; nothing for
# an option without a value.
_neuronrun_values()
{
    case $1 in
    --map-by | --rank-by) echo core l3 numa package node ;;
    --bind-to) echo core l3 numa package none ;;
    --mpi) echo auto pmix pmi1 off ;;
    --engine) echo auto local mpirun srun ;;
    --stdin) echo all none 0 ;;
    --on-failure) echo abort continue ;;
    --hostfile | -hostfile | --machinefile | --report | --joblog) echo file ;;
    --wdir | -wdir | --output-filename) echo folder ;;
    -n | -np | --np | -c | --cores-per-rank | --cpus-per-task | --procs-per-device | --cpu-set | \
        --cores | -x | --host | -host | -H | --heartbeat | --mca | -mca | --timeout | --grace | \
        --max-restarts) echo any ;;
    esac
}

# What may follow "=" where a value is optional.
_neuronrun_optional_values()
{
    case $1 in
    --display-map) echo svg: json ;;
    --help) echo placement cores hosts mpi programs output ends exit environment ;;
    --wait) echo 60 ;;
    esac
}

_neuronrun_options="--np --cores-per-rank --cpus-per-task --procs-per-device --uneven
    --oversubscribe --smt --use-hwthread-cpus --map-by --rank-by --bind-to --cpu-set --cores
    --dry-run --display-map --wait --ps --mpi --host --hostfile --machinefile --engine --heartbeat
    --preload-binary --mca --wdir --stdin --tag-output --label --timestamp-output --output-filename
    --verbose --report-bindings --quiet --timeout --grace --on-failure --max-restarts --report --joblog --resume
    --allow-run-as-root --version --help"

# Finds where the program stands, at or before the word that is completed: in `program`, or 0.
_neuronrun_find_program()
{
    local i=1 option

    program=0
    while ((i < COMP_CWORD)); do
        case ${COMP_WORDS[i]} in
        --)
            program=$((i + 1))
            i=$((i + 1))
            while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} != : ]]; do i=$((i + 1)); done
            ;;
        :) program=0 ;;
        -*)
            option=${COMP_WORDS[i]}
            if [[ ${COMP_WORDS[i + 1]-} == = ]]; then
                i=$((i + 2))
            elif [[ -n $(_neuronrun_values "$option") ]]; then
                i=$((i + 1))
            fi
            [[ $option != *-mca ]] || i=$((i + 1))
            ;;
        *)
            ((program > 0)) || program=$i
            while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} != : ]]; do i=$((i + 1)); done
            ;;
        esac
        # A ":" begins the next program.
        if [[ ${COMP_WORDS[i]-} == : ]] && ((i < COMP_CWORD)); then program=0; fi
        i=$((i + 1))
    done
}

_neuronrun_reply()
{
    case $1 in
    any) COMPREPLY=() ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
    esac
}

_neuronrun()
{
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} program values

    _neuronrun_find_program
    if ((program > 0 && program < COMP_CWORD)); then
        # The program's own completion, where bash-completion is loaded; else files.
        if declare -F _command_offset >/dev/null; then
            _command_offset "$program"
        else
            _neuronrun_reply file "$current"
        fi
        return
    fi
    # Words are parted at "=", too.
    if [[ $current == = ]]; then
        current=
        values="$(_neuronrun_values "$option") $(_neuronrun_optional_values "$option")"
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
        values="$(_neuronrun_values "$option") $(_neuronrun_optional_values "$option")"
    else
        values=$(_neuronrun_values "$option")
    fi
    values=${values% }
    values=${values# }
    if [[ -n $values && $program -eq 0 ]]; then
        _neuronrun_reply "$values" "$current"
    elif [[ $current == -* && $program -eq 0 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$_neuronrun_options" -- "$current")
    else
        mapfile -t COMPREPLY < <({ compgen -c -- "$current"; compgen -f -- "$current"; } | sort -u)
    fi
}

complete -o filenames -F _neuronrun neuronrun
