/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/compiler_args.h"

#include <string.h>

/* Where the value of an option goes; NULL for what is no option. */
static const char **
find_place(struct neuron_compiler_options *options, const char *argument, size_t length)
{
    if (length == strlen("--name") && strncmp(argument, "--name", length) == 0) {
        return &options->model_name;
    }
    if (length == strlen("--dump-passes") && strncmp(argument, "--dump-passes", length) == 0) {
        return &options->dump_folder;
    }
    return NULL;
}

enum neuron_status
neuron_compiler_args_parse(const char *const *arguments, uint32_t argument_count,
                           struct neuron_compiler_options *options, struct neuron_error *error)
{
    struct neuron_compiler_options parsed = *options;

    for (uint32_t i = 0; i < argument_count; i += 1) {
        const char *argument = arguments[i];
        size_t length = strcspn(argument, "=");
        const char **place = find_place(&parsed, argument, length);

        if (place == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "compiler argument %.80s: there are --name TEXT and "
                               "--dump-passes DIR",
                               argument);
        }
        if (argument[length] == '=') {
            *place = argument + length + 1;
        } else if (i + 1 < argument_count) {
            i += 1;
            *place = arguments[i];
        } else {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "compiler argument %.80s: its value is missing", argument);
        }
    }
    *options = parsed;
    return NEURON_OK;
}
