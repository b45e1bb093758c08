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

static void
set_algorithm(struct neuron_graph *graph, enum neuron_algorithm algorithm)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (neuron_layout_is_image_conv(graph, node)) {
            node->attributes.algorithm =
                algorithm == NEURON_ALGORITHM_WINOGRAD && !neuron_algorithm_is_winograd(graph, node)
                    ? NEURON_ALGORITHM_BLOCKED
                    : algorithm;
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

/* Takes Winograd's algorithm for the nodes where it is clearly faster than the other on the same
   blocks, and says how long all nodes then take. */
static uint64_t
choose_on_blocks(struct neuron_graph *graph, const struct timing *blocked,
                 const struct timing *winograd)
{
    uint64_t all_ns = blocked->all_ns;

    set_algorithm(graph, NEURON_ALGORITHM_WINOGRAD);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (node->attributes.algorithm != NEURON_ALGORITHM_WINOGRAD) {
            continue;
        }
        if (winograd->node_ns[i] <= blocked->node_ns[i] / 8 * clear_win_eighths) {
            all_ns -= blocked->node_ns[i] - winograd->node_ns[i];
        } else {
            node->attributes.algorithm = NEURON_ALGORITHM_BLOCKED;
        }
    }
    return all_ns;
}

static bool
has_image_convs(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (neuron_layout_is_image_conv(graph, &graph->nodes[i])) {
            return true;
        }
    }
    return false;
}

enum neuron_status
neuron_algorithms_measure(struct neuron_graph *graph, struct neuron_error *error)
{
    struct timing timings[] = {{.algorithm = NEURON_ALGORITHM_DIRECT},
                               {.algorithm = NEURON_ALGORITHM_BLOCKED},
                               {.algorithm = NEURON_ALGORITHM_WINOGRAD}};
    enum { COUNT = sizeof(timings) / sizeof(timings[0]) };
    enum neuron_status status = NEURON_OK;

    if (!has_image_convs(graph) || neuron_machine_instructions() < NEURON_INSTRUCTIONS_AVX512) {
        return NEURON_OK; /* there is nothing to choose from */
    }
    for (int i = 0; status == NEURON_OK && i < COUNT; i += 1) {
        set_algorithm(graph, timings[i].algorithm);
        status = measure(graph, &timings[i], error);
    }
    if (status == NEURON_OK &&
        choose_on_blocks(graph, &timings[1], &timings[2]) >= timings[0].all_ns) {
        set_algorithm(graph, NEURON_ALGORITHM_DIRECT);
    }
    neuron_machine_name_processor(graph->target.processor, sizeof(graph->target.processor));
    for (int i = 0; i < COUNT; i += 1) {
        free(timings[i].node_ns);
    }
    return status;
}
