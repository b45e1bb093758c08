/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is fed in is multiplied by the weights for all steps at once, by one matrix product; the
 * operator of the graph does the rest of one direction. Directions are joined behind it.
 */
#include "neuron/trace_recurrent.h"

#include "frontend/trace_body.h"
#include "frontend/trace_part.h"
#include "graph/recurrent.h"

/* A network, and the direction at hand. */
struct network {
    struct neuron_trace *trace;
    enum neuron_operator kind;
    const struct neuron_recurrent_inputs *inputs;
    const struct neuron_recurrent_options *options;
    struct neuron_value input; /* [T,B,I] */
    int64_t direction_count;
    int64_t direction;
    int64_t steps;
    int64_t batch;
    int64_t hidden;
    int64_t gates; /* G*H */
};

static void
refuse(struct neuron_trace *trace, enum neuron_operator kind, const char *why)
{
    if (trace->status == NEURON_OK) {
        (void)neuron_trace_fail(trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT, "%s: %s",
                                                   neuron_operator_name(kind), why));
    }
}

/* A value that is there has this shape. */
static void
check_shape(struct network *network, struct neuron_value value, const int64_t *dims, uint32_t rank,
            const char *why)
{
    struct neuron_tensor_shape shape = neuron_value_shape(network->trace, value);
    bool fits = shape.rank == rank;

    for (uint32_t i = 0; fits && i < rank; i += 1) {
        fits = shape.dims[i] == dims[i];
    }
    if (value.id != 0 && !fits) {
        refuse(network->trace, network->kind, why);
    }
}

/* With the batch first, states have it first as well. */
static void
check_states(struct network *network)
{
    bool is_batch_first = network->options->is_batch_first;
    const int64_t state[3] = {is_batch_first ? network->batch : network->direction_count,
                              is_batch_first ? network->direction_count : network->batch,
                              network->hidden};
    const int64_t bias[2] = {network->direction_count, 2 * network->gates};
    const int64_t peepholes[2] = {network->direction_count, 3 * network->hidden};

    check_shape(network, network->inputs->initial_hidden, state, 3,
                "the first hidden state must be [D,B,H], or [B,D,H] with the batch first");
    check_shape(network, network->inputs->initial_cell, state, 3,
                "the first cell must be [D,B,H], or [B,D,H] with the batch first");
    check_shape(network, network->inputs->bias, bias, 2, "the bias must be [D,2*G*H]");
    check_shape(network, network->inputs->peepholes, peepholes, 2, "the peepholes must be [D,3*H]");
}

/* Checks what the pieces below rely on; the operator of the graph checks the rest. */
static void
check_network(struct network *network)
{
    struct neuron_tensor_shape input = neuron_value_shape(network->trace, network->inputs->input);
    struct neuron_tensor_shape recurrence =
        neuron_value_shape(network->trace, network->inputs->recurrence);
    bool is_batch_first = network->options->is_batch_first;

    if ((uint32_t)network->options->direction > NEURON_RECURRENT_BIDIRECTIONAL) {
        refuse(network->trace, network->kind, "there is no such direction");
    }
    if (input.rank != 3 || recurrence.rank != 3) {
        refuse(network->trace, network->kind,
               "the input must be [T,B,I], the recurrence [D,G*H,H]");
    }
    network->direction_count =
        network->options->direction == NEURON_RECURRENT_BIDIRECTIONAL ? 2 : 1;
    network->steps = input.dims[is_batch_first ? 1 : 0];
    network->batch = input.dims[is_batch_first ? 0 : 1];
    network->hidden = recurrence.dims[2];
    network->gates = recurrence.dims[1];
    const int64_t recurrent[3] = {network->direction_count, network->gates, network->hidden};
    const int64_t weights[3] = {network->direction_count, network->gates, input.dims[2]};
    check_shape(network, network->inputs->recurrence, recurrent, 3,
                "the recurrence must be [D,G*H,H]");
    check_shape(network, network->inputs->weights, weights, 3, "the weights must be [D,G*H,I]");
    check_states(network);
}

/* What belongs to the direction at hand, without the dimension of the directions. */
static struct neuron_value
of_direction(const struct network *network, struct neuron_value value)
{
    struct neuron_tensor_shape shape = neuron_value_shape(network->trace, value);
    struct neuron_value part = neuron_trace_part(network->trace, value, 0, network->direction, 1);

    return value.id == 0 ? value
                         : neuron_reshape(network->trace, part, shape.dims + 1, shape.rank - 1);
}

