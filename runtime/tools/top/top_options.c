/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_options.h"

#include <stddef.h>

#include "top/top_view.h"

enum { USUAL_DELAY_MS = 1000 };

const char neuron_top_help[] =
    "Usage: neuron-top [--delay SECONDS]\n"
    "       neuron-top --once [--json] [--count N] [--delay SECONDS]\n"
    "Shows who holds the cores of this machine, and what runs there: how busy each\n"
    "core is, runs per second, latencies, memory and models, by process and in all.\n"
    "The key ? shows the other keys.\n"
    "\n"
    "  -d, --delay SECONDS  time between looks, 0.1 to 3600; 1 unless it is given\n"
    "  -o, --once           print one report of the time between two looks, and end\n"
    "  -j, --json           with --once: as one JSON object on a line\n"
    "  -n, --count N        with --once: print N reports, one after each delay\n"
    "  -h, --help           print this\n"
    "  -V, --version        print the version\n"
    "\n"
    "Exit status: 0 after q, or when all is printed; 1 when the machine cannot be\n"
    "read or output does not get out; 2 for a command line or a terminal that will\n"
    "not do; 128 and the number of the signal that ended it. NO_COLOR, when set,\n"
    "turns colours off. See neuron-top(1).\n";

enum neuron_status
neuron_top_options_parse(int argument_count, char *const *arguments,
                         struct neuron_top_options *options, struct neuron_error *error)
{
    static const struct neuron_tool_option table_options[] = {
        {"--count", 'n', NEURON_TOOL_COUNT, "a count", offsetof(struct neuron_top_options, count),
         1},
        {"--delay", 'd', NEURON_TOOL_SECONDS, "seconds",
         offsetof(struct neuron_top_options, delay_ms), NEURON_DELAY_MS_MIN},
        {"--json", 'j', NEURON_TOOL_FLAG, NULL, offsetof(struct neuron_top_options, is_json), 0},
        {"--once", 'o', NEURON_TOOL_FLAG, NULL, offsetof(struct neuron_top_options, is_once), 0},
    };
    static const struct neuron_tool_table table = {
        "neuron-top", table_options, sizeof(table_options) / sizeof(table_options[0])};
    struct neuron_top_options parsed = {.delay_ms = USUAL_DELAY_MS};
    enum neuron_status status = neuron_tool_options_parse(&table, argument_count, arguments,
                                                          &parsed, &parsed.request, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (parsed.delay_ms > NEURON_DELAY_MS_MAX) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--delay: at most %d seconds",
                           NEURON_DELAY_MS_MAX / 1000);
    }
    if (!parsed.is_once && (parsed.is_json || parsed.count > 0)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s goes with --once only",
                           parsed.is_json ? "--json" : "--count");
    }
    parsed.count = parsed.count == 0 ? 1 : parsed.count;
    *options = parsed;
    return NEURON_OK;
}
