/* SPDX-License-Identifier: Apache-2.0 */
#include "row_model.h"

#include "check.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_reduce.h"
#include "random_numbers.h"
#include "tensor_text.h"

enum { EXTENT_LIMIT = 5, ELEMENT_LIMIT = 400, STEP_LIMIT = 5, DEEP_STEPS = 8 };

/* A trace under way. */
struct maker {
    struct row_model *model;
    struct neuron_trace *trace;
    const struct neuron_value *inputs;
};

static uint32_t
draw(const struct maker *maker, uint32_t limit)
{
    return random_below(maker->model->random, limit);
}

uint32_t
row_model_axis(int32_t dim, uint32_t rank)
{
    return dim < 0 ? (uint32_t)((int32_t)rank + dim) : (uint32_t)dim;
}

static uint32_t
least_rank(int32_t dim)
{
    return (uint32_t)(dim < 0 ? -dim : dim + 1);
}

static struct neuron_tensor_shape
shape_of(const struct maker *maker, struct neuron_value value)
{
    return neuron_value_shape(maker->trace, value);
}

static struct neuron_value
constant(const struct maker *maker, const int64_t *dims, uint32_t rank)
{
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = rank};

    for (uint32_t i = 0; i < rank; i += 1) {
        view.shape[i] = dims[i];
    }
    allocate_tensor(&view);
    fill_tensor(&view, draw(maker, 1000));
    struct neuron_value value = neuron_constant(maker->trace, &view);
    free_tensor(&view);
    return value;
}

static struct neuron_value
elementwise(const struct maker *maker, struct neuron_value value)
{
    static struct neuron_value (*const operators[])(struct neuron_trace *, struct neuron_value) = {
        neuron_relu, neuron_tanh,     neuron_sigmoid,  neuron_gelu, neuron_negate,
        neuron_exp,  neuron_softsign, neuron_absolute, neuron_sin};

    return operators[draw(maker, sizeof(operators) / sizeof(operators[0]))](maker->trace, value);
}

/* All but dimension 0 in another order. */
static struct neuron_value
turn(const struct maker *maker, struct neuron_value value)
{
    uint32_t order[ROW_MODEL_RANK_LIMIT] = {0, 1, 2, 3, 4};
    uint32_t rank = shape_of(maker, value).rank;

    for (uint32_t i = 1; i < rank; i += 1) {
        uint32_t other = i + draw(maker, rank - i);
        uint32_t kept = order[i];

        order[i] = order[other];
        order[other] = kept;
    }
    return neuron_transpose(maker->trace, value, order);
}

static struct neuron_value
multiply_matrix(const struct maker *maker, struct neuron_value value)
{
    struct neuron_tensor_shape shape = shape_of(maker, value);
    const int64_t dims[2] = {shape.dims[shape.rank - 1], 1 + (int64_t)draw(maker, EXTENT_LIMIT)};

    return neuron_matmul(maker->trace, value, constant(maker, dims, 2));
}

/* A matrix of `rows` rows from any tensor: float32[rows,1], each from all that is in its row. */
static struct neuron_value
summarize(const struct maker *maker, struct neuron_value value, int64_t rows)
{
    struct neuron_value real = neuron_cast(maker->trace, value, NEURON_FLOAT32);
    struct neuron_tensor_shape shape = shape_of(maker, value);
    size_t count = 0;

    assert_true(neuron_tensor_shape_element_count(&shape, &count));
    const int64_t matrix[2] = {rows, (int64_t)count / rows};
    const int64_t weights[2] = {matrix[1], 1};
    return neuron_tanh(maker->trace,
                       neuron_matmul(maker->trace, neuron_reshape(maker->trace, real, matrix, 2),
                                     constant(maker, weights, 2)));
}

/* Adds something of another input, to each row of its row, or, of a shared one, to all. */
static struct neuron_value
add_other(const struct maker *maker, struct neuron_value value)
{
    uint32_t index = draw(maker, maker->model->input_count);
    bool is_shared = maker->model->is_shared[index];
    struct neuron_tensor_shape shape = shape_of(maker, value);
    int64_t rows = is_shared ? 1 : shape.dims[0];
    int64_t dims[ROW_MODEL_RANK_LIMIT] = {rows, 1, 1, 1, 1};

    if (!is_shared && shape_of(maker, maker->inputs[index]).dims[0] != rows) {
        return elementwise(maker, value);
    }
    struct neuron_value summary = summarize(maker, maker->inputs[index], rows);
    return neuron_add(maker->trace, value, neuron_reshape(maker->trace, summary, dims, shape.rank));
}

/* What depends on other rows, or on the place of a row. */
static struct neuron_value
mix(const struct maker *maker, struct neuron_value value)
{
    struct neuron_tensor_shape shape = shape_of(maker, value);
    const int64_t dims[ROW_MODEL_RANK_LIMIT] = {shape.dims[0], 1, 1, 1, 1};
    const int32_t first = 0;
    const struct neuron_reduce_options rows = {.axes = &first, .axis_count = 1, .keep_dims = true};

    maker->model->mixes = true;
    switch (draw(maker, 3)) {
    case 0:
        return neuron_softmax(maker->trace, value, 0);
    case 1:
        return neuron_add(maker->trace, value, constant(maker, dims, shape.rank));
    default:
        return neuron_subtract(maker->trace, value, neuron_reduce_mean(maker->trace, value, &rows));
    }
}

