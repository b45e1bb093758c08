/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_options.h"

#include <stddef.h>

#include "neuron/clock.h"

#include "monitor/period_text.h"

const char neuron_monitor_help[] =
    "Usage: neuron-monitor [options]\n"
    "Writes a line of JSON about cores, runs and memory every few seconds.\n"
    "\n"
    "  -c, --config-file FILE  what to tell of which processes, and how often\n"
    "  -p, --period SECONDS    time between two lines (default 5; 0.1 to 86400)\n"
    "  -n, --count LINES       end after so many\n"
    "      --prometheus FILE   also keep a page for a node exporter, whole at every\n"
    "                          moment; it goes when a signal ends the program\n"
    "  -q, --quiet             write no lines, only the page\n"
    "      --verbose LEVEL     taken for the sake of scripts, changes nothing\n"
    "  -h, --help              print this\n"
    "  -V, --version           print the version\n"
    "\n"
    "Exit status: 0 when all is written, after a signal, or when nobody reads any\n"
    "more; 1 when the machine cannot be read or output does not get out; 2 for a\n"
    "command line, a configuration or a file of the page that will not do.\n"
    "Every field: neuron-monitor(1), /usr/share/doc/neuron-tools/monitoring.md.\n";

static const struct neuron_tool_option options_known[] = {
    {"--config-file", 'c', NEURON_TOOL_TEXT, "a file",
     offsetof(struct neuron_monitor_options, config_path), 0},
    {"--period", 'p', NEURON_TOOL_SECONDS, "seconds",
     offsetof(struct neuron_monitor_options, period_ms), 100},
    {"--count", 'n', NEURON_TOOL_COUNT, "a number", offsetof(struct neuron_monitor_options, count),
     1},
    {"--prometheus", 0, NEURON_TOOL_TEXT, "a file",
     offsetof(struct neuron_monitor_options, metrics_path), 0},
    {"--quiet", 'q', NEURON_TOOL_FLAG, NULL, offsetof(struct neuron_monitor_options, is_quiet), 0},
    {"--verbose", 0, NEURON_TOOL_TEXT, "a level",
     offsetof(struct neuron_monitor_options, verbosity), 0},
};

enum neuron_status
neuron_monitor_options_parse(int argument_count, char *const *arguments,
                             struct neuron_monitor_options *options,
                             enum neuron_tool_request *request, struct neuron_error *error)
{
    static const struct neuron_tool_table table = {
        "neuron-monitor", options_known, sizeof(options_known) / sizeof(options_known[0])};
    enum neuron_status status =
        neuron_tool_options_parse(&table, argument_count, arguments, options, request, error);

    if (status != NEURON_OK || *request != NEURON_TOOL_RUN) {
        return status;
    }
    if (options->period_ms > neuron_monitor_most_period_ns / NEURON_NS_PER_MS) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--period takes " NEURON_MONITOR_PERIOD_RANGE ", in seconds");
    }
    if (options->is_quiet && options->metrics_path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--quiet leaves nothing to write; give --prometheus FILE, too");
    }
    return NEURON_OK;
}
