/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each algorithm is tried on all nodes that have it at once, in the graph itself: so weights come
 * from as far away, and images are brought from layout to layout, as in the runs to come.
 */
#include "compiler/algorithms.h"

#include <stdlib.h>

#include "compiler/node_times.h"
#include "engine/layout_choice.h"
#include "engine/machine.h"

/* Winograd's weights take more memory: it has to win by an eighth of the time. */
static const uint64_t clear_win_eighths = 7;

/* What all nodes take by one algorithm. */
struct timing {
    enum neuron_algorithm algorithm;
    uint64_t *node_ns; /* and one more, of steps that belong to no node */
    uint64_t all_ns;
};

/* Says whether nodes of a kind have an algorithm. */
static bool
has_algorithm(const struct neuron_graph *graph, const struct neuron_node *node,
              enum neuron_algorithm algorithm)
{
    if (node->kind == NEURON_OPERATOR_MATMUL) {
        return algorithm == NEURON_ALGORITHM_DIRECT || algorithm == NEURON_ALGORITHM_PACKED;
    }
    return algorithm != NEURON_ALGORITHM_WINOGRAD || neuron_algorithm_is_winograd(graph, node);
}

static bool
is_measured(const struct neuron_graph *graph, const struct neuron_node *node)
{
    return neuron_layout_is_image_conv(graph, node) || node->kind == NEURON_OPERATOR_MATMUL;
}

/* Sets an algorithm for all that have it. Other convolutions stay on the same blocks, and other
   products as they are by default. */
static void
set_algorithm(struct neuron_graph *graph, enum neuron_algorithm algorithm)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (!is_measured(graph, node)) {
            continue;
        }
        if (has_algorithm(graph, node, algorithm)) {
            node->attributes.algorithm = algorithm;
        } else {
            node->attributes.algorithm = node->kind == NEURON_OPERATOR_MATMUL
                                             ? NEURON_ALGORITHM_DEFAULT
                                             : NEURON_ALGORITHM_BLOCKED;
        }
    }
}

/* Measures the graph by an algorithm, for all that have it. */
static enum neuron_status
measure(struct neuron_graph *graph, struct timing *timing, struct neuron_error *error)
{
    timing->node_ns = calloc((size_t)graph->node_count + 1, sizeof(*timing->node_ns));
    if (timing->node_ns == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for measuring algorithms");
    }
    set_algorithm(graph, timing->algorithm);
    enum neuron_status status = neuron_node_times_measure(graph, timing->node_ns, error);
    for (uint32_t i = 0; i <= graph->node_count; i += 1) {
        timing->all_ns += timing->node_ns[i];
    }
    return status;
}

/*
 * Takes, of two algorithms that work on the same layouts, the second for the nodes where it takes
 * so many eighths of the time or less. Says how long all nodes then take.
 */
static uint64_t
choose_for_nodes(struct neuron_graph *graph, const struct timing *first,
                 const struct timing *second, uint64_t eighths)
{
    uint64_t all_ns = first->all_ns;

    set_algorithm(graph, second->algorithm);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (!is_measured(graph, node) || node->attributes.algorithm != second->algorithm) {
            continue;
        }
        if (second->node_ns[i] <= first->node_ns[i] / 8 * eighths) {
            all_ns -= first->node_ns[i] - second->node_ns[i];
        } else {
            node->attributes.algorithm = first->algorithm;
        }
    }
    return all_ns;
}

/* Products alone, for graphs in which all else is on blocks. */
static void
choose_for_products(struct neuron_graph *graph, const struct timing *direct,
                    const struct timing *packed)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (node->kind == NEURON_OPERATOR_MATMUL) {
            node->attributes.algorithm = packed->node_ns[i] <= direct->node_ns[i]
                                             ? NEURON_ALGORITHM_PACKED
                                             : NEURON_ALGORITHM_DIRECT;
        }
    }
}

/* Sets the best that the timings show. */
static void
choose(struct neuron_graph *graph, const struct timing *timings)
{
    const struct timing *direct = &timings[0];
    const struct timing *packed = &timings[1];
    uint64_t rows_ns = choose_for_nodes(graph, direct, packed, 8);
    uint64_t blocks_ns = choose_for_nodes(graph, &timings[2], &timings[3], clear_win_eighths);

    if (blocks_ns >= rows_ns) {
        (void)choose_for_nodes(graph, direct, packed, 8);
    } else {
        choose_for_products(graph, direct, packed);
    }
}

/* Says how many of the algorithms a graph has use for: those on blocks are for images. */
static int
count_algorithms(const struct neuron_graph *graph)
{
    int count = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (neuron_layout_is_image_conv(graph, &graph->nodes[i])) {
            return 4;
        }
        count = is_measured(graph, &graph->nodes[i]) ? 2 : count;
    }
    return count;
}

enum neuron_status
neuron_algorithms_measure(struct neuron_graph *graph, struct neuron_error *error)
{
    struct timing timings[] = {{.algorithm = NEURON_ALGORITHM_DIRECT},
                               {.algorithm = NEURON_ALGORITHM_PACKED},
                               {.algorithm = NEURON_ALGORITHM_BLOCKED},
                               {.algorithm = NEURON_ALGORITHM_WINOGRAD}};
    enum neuron_status status = NEURON_OK;
    int count = count_algorithms(graph);

    /* With narrower vectors there are no such blocks. */
    if (neuron_machine_instructions() < NEURON_INSTRUCTIONS_AVX512 && count > 2) {
        count = 2;
    }
    for (int i = 0; status == NEURON_OK && i < count; i += 1) {
        status = measure(graph, &timings[i], error);
    }
    if (status == NEURON_OK && count == 4) {
        choose(graph, timings);
    } else if (status == NEURON_OK && count == 2) {
        (void)choose_for_nodes(graph, &timings[0], &timings[1], 8);
    }
    neuron_machine_name_processor(graph->target.processor, sizeof(graph->target.processor));
    for (int i = 0; i < count; i += 1) {
        free(timings[i].node_ns);
    }
    return status;
}
