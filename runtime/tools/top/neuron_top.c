/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-top: shows who holds the cores of this machine, and what runs there. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/tool_output.h"
#include "top/looks.h"
#include "top/top_loop.h"
#include "top/top_options.h"
#include "top/top_report.h"

static const char program[] = "neuron-top";

enum { EXIT_SIGNAL = 128 };

/* The value of a variable; NULL where it is not set, or empty. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread */

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static enum neuron_status
show(const struct neuron_top_options *options, int *signal_number, struct neuron_error *error)
{
    struct neuron_looks *looks = NULL;
    enum neuron_status status =
        neuron_looks_create(read_variable("NEURON_RT_LEASE_DIRECTORY"), &looks, error);

    if (status == NEURON_OK) {
        status = options->is_once
                     ? neuron_top_report(looks, options, error)
                     : neuron_top_loop(looks, options, read_variable("NO_COLOR") == NULL,
                                       signal_number, error);
    }
    neuron_looks_destroy(looks);
    return status;
}

static enum neuron_status
print_about(enum neuron_tool_request request, struct neuron_error *error)
{
    if (request == NEURON_TOOL_SHOW_HELP) {
        (void)fputs(neuron_top_help, stdout);
    } else {
        (void)printf("neuron-top %s\n", NEURON_VERSION);
    }
    return neuron_tool_output_flush(stdout, error);
}

int
main(int argument_count, char **arguments)
{
    struct neuron_top_options options = {.count = 0};
    struct neuron_error error = {0};
    int signal_number = 0;
    enum neuron_status status = neuron_tool_output_begin(&error);

    (void)setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe): one thread */
    if (status != NEURON_OK) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_FAILED);
    }
    status = neuron_top_options_parse(argument_count, arguments, &options, &error);
    if (status != NEURON_OK) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_USAGE);
    }
    status = options.request == NEURON_TOOL_RUN ? show(&options, &signal_number, &error)
                                                : print_about(options.request, &error);
    if (status == NEURON_INVALID_ARGUMENT) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_USAGE);
    }
    return signal_number == 0 ? neuron_tool_end(program, status, &error)
                              : EXIT_SIGNAL + signal_number;
}
