/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cc_roofline.h"
#include "engine/machine.h"
#include "graph/node_choice.h"

/* The row of the table for steps that work for no node. */
enum { OUTPUT_ROW = NEURON_OPERATOR_END, ROW_COUNT = NEURON_OPERATOR_END + 1 };

static const char output_name[] = "(output)";

/* What one or more steps do. */
struct effort {
    uint64_t total_ns; /* in all profiled runs */
    struct neuron_node_cost cost;
    double least_ns;        /* of a run, by the core's limits */
    double memory_bound_ns; /* of that, where memory is the limit */
};

/* All steps of one operator. */
struct row {
    const char *name;
    uint32_t node_count;
    uint32_t step_count;
    struct effort effort;
};

/* What a value takes less than its type says, where it is kept in fewer bits. */
static uint64_t
find_saved_bytes(const struct neuron_graph *graph, const struct neuron_plan *plan, uint32_t value)
{
    return neuron_plan_is_narrow(plan, value)
               ? neuron_tensor_shape_size_bytes(&graph->values[value].shape) / 2
               : 0;
}

/* What the weights of a node take less, where the machine has them in its precision. */
static uint64_t
find_saved_weights(const struct neuron_graph *graph, const struct neuron_node *node, uint32_t value)
{
    const struct neuron_graph_value *weights = &graph->values[value];
    enum neuron_precision precision = node->attributes.precision;
    uint64_t size_bytes = neuron_tensor_shape_size_bytes(&weights->shape);

    if (precision == NEURON_PRECISION_FLOAT32 || !neuron_machine_has_precision(precision) ||
        weights->origin != NEURON_VALUE_CONSTANT || weights->shape.rank < 2 ||
        weights->shape.type != NEURON_FLOAT32) {
        return 0;
    }
    return precision == NEURON_PRECISION_INT8 ? size_bytes - size_bytes / 4 : size_bytes / 2;
}

static void
add_cost(const struct neuron_graph *graph, const struct neuron_plan *plan,
         const struct neuron_node *node, struct neuron_node_cost *cost)
{
    neuron_node_cost_add(graph, node, cost);
    /* A new shape alone moves nothing. */
    if (node->kind == NEURON_OPERATOR_RESHAPE) {
        return;
    }
    cost->moved_bytes -= find_saved_bytes(graph, plan, node->output);
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        uint64_t saved_weights = find_saved_weights(graph, node, node->inputs[i]);

        cost->moved_bytes -= find_saved_bytes(graph, plan, node->inputs[i]) + saved_weights;
        cost->weight_bytes -= saved_weights;
    }
}

/* The costs of a node are those of its last step: what comes before brings inputs into shape. */
static void
find_costs(struct neuron_cc_profile *profile, const struct neuron_plan *plan)
{
    const struct neuron_graph *graph = profile->graph;

    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        uint32_t node = profile->steps[i].description.node;
        bool is_last =
            i + 1 == profile->step_count || profile->steps[i + 1].description.node != node;

        if (is_last && node < graph->node_count) {
            add_cost(graph, plan, &graph->nodes[node], &profile->steps[i].cost);
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
    find_costs(&opened, plan);
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
    struct neuron_tensor_shape shape =
        profile->graph->values[profile->graph->nodes[node].output].shape;
    if (profile->steps[step].description.is_narrow) {
        shape.type = NEURON_BFLOAT16;
    }
    return neuron_tensor_shape_format(&shape, text, size_bytes);
}

static uint64_t
weights_of(const struct neuron_cc_profile *profile)
{
    uint64_t weight_bytes = 0;

    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        weight_bytes += profile->steps[i].cost.weight_bytes;
    }
    return weight_bytes;
}

static struct effort
effort_of(const struct neuron_cc_profile *profile, uint32_t index,
          const struct neuron_roofline *limits, uint64_t model_weight_bytes)
{
    const struct neuron_graph *graph = profile->graph;
    const struct neuron_cc_step *step = &profile->steps[index];
    struct effort effort = {.total_ns = step->total_ns, .cost = step->cost};

    if (step->description.node < graph->node_count) {
        const struct neuron_node *node = &graph->nodes[step->description.node];
        struct neuron_roofline_bound bound = neuron_roofline_bound_of(
            limits, neuron_cc_node_arithmetic(node), &step->cost, model_weight_bytes);

        effort.least_ns = neuron_roofline_least_ns(&bound);
        effort.memory_bound_ns = bound.memory_ns > bound.compute_ns ? effort.least_ns : 0.0;
    }
    return effort;
}

static void
add_effort(struct effort *sum, const struct effort *effort)
{
    sum->total_ns += effort->total_ns;
    sum->cost.flops += effort->cost.flops;
    sum->cost.moved_bytes += effort->cost.moved_bytes;
    sum->least_ns += effort->least_ns;
    sum->memory_bound_ns += effort->memory_bound_ns;
}

