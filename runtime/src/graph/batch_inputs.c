/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A choice says of each input whether it carries the batch. The plain one, which counts unless it
 * fails, has all but those that the user declared as shared. As the rows of every output are those
 * of the batch, an input of another dimension 0 cannot carry it, and only the rest is tried.
 */
#include "graph/batch_inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch_rows.h"

enum { NAMES_BYTES = 90, SHAPE_BYTES = 80 };

/* Graphs of one network, and memory for one choice and for what follows from it. */
struct trial {
    const struct neuron_graph *const *graphs;
    uint32_t count;
    bool *carries;  /* one per input */
    bool *has_rows; /* one per value of the largest graph */
};

/* What a search has found. */
struct finding {
    uint32_t candidate_count; /* inputs that may carry the batch or be shared */
    uint32_t proved_count;    /* choices that are proved, as far as they were counted */
    bool *carries;            /* the one of them of which the most inputs do */
};

static enum neuron_status
open_trial(struct trial *trial, const struct neuron_graph *const *graphs, uint32_t count,
           struct neuron_error *error)
{
    size_t value_count = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        value_count = graphs[i]->value_count > value_count ? graphs[i]->value_count : value_count;
    }
    *trial = (struct trial){.graphs = graphs,
                            .count = count,
                            .carries = calloc((size_t)graphs[0]->input_count + 1, sizeof(bool)),
                            .has_rows = calloc(value_count + 1, sizeof(bool))};
    if (trial->carries == NULL || trial->has_rows == NULL) {
        free(trial->carries);
        free(trial->has_rows);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    return NEURON_OK;
}

static void
close_trial(struct trial *trial)
{
    free(trial->carries);
    free(trial->has_rows);
}

static bool
has_rows_of(const struct neuron_graph_port *port, int64_t rows)
{
    return port->spec.shape.rank > 0 && port->spec.shape.dims[0] == rows;
}

/* The first input that carries a batch; NULL for none. */
static const struct neuron_graph_port *
first_carrier(const struct neuron_graph *graph, const bool *carries)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        if (carries[i]) {
            return &graph->inputs[i];
        }
    }
    return NULL;
}

/* An input carries a batch of as many rows as the first that does. */
static enum neuron_status
check_input(const struct neuron_graph_port *port, const struct neuron_graph_port *first,
            struct neuron_error *error)
{
    char first_text[SHAPE_BYTES] = "";
    char text[SHAPE_BYTES] = "";

    (void)neuron_tensor_shape_format(&port->spec.shape, text, sizeof(text));
    if (port->spec.shape.rank == 0 || port->spec.shape.dims[0] < 1) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the input %.60s is %s and has no rows to cut a batch into",
                           port->spec.name, text);
    }
    if (port->spec.shape.dims[0] != first->spec.shape.dims[0]) {
        return NEURON_FAIL(
            error, NEURON_UNSUPPORTED_MODEL,
            "the inputs %.40s (%s) and %.40s (%s) disagree on the rows of a batch",
            first->spec.name,
            neuron_tensor_shape_format(&first->spec.shape, first_text, sizeof(first_text)),
            port->spec.name, text);
    }
    return NEURON_OK;
}

/* All inputs that carry a batch agree on how many rows it has. */
static enum neuron_status
check_inputs(const struct neuron_graph *graph, const bool *carries, struct neuron_error *error)
{
    const struct neuron_graph_port *first = first_carrier(graph, carries);
    enum neuron_status status = NEURON_OK;

    if (first == NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           graph->input_count == 0
                               ? "the model has no inputs, so there is no batch to cut"
                               : "all inputs of the model are shared by the rows of a batch, so "
                                 "there is no batch to cut");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->input_count; i += 1) {
        if (carries[i]) {
            status = check_input(&graph->inputs[i], first, error);
        }
    }
    return status;
}

static enum neuron_status
check_outputs(const struct neuron_graph *graph, const bool *has_rows, struct neuron_error *error)
{
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        if (!has_rows[graph->outputs[i].value]) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the output %.60s does not depend on the inputs that have rows, "
                               "so it has none to join a batch from",
                               graph->outputs[i].spec.name);
        }
    }
    return NEURON_OK;
}

