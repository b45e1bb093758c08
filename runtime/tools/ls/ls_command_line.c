/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_command_line.h"

#include <stddef.h>

static const struct neuron_tool_option options_table[] = {
    {"--all", 'a', NEURON_TOOL_FLAG, NULL, offsetof(struct neuron_ls_options, shows_all), 0},
    {"--json", 'j', NEURON_TOOL_SETTING, NULL, offsetof(struct neuron_ls_options, form),
     NEURON_LS_JSON},
    {"--topology", 't', NEURON_TOOL_SETTING, NULL, offsetof(struct neuron_ls_options, form),
     NEURON_LS_DRAWING},
    {"--wide", 'w', NEURON_TOOL_FLAG, NULL, offsetof(struct neuron_ls_options, is_wide), 0},
};

const char neuron_ls_help[] =
    "usage: neuron-ls [-a] [-w] [-j | -t]\n"
    "\n"
    "Lists the devices and cores of this machine, and who holds which cores.\n"
    "\n"
    "  -a, --all       also processes that work on cores which others lend them\n"
    "  -w, --wide      whole texts, and more columns: CPUs, caches, memory, versions\n"
    "  -t, --topology  draws the machine, with a letter for each holder\n"
    "  -j, --json      everything as one JSON object\n"
    "  -h, --help      show this text\n"
    "  -V, --version   show the version\n"
    "\n"
    "exit status: 0 done, 1 cannot be read or written, 2 wrong usage\n";

enum neuron_status
neuron_ls_options_parse(int argument_count, char *const *arguments,
                        struct neuron_ls_options *options, enum neuron_tool_request *request,
                        struct neuron_error *error)
{
    static const struct neuron_tool_table table = {
        "neuron-ls", options_table, sizeof(options_table) / sizeof(options_table[0])};

    *options = (struct neuron_ls_options){.form = NEURON_LS_TABLES};
    return neuron_tool_options_parse(&table, argument_count, arguments, options, request, error);
}
