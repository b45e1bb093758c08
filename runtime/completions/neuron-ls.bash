# SPDX-License-Identifier: Apache-2.0
# Completion of neuron-ls's command line in bash.
# shellcheck shell=bash

_neuron_ls()
{
    mapfile -t COMPREPLY < <(compgen -W '--all --json --topology --wide --help --version' \
        -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -F _neuron_ls neuron-ls
