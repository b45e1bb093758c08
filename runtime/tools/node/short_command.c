/* SPDX-License-Identifier: Apache-2.0 */
#include "node/short_command.h"

#include <stdbool.h>
#include <string.h>

const char *
neuron_short_command(const char *command)
{
    size_t program = strcspn(command, " ");
    const char *slash = memrchr(command, '/', program);
    bool has_name = slash != NULL && slash + 1 < command + program;

    return has_name ? slash + 1 : command;
}
