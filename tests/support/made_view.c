/* SPDX-License-Identifier: Apache-2.0 */
#include "made_view.h"

#include <stdlib.h>

#include "check.h"
#include "invented_machine.h"

enum { COLUMNS = 80 };

void
open_view(struct made_view *made, const char *synthetic)
{
    struct neuron_error error = {0};

    *made = (struct made_view){.topology = create_topology(synthetic)};
    assert_true(neuron_topology_core_count(made->topology) <= MADE_VIEW_CORES);
    assert_ok(neuron_machine_parts_create(made->topology, &made->parts, &error), &error);
    assert_ok(neuron_cache_sizes_read(made->topology, made->caches, &error), &error);
    made->view = (struct neuron_ls_view){.topology = made->topology,
                                         .parts = made->parts,
                                         .caches = made->caches,
                                         .sample = &made->sample,
                                         .screen = {.columns = COLUMNS}};
}

const char *
print_view(struct made_view *made, made_view_print_fn *print)
{
    struct neuron_error error = {0};
    size_t length = 0;

    free(made->text);
    made->text = NULL;
    FILE *stream = open_memstream(&made->text, &length);
    assert_non_null(stream);
    assert_ok(neuron_ls_view_fill(&made->view, &error), &error);
    assert_ok(print(&made->view, stream, &error), &error);
    assert_int_equal(fclose(stream), 0);
    return made->text;
}

size_t
longest_line(const char *text)
{
    size_t longest = 0;
    size_t length = 0;

    for (const char *c = text; *c != '\0'; c += 1) {
        bool goes_on = ((unsigned char)*c & 0xC0U) == 0x80; /* a character's later bytes */

        length = *c == '\n' ? 0 : length + (goes_on ? 0 : 1);
        longest = length > longest ? length : longest;
    }
    return longest;
}

void
close_view(struct made_view *made)
{
    neuron_ls_view_clear(&made->view);
    neuron_node_sample_clear(&made->sample);
    neuron_machine_parts_destroy(made->parts);
    neuron_topology_destroy(made->topology);
    free(made->text);
}
