/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each algorithm is tried on all nodes that have it at once, in the graph itself: so weights come
 * from as far away, and images are brought from layout to layout, as in the runs to come. What a
 * node costs is the least time of its steps, those included that bring its inputs into place.
 */
#include "compiler/algorithms.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/trial.h"
#include "engine/layout_choice.h"
#include "engine/machine.h"
#include "engine/step_description.h"

enum { RUN_LIMIT = 12, LEAST_RUNS = 3 };

/* Runs end after this time, when there were enough. */
static const uint64_t time_limit_ns = 1000000000U;

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

/* Keeps the least time of each step. */
static void
keep_least(const struct neuron_trial *trial, uint64_t *step_ns)
{
    for (uint32_t i = 0; i < trial->step_count; i += 1) {
        uint64_t taken_ns = trial->times[i].end_ns - trial->times[i].begin_ns;

        step_ns[i] = taken_ns < step_ns[i] ? taken_ns : step_ns[i];
    }
}

/* Adds up steps by node. */
static void
add_steps(const struct neuron_trial *trial, const uint64_t *step_ns, struct timing *timing)
{
    for (uint32_t i = 0; i < trial->step_count; i += 1) {
        uint32_t node = neuron_plan_describe_step(trial->plan, i).node;

        timing->node_ns[node < trial->graph->node_count ? node : trial->graph->node_count] +=
            step_ns[i];
        timing->all_ns += step_ns[i];
    }
}

static enum neuron_status
run_often(struct neuron_trial *trial, uint64_t *step_ns, struct neuron_error *error)
{
    enum neuron_status status = neuron_trial_run(trial, error); /* warms what can be warm */
    uint64_t taken_ns = 0;

    for (int i = 0;
         status == NEURON_OK && i < RUN_LIMIT && (i < LEAST_RUNS || taken_ns < time_limit_ns);
         i += 1) {
        status = neuron_trial_run(trial, error);
        if (status == NEURON_OK && trial->step_count > 0) {
            keep_least(trial, step_ns);
            taken_ns += trial->times[trial->step_count - 1].end_ns;
        }
    }
    return status;
}

/* Measures the graph as its nodes' algorithms are set. */
static enum neuron_status
measure(const struct neuron_graph *graph, struct timing *timing, struct neuron_error *error)
{
    struct neuron_trial trial = {0};
    uint64_t *step_ns = NULL;

    timing->node_ns = calloc((size_t)graph->node_count + 1, sizeof(*timing->node_ns));
    enum neuron_status status = neuron_trial_open(graph, &trial, error);
    if (status == NEURON_OK) {
        step_ns = malloc(((size_t)trial.step_count + 1) * sizeof(*step_ns));
    }
    if (status == NEURON_OK && (step_ns == NULL || timing->node_ns == NULL)) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for measuring algorithms");
    }
    if (status == NEURON_OK) {
        memset(step_ns, 0xFF, ((size_t)trial.step_count + 1) * sizeof(*step_ns));
        status = run_often(&trial, step_ns, error);
    }
    if (status == NEURON_OK) {
        add_steps(&trial, step_ns, timing);
    }
    free(step_ns);
    neuron_trial_close(&trial);
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
        set_algorithm(graph, timings[i].algorithm);
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
