/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows through trees: a tree at a time for a block of rows, so that it stays in the cache, and some
 * rows of them in step, so that their loads overlap. The nodes may come from any file: a step that
 * does not go on to a later node of the list, or reads past the features, stays where it is, and a
 * walk ends where no row moves. Nodes are {feature, branch and missing in one; yes; no}.
 */
#include <math.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/strip.h"
#include "neuron/trace_tabular.h"

enum { BLOCK_ROWS = 64, LANES = 8, NODE_WORDS = 3, CODE_FACTOR = 16 };

/* The call taken apart. */
struct forest {
    const int32_t *nodes;
    const double *thresholds;
    int64_t node_count;
    const int32_t *targets;
    const float *weights;
    int64_t weight_count;
    int64_t features;
    int64_t target_count;
    uint32_t aggregate;
    double *rows; /* [BLOCK_ROWS, features] */
    double *sums; /* [BLOCK_ROWS, targets] */
};

size_t
neuron_kernel_tree_ensemble_scratch(const struct neuron_kernel_call *call)
{
    size_t numbers = (size_t)call->inputs[0].shape[1] + (size_t)call->inputs[6].shape[0];

    return numbers * BLOCK_ROWS * sizeof(double);
}

static bool
compare(double x, double threshold, int32_t branch)
{
    switch (branch) {
    case NEURON_TREE_LESS_OR_EQUAL:
        return x <= threshold;
    case NEURON_TREE_LESS:
        return x < threshold;
    case NEURON_TREE_GREATER_OR_EQUAL:
        return x >= threshold;
    case NEURON_TREE_GREATER:
        return x > threshold;
    case NEURON_TREE_EQUAL:
        return x == threshold;
    default:
        return x != threshold;
    }
}

/* The next node of a row; the same one at a leaf. */
static inline int64_t
step(const struct forest *forest, const double *row, int64_t at)
{
    const int32_t *node = forest->nodes + at * NODE_WORDS;
    int32_t code = node[0];
    int64_t feature = code / CODE_FACTOR;

    if (code < 0 || feature >= forest->features) {
        return at;
    }
    double x = row[feature];
    double threshold = forest->thresholds[at];
    int32_t branch = code % CODE_FACTOR / 2;
    bool holds =
        branch == NEURON_TREE_LESS_OR_EQUAL ? x <= threshold : compare(x, threshold, branch);
    /* What is missing differs from every threshold, and else goes where the node sends it. */
    holds = holds || (isnan(x) && code % 2 != 0);
    int64_t next = holds ? node[1] : node[2];
    return next > at && next < forest->node_count ? next : at;
}

/* Puts one weight to what a row has of its target; what it has is no number as long as there is
   none, where not all are added up. */
static void
put(const struct forest *forest, double *sum, double weight)
{
    if (forest->aggregate == NEURON_TREE_MIN) {
        *sum = fmin(*sum, weight);
    } else if (forest->aggregate == NEURON_TREE_MAX) {
        *sum = fmax(*sum, weight);
    } else {
        *sum += weight;
    }
}

/* Puts the weights of the leaf that a row reached to its sums. */
static void
add_leaf(const struct forest *forest, int64_t at, double *sums)
{
    const int32_t *node = forest->nodes + at * NODE_WORDS;
    int64_t first = node[1];
    int64_t end = first + node[2];

    if (node[0] >= 0 || first < 0 || end > forest->weight_count) {
        return;
    }
    for (int64_t i = first; i < end; i += 1) {
        int64_t target = forest->targets[i];

        if (target >= 0 && target < forest->target_count) {
            put(forest, &sums[target], (double)forest->weights[i]);
        }
    }
}

/* Sends some rows, from `first` on, through one tree. */
static void
walk(const struct forest *forest, int64_t root, int64_t first, int64_t count)
{
    const double *rows = forest->rows + first * forest->features;
    int64_t places[LANES];
    bool moves = true;

    for (int64_t i = 0; i < LANES; i += 1) {
        places[i] = root;
    }
    while (moves) {
        moves = false;
        for (int64_t i = 0; i < count; i += 1) {
            int64_t next = step(forest, rows + i * forest->features, places[i]);

            moves = moves || next != places[i];
            places[i] = next;
        }
    }
    for (int64_t i = 0; i < count; i += 1) {
        add_leaf(forest, places[i], forest->sums + (first + i) * forest->target_count);
    }
}

/* Loads rows as float64. */
static void
load_rows(const struct neuron_kernel_call *call, int64_t first, int64_t count, double *to)
{
    int64_t total = count * call->inputs[0].shape[1];
    int64_t begin = first * call->inputs[0].shape[1];

    for (int64_t i = 0; i < total; i += NEURON_STRIP_ELEMENTS) {
        int64_t left = total - i;

        neuron_strip_load_real(
            call->inputs[0].type, neuron_element(&call->inputs[0], begin + i), 1,
            (size_t)(left < NEURON_STRIP_ELEMENTS ? left : NEURON_STRIP_ELEMENTS), to + i);
    }
}

/* Writes what came of a block, with the base values. */
static void
store_rows(const struct neuron_kernel_call *call, const struct forest *forest, int64_t first,
           int64_t count)
{
    const float *base = call->inputs[6].data;
    float *to = neuron_output_element(&call->output, first * forest->target_count);
    double divisor =
        forest->aggregate == NEURON_TREE_AVERAGE ? (double)call->inputs[3].shape[0] : 1.0;

    for (int64_t i = 0; i < count * forest->target_count; i += 1) {
        double sum = isnan(forest->sums[i]) ? 0.0 : forest->sums[i];

        to[i] = (float)(sum / divisor + (double)base[i % forest->target_count]);
    }
}

static void
run_block(const struct neuron_kernel_call *call, const struct forest *forest, int64_t first,
          int64_t count)
{
    const int32_t *roots = call->inputs[3].data;
    bool adds_up = forest->aggregate <= NEURON_TREE_AVERAGE;

    load_rows(call, first, count, forest->rows);
    for (int64_t i = 0; i < count * forest->target_count; i += 1) {
        forest->sums[i] = adds_up ? 0.0 : (double)NAN;
    }
    for (int64_t t = 0; t < call->inputs[3].shape[0]; t += 1) {
        bool is_inside = roots[t] >= 0 && roots[t] < forest->node_count;

        for (int64_t i = 0; is_inside && i < count; i += LANES) {
            walk(forest, roots[t], i, count - i < LANES ? count - i : LANES);
        }
    }
    store_rows(call, forest, first, count);
}

enum neuron_status
neuron_kernel_tree_ensemble(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct forest forest = {.nodes = call->inputs[1].data,
                            .thresholds = call->inputs[2].data,
                            .node_count = call->inputs[1].shape[0],
                            .targets = call->inputs[4].data,
                            .weights = call->inputs[5].data,
                            .weight_count = call->inputs[4].shape[0],
                            .features = call->inputs[0].shape[1],
                            .target_count = call->output.shape[1],
                            .aggregate = call->attributes->mode,
                            .rows = call->scratch};
    int64_t rows = call->inputs[0].shape[0];

    (void)error;
    forest.sums = forest.rows + BLOCK_ROWS * forest.features;
    for (int64_t i = 0; i < rows; i += BLOCK_ROWS) {
        run_block(call, &forest, i, rows - i < BLOCK_ROWS ? rows - i : BLOCK_ROWS);
    }
    return NEURON_OK;
}
