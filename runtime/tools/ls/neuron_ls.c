/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-ls: lists the cores of a machine, and who holds them. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ls/ls_command_line.h"
#include "ls/ls_drawing.h"
#include "ls/ls_json.h"
#include "ls/ls_tables.h"
#include "ls/ls_view.h"

static const char program[] = "neuron-ls";

enum { HOST_BYTES = 256 };

static enum neuron_status
print_json(const struct neuron_ls_view *view, struct neuron_error *error)
{
    struct neuron_json_text text = {.line_depth = 2};
    char host[HOST_BYTES] = "";

    (void)gethostname(host, sizeof(host) - 1);
    enum neuron_status status = neuron_ls_add_json(view, host, &text, error);
    if (status == NEURON_OK) {
        status = neuron_json_text_finish(&text, error);
    }
    if (status == NEURON_OK) {
        (void)fwrite(text.bytes, 1, text.length, stdout);
    }
    neuron_json_text_destroy(&text);
    return status;
}

static enum neuron_status
print_tables(const struct neuron_ls_view *view, struct neuron_error *error)
{
    enum neuron_status status = neuron_ls_print_devices(view, stdout, error);

    if (status == NEURON_OK) {
        (void)fputc('\n', stdout);
        status = neuron_ls_print_leases(view, stdout, error);
    }
    return status == NEURON_OK ? neuron_ls_print_notes(view, stdout, error) : status;
}

static enum neuron_status
print_view(const struct neuron_ls_view *view, enum neuron_ls_form form, struct neuron_error *error)
{
    switch (form) {
    case NEURON_LS_JSON:
        return print_json(view, error);
    case NEURON_LS_DRAWING:
        return neuron_ls_print_drawing(view, stdout, error);
    case NEURON_LS_TABLES:
        break;
    }
    return print_tables(view, error);
}

/* Takes one look at who holds the cores, and prints it with what the view has of the machine. */
static enum neuron_status
look(const struct neuron_ls_view *machine, enum neuron_ls_form form, struct neuron_error *error)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *directory = getenv("NEURON_RT_LEASE_DIRECTORY");
    bool is_given = directory != NULL && directory[0] != '\0';
    struct neuron_node_watch *watch = NULL;
    struct neuron_node_sample sample = {0};
    struct neuron_ls_view view = *machine;
    enum neuron_status status =
        neuron_node_watch_create(view.topology, is_given ? directory : NULL, &watch, error);

    if (status == NEURON_OK) {
        status = neuron_node_watch_read(watch, &sample, error);
    }
    if (status == NEURON_OK) {
        view.sample = &sample;
        status = neuron_ls_view_fill(&view, error);
    }
    if (status == NEURON_OK) {
        status = print_view(&view, form, error);
    }
    neuron_ls_view_clear(&view);
    neuron_node_sample_clear(&sample);
    neuron_node_watch_destroy(watch);
    return status;
}

static enum neuron_status
list_machine(const struct neuron_ls_options *options, struct neuron_error *error)
{
    struct neuron_topology *topology = NULL;
    struct neuron_machine_parts *parts = NULL;
    struct neuron_cache_sizes *caches = NULL;
    enum neuron_status status = neuron_topology_create(&topology, error);

    if (status == NEURON_OK) {
        status = neuron_machine_parts_create(topology, &parts, error);
    }
    if (status == NEURON_OK) {
        caches = calloc(neuron_topology_core_count(topology), sizeof(*caches));
        if (caches == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the caches");
        }
    }
    if (status == NEURON_OK) {
        status = neuron_cache_sizes_read(topology, caches, error);
    }
    if (status == NEURON_OK) {
        const struct neuron_ls_view view = {.topology = topology,
                                            .parts = parts,
                                            .caches = caches,
                                            .screen = neuron_tool_screen_find(stdout),
                                            .is_wide = options->is_wide,
                                            .shows_all = options->shows_all};

        status = look(&view, options->form, error);
    }
    free(caches);
    neuron_machine_parts_destroy(parts);
    neuron_topology_destroy(topology);
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_ls_options options = {0};
    enum neuron_tool_request request = NEURON_TOOL_RUN;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_tool_output_begin(&error);

    if (status != NEURON_OK) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_FAILED);
    }
    (void)setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe): one thread */
    status = neuron_ls_options_parse(argument_count, arguments, &options, &request, &error);
    if (status != NEURON_OK) {
        return neuron_tool_fail(program, &error, NEURON_TOOL_EXIT_USAGE);
    }
    if (request == NEURON_TOOL_SHOW_HELP) {
        (void)fputs(neuron_ls_help, stdout);
    } else if (request == NEURON_TOOL_SHOW_VERSION) {
        (void)puts("neuron-ls " NEURON_VERSION);
    } else {
        status = list_machine(&options, &error);
    }
    if (status == NEURON_OK) {
        status = neuron_tool_output_flush(stdout, &error);
    }
    return neuron_tool_end(program, status, &error);
}
