/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node_tree.h"

#include <stdbool.h>
#include <stdlib.h>

/* A process, and by what it is sorted. */
struct branch {
    struct neuron_node_process process;
    uint32_t position; /* in the list before */
    uint32_t parent;   /* likewise */
    uint32_t root;     /* the outermost around it; likewise */
    uint32_t root_core;
    uint32_t first_core; /* or that of one around it, where that is later: it stands behind */
    uint32_t depth;      /* how many are around it */
};

/* Cores of no lease stand behind all others. */
static uint32_t
first_core_of(const struct neuron_node_process *process)
{
    if (process->cores != NULL && neuron_core_set_count(process->cores) > 0) {
        return neuron_core_set_at(process->cores, 0);
    }
    return process->runtime_count > 0 && process->runtimes[0].core_count > 0
               ? process->runtimes[0].cores[0].core
               : UINT32_MAX;
}

/* The process whose lease lies around that of another: one step further out, and of its cores. */
static uint32_t
find_parent(const struct neuron_node_sample *sample, const struct neuron_node_place *places,
            uint32_t position)
{
    uint32_t core = first_core_of(&sample->processes[position]);
    uint32_t depth = places[position].depth;

    for (uint32_t i = 0; depth > 0 && depth != NEURON_NODE_NO_LEASE && i < sample->process_count;
         i += 1) {
        if (i != position && places[i].depth == depth - 1 &&
            neuron_core_set_contains(sample->processes[i].cores, core)) {
            return i;
        }
    }
    return places[position].parent;
}

/* Finds who is around whom to the outermost; a circle, which nobody makes on purpose, ends. */
static void
find_roots(struct branch *branches, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        uint32_t at = i;
        uint32_t core = first_core_of(&branches[i].process);

        branches[i].first_core = core;
        while (branches[at].parent != neuron_no_process && branches[i].depth < count) {
            at = branches[at].parent;
            core = first_core_of(&branches[at].process);
            branches[i].first_core = core > branches[i].first_core ? core : branches[i].first_core;
            branches[i].depth += 1;
        }
        branches[i].root = at;
        branches[i].root_core = core;
    }
}

static int
compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int
compare_branches(const void *left, const void *right)
{
    const struct branch *a = left;
    const struct branch *b = right;
    const int by[] = {compare_numbers(a->root_core, b->root_core),
                      compare_numbers(a->root, b->root),
                      compare_numbers(a->depth != 0, b->depth != 0),
                      compare_numbers(a->first_core, b->first_core),
                      compare_numbers(a->depth, b->depth),
                      compare_numbers((uint64_t)a->process.pid, (uint64_t)b->process.pid)};
    uint32_t i = 0;

    while (i + 1 < sizeof(by) / sizeof(by[0]) && by[i] == 0) {
        i += 1;
    }
    return by[i];
}

/* Says where the process is now that was at a position before. */
static uint32_t
find_new_position(const struct branch *branches, uint32_t count, uint32_t before)
{
    uint32_t i = 0;

    while (i < count && branches[i].position != before) {
        i += 1;
    }
    return i < count ? i : neuron_no_process;
}

enum neuron_status
neuron_node_tree_sort(struct neuron_node_sample *sample, const struct neuron_node_place *places,
                      struct neuron_error *error)
{
    uint32_t count = sample->process_count;
    struct branch *branches = calloc((size_t)count + 1, sizeof(*branches));

    if (branches == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the processes on cores");
    }
    for (uint32_t i = 0; i < count; i += 1) {
        branches[i] = (struct branch){.process = sample->processes[i],
                                      .position = i,
                                      .parent = find_parent(sample, places, i)};
    }
    find_roots(branches, count);
    qsort(branches, count, sizeof(*branches), compare_branches);
    for (uint32_t i = 0; i < count; i += 1) {
        sample->processes[i] = branches[i].process;
        sample->processes[i].parent = find_new_position(branches, count, branches[i].parent);
    }
    free(branches);
    return NEURON_OK;
}