/* Sums up the steps of each operator. */
static void
fill_rows(const struct neuron_cc_profile *profile, const struct effort *efforts,
          struct row rows[ROW_COUNT])
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
        uint32_t node = profile->steps[i].description.node;
        struct row *row =
            &rows[node < graph->node_count ? (int)graph->nodes[node].kind : (int)OUTPUT_ROW];

        row->step_count += 1;
        add_effort(&row->effort, &efforts[i]);
    }
}

static int
compare_rows(const void *left, const void *right)
{
    const struct row *first = left;
    const struct row *second = right;

    return (first->effort.total_ns < second->effort.total_ns) -
           (first->effort.total_ns > second->effort.total_ns);
}

static const char number_titles[] =
    "        ms  share   GFLOP/s      GB/s % roof limit           bytes";

/* How long it takes in a run, what it does in that time, and what share of the core's limit. */
static void
print_numbers(FILE *stream, const struct neuron_cc_profile *profile, const struct effort *effort,
              uint64_t all_ns)
{
    double run_ns = (double)effort->total_ns / (double)profile->run_count;
    double share = all_ns == 0 ? 0.0 : 100.0 * (double)effort->total_ns / (double)all_ns;
    double per_ns = run_ns > 0.0 ? 1.0 / run_ns : 0.0;
    const char *limit = effort->memory_bound_ns * 2.0 >= effort->least_ns ? "memory" : "compute";

    (void)fprintf(stream, " %10.4f %5.1f%% %9.2f %9.2f", run_ns / 1e6, share,
                  (double)effort->cost.flops * per_ns, (double)effort->cost.moved_bytes * per_ns);
    if (effort->least_ns > 0.0) {
        (void)fprintf(stream, " %5.1f%% %-7s", 100.0 * effort->least_ns * per_ns, limit);
    } else {
        (void)fprintf(stream, " %6s %-7s", "-", "-");
    }
    (void)fprintf(stream, " %13" PRIu64, effort->cost.moved_bytes);
}

static void
print_operators(FILE *stream, const struct neuron_cc_profile *profile, const struct effort *efforts,
                uint64_t all_ns)
{
    struct row rows[ROW_COUNT] = {0};

    fill_rows(profile, efforts, rows);
    qsort(rows, ROW_COUNT, sizeof(rows[0]), compare_rows);
    (void)fprintf(stream, "\n%-16s %6s %6s %s\n", "operator", "nodes", "steps", number_titles);
    for (int i = 0; i < ROW_COUNT; i += 1) {
        if (rows[i].node_count > 0 || rows[i].step_count > 0) {
            (void)fprintf(stream, "%-16s %6" PRIu32 " %6" PRIu32, rows[i].name, rows[i].node_count,
                          rows[i].step_count);
            print_numbers(stream, profile, &rows[i].effort, all_ns);
            (void)fputc('\n', stream);
        }
    }
}

static void
print_steps(FILE *stream, const struct neuron_cc_profile *profile, const struct effort *efforts,
            uint64_t all_ns)
{
    (void)fprintf(stream, "\n%4s %-14s %-14s %-24s %s  %s\n", "step", "operator", "kernel", "by",
                  number_titles, "result");
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        const struct neuron_cc_step *step = &profile->steps[i];
        char shape[96] = "";

        (void)fprintf(stream, "%4" PRIu32 " %-14s %-14s %-24s", i,
                      neuron_cc_step_operator(profile, i), step->description.kernel,
                      step->description.implementation);
        print_numbers(stream, profile, &efforts[i], all_ns);
        (void)fprintf(stream, "  %s\n", neuron_cc_step_shape(profile, i, shape, sizeof(shape)));
    }
}

/* Says how much of all time the core's limits ask for. */
static void
print_summary(FILE *stream, const struct neuron_cc_profile *profile, const struct effort *all)
{
    double run_ns = (double)all->total_ns / (double)profile->run_count;

    (void)fprintf(stream,
                  "\nprofile   %" PRIu32 " runs of %" PRIu32 " steps\n"
                  "roof      %.1f%% of what the core's limits allow: at least %.4f ms a run\n",
                  profile->run_count, profile->step_count,
                  run_ns > 0.0 ? 100.0 * all->least_ns / run_ns : 0.0, all->least_ns / 1e6);
}

enum neuron_status
neuron_cc_profile_print(FILE *stream, const struct neuron_cc_profile *profile,
                        const struct neuron_roofline *limits, struct neuron_error *error)
{
    struct effort *efforts = calloc((size_t)profile->step_count + 1, sizeof(*efforts));
    struct effort all = {0};
    uint64_t weight_bytes = weights_of(profile);

    if (efforts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a table");
    }
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        efforts[i] = effort_of(profile, i, limits, weight_bytes);
        add_effort(&all, &efforts[i]);
    }
    print_summary(stream, profile, &all);
    print_operators(stream, profile, efforts, all.total_ns);
    print_steps(stream, profile, efforts, all.total_ns);
    free(efforts);
    return NEURON_OK;
}

void
neuron_cc_profile_close(struct neuron_cc_profile *profile)
{
    free(profile->steps);
    free(profile->last);
    *profile = (struct neuron_cc_profile){0};
}
