/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of a file have numbers of their own, in any order. They are put into the order of a
 * walk from the roots, each behind its parent; one that is met twice makes the file no tree.
 */
#include "frontend/onnx/tree_lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/tree_reals.h"

static const uint32_t not_met = UINT32_MAX;

/* Where a node stands in the lists. */
struct place {
    int64_t tree;
    int64_t node;
    uint32_t index;
};

struct lists {
    struct neuron_onnx_integers trees;
    struct neuron_onnx_integers nodes;
    struct neuron_onnx_integers features;
    struct neuron_onnx_integers yes;
    struct neuron_onnx_integers no;
    struct neuron_onnx_integers missing;
    struct neuron_onnx_texts modes;
    struct neuron_onnx_reals values;
    struct neuron_onnx_integers weight_trees;
    struct neuron_onnx_integers weight_nodes;
    struct neuron_onnx_integers weight_targets;
    struct neuron_onnx_reals weights;
    struct neuron_onnx_reals base_values;
    uint32_t count;
    struct place *places; /* sorted */
    uint32_t *order;      /* by new number: the place in the lists */
    uint32_t *numbers;    /* by place in the lists: the new number, or not_met */
    uint32_t *roots;
    uint32_t root_count;
};

static enum neuron_status
refuse(const struct neuron_onnx_call *call, const char *why)
{
    return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its trees: %s", why);
}

static enum neuron_status
read_lists(const struct neuron_onnx_call *call, const char *word, struct lists *lists)
{
    char names[3][32] = {"", "", ""};
    char weights[32] = "";
    const struct {
        const char *name;
        struct neuron_onnx_integers *list;
    } integers[] = {{"nodes_treeids", &lists->trees},
                    {"nodes_nodeids", &lists->nodes},
                    {"nodes_featureids", &lists->features},
                    {"nodes_truenodeids", &lists->yes},
                    {"nodes_falsenodeids", &lists->no},
                    {"nodes_missing_value_tracks_true", &lists->missing},
                    {names[0], &lists->weight_trees},
                    {names[1], &lists->weight_nodes},
                    {names[2], &lists->weight_targets}};
    enum neuron_status status = NEURON_OK;

    (void)snprintf(names[0], sizeof(names[0]), "%s_treeids", word);
    (void)snprintf(names[1], sizeof(names[1]), "%s_nodeids", word);
    (void)snprintf(names[2], sizeof(names[2]), "%s_ids", word);
    (void)snprintf(weights, sizeof(weights), "%s_weights", word);
    for (size_t i = 0; status == NEURON_OK && i < sizeof(integers) / sizeof(integers[0]); i += 1) {
        status = neuron_onnx_attribute_integers(call->node, integers[i].name, integers[i].list,
                                                call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_texts(call->node, "nodes_modes", &lists->modes, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_reals_read(call, "nodes_values", &lists->values);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_reals_read(call, weights, &lists->weights);
    }
    return status == NEURON_OK ? neuron_onnx_reals_read(call, "base_values", &lists->base_values)
                               : status;
}

/* All lists of nodes, and all of weights, are of one length. */
static enum neuron_status
check_lists(const struct neuron_onnx_call *call, const struct neuron_tree_ensemble *ensemble,
            struct lists *lists)
{
    size_t nodes = lists->trees.count;
    size_t weights = lists->weights.count;

    if (nodes == 0 || nodes > INT32_MAX || lists->nodes.count != nodes ||
        lists->features.count != nodes || lists->yes.count != nodes || lists->no.count != nodes ||
        lists->modes.count != nodes || lists->values.count != nodes ||
        (lists->missing.count != 0 && lists->missing.count != nodes)) {
        return refuse(call, "the lists of nodes are empty, or differ in length");
    }
    if (weights == 0 || weights > INT32_MAX || lists->weight_trees.count != weights ||
        lists->weight_nodes.count != weights || lists->weight_targets.count != weights) {
        return refuse(call, "the lists of weights are empty, or differ in length");
    }
    if (lists->base_values.count != 0 && lists->base_values.count != ensemble->target_count &&
        lists->base_values.count != 1) {
        return refuse(call, "the base values are not one for each target");
    }
    lists->count = (uint32_t)nodes;
    return NEURON_OK;
}

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    if (a->tree != b->tree) {
        return a->tree < b->tree ? -1 : 1;
    }
    return a->node < b->node ? -1 : (a->node > b->node ? 1 : 0);
}

/* The place in the lists of a node; not_met where there is none. */
static uint32_t
find_place(const struct lists *lists, int64_t tree, int64_t node)
{
    const struct place key = {.tree = tree, .node = node};
    const struct place *found =
        bsearch(&key, lists->places, lists->count, sizeof(key), compare_places);

    return found == NULL ? not_met : found->index;
}

static bool
is_leaf(const struct lists *lists, uint32_t index)
{
    const ProtobufCBinaryData *mode = &lists->modes.texts[index];

    return mode->len == 4 && memcmp(mode->data, "LEAF", 4) == 0;
}

/* Makes the nodes without a parent the first ones. */
static enum neuron_status
find_roots(const struct neuron_onnx_call *call, struct lists *lists)
{
    for (uint32_t i = 0; i < lists->count; i += 1) {
        lists->places[i] = (struct place){lists->trees.numbers[i], lists->nodes.numbers[i], i};
    }
    qsort(lists->places, lists->count, sizeof(*lists->places), compare_places);
    for (uint32_t i = 0; i < lists->count; i += 1) {
        int64_t tree = lists->trees.numbers[i];
        uint32_t yes = find_place(lists, tree, lists->yes.numbers[i]);
        uint32_t no = find_place(lists, tree, lists->no.numbers[i]);

        if (!is_leaf(lists, i) && (yes == not_met || no == not_met)) {
            return refuse(call, "a child is missing");
        }
        if (!is_leaf(lists, i)) {
            lists->numbers[yes] = 0;
            lists->numbers[no] = 0;
        }
    }
    for (uint32_t i = 0; i < lists->count; i += 1) {
        if (lists->numbers[i] == not_met) {
            lists->order[lists->root_count] = i;
            lists->roots[lists->root_count] = lists->root_count;
            lists->root_count += 1;
        }
        lists->numbers[i] = not_met;
    }
    for (uint32_t i = 0; i < lists->root_count; i += 1) {
        lists->numbers[lists->order[i]] = i;
    }
    return lists->root_count == 0 ? refuse(call, "there is no root") : NEURON_OK;
}

/* Gives a child the next number. */
static bool
meet(struct lists *lists, uint32_t index, uint32_t *met)
{
    if (lists->numbers[index] != not_met) {
        return false;
    }
    lists->numbers[index] = *met;
    lists->order[*met] = index;
    *met += 1;
    return true;
}

/* Numbers all nodes in the order of their depth. */
static enum neuron_status
number_nodes(const struct neuron_onnx_call *call, struct lists *lists)
{
    uint32_t met = lists->root_count;

    for (uint32_t i = 0; i < met; i += 1) {
        uint32_t index = lists->order[i];
        int64_t tree = lists->trees.numbers[index];

        if (is_leaf(lists, index)) {
            continue;
        }
        if (!meet(lists, find_place(lists, tree, lists->yes.numbers[index]), &met) ||
            !meet(lists, find_place(lists, tree, lists->no.numbers[index]), &met)) {
            return refuse(call, "a node has two parents");
        }
    }
    return met == lists->count ? NEURON_OK : refuse(call, "some nodes are in a circle");
}

static enum neuron_status
read_branch(const struct neuron_onnx_call *call, const ProtobufCBinaryData *mode,
            enum neuron_tree_branch *branch)
{
    static const char *const names[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                        "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (mode->len == strlen(names[i]) && memcmp(mode->data, names[i], mode->len) == 0) {
            *branch = (enum neuron_tree_branch)i;
            return NEURON_OK;
        }
    }
    return refuse(call, "a node has no such mode");
}

