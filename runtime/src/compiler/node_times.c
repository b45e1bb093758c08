/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/node_times.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/trial.h"
#include "engine/step_description.h"
#include "graph/node_cost.h"

enum { RUNS_AT_LEAST = 3, RUNS_AT_MOST = 20 };

/* Runs end after this time, when there were enough. */
static const uint64_t enough_ns = 1000000000U;

/* One core of a machine that is nothing special. */
enum { ESTIMATED_FLOPS_A_NS = 50, ESTIMATED_BYTES_A_NS = 8, ESTIMATED_CALL_NS = 500 };

/* Keeps the least time of each step. */
static void
keep_least(const struct neuron_trial *trial, uint64_t *step_ns)
{
    for (uint32_t i = 0; i < trial->step_count; i += 1) {
        uint64_t taken_ns = trial->times[i].end_ns - trial->times[i].begin_ns;

        step_ns[i] = taken_ns < step_ns[i] ? taken_ns : step_ns[i];
    }
}

/* Runs until enough is known. The first run warms what can be warm, and does not count. */
static enum neuron_status
run_some(struct neuron_trial *trial, uint64_t *step_ns, struct neuron_error *error)
{
    enum neuron_status status = neuron_trial_run(trial, error);
    uint64_t taken_ns = 0;

    for (int i = 0;
         status == NEURON_OK && i < RUNS_AT_MOST && (i < RUNS_AT_LEAST || taken_ns < enough_ns);
         i += 1) {
        status = neuron_trial_run(trial, error);
        if (status == NEURON_OK && trial->step_count > 0) {
            keep_least(trial, step_ns);
            taken_ns += trial->times[trial->step_count - 1].end_ns;
        }
    }
    return status;
}

/* Adds up the steps of each node; what brings outputs in place is nobody's. */
static void
sum_steps(const struct neuron_trial *trial, const uint64_t *step_ns, uint64_t *times_ns)
{
    uint32_t node_count = trial->graph->node_count;

    memset(times_ns, 0, ((size_t)node_count + 1) * sizeof(*times_ns));
    for (uint32_t i = 0; i < trial->step_count; i += 1) {
        uint32_t node = neuron_plan_describe_step(trial->plan, i).node;

        times_ns[node < node_count ? node : node_count] += step_ns[i];
    }
}

enum neuron_status
neuron_node_times_measure(const struct neuron_graph *graph, uint64_t *times_ns,
                          struct neuron_error *error)
{
    struct neuron_trial trial = {0};
    uint64_t *step_ns = NULL;

    enum neuron_status status = neuron_trial_open(graph, &trial, error);
    if (status == NEURON_OK) {
        step_ns = malloc(((size_t)trial.step_count + 1) * sizeof(*step_ns));
        if (step_ns == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to measure a graph");
        }
    }
    if (status == NEURON_OK) {
        memset(step_ns, 0xFF, ((size_t)trial.step_count + 1) * sizeof(*step_ns));
        status = run_some(&trial, step_ns, error);
    }
    if (status == NEURON_OK) {
        sum_steps(&trial, step_ns, times_ns);
    }
    free(step_ns);
    neuron_trial_close(&trial);
    return status;
}

void
neuron_node_times_estimate(const struct neuron_graph *graph, uint64_t *times_ns)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node_cost cost = {0};

        neuron_node_cost_add(graph, &graph->nodes[i], &cost);
        uint64_t computed_ns = cost.flops / ESTIMATED_FLOPS_A_NS;
        uint64_t moved_ns = cost.moved_bytes / ESTIMATED_BYTES_A_NS;

        times_ns[i] = (computed_ns > moved_ns ? computed_ns : moved_ns) + ESTIMATED_CALL_NS;
    }
}
