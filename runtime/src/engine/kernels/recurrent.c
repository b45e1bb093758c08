/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a recurrent network (see graph/recurrent.h). The states at hand lie in the
 * result, behind the hidden states of the steps. Four rows of the recurrence at a time are added to
 * the gates of all rows of the batch, so that they are read from memory once for each step.
 */
#include "graph/recurrent.h"

#include <string.h>

#include "engine/kernels/gate.h"
#include "engine/kernels/kernel.h"

/* The call taken apart. */
struct network {
    enum neuron_operator kind;
    uint32_t mode;
    int64_t steps;
    int64_t batch;
    int64_t hidden;
    int64_t width; /* numbers of all gates of a row */
    struct neuron_gate gates[NEURON_GATE_FUNCTIONS];
    float clip; /* 0 for none */
    const float *fed;
    const float *recurrence;
    const float *peepholes; /* each of these may be NULL */
    const float *bias;
    const int32_t *lengths;
    float *result;
    float *hidden_state; /* [B,H] */
    float *cell;         /* LSTM: [B,H] */
    float *sums;         /* [B,G*H] of the step at hand */
    float *reset;        /* GRU: [B,H], what the third gate is multiplied with or added up in */
};

static const void *
optional_input(const struct neuron_kernel_call *call, enum neuron_recurrent_mode input)
{
    uint32_t number = neuron_recurrent_input(call->attributes->mode, input);

    return number == UINT32_MAX ? NULL : call->inputs[number].data;
}

static struct network
describe(const struct neuron_kernel_call *call)
{
    const struct neuron_attributes *attributes = call->attributes;
    struct network network = {
        .kind = call->kind,
        .mode = attributes->mode,
        .steps = call->inputs[0].shape[0],
        .batch = call->inputs[0].shape[1],
        .width = call->inputs[0].shape[2],
        .hidden = call->inputs[1].shape[0],
        .clip = attributes->high,
        .fed = call->inputs[0].data,
        .recurrence = call->inputs[1].data,
        .peepholes = optional_input(call, NEURON_RECURRENT_HAS_PEEPS),
        .bias = optional_input(call, NEURON_RECURRENT_HAS_BIAS),
        .lengths = optional_input(call, NEURON_RECURRENT_HAS_LENGTHS),
        .result = call->output.data,
        .sums = call->scratch,
    };
    int64_t state = network.batch * network.hidden;

    network.hidden_state = network.result + network.steps * state;
    network.cell = network.hidden_state + state; /* read by LSTM alone */
    network.reset = network.sums + network.batch * network.width;
    for (uint32_t i = 0; i < NEURON_GATE_FUNCTIONS; i += 1) {
        network.gates[i] =
            (struct neuron_gate){.function = (enum neuron_gate_function)attributes->order[i],
                                 .alpha = attributes->scales[i],
                                 .beta = attributes->scales[NEURON_GATE_FUNCTIONS + i]};
    }
    return network;
}

size_t
neuron_kernel_recurrent_scratch(const struct neuron_kernel_call *call)
{
    size_t batch = (size_t)call->inputs[0].shape[1];
    size_t numbers = (size_t)call->inputs[0].shape[2] + (size_t)call->inputs[1].shape[0];

    return batch * numbers * sizeof(float);
}

/* How many steps a row has. */
static int64_t
row_steps(const struct network *network, int64_t row)
{
    int64_t length = network->lengths == NULL ? network->steps : network->lengths[row];

    if (length < 0) {
        return 0;
    }
    return length < network->steps ? length : network->steps;
}

/* The place in time of a row's step, which the row has. */
static int64_t
step_time(const struct network *network, int64_t row, int64_t step)
{
    bool is_reverse = (network->mode & NEURON_RECURRENT_IS_REVERSE) != 0;

    return is_reverse ? row_steps(network, row) - 1 - step : step;
}

/* Some columns of a product with the recurrence, added up for each row of the batch. */
struct product {
    const float *left; /* [B,H] */
    float *sums;       /* of row 0 */
    int64_t sums_row;  /* how far apart the rows of the sums lie */
    int64_t first;     /* column of the recurrence */
    int64_t columns;
};

