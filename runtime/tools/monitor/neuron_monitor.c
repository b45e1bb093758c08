/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"

#include "monitor/monitor_config.h"
#include "monitor/monitor_options.h"
#include "monitor/monitor_run.h"
#include "monitor/page_file.h"
#include "node/tool_output.h"

enum { CONFIG_LIMIT_BYTES = 1 << 20 };

static const char program[] = "neuron-monitor";

/* Reads a file into `bytes`, and one byte more than it may have. */
static enum neuron_status
read_file(const char *path, char *bytes, size_t *size_bytes, struct neuron_error *error)
{
    FILE *file = fopen(path, "re");
    int reason = errno;

    if (file != NULL) {
        errno = 0;
        *size_bytes = fread(bytes, 1, CONFIG_LIMIT_BYTES + 1, file);
        reason = ferror(file) != 0 ? errno : 0;
        (void)fclose(file);
    }
    if (reason != 0 || file == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read %.150s: %s", path,
                           strerrordesc_np(reason));
    }
    if (*size_bytes > CONFIG_LIMIT_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.150s is larger than 1 MiB", path);
    }
    return NEURON_OK;
}

static enum neuron_status
read_config(const struct neuron_monitor_options *options, struct neuron_monitor_config *config,
            struct neuron_error *error)
{
    uint64_t period_ns = options->period_ms * NEURON_NS_PER_MS;
    size_t size_bytes = 0;

    if (options->config_path == NULL) {
        return neuron_monitor_config_default(period_ns, config, error);
    }
    char *bytes = malloc(CONFIG_LIMIT_BYTES + 1);
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the configuration");
    }
    enum neuron_status status = read_file(options->config_path, bytes, &size_bytes, error);
    if (status == NEURON_OK) {
        status = neuron_monitor_config_parse(options->config_path, bytes, size_bytes, period_ns,
                                             config, error);
    }
    free(bytes);
    return status;
}

/* Reads the configuration, and looks at the file of the page before anything starts. */
static int
prepare(const struct neuron_monitor_options *options, struct neuron_monitor_config *config,
        struct neuron_error *error)
{
    const struct neuron_page_file page = {.path = options->metrics_path, .file = -1};
    enum neuron_status status = read_config(options, config, error);

    if (status != NEURON_OK) {
        return NEURON_TOOL_EXIT_USAGE;
    }
    if (page.path != NULL) {
        status = neuron_page_file_check(&page, error);
    }
    if (status == NEURON_OK) {
        return EXIT_SUCCESS;
    }
    return status == NEURON_INVALID_ARGUMENT ? NEURON_TOOL_EXIT_USAGE : NEURON_TOOL_EXIT_FAILED;
}

static enum neuron_status
print(const char *text, struct neuron_error *error)
{
    (void)fputs(text, stdout);
    return neuron_tool_output_flush(stdout, error);
}

/* The value of a variable; NULL where it is not set, or empty. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread */

    return value == NULL || value[0] == '\0' ? NULL : value;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_monitor_options options = {0};
    struct neuron_monitor_config config = {0};
    struct neuron_error error = {0};
    enum neuron_tool_request request = NEURON_TOOL_RUN;
    enum neuron_status status =
        neuron_monitor_options_parse(argument_count, arguments, &options, &request, &error);

    if (status != NEURON_OK) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_USAGE);
    }
    status = neuron_tool_output_begin(&error);
    if (status == NEURON_OK && request == NEURON_TOOL_SHOW_HELP) {
        status = print(neuron_monitor_help, &error);
    } else if (status == NEURON_OK && request == NEURON_TOOL_SHOW_VERSION) {
        status = print("neuron-monitor " NEURON_VERSION "\n", &error);
    } else if (status == NEURON_OK) {
        int exit_status = prepare(&options, &config, &error);

        if (exit_status != EXIT_SUCCESS) {
            neuron_monitor_config_clear(&config);
            return neuron_tool_fail(program, &error, exit_status);
        }
        options.lease_directory = read_variable("NEURON_RT_LEASE_DIRECTORY");
        status = neuron_monitor_run(&options, &config, &error);
    }
    neuron_monitor_config_clear(&config);
    return neuron_tool_end(program, status, &error);
}
