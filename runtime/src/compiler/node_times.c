/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/node_times.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/program.h"
#include "engine/single_thread.h"
#include "engine/step_description.h"
#include "graph/node_cost.h"

enum { RUNS_AT_LEAST = 3, RUNS_AT_MOST = 20, ENOUGH_MS = 300 };

/* One core of a machine that is nothing special. */
enum { ESTIMATED_FLOPS_A_NS = 50, ESTIMATED_BYTES_A_NS = 8, ESTIMATED_CALL_NS = 500 };

/* A program of the whole graph, and the memory of its runs. */
struct trial {
    const struct neuron_graph *graph;
    struct neuron_plan *plan;
    struct neuron_program *program;
    void **addresses; /* of the inputs, then of the outputs */
    struct neuron_step_time *last;
    uint64_t *shortest_ns; /* by step */
    uint32_t step_count;
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to measure a graph");
}

/* Provides zeros for every input, and room for every output. */
static enum neuron_status
provide_memory(struct trial *trial, struct neuron_error *error)
{
    const struct neuron_graph *graph = trial->graph;
    uint32_t count = graph->input_count + graph->output_count;

    trial->addresses = calloc((size_t)count + 1, sizeof(void *));
    if (trial->addresses == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_shape *shape =
            i < graph->input_count ? &graph->inputs[i].spec.shape
                                   : &graph->outputs[i - graph->input_count].spec.shape;

        trial->addresses[i] = neuron_graph_allocate_constant(shape);
        if (trial->addresses[i] == NULL) {
            return refuse_memory(error);
        }
        memset(trial->addresses[i], 0, neuron_tensor_shape_size_bytes(shape));
    }
    return NEURON_OK;
}

static enum neuron_status
prepare(struct trial *trial, struct neuron_error *error)
{
    enum neuron_status status = neuron_plan_create(trial->graph, NULL, &trial->plan, error);

    if (status == NEURON_OK) {
        status = neuron_program_create(trial->plan, NULL, &trial->program, error);
    }
    if (status == NEURON_OK) {
        status = provide_memory(trial, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    trial->step_count = neuron_plan_step_count(trial->plan);
    trial->last = calloc((size_t)trial->step_count + 1, sizeof(*trial->last));
    trial->shortest_ns = calloc((size_t)trial->step_count + 1, sizeof(*trial->shortest_ns));
    return trial->last == NULL || trial->shortest_ns == NULL ? refuse_memory(error) : NEURON_OK;
}

static uint64_t
read_clock_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

/* Runs until enough is known. The first run counts as well: it is hardly ever the shortest. */
static enum neuron_status
run_some(struct trial *trial, struct neuron_error *error)
{
    uint64_t until_ms = read_clock_ms() + ENOUGH_MS;
    enum neuron_status status = NEURON_OK;

    for (int runs = 0; status == NEURON_OK && runs < RUNS_AT_MOST &&
                       (runs < RUNS_AT_LEAST || read_clock_ms() < until_ms);
         runs += 1) {
        status = neuron_program_run_profiled(trial->program, trial->addresses,
                                             trial->addresses + trial->graph->input_count,
                                             trial->last, error);
        for (uint32_t i = 0; i < trial->step_count; i += 1) {
            uint64_t step_ns = trial->last[i].end_ns - trial->last[i].begin_ns;
            bool is_shortest = runs == 0 || step_ns < trial->shortest_ns[i];

            trial->shortest_ns[i] = is_shortest ? step_ns : trial->shortest_ns[i];
        }
    }
    return status;
}

/* Adds up the steps of each node; what brings outputs in place is nobody's. */
static void
sum_steps(const struct trial *trial, uint64_t *times_ns)
{
    memset(times_ns, 0, trial->graph->node_count * sizeof(*times_ns));
    for (uint32_t i = 0; i < trial->step_count; i += 1) {
        uint32_t node = neuron_plan_describe_step(trial->plan, i).node;

        if (node < trial->graph->node_count) {
            times_ns[node] += trial->shortest_ns[i];
        }
    }
}

static void
clear_away(const struct trial *trial)
{
    uint32_t count = trial->graph->input_count + trial->graph->output_count;

    for (uint32_t i = 0; trial->addresses != NULL && i < count; i += 1) {
        free(trial->addresses[i]);
    }
    free(trial->addresses);
    free(trial->last);
    free(trial->shortest_ns);
    neuron_program_destroy(trial->program);
    neuron_plan_destroy(trial->plan);
}

enum neuron_status
neuron_node_times_measure(const struct neuron_graph *graph, uint64_t *times_ns,
                          struct neuron_error *error)
{
    struct trial trial = {.graph = graph};
    int threads = neuron_engine_use_single_thread();
    enum neuron_status status = prepare(&trial, error);

    if (status == NEURON_OK) {
        status = run_some(&trial, error);
    }
    neuron_engine_restore_threads(threads);
    if (status == NEURON_OK) {
        sum_steps(&trial, times_ns);
    }
    clear_away(&trial);
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