/* Adds up to four rows of the recurrence, from `k` on, to the sums of one row of the batch. */
static void
add_four(const struct network *network, const struct product *product, int64_t k, int64_t row)
{
    const float *from = product->left + row * network->hidden;
    const float *rows[4];
    float factors[4];

    for (int64_t i = 0; i < 4; i += 1) { /* behind the last any row does, times 0 */
        bool is_there = k + i < network->hidden;

        rows[i] = network->recurrence + (is_there ? k + i : k) * network->width + product->first;
        factors[i] = is_there ? from[k + i] : 0.0F;
    }
    neuron_gate_add_rows(product->sums + row * product->sums_row, rows, factors,
                         (size_t)product->columns);
}

static void
add_product(const struct network *network, const struct product *product)
{
    for (int64_t k = 0; k < network->hidden; k += 4) {
        for (int64_t b = 0; b < network->batch; b += 1) {
            add_four(network, product, k, b);
        }
    }
}

/* Bounds what goes into a gate's function, and applies it. */
static void
apply_gate(const struct network *network, uint32_t gate, float *numbers, int64_t count)
{
    float clip = network->clip;

    for (int64_t i = 0; clip > 0.0F && i < count; i += 1) {
        float low = numbers[i] < -clip ? -clip : numbers[i];

        numbers[i] = low > clip ? clip : low;
    }
    neuron_gate_apply(&network->gates[gate], numbers, (size_t)count);
}

/* Adds peepholes: the first are those of the input gate, then output, then forget. */
static void
add_peepholes(const struct network *network, int64_t which, const float *cell, float *numbers)
{
    const float *peepholes = network->peepholes + which * network->hidden;

    for (int64_t i = 0; i < network->hidden; i += 1) {
        numbers[i] += peepholes[i] * cell[i];
    }
}

/* The gates of LSTM in their order: input, output, forget, cell. */
static void
step_lstm(const struct network *network, int64_t row, float *result)
{
    int64_t hidden = network->hidden;
    float *input = network->sums + row * network->width;
    float *output = input + hidden;
    float *forget = output + hidden;
    float *news = forget + hidden;
    float *cell = network->cell + row * hidden;
    bool couples = (network->mode & NEURON_RECURRENT_COUPLES_FORGET) != 0;

    if (network->peepholes != NULL) {
        add_peepholes(network, 0, cell, input);
        add_peepholes(network, 2, cell, forget);
    }
    apply_gate(network, 0, input, hidden);
    apply_gate(network, 1, news, hidden);
    if (!couples) {
        apply_gate(network, 0, forget, hidden);
    }
    for (int64_t i = 0; i < hidden; i += 1) {
        float kept = couples ? 1.0F - input[i] : forget[i];

        cell[i] = kept * cell[i] + input[i] * news[i];
    }
    if (network->peepholes != NULL) {
        add_peepholes(network, 1, cell, output);
    }
    apply_gate(network, 0, output, hidden);
    memcpy(news, cell, (size_t)hidden * sizeof(*news));
    neuron_gate_apply(&network->gates[2], news, (size_t)hidden);
    for (int64_t i = 0; i < hidden; i += 1) {
        result[i] = output[i] * news[i];
    }
}

/* The gates of GRU in their order: update, reset, hidden, the last of which is complete. */
static void
step_gru(const struct network *network, int64_t row, float *result)
{
    int64_t hidden = network->hidden;
    const float *update = network->sums + row * network->width;
    float *news = network->sums + row * network->width + 2 * hidden;
    const float *state = network->hidden_state + row * hidden;

    apply_gate(network, 1, news, hidden);
    for (int64_t i = 0; i < hidden; i += 1) {
        result[i] = news[i] + update[i] * (state[i] - news[i]);
    }
}

/* Update and reset of GRU, and what the hidden gate's product is made from. */
static void
open_gates(const struct network *network)
{
    int64_t hidden = network->hidden;

    for (int64_t b = 0; b < network->batch; b += 1) {
        float *update = network->sums + b * network->width;
        const float *gate = update + hidden;
        const float *state = network->hidden_state + b * hidden;

        apply_gate(network, 0, update, 2 * hidden);
        for (int64_t i = 0; i < hidden; i += 1) {
            network->reset[b * hidden + i] = gate[i] * state[i];
        }
    }
}

/* The hidden gate of GRU, where the state is reset before it is multiplied. */
static void
reset_before(const struct network *network)
{
    const struct product product = {.left = network->reset,
                                    .sums = network->sums + 2 * network->hidden,
                                    .sums_row = network->width,
                                    .first = 2 * network->hidden,
                                    .columns = network->hidden};

    open_gates(network);
    add_product(network, &product);
}

