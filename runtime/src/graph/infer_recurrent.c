/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of recurrent networks. */
#include "graph/recurrent.h"

#include "graph/infer.h"
#include "neuron/trace_recurrent.h"

uint32_t
neuron_recurrent_gate_count(enum neuron_operator kind)
{
    if (kind == NEURON_OPERATOR_LSTM) {
        return 4;
    }
    return kind == NEURON_OPERATOR_GRU ? 3 : 1;
}

uint32_t
neuron_recurrent_state_count(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_LSTM ? 2 : 1;
}

uint32_t
neuron_recurrent_input(uint32_t mode, enum neuron_recurrent_mode input)
{
    uint32_t number = NEURON_RECURRENT_FEWEST_INPUTS;

    for (uint32_t bit = 1; bit < (uint32_t)input; bit *= 2) {
        number += (mode & bit) != 0 ? 1 : 0;
    }
    return (mode & (uint32_t)input) != 0 ? number : UINT32_MAX;
}

/* The bits that an operator may have. */
static uint32_t
known_modes(enum neuron_operator kind)
{
    uint32_t modes =
        NEURON_RECURRENT_HAS_HIDDEN | NEURON_RECURRENT_HAS_LENGTHS | NEURON_RECURRENT_IS_REVERSE;

    if (kind == NEURON_OPERATOR_LSTM) {
        modes |= NEURON_RECURRENT_HAS_CELL | NEURON_RECURRENT_HAS_PEEPS |
                 NEURON_RECURRENT_COUPLES_FORGET;
    }
    if (kind == NEURON_OPERATOR_GRU) {
        modes |= NEURON_RECURRENT_HAS_BIAS | NEURON_RECURRENT_RESETS_AFTER;
    }
    return modes;
}

static enum neuron_status
check_attributes(const struct neuron_application *application, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    uint32_t count = NEURON_RECURRENT_FEWEST_INPUTS;

    if ((attributes->mode & ~known_modes(application->kind)) != 0) {
        return neuron_infer_refuse(application, "its mode has bits of another operator", error);
    }
    for (uint32_t bit = 0; bit < NEURON_RECURRENT_OPTIONAL_INPUTS; bit += 1) {
        count += (attributes->mode >> bit) & 1U;
    }
    if (count != application->input_count) {
        return neuron_infer_refuse(application, "its mode names more inputs, or fewer, than it has",
                                   error);
    }
    for (uint32_t i = 0; i < NEURON_GATE_FUNCTIONS; i += 1) {
        if (attributes->order[i] < NEURON_GATE_SIGMOID ||
            attributes->order[i] > NEURON_GATE_SOFTPLUS) {
            return neuron_infer_refuse(application, "a gate has no such function", error);
        }
    }
    /* Written so that a bound that is no number fails, too. */
    if (!(attributes->high >= 0.0F)) {
        return neuron_infer_refuse(application, "the clip must not be negative", error);
    }
    return NEURON_OK;
}

/* What an optional input has to look like. */
static bool
is_optional_input(const struct neuron_tensor_shape *input, enum neuron_recurrent_mode bit,
                  int64_t batch, int64_t hidden)
{
    enum neuron_type type = bit == NEURON_RECURRENT_HAS_LENGTHS ? NEURON_INT32 : NEURON_FLOAT32;
    bool is_state = bit == NEURON_RECURRENT_HAS_HIDDEN || bit == NEURON_RECURRENT_HAS_CELL;

    if (input->type != type || input->rank != (is_state ? 2U : 1U)) {
        return false;
    }
    if (is_state) {
        return input->dims[0] == batch && input->dims[1] == hidden;
    }
    if (bit == NEURON_RECURRENT_HAS_LENGTHS) {
        return input->dims[0] == batch;
    }
    /* Gates of more numbers than that were refused before. */
    return input->dims[0] == hidden * (bit == NEURON_RECURRENT_HAS_PEEPS ? 3 : 1);
}

static enum neuron_status
check_optional_inputs(const struct neuron_application *application, int64_t batch, int64_t hidden,
                      struct neuron_error *error)
{
    static const char *const names[NEURON_RECURRENT_OPTIONAL_INPUTS] = {
        "the first hidden state must be [B,H] of float32",
        "the first cell must be [B,H] of float32",
        "the peepholes must be [3*H] of float32",
        "the bias of what is reset must be [H] of float32",
        "the lengths must be [B] of int32",
    };

    for (uint32_t i = 0; i < NEURON_RECURRENT_OPTIONAL_INPUTS; i += 1) {
        uint32_t number = neuron_recurrent_input(application->attributes->mode,
                                                 (enum neuron_recurrent_mode)(1U << i));

        if (number != UINT32_MAX &&
            !is_optional_input(&application->inputs[number], (enum neuron_recurrent_mode)(1U << i),
                               batch, hidden)) {
            return neuron_infer_refuse(application, names[i], error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_recurrent(const struct neuron_application *application,
                       struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *fed = &application->inputs[0];
    const struct neuron_tensor_shape *recurrence = &application->inputs[1];
    int64_t gate_count = neuron_recurrent_gate_count(application->kind);
    int64_t gates = 0;
    enum neuron_status status = check_attributes(application, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (recurrence->type != NEURON_FLOAT32 || fed->rank != 3 || recurrence->rank != 2 ||
        __builtin_mul_overflow(recurrence->dims[0], gate_count, &gates) ||
        gates != recurrence->dims[1] || gates != fed->dims[2]) {
        return neuron_infer_refuse(application,
                                   "what is fed in must be [T,B,G*H], the recurrence [H,G*H], for "
                                   "as many gates G as it has",
                                   error);
    }
    output->rank = 3;
    output->dims[1] = fed->dims[1];
    output->dims[2] = recurrence->dims[0];
    if (__builtin_add_overflow(fed->dims[0],
                               (int64_t)neuron_recurrent_state_count(application->kind),
                               &output->dims[0])) {
        return neuron_infer_refuse(application, "has too many steps", error);
    }
    return check_optional_inputs(application, output->dims[1], output->dims[2], error);
}