/* Proves the choice at hand for one of the graphs. */
static enum neuron_status
prove(const struct trial *trial, const struct neuron_graph *graph, struct neuron_error *error)
{
    enum neuron_status status = check_inputs(graph, trial->carries, error);

    if (status == NEURON_OK) {
        int64_t rows = first_carrier(graph, trial->carries)->spec.shape.dims[0];

        status = neuron_batch_rows_follow(graph, trial->carries, rows, trial->has_rows, error);
    }
    return status == NEURON_OK ? check_outputs(graph, trial->has_rows, error) : status;
}

static bool
is_proved(const struct trial *trial)
{
    for (uint32_t i = 0; i < trial->count; i += 1) {
        if (prove(trial, trial->graphs[i], NULL) != NEURON_OK) {
            return false;
        }
    }
    return true;
}

static void
choose_plain(const struct trial *trial)
{
    for (uint32_t i = 0; i < trial->graphs[0]->input_count; i += 1) {
        trial->carries[i] = !trial->graphs[0]->inputs[i].is_shared;
    }
}

/* How many rows all outputs of a graph have; 0 where they do not agree. */
static int64_t
output_rows(const struct neuron_graph *graph)
{
    int64_t rows = 0;

    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        const struct neuron_tensor_shape *shape = &graph->outputs[i].spec.shape;
        int64_t given = shape->rank > 0 ? shape->dims[0] : 0;

        if (given < 1 || (rows > 0 && given != rows)) {
            return 0;
        }
        rows = given;
    }
    return rows;
}

/* Says whether an input may carry the batch: in each graph it has as many rows as the outputs. */
static bool
is_candidate(const struct trial *trial, uint32_t input)
{
    for (uint32_t i = 0; i < trial->count; i += 1) {
        const struct neuron_graph *graph = trial->graphs[i];

        if (graph->inputs[input].is_shared ||
            !has_rows_of(&graph->inputs[input], output_rows(graph))) {
            return false;
        }
    }
    return true;
}

/* Lists the inputs that may carry the batch, up to one more than a search may have. Returns how
   many these are. */
static uint32_t
list_candidates(const struct trial *trial, uint32_t candidates[NEURON_BATCH_INPUT_LIMIT + 1])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < trial->graphs[0]->input_count && count <= NEURON_BATCH_INPUT_LIMIT;
         i += 1) {
        if (is_candidate(trial, i)) {
            candidates[count] = i;
            count += 1;
        }
    }
    return count;
}

/* Those candidates carry the batch whose bit is set. */
static void
choose(const struct trial *trial, const uint32_t *candidates, uint32_t count, uint32_t bits)
{
    memset(trial->carries, 0, trial->graphs[0]->input_count * sizeof(bool));
    for (uint32_t i = 0; i < count; i += 1) {
        trial->carries[candidates[i]] = ((bits >> i) & 1U) != 0;
    }
}

static uint32_t
count_bits(uint32_t bits)
{
    return (uint32_t)__builtin_popcount(bits);
}

/* Tries all choices, and leaves in the trial the one of those proved in which the most inputs carry
   the batch. */
static struct finding
search(const struct trial *trial)
{
    uint32_t candidates[NEURON_BATCH_INPUT_LIMIT + 1] = {0};
    struct finding finding = {.candidate_count = list_candidates(trial, candidates)};
    uint32_t best = 0;

    if (finding.candidate_count > NEURON_BATCH_INPUT_LIMIT) {
        return finding;
    }
    for (uint32_t bits = 1; bits < 1U << finding.candidate_count; bits += 1) {
        choose(trial, candidates, finding.candidate_count, bits);
        if (is_proved(trial)) {
            finding.proved_count += 1;
            best = count_bits(bits) > count_bits(best) ? bits : best;
        }
    }
    choose(trial, candidates, finding.candidate_count, best);
    finding.carries = trial->carries;
    return finding;
}

static void
mark(struct neuron_graph *graph, const bool *carries)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        graph->inputs[i].is_shared = !carries[i];
    }
}

static bool
has_marks_of(const struct neuron_graph *graph, const struct neuron_graph *other)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        if (graph->inputs[i].is_shared != other->inputs[i].is_shared) {
            return false;
        }
    }
    return true;
}

/* Says whether graphs have as many inputs, and the same ones declared as shared. Others are no
   buckets of one model, which is said elsewhere. */
