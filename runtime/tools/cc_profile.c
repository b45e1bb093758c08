/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The row of the table for steps that work for no node. */
enum { OUTPUT_ROW = NEURON_OPERATOR_END, ROW_COUNT = NEURON_OPERATOR_END + 1 };

static const char output_name[] = "(output)";

/* All steps of one operator. */
struct row {
    const char *name;
    uint32_t node_count;
    uint32_t step_count;
    uint64_t total_ns;
    struct neuron_node_cost cost;
};

/* The costs of a node are those of its last step: what comes before brings inputs into shape. */
static void
find_costs(struct neuron_cc_profile *profile)
{
    const struct neuron_graph *graph = profile->graph;

    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        uint32_t node = profile->steps[i].description.node;
        bool is_last =
            i + 1 == profile->step_count || profile->steps[i + 1].description.node != node;

        if (is_last && node < graph->node_count) {
            neuron_node_cost_add(graph, &graph->nodes[node], &profile->steps[i].cost);
        }
    }
}

enum neuron_status
neuron_cc_profile_open(const struct neuron_graph *graph, const struct neuron_plan *plan,
                       struct neuron_cc_profile *profile, struct neuron_error *error)
{
    uint32_t step_count = neuron_plan_step_count(plan);
    struct neuron_cc_profile opened = {
        .graph = graph,
        .steps = calloc((size_t)step_count + 1, sizeof(*opened.steps)),
        .last = calloc((size_t)step_count + 1, sizeof(*opened.last)),
        .step_count = step_count,
    };

    if (opened.steps == NULL || opened.last == NULL) {
        neuron_cc_profile_close(&opened);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a profile");
    }
    for (uint32_t i = 0; i < step_count; i += 1) {
        opened.steps[i].description = neuron_plan_describe_step(plan, i);
    }
    find_costs(&opened);
    *profile = opened;
    return NEURON_OK;
}

void
neuron_cc_profile_add(struct neuron_cc_profile *profile)
{
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        profile->steps[i].total_ns += profile->last[i].end_ns - profile->last[i].begin_ns;
    }
    profile->run_count += 1;
}

const char *
neuron_cc_step_operator(const struct neuron_cc_profile *profile, uint32_t step)
{
    uint32_t node = profile->steps[step].description.node;

    return node < profile->graph->node_count
               ? neuron_operator_name(profile->graph->nodes[node].kind)
               : output_name;
}

const char *
neuron_cc_step_shape(const struct neuron_cc_profile *profile, uint32_t step, char *text,
                     size_t size_bytes)
{
    uint32_t node = profile->steps[step].description.node;

    if (node >= profile->graph->node_count) {
        text[0] = '\0';
        return text;
    }
    return neuron_tensor_shape_format(
        &profile->graph->values[profile->graph->nodes[node].output].shape, text, size_bytes);
}

/* Sums up the steps of each operator. */
static void
fill_rows(const struct neuron_cc_profile *profile, struct row rows[ROW_COUNT])
{
    const struct neuron_graph *graph = profile->graph;

    for (int i = 0; i < OUTPUT_ROW; i += 1) {
        rows[i].name = neuron_operator_name((enum neuron_operator)i);
    }
    rows[OUTPUT_ROW].name = output_name;
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        rows[graph->nodes[i].kind].node_count += 1;
    }
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        const struct neuron_cc_step *step = &profile->steps[i];
        uint32_t node = step->description.node;
        struct row *row =
            &rows[node < graph->node_count ? (int)graph->nodes[node].kind : (int)OUTPUT_ROW];

        row->step_count += 1;
        row->total_ns += step->total_ns;
        row->cost.flops += step->cost.flops;
        row->cost.moved_bytes += step->cost.moved_bytes;
    }
}

static int
compare_rows(const void *left, const void *right)
{
    const struct row *first = left;
    const struct row *second = right;

    return (first->total_ns < second->total_ns) - (first->total_ns > second->total_ns);
}

/* What a time is per run, in ms, and what it does. */
static void
print_numbers(FILE *stream, const struct neuron_cc_profile *profile, uint64_t total_ns,
              uint64_t all_ns, const struct neuron_node_cost *cost)
{
    double run_ns = (double)total_ns / (double)profile->run_count;
    double share = all_ns == 0 ? 0.0 : 100.0 * (double)total_ns / (double)all_ns;
    double gflops = run_ns > 0.0 ? (double)cost->flops / run_ns : 0.0;

    (void)fprintf(stream, " %10.4f %5.1f%% %9.2f %13" PRIu64, run_ns / 1e6, share, gflops,
                  cost->moved_bytes);
}

static uint64_t
total_of(const struct neuron_cc_profile *profile)
{
    uint64_t total_ns = 0;

    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        total_ns += profile->steps[i].total_ns;
    }
    return total_ns;
}

static void
print_operators(FILE *stream, const struct neuron_cc_profile *profile, uint64_t all_ns)
{
    struct row rows[ROW_COUNT] = {0};

    fill_rows(profile, rows);
    qsort(rows, ROW_COUNT, sizeof(rows[0]), compare_rows);
    (void)fprintf(stream, "\n%-16s %6s %6s %10s %6s %9s %13s\n", "operator", "nodes", "steps", "ms",
                  "share", "GFLOP/s", "bytes");
    for (int i = 0; i < ROW_COUNT; i += 1) {
        if (rows[i].node_count > 0 || rows[i].step_count > 0) {
            (void)fprintf(stream, "%-16s %6" PRIu32 " %6" PRIu32, rows[i].name, rows[i].node_count,
                          rows[i].step_count);
            print_numbers(stream, profile, rows[i].total_ns, all_ns, &rows[i].cost);
            (void)fputc('\n', stream);
        }
    }
}

static void
print_steps(FILE *stream, const struct neuron_cc_profile *profile, uint64_t all_ns)
{
    (void)fprintf(stream, "\n%4s %-14s %-14s %-24s %10s %6s %9s %13s  %s\n", "step", "operator",
                  "kernel", "by", "ms", "share", "GFLOP/s", "bytes", "result");
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        const struct neuron_cc_step *step = &profile->steps[i];
        char shape[96] = "";

        (void)fprintf(stream, "%4" PRIu32 " %-14s %-14s %-24s", i,
                      neuron_cc_step_operator(profile, i), step->description.kernel,
                      step->description.implementation);
        print_numbers(stream, profile, step->total_ns, all_ns, &step->cost);
        (void)fprintf(stream, "  %s\n", neuron_cc_step_shape(profile, i, shape, sizeof(shape)));
    }
}

void
neuron_cc_profile_print(FILE *stream, const struct neuron_cc_profile *profile)
{
    uint64_t all_ns = total_of(profile);

    (void)fprintf(stream, "\nprofile   %" PRIu32 " runs of %" PRIu32 " steps\n", profile->run_count,
                  profile->step_count);
    print_operators(stream, profile, all_ns);
    print_steps(stream, profile, all_ns);
}

void
neuron_cc_profile_close(struct neuron_cc_profile *profile)
{
    free(profile->steps);
    free(profile->last);
    *profile = (struct neuron_cc_profile){0};
}
