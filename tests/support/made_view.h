/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-ls shows of an invented machine, and what it prints of that. */
#ifndef NEURON_TESTS_MADE_VIEW_H
#define NEURON_TESTS_MADE_VIEW_H

#include <stdio.h>

#include "ls/ls_view.h"

enum { MADE_VIEW_CORES = 1024 };

struct made_view {
    struct neuron_topology *topology;
    struct neuron_machine_parts *parts;
    struct neuron_cache_sizes caches[MADE_VIEW_CORES];
    struct neuron_node_sample sample; /* to be filled (made_node.h) before something is printed */
    struct neuron_ls_view view;       /* 80 columns, ASCII */
    char *text;                       /* what was printed last */
};

/* Makes the view of an invented machine in hwloc's notation, whose cores nobody holds. */
void
open_view(struct made_view *made, const char *synthetic);

typedef enum neuron_status
made_view_print_fn(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error);

/* Prints to `text`, which is returned. Fails the test when it cannot. */
const char *
print_view(struct made_view *made, made_view_print_fn *print);

/* Says how many columns the longest line of a text has; its characters are one column wide. */
size_t
longest_line(const char *text);

void
close_view(struct made_view *made);

#endif