/* A state of the direction at hand. */
static struct neuron_value
state_of_direction(const struct network *network, struct neuron_value state)
{
    static const uint32_t order[3] = {1, 0, 2};

    if (state.id != 0 && network->options->is_batch_first) {
        state = neuron_transpose(network->trace, state, order);
    }
    return of_direction(network, state);
}

static bool
resets_after(const struct network *network)
{
    return network->kind == NEURON_OPERATOR_GRU && network->options->resets_after_matmul;
}

/* What is added to the product: both biases, but the one that is reset together with its product.
 */
static struct neuron_value
fed_bias(const struct network *network, struct neuron_value bias)
{
    struct neuron_trace *trace = network->trace;
    int64_t hidden = network->hidden;
    struct neuron_value of_weights = neuron_trace_part(trace, bias, 0, 0, network->gates);

    if (!resets_after(network)) {
        return neuron_add(trace, of_weights,
                          neuron_trace_part(trace, bias, 0, network->gates, network->gates));
    }
    const struct neuron_value parts[2] = {
        neuron_add(trace, neuron_trace_part(trace, bias, 0, 0, 2 * hidden),
                   neuron_trace_part(trace, bias, 0, network->gates, 2 * hidden)),
        neuron_trace_part(trace, bias, 0, 2 * hidden, hidden)};
    return neuron_concat(trace, parts, 2, 0);
}

/* The input times the weights, with the bias: [T,B,G*H]. */
static struct neuron_value
feed(const struct network *network, struct neuron_value bias)
{
    const struct neuron_attributes attributes = {.transpose_right = true};
    struct neuron_value inputs[3] = {network->input,
                                     of_direction(network, network->inputs->weights)};

    if (bias.id != 0) {
        inputs[2] = fed_bias(network, bias);
    }
    return neuron_trace_record(network->trace, NEURON_OPERATOR_MATMUL, &attributes, inputs,
                               bias.id == 0 ? 2 : 3);
}

/* The functions of the gates of a direction, with defaults filled in. */
static void
choose_gates(const struct network *network, struct neuron_attributes *attributes)
{
    bool begins_with_sigmoid = network->kind != NEURON_OPERATOR_RNN;

    for (uint32_t i = 0; i < NEURON_GATE_FUNCTIONS; i += 1) {
        const struct neuron_gate *gate = &network->options->gates[network->direction][i];

        attributes->order[i] = gate->function;
        attributes->scales[i] = gate->alpha;
        attributes->scales[NEURON_GATE_FUNCTIONS + i] = gate->beta;
        if (gate->function == NEURON_GATE_DEFAULT) {
            attributes->order[i] =
                i == 0 && begins_with_sigmoid ? NEURON_GATE_SIGMOID : NEURON_GATE_TANH;
        }
    }
}

static uint32_t
choose_mode(const struct network *network)
{
    const struct neuron_recurrent_options *options = network->options;
    bool is_reverse = options->direction == NEURON_RECURRENT_REVERSE || network->direction == 1;
    uint32_t mode = is_reverse ? NEURON_RECURRENT_IS_REVERSE : 0;

    if (network->kind == NEURON_OPERATOR_LSTM && options->couples_forget) {
        mode |= NEURON_RECURRENT_COUPLES_FORGET;
    }
    return mode | (resets_after(network) ? NEURON_RECURRENT_RESETS_AFTER : 0U);
}