/* The same, where the product is reset. */
static void
reset_after(const struct network *network)
{
    int64_t hidden = network->hidden;
    const struct product product = {.left = network->hidden_state,
                                    .sums = network->reset,
                                    .sums_row = hidden,
                                    .first = 2 * hidden,
                                    .columns = hidden};

    open_gates(network);
    for (int64_t i = 0; i < network->batch * hidden; i += 1) {
        network->reset[i] = network->bias == NULL ? 0.0F : network->bias[i % hidden];
    }
    add_product(network, &product);
    for (int64_t b = 0; b < network->batch; b += 1) {
        const float *gate = network->sums + b * network->width + hidden;
        float *news = network->sums + b * network->width + 2 * hidden;

        for (int64_t i = 0; i < hidden; i += 1) {
            news[i] += gate[i] * network->reset[b * hidden + i];
        }
    }
}

/* Adds up the gates of all rows that have this step; those of the others count for nothing. */
static void
add_up_gates(const struct network *network, int64_t step)
{
    bool is_gru = network->kind == NEURON_OPERATOR_GRU;
    const struct product product = {.left = network->hidden_state,
                                    .sums = network->sums,
                                    .sums_row = network->width,
                                    .columns = is_gru ? 2 * network->hidden : network->width};

    for (int64_t b = 0; b < network->batch; b += 1) {
        bool has_step = step < row_steps(network, b);
        int64_t time = has_step ? step_time(network, b, step) : 0;

        memcpy(network->sums + b * network->width,
               network->fed + (time * network->batch + b) * network->width,
               (size_t)network->width * sizeof(float));
    }
    add_product(network, &product);
    if (is_gru && (network->mode & NEURON_RECURRENT_RESETS_AFTER) != 0) {
        reset_after(network);
    } else if (is_gru) {
        reset_before(network);
    }
}

/* Goes one step on with a row. */
static void
step_row(const struct network *network, int64_t row, int64_t step)
{
    int64_t hidden = network->hidden;
    int64_t place = step_time(network, row, step) * network->batch + row;
    float *result = network->result + place * hidden;

    if (network->kind == NEURON_OPERATOR_LSTM) {
        step_lstm(network, row, result);
    } else if (network->kind == NEURON_OPERATOR_GRU) {
        step_gru(network, row, result);
    } else {
        float *sums = network->sums + row * hidden;

        apply_gate(network, 0, sums, hidden);
        memcpy(result, sums, (size_t)hidden * sizeof(*result));
    }
    memcpy(network->hidden_state + row * hidden, result, (size_t)hidden * sizeof(*result));
}

/* Goes one step on with all rows that have it. */
static void
step_rows(const struct network *network, int64_t step)
{
    for (int64_t b = 0; b < network->batch; b += 1) {
        if (step < row_steps(network, b)) {
            step_row(network, b, step);
        }
    }
}

/* Fills the states that the network begins with, and the steps that rows do not have. */
static void
begin(const struct neuron_kernel_call *call, const struct network *network)
{
    size_t state_bytes = (size_t)(network->batch * network->hidden) * sizeof(float);
    size_t row_bytes = (size_t)network->hidden * sizeof(float);
    const float *hidden_state = optional_input(call, NEURON_RECURRENT_HAS_HIDDEN);
    const float *cell = optional_input(call, NEURON_RECURRENT_HAS_CELL);

    memset(network->hidden_state, 0, state_bytes * neuron_recurrent_state_count(network->kind));
    if (hidden_state != NULL) {
        memcpy(network->hidden_state, hidden_state, state_bytes);
    }
    if (cell != NULL) {
        memcpy(network->cell, cell, state_bytes);
    }
    for (int64_t b = 0; b < network->batch; b += 1) {
        for (int64_t t = row_steps(network, b); t < network->steps; t += 1) {
            memset(network->result + (t * network->batch + b) * network->hidden, 0, row_bytes);
        }
    }
}

enum neuron_status
neuron_kernel_recurrent(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct network network = describe(call);

    (void)error;
    begin(call, &network);
    for (int64_t step = 0; step < network.steps; step += 1) {
        add_up_gates(&network, step);
        step_rows(&network, step);
    }
    return NEURON_OK;
}
