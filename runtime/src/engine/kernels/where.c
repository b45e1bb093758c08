/* SPDX-License-Identifier: Apache-2.0 */
/* The choice between two inputs, element by element. */
#include "engine/kernels/kernel.h"
#include "engine/kernels/row_walk.h"
#include "engine/kernels/strip.h"

/* A row of the choice: the condition, what is chosen from, and how far apart their elements are. */
struct choice {
    const uint8_t *condition;
    const void *then;
    const void *otherwise;
    void *result;
    int64_t strides[3];
    int64_t count;
};

/* Elements of eight, four, two bytes, and one: bytes are moved, whatever they mean. */
static void
choose_longs(const struct choice *choice)
{
    const uint64_t *then = choice->then;
    const uint64_t *otherwise = choice->otherwise;
    uint64_t *result = choice->result;

    for (int64_t i = 0; i < choice->count; i += 1) {
        result[i] = choice->condition[i * choice->strides[0]] != 0
                        ? then[i * choice->strides[1]]
                        : otherwise[i * choice->strides[2]];
    }
}

static void
choose_words(const struct choice *choice)
{
    const uint32_t *then = choice->then;
    const uint32_t *otherwise = choice->otherwise;
    uint32_t *result = choice->result;

    for (int64_t i = 0; i < choice->count; i += 1) {
        result[i] = choice->condition[i * choice->strides[0]] != 0
                        ? then[i * choice->strides[1]]
                        : otherwise[i * choice->strides[2]];
    }
}

static void
choose_halves(const struct choice *choice)
{
    const uint16_t *then = choice->then;
    const uint16_t *otherwise = choice->otherwise;
    uint16_t *result = choice->result;

    for (int64_t i = 0; i < choice->count; i += 1) {
        result[i] = choice->condition[i * choice->strides[0]] != 0
                        ? then[i * choice->strides[1]]
                        : otherwise[i * choice->strides[2]];
    }
}

static void
choose_bytes(const struct choice *choice)
{
    const uint8_t *then = choice->then;
    const uint8_t *otherwise = choice->otherwise;
    uint8_t *result = choice->result;

    for (int64_t i = 0; i < choice->count; i += 1) {
        result[i] = choice->condition[i * choice->strides[0]] != 0
                        ? then[i * choice->strides[1]]
                        : otherwise[i * choice->strides[2]];
    }
}

static void
choose_row(const struct neuron_kernel_call *call, const struct neuron_row_walk *walk, int64_t first)
{
    struct choice choice = {
        .condition = neuron_element(&call->inputs[0], walk->positions[0]),
        .then = neuron_element(&call->inputs[1], walk->positions[1]),
        .otherwise = neuron_element(&call->inputs[2], walk->positions[2]),
        .result = neuron_output_element(&call->output, first),
        .count = neuron_row_walk_count(walk),
    };

    for (uint32_t i = 0; i < 3; i += 1) {
        choice.strides[i] = neuron_row_walk_stride(walk, i);
    }
    switch (neuron_type_size_bytes(call->output.type)) {
    case sizeof(uint64_t):
        choose_longs(&choice);
        break;
    case sizeof(uint32_t):
        choose_words(&choice);
        break;
    case sizeof(uint16_t):
        choose_halves(&choice);
        break;
    default:
        choose_bytes(&choice);
        break;
    }
}

enum neuron_status
neuron_kernel_where(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct neuron_row_walk walk;
    int64_t first = 0;

    (void)error;
    neuron_row_walk_begin(&walk, call->inputs, 3, &call->output);
    while (!walk.is_done) {
        choose_row(call, &walk, first);
        first += neuron_row_walk_count(&walk);
        neuron_row_walk_next(&walk);
    }
    return NEURON_OK;
}