/* Records the operator of one direction. */
static struct neuron_value
record_direction(const struct network *network)
{
    static const uint32_t order[2] = {1, 0};
    struct neuron_trace *trace = network->trace;
    bool is_lstm = network->kind == NEURON_OPERATOR_LSTM;
    const struct neuron_value none = {0};
    struct neuron_value bias = of_direction(network, network->inputs->bias);
    const struct neuron_value optional[NEURON_RECURRENT_OPTIONAL_INPUTS] = {
        state_of_direction(network, network->inputs->initial_hidden),
        is_lstm ? state_of_direction(network, network->inputs->initial_cell) : none,
        is_lstm ? of_direction(network, network->inputs->peepholes) : none,
        bias.id != 0 && resets_after(network)
            ? neuron_trace_part(trace, bias, 0, network->gates + 2 * network->hidden,
                                network->hidden)
            : none,
        network->inputs->lengths,
    };
    struct neuron_attributes attributes = {.high = network->options->clip,
                                           .mode = choose_mode(network)};
    struct neuron_value inputs[NEURON_RECURRENT_MOST_INPUTS] = {feed(network, bias)};
    uint32_t count = NEURON_RECURRENT_FEWEST_INPUTS;

    inputs[1] = neuron_transpose(trace, of_direction(network, network->inputs->recurrence), order);
    for (uint32_t i = 0; i < NEURON_RECURRENT_OPTIONAL_INPUTS; i += 1) {
        if (optional[i].id != 0) {
            inputs[count] = optional[i];
            count += 1;
            attributes.mode |= 1U << i;
        }
    }
    choose_gates(network, &attributes);
    return neuron_trace_record(trace, network->kind, &attributes, inputs, count);
}

/* Some of what came of each direction, joined at a new dimension before the batch. */
static struct neuron_value
join(const struct network *network, const struct neuron_value *results, int64_t first,
     int64_t count)
{
    struct neuron_trace *trace = network->trace;
    const int64_t dims[4] = {count, 1, network->batch, network->hidden};
    struct neuron_value parts[2] = {{0}};

    for (int64_t i = 0; i < network->direction_count; i += 1) {
        struct neuron_value part = neuron_trace_part(trace, results[i], 0, first, count);

        parts[i] = neuron_reshape(trace, part, dims, 4);
    }
    return network->direction_count == 1 ? parts[0] : neuron_concat(trace, parts, 2, 1);
}

/* The state that is left at the end: [D,B,H], or with the batch first. */
static struct neuron_value
last_state(const struct network *network, const struct neuron_value *results, int64_t place)
{
    static const uint32_t order[3] = {1, 0, 2};
    const int64_t dims[3] = {network->direction_count, network->batch, network->hidden};
    struct neuron_value state =
        neuron_reshape(network->trace, join(network, results, place, 1), dims, 3);

    return network->options->is_batch_first ? neuron_transpose(network->trace, state, order)
                                            : state;
}

static struct neuron_recurrent_results
record_network(struct neuron_trace *trace, enum neuron_operator kind,
               const struct neuron_recurrent_inputs *inputs,
               const struct neuron_recurrent_options *options)
{
    static const uint32_t time_first[3] = {1, 0, 2};
    static const uint32_t batch_first[4] = {2, 0, 1, 3};
    const struct neuron_recurrent_options defaults = {.clip = 0.0F};
    struct network network = {.trace = trace,
                              .kind = kind,
                              .inputs = inputs,
                              .options = options == NULL ? &defaults : options,
                              .input = inputs->input};
    struct neuron_recurrent_results results = {{0}, {0}, {0}};
    struct neuron_value parts[2] = {{0}};

    check_network(&network);
    if (trace->status != NEURON_OK) {
        return results;
    }
    if (network.options->is_batch_first) {
        network.input = neuron_transpose(trace, network.input, time_first);
    }
    for (int64_t i = 0; i < network.direction_count; i += 1) {
        network.direction = i;
        parts[i] = record_direction(&network);
    }
    results.hidden = join(&network, parts, 0, network.steps);
    if (network.options->is_batch_first) {
        results.hidden = neuron_transpose(trace, results.hidden, batch_first);
    }
    results.last_hidden = last_state(&network, parts, network.steps);
    if (kind == NEURON_OPERATOR_LSTM) {
        results.last_cell = last_state(&network, parts, network.steps + 1);
    }
    return results;
}

struct neuron_recurrent_results
neuron_lstm(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
            const struct neuron_recurrent_options *options)
{
    return record_network(trace, NEURON_OPERATOR_LSTM, inputs, options);
}

struct neuron_recurrent_results
neuron_gru(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
           const struct neuron_recurrent_options *options)
{
    return record_network(trace, NEURON_OPERATOR_GRU, inputs, options);
}

struct neuron_recurrent_results
neuron_rnn(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
           const struct neuron_recurrent_options *options)
{
    return record_network(trace, NEURON_OPERATOR_RNN, inputs, options);
}