static bool
are_of_one_network(struct neuron_graph *const *graphs, uint32_t count)
{
    for (uint32_t i = 1; i < count; i += 1) {
        if (graphs[i]->input_count != graphs[0]->input_count ||
            !has_marks_of(graphs[i], graphs[0])) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_graphs_find_shared_inputs(struct neuron_graph *const *graphs, uint32_t count,
                                 struct neuron_error *error)
{
    struct trial trial = {.count = 0};

    if (!are_of_one_network(graphs, count)) {
        return NEURON_OK;
    }
    enum neuron_status status =
        open_trial(&trial, (const struct neuron_graph *const *)graphs, count, error);
    if (status != NEURON_OK) {
        return status;
    }
    choose_plain(&trial);
    if (!is_proved(&trial)) {
        const struct finding finding = search(&trial);

        for (uint32_t i = 0; finding.proved_count == 1 && i < count; i += 1) {
            mark(graphs[i], finding.carries);
        }
    }
    close_trial(&trial);
    return NEURON_OK;
}

/* Lists the inputs that are not declared as shared, and that a choice has as such: "w, table". */
static void
list_undeclared(const struct neuron_graph *graph, const bool *carries, char *names)
{
    size_t length = 0;

    names[0] = '\0';
    for (uint32_t i = 0; i < graph->input_count && length + 1 < NAMES_BYTES; i += 1) {
        if (!carries[i] && !graph->inputs[i].is_shared) {
            int written = snprintf(names + length, NAMES_BYTES - length, "%s%.40s",
                                   length == 0 ? "" : ", ", graph->inputs[i].spec.name);
            length += written < 0 ? 0 : (size_t)written;
        }
    }
}

/* Says which operator stands in the way where the inputs that cannot carry the batch are shared:
   the inputs themselves are then not to blame alone. */
static void
add_operator(const struct trial *trial, const struct neuron_error *reason,
             struct neuron_error *error)
{
    const struct neuron_graph *graph = trial->graphs[0];
    struct neuron_error found = {0};
    int64_t rows = output_rows(graph);
    bool any_has_these = false;

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        any_has_these =
            any_has_these || (!graph->inputs[i].is_shared && has_rows_of(&graph->inputs[i], rows));
    }
    for (uint32_t i = 0; !any_has_these && i < graph->input_count; i += 1) {
        if (!graph->inputs[i].is_shared && graph->inputs[i].spec.shape.rank > 0) {
            rows = graph->inputs[i].spec.shape.dims[0];
            any_has_these = true;
        }
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        trial->carries[i] = !graph->inputs[i].is_shared && has_rows_of(&graph->inputs[i], rows);
    }
    if (any_has_these && neuron_batch_rows_follow(graph, trial->carries, rows, trial->has_rows,
                                                  &found) != NEURON_OK) {
        neuron_error_set(error, reason->status, "%s; %s", reason->text, found.text);
    }
}

/* Says more than the plain choice's reason, where there is more to say. */
static void
explain(const struct trial *trial, const struct neuron_error *reason, bool is_of_inputs,
        struct neuron_error *error)
{
    const struct finding finding = search(trial);
    char names[NAMES_BYTES] = "";

    if (finding.candidate_count > NEURON_BATCH_INPUT_LIMIT) {
        neuron_error_set(error, reason->status,
                         "%.110s; more than %d inputs may be shared by all rows, too many to try: "
                         "declare those that are (input_is_shared, --shared-input)",
                         reason->text, NEURON_BATCH_INPUT_LIMIT);
    } else if (finding.proved_count > 0) {
        list_undeclared(trial->graphs[0], finding.carries, names);
        neuron_error_set(error, reason->status,
                         finding.proved_count > 1
                             ? "a batch can be cut in several ways: declare the inputs that are "
                               "shared by all rows, such as %s (input_is_shared, --shared-input)"
                             : "the file does not say that all rows share %s, as can be proved: "
                               "compile it again",
                         names);
    } else if (is_of_inputs) {
        add_operator(trial, reason, error);
    }
}

enum neuron_status
neuron_graph_check_batchable(const struct neuron_graph *graph, struct neuron_error *error)
{
    struct neuron_error reason = {.status = NEURON_OK};
    struct trial trial = {.count = 0};
    enum neuron_status status = open_trial(&trial, &graph, 1, error);

    if (status != NEURON_OK) {
        return status;
    }
    choose_plain(&trial);
    bool is_of_inputs = check_inputs(graph, trial.carries, &reason) != NEURON_OK;
    status = is_of_inputs ? reason.status : prove(&trial, graph, &reason);
    if (status != NEURON_OK && error != NULL) {
        *error = reason;
        explain(&trial, &reason, is_of_inputs, error);
    }
    close_trial(&trial);
    return status;
}