/* An operator on the dimensions behind the first. */
static struct neuron_value
compute_within_rows(const struct maker *maker, struct neuron_value value)
{
    const struct neuron_value pair[2] = {value, value};
    struct neuron_tensor_shape shape = shape_of(maker, value);
    int32_t last = (int32_t)shape.rank - 1;
    const struct neuron_reduce_options over_last = {
        .axes = &last, .axis_count = 1, .keep_dims = true};

    switch (draw(maker, 8)) {
    case 0:
    case 1:
        return multiply_matrix(maker, value);
    case 2:
        return neuron_softmax(maker->trace, value, -1);
    case 3:
        return turn(maker, value);
    case 4:
        return neuron_layer_norm(maker->trace, value, (struct neuron_value){0},
                                 (struct neuron_value){0}, last, 1e-3F);
    case 5:
        return neuron_reduce_mean(maker->trace, value, &over_last);
    case 6:
        return shape.dims[last] > EXTENT_LIMIT ? value : neuron_concat(maker->trace, pair, 2, last);
    default:
        return neuron_multiply(maker->trace, value, constant(maker, &shape.dims[last], 1));
    }
}

/* One more operator; numbers stay small. */
static struct neuron_value
step(const struct maker *maker, struct neuron_value value)
{
    struct neuron_tensor_shape shape = shape_of(maker, value);
    struct neuron_value next = {0};
    uint32_t choice = draw(maker, 12);

    if (choice == 0 && maker->model->wish.may_mix) {
        next = mix(maker, value);
    } else if (choice <= 3) {
        next = add_other(maker, value);
    } else if (choice <= 8 && shape.rank >= 2) {
        next = compute_within_rows(maker, value);
    } else if (choice == 9 && shape.rank >= 3 && maker->model->wish.dim == 0) {
        next = neuron_flatten(maker->trace, value, 1);
    } else {
        next = elementwise(maker, value);
    }
    return neuron_clip(maker->trace, next, -4.0F, 4.0F);
}

/* An input that carries rows. */
static uint32_t
draw_row_input(const struct maker *maker)
{
    uint32_t index = draw(maker, maker->model->input_count);

    while (maker->model->is_shared[index]) {
        index = (index + 1) % maker->model->input_count;
    }
    return index;
}

/* An output of any type, from -32 to 32, or from 0 on where there is no sign. */
static struct neuron_value
finish(const struct maker *maker, struct neuron_value value)
{
    enum neuron_type type = (enum neuron_type)(NEURON_FLOAT32 + (int)draw(maker, NEURON_BOOL));
    struct neuron_value large =
        neuron_multiply(maker->trace, value, neuron_scalar(maker->trace, 8.0F));

    if (type == NEURON_UINT8 || type == NEURON_BOOL) {
        large = neuron_absolute(maker->trace, large);
    }
    return neuron_cast(maker->trace, large, type);
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    const struct maker maker = {.model = user, .trace = trace, .inputs = inputs};
    uint32_t least = maker.model->wish.is_deep ? DEEP_STEPS : 0;

    for (uint32_t i = 0; i < maker.model->output_count; i += 1) {
        struct neuron_value value = inputs[draw_row_input(&maker)];
        uint32_t steps = least + draw(&maker, STEP_LIMIT);

        if (steps == 0) {
            outputs[i] = value; /* an input as it is */
            continue;
        }
        value = neuron_cast(trace, value, NEURON_FLOAT32);
        for (uint32_t j = 0; j < steps; j += 1) {
            value = step(&maker, value);
        }
        outputs[i] = finish(&maker, value);
    }
    return neuron_trace_status(trace);
}

/* Draws type and shape, of not too many elements. */
static struct neuron_tensor_view
draw_view(struct row_model *model, uint32_t lowest_rank, bool is_shared)
{
    struct neuron_tensor_view view = {
        .type = (enum neuron_type)(NEURON_FLOAT32 + (int)random_below(model->random, NEURON_BOOL)),
        .rank = lowest_rank + random_below(model->random, ROW_MODEL_RANK_LIMIT + 1 - lowest_rank)};
    int64_t count = 1;

    for (uint32_t i = 0; i < view.rank; i += 1) {
        bool is_cut = !is_shared && i == row_model_axis(model->wish.dim, view.rank);

        view.shape[i] = is_cut && model->wish.extent > 0
                            ? model->wish.extent
                            : 1 + random_below(model->random, EXTENT_LIMIT);
        view.shape[i] = !is_cut && count * view.shape[i] > ELEMENT_LIMIT ? 1 : view.shape[i];
        count *= view.shape[i];
    }
    return view;
}

struct neuron_graph *
row_model_trace(struct row_model *model, const struct row_model_wish *wish, uint64_t *random)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    *model = (struct row_model){.wish = *wish, .random = random};
    model->input_count = 1 + random_below(random, ROW_MODEL_INPUTS);
    model->output_count = 1 + random_below(random, ROW_MODEL_OUTPUTS);
    uint32_t certain = random_below(random, model->input_count); /* that carries rows */
    for (uint32_t i = 0; i < model->input_count; i += 1) {
        model->is_shared[i] = i != certain && random_below(random, 3) == 0;
        model->inputs[i] =
            draw_view(model, model->is_shared[i] ? 0 : least_rank(wish->dim), model->is_shared[i]);
    }
    const struct neuron_trace_signature signature = {.example_inputs = model->inputs,
                                                     .input_count = model->input_count,
                                                     .output_count = model->output_count,
                                                     .input_is_shared = model->is_shared};
    assert_ok(neuron_trace(record, &signature, model, &graph, &error), &error);
    return graph;
}