/* Writes the nodes in their new order. */
static enum neuron_status
write_nodes(const struct neuron_onnx_call *call, const struct lists *lists,
            struct neuron_tree_node *nodes)
{
    for (uint32_t i = 0; i < lists->count; i += 1) {
        uint32_t index = lists->order[i];
        int64_t tree = lists->trees.numbers[index];
        int64_t feature = lists->features.numbers[index];

        nodes[i].feature = -1;
        if (is_leaf(lists, index)) {
            continue;
        }
        if (feature < 0 || feature > INT32_MAX) {
            return refuse(call, "a node reads a feature that there is not");
        }
        nodes[i].feature = (int32_t)feature;
        nodes[i].threshold = neuron_onnx_reals_at(&lists->values, index);
        nodes[i].missing_is_true = lists->missing.count != 0 && lists->missing.numbers[index] != 0;
        nodes[i].yes = lists->numbers[find_place(lists, tree, lists->yes.numbers[index])];
        nodes[i].no = lists->numbers[find_place(lists, tree, lists->no.numbers[index])];
        enum neuron_status status = read_branch(call, &lists->modes.texts[index], &nodes[i].branch);
        if (status != NEURON_OK) {
            return status;
        }
    }
    return NEURON_OK;
}

/* Puts the weights of each leaf side by side. */
static enum neuron_status
write_weights(const struct neuron_onnx_call *call, const struct lists *lists,
              struct neuron_tree_node *nodes, uint32_t *targets, float *weights)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < lists->weights.count; i += 1) {
        uint32_t index =
            find_place(lists, lists->weight_trees.numbers[i], lists->weight_nodes.numbers[i]);
        int64_t target = lists->weight_targets.numbers[i];

        if (index == not_met || !is_leaf(lists, index) || target < 0 || target > INT32_MAX) {
            return refuse(call, "a weight is of no leaf, or of no target");
        }
        nodes[lists->numbers[index]].no += 1;
    }
    for (uint32_t i = 0; i < lists->count; i += 1) {
        if (nodes[i].feature < 0) {
            nodes[i].yes = first;
            first += nodes[i].no;
            nodes[i].no = 0;
        }
    }
    for (uint32_t i = 0; i < lists->weights.count; i += 1) {
        struct neuron_tree_node *leaf = &nodes[lists->numbers[find_place(
            lists, lists->weight_trees.numbers[i], lists->weight_nodes.numbers[i])]];

        targets[leaf->yes + leaf->no] = (uint32_t)lists->weight_targets.numbers[i];
        weights[leaf->yes + leaf->no] = (float)neuron_onnx_reals_at(&lists->weights, i);
        leaf->no += 1;
    }
    return NEURON_OK;
}

