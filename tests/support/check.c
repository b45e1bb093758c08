/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

void
check_status(enum neuron_status expected, enum neuron_status actual,
             const struct neuron_error *error, const char *call, const char *file, int line)
{
    if (expected == actual) {
        return;
    }
    print_error("%s\n    returned %s, expected %s\n", call, neuron_status_name(actual),
                neuron_status_name(expected));
    if (error != NULL && actual != NEURON_OK) {
        print_error("    %s\n", error->text);
    }
    _fail(file, line);
}

void
check_contains(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part) != NULL) {
        return;
    }
    print_error("\"%s\"\n    does not contain \"%s\"\n", text, part);
    _fail(file, line);
}
