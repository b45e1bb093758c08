/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "node/text_columns.h"

/* Names the cores that this process may not use, if there are any. */
static enum neuron_status
print_forbidden(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    char *text = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &cores, error);
    uint32_t count = neuron_topology_core_count(view->topology);

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        if (!neuron_ls_is_allowed(view, i)) {
            status = neuron_core_set_add(cores, i, error);
        }
    }
    if (status == NEURON_OK && neuron_core_set_count(cores) > 0) {
        text = neuron_ls_format_set(cores);
        if (text == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of cores");
        } else {
            bool is_one = neuron_core_set_count(cores) == 1;

            (void)fprintf(stream,
                          "%s %s %s not for this process: outside its affinity mask or cpuset\n",
                          is_one ? "core" : "cores", text, is_one ? "is" : "are");
        }
    }
    free(text);
    neuron_core_set_destroy(cores);
    return status;
}

static void
print_quota(const struct neuron_ls_view *view, FILE *stream)
{
    uint32_t limit = neuron_topology_core_limit(view->topology);
    uint32_t allowed = neuron_core_set_count(neuron_topology_allowed(view->topology));

    if (limit < allowed) {
        (void)fprintf(stream,
                      "this process may use %" PRIu32 " of its %" PRIu32
                      " cores at a time: the CPU quota of its control group\n",
                      limit, allowed);
    }
}

/* Tells why counters cannot be read: in the wide form of all processes, else of those about which
   their cores say nothing. */
static void
print_troubles(const struct neuron_ls_view *view, FILE *stream)
{
    for (uint32_t i = 0; i < view->sample->process_count; i += 1) {
        const struct neuron_node_process *process = &view->sample->processes[i];
        char text[NEURON_ERROR_TEXT_BYTES] = "";

        if (!view->is_wide && !neuron_ls_is_lost(process)) {
            continue;
        }
        memcpy(text, process->trouble, sizeof(text));
        if (!view->screen.is_utf8) {
            neuron_text_make_ascii(text);
        }
        if (text[0] != '\0') {
            (void)fprintf(stream, "%s\n", text);
        }
    }
}

enum neuron_status
neuron_ls_print_notes(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    enum neuron_status status = print_forbidden(view, stream, error);

    if (status == NEURON_OK) {
        print_quota(view, stream);
        print_troubles(view, stream);
    }
    return status;
}