/* Fills the ensemble in; it owns all that `lists` does not have. */
static enum neuron_status
fill(const struct neuron_onnx_call *call, struct lists *lists,
     struct neuron_tree_ensemble *ensemble)
{
    size_t weight_count = lists->weights.count;
    struct neuron_tree_node *nodes = calloc(lists->count, sizeof(*nodes));
    uint32_t *targets = calloc(weight_count, sizeof(*targets));
    float *weights = calloc(weight_count, sizeof(*weights));
    float *base = calloc(ensemble->target_count, sizeof(*base));

    ensemble->nodes = nodes;
    ensemble->weight_targets = targets;
    ensemble->weights = weights;
    ensemble->base_values = base;
    ensemble->node_count = lists->count;
    ensemble->weight_count = (uint32_t)weight_count;
    if (nodes == NULL || targets == NULL || weights == NULL || base == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory for trees");
    }
    for (uint32_t i = 0; lists->base_values.count != 0 && i < ensemble->target_count; i += 1) {
        base[i] =
            (float)neuron_onnx_reals_at(&lists->base_values, lists->base_values.count == 1 ? 0 : i);
    }
    enum neuron_status status = find_roots(call, lists);
    ensemble->root_count = lists->root_count;
    if (status == NEURON_OK) {
        status = number_nodes(call, lists);
    }
    if (status == NEURON_OK) {
        status = write_nodes(call, lists, nodes);
    }
    return status == NEURON_OK ? write_weights(call, lists, nodes, targets, weights) : status;
}

static enum neuron_status
read_aggregate(const struct neuron_onnx_call *call, struct neuron_tree_ensemble *ensemble)
{
    static const char *const names[] = {"SUM", "AVERAGE", "MIN", "MAX"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (neuron_onnx_attribute_is(call->node, "aggregate_function", names[i], i == 0)) {
            ensemble->aggregate = (enum neuron_tree_aggregate)i;
            return NEURON_OK;
        }
    }
    return refuse(call, "there is no such aggregate function");
}

static void
drop_reals(struct lists *lists)
{
    neuron_onnx_reals_drop(&lists->values);
    neuron_onnx_reals_drop(&lists->weights);
    neuron_onnx_reals_drop(&lists->base_values);
}

enum neuron_status
neuron_onnx_tree_read(const struct neuron_onnx_call *call, const char *weights,
                      struct neuron_tree_ensemble *ensemble)
{
    struct lists lists = {.count = 0};
    enum neuron_status status = read_lists(call, weights, &lists);

    if (status == NEURON_OK) {
        status = check_lists(call, ensemble, &lists);
    }
    if (status == NEURON_OK) {
        status = read_aggregate(call, ensemble);
    }
    if (status != NEURON_OK) {
        drop_reals(&lists);
        return status;
    }
    lists.places = calloc(lists.count, sizeof(*lists.places));
    lists.order = calloc(lists.count, sizeof(*lists.order));
    lists.numbers = malloc(lists.count * sizeof(*lists.numbers));
    lists.roots = calloc(lists.count, sizeof(*lists.roots));
    ensemble->roots = lists.roots;
    if (lists.places == NULL || lists.order == NULL || lists.numbers == NULL ||
        lists.roots == NULL) {
        status = NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory for trees");
    } else {
        memset(lists.numbers, 0xff, lists.count * sizeof(*lists.numbers)); /* not_met */
        status = fill(call, &lists, ensemble);
    }
    drop_reals(&lists);
    free(lists.places);
    free(lists.order);
    free(lists.numbers);
    return status;
}

/* The lists are only read by everybody else, so that they have a const here. */
static void
drop_list(const void *list)
{
    void *memory = NULL;

    memcpy(&memory, &list, sizeof(memory));
    free(memory);
}

void
neuron_onnx_tree_drop(struct neuron_tree_ensemble *ensemble)
{
    drop_list(ensemble->nodes);
    drop_list(ensemble->roots);
    drop_list(ensemble->weight_targets);
    drop_list(ensemble->weights);
    drop_list(ensemble->base_values);
}
