/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reductions. Neighbouring dimensions that are both kept or both reduced are one, so that kept and
 * reduced loops alternate. Where the innermost one is reduced, a result is gathered from whole rows
 * of the input; where it is kept, a strip of results is gathered from one row after another. Either
 * way the input is read in its order. Reals are added up as double, in partial sums.
 */
#include <math.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

enum { PARTS = 64 /* partial results of a row, so that no addition waits for the one before */ };

/* What is done to elements. */
enum fold { ADD, MULTIPLY, SMALLEST, LARGEST, ADD_ABSOLUTE, ADD_SQUARE, ADD_EXPONENTIAL };

/* Loops over the input, outermost first. */
struct loops {
    uint32_t count;
    int64_t dims[NEURON_RANK_LIMIT];
    int64_t strides[NEURON_RANK_LIMIT];
    int64_t counters[NEURON_RANK_LIMIT];
};

struct reduction {
    const struct neuron_kernel_call *call;
    struct loops kept;    /* all but the innermost loop */
    struct loops reduced; /* the same */
    bool reduces_rows;    /* the innermost loop is reduced */
    int64_t row;          /* how many elements that loop has, which lie side by side */
    int64_t reduced_count;
    int64_t position; /* of the row at hand */
};

/* Goes on to the next round of the loops. Returns false, at the start again, after the last one. */
static bool
advance(struct loops *loops, int64_t *position)
{
    for (uint32_t i = loops->count; i > 0; i -= 1) {
        loops->counters[i - 1] += 1;
        *position += loops->strides[i - 1];
        if (loops->counters[i - 1] < loops->dims[i - 1]) {
            return true;
        }
        *position -= loops->strides[i - 1] * loops->dims[i - 1];
        loops->counters[i - 1] = 0;
    }
    return false;
}

/* Adds a loop outside of those that are there; the order is turned around in the end. */
static void
prepend(struct loops *loops, int64_t dim, int64_t stride)
{
    memmove(loops->dims + 1, loops->dims, loops->count * sizeof(loops->dims[0]));
    memmove(loops->strides + 1, loops->strides, loops->count * sizeof(loops->strides[0]));
    loops->dims[0] = dim;
    loops->strides[0] = stride;
    loops->count += 1;
}

/* Finds the loops from the innermost dimension outwards; the input has elements. */
static void
find_loops(struct reduction *reduction)
{
    const struct neuron_tensor_view *input = &reduction->call->inputs[0];
    uint32_t axes = reduction->call->attributes->axes;
    int64_t stride = 1;
    bool has_row = false;
    bool was_reduced = false;

    reduction->row = 1;
    reduction->reduced_count = 1;
    for (uint32_t i = input->rank; i > 0; i -= 1) {
        int64_t dim = input->shape[i - 1];
        bool is_reduced = (axes & 1U << (i - 1)) != 0;
        struct loops *loops = is_reduced ? &reduction->reduced : &reduction->kept;

        if (dim == 1) {
            continue;
        }
        reduction->reduced_count *= is_reduced ? dim : 1;
        if (!has_row || (reduction->row == stride && is_reduced == was_reduced)) {
            has_row = true;
            was_reduced = is_reduced;
            reduction->reduces_rows = is_reduced;
            reduction->row *= dim;
        } else if (is_reduced == was_reduced) {
            loops->dims[0] *= dim;
        } else {
            prepend(loops, dim, stride);
            was_reduced = is_reduced;
        }
        stride *= dim;
    }
}

static void
load_reals(const struct neuron_tensor_view *input, int64_t position, size_t count, double *to)
{
    if (input->type == NEURON_FLOAT32) {
        const float *from = (const float *)input->data + position;

        for (size_t i = 0; i < count; i += 1) {
            to[i] = (double)from[i];
        }
    } else {
        neuron_strip_load_real(input->type, neuron_element(input, position), 1, count, to);
    }
}

/* Keeps the extremes; what is no number, and so not even equal to itself, stays. */
static void
keep_extremes(enum fold fold, const double *from, size_t count, double *into)
{
    if (fold == SMALLEST) {
        for (size_t i = 0; i < count; i += 1) {
            into[i] = ((from[i] < into[i]) | (from[i] != from[i])) != 0 ? from[i] : into[i];
        }
    } else {
        for (size_t i = 0; i < count; i += 1) {
            into[i] = ((from[i] > into[i]) | (from[i] != from[i])) != 0 ? from[i] : into[i];
        }
    }
}

/* Adds up elements that are changed before. `shift` is what exponentials are taken above. */
static void
add_changed(enum fold fold, const double *from, size_t count, const double *shift, double *into)
{
    if (fold == ADD_ABSOLUTE) {
        for (size_t i = 0; i < count; i += 1) {
            into[i] += fabs(from[i]);
        }
    } else if (fold == ADD_SQUARE) {
        for (size_t i = 0; i < count; i += 1) {
            into[i] += from[i] * from[i];
        }
    } else {
        for (size_t i = 0; i < count; i += 1) {
            into[i] += exp(from[i] - shift[i]);
        }
    }
}

/* Takes each element into the result of its own. */
static void
fold_reals(enum fold fold, const double *from, size_t count, const double *shift, double *into)
{
    if (fold == ADD) {
        for (size_t i = 0; i < count; i += 1) {
            into[i] += from[i];
        }
    } else if (fold == MULTIPLY) {
        for (size_t i = 0; i < count; i += 1) {
            into[i] *= from[i];
        }
    } else if (fold == SMALLEST || fold == LARGEST) {
        keep_extremes(fold, from, count, into);
    } else {
        add_changed(fold, from, count, shift, into);
    }
}

/* The same of two whole numbers, which wrap around. */
static int64_t
fold_whole(enum fold fold, int64_t old, int64_t next)
{
    uint64_t sum = (uint64_t)old;
    uint64_t term = (uint64_t)next;

    switch (fold) {
    case ADD:
        return (int64_t)(sum + term);
    case MULTIPLY:
        return (int64_t)(sum * term);
    case SMALLEST:
        return next < old ? next : old;
    case LARGEST:
        return next > old ? next : old;
    case ADD_ABSOLUTE:
        return (int64_t)(sum + (next < 0 ? 0U - term : term));
    case ADD_SQUARE:
    case ADD_EXPONENTIAL: /* which is of reals alone */
        break;
    }
    return (int64_t)(sum + term * term);
}

static void
fold_wholes(enum fold fold, const int64_t *from, size_t count, int64_t *into)
{
    for (size_t i = 0; i < count; i += 1) {
        into[i] = fold_whole(fold, into[i], from[i]);
    }
}

/* What nothing folds to. */
static double
real_start(enum fold fold)
{
    if (fold == MULTIPLY) {
        return 1.0;
    }
    if (fold == SMALLEST || fold == LARGEST) {
        return fold == SMALLEST ? (double)INFINITY : -(double)INFINITY;
    }
    return 0.0;
}

static int64_t
whole_start(enum fold fold)
{
    if (fold == MULTIPLY) {
        return 1;
    }
    if (fold == SMALLEST || fold == LARGEST) {
        return fold == SMALLEST ? INT64_MAX : INT64_MIN;
    }
    return 0;
}

/* Folds the partial results of a row, whose elements were taken as they are or already changed. */
static enum fold
fold_of_parts(enum fold fold)
{
    return fold == MULTIPLY || fold == SMALLEST || fold == LARGEST ? fold : ADD;
}

/* Folds a whole row to one number. */
static void
fold_real_row(const struct reduction *reduction, enum fold fold, double shift, double *into)
{
    double strip[NEURON_STRIP_ELEMENTS];
    double parts[PARTS];
    double shifts[PARTS];
    int used = reduction->row < PARTS ? (int)reduction->row : PARTS;

    for (int i = 0; i < used; i += 1) {
        parts[i] = real_start(fold);
        shifts[i] = shift;
    }
    for (int64_t done = 0; done < reduction->row; done += NEURON_STRIP_ELEMENTS) {
        int64_t left = reduction->row - done;
        size_t count = left < NEURON_STRIP_ELEMENTS ? (size_t)left : NEURON_STRIP_ELEMENTS;

        load_reals(&reduction->call->inputs[0], reduction->position + done, count, strip);
        for (size_t i = 0; i < count; i += PARTS) {
            fold_reals(fold, strip + i, count - i < PARTS ? count - i : PARTS, shifts, parts);
        }
    }
    for (int i = 0; i < used; i += 1) {
        fold_reals(fold_of_parts(fold), &parts[i], 1, shifts, into);
    }
}

static void
fold_whole_row(const struct reduction *reduction, enum fold fold, int64_t *into)
{
    const struct neuron_tensor_view *input = &reduction->call->inputs[0];
    int64_t strip[NEURON_STRIP_ELEMENTS];

    for (int64_t done = 0; done < reduction->row; done += NEURON_STRIP_ELEMENTS) {
        int64_t left = reduction->row - done;
        size_t count = left < NEURON_STRIP_ELEMENTS ? (size_t)left : NEURON_STRIP_ELEMENTS;

        neuron_strip_load_whole(input->type, neuron_element(input, reduction->position + done), 1,
                                count, strip);
        for (size_t i = 0; i < count; i += 1) {
            fold_wholes(fold, &strip[i], 1, into);
        }
    }
}

/* Folds all that belongs to `width` results, which begin `offset` elements into the row. */
static void
fold_all_reals(struct reduction *reduction, enum fold fold, int64_t offset, size_t width,
               const double *shift, double *into)
{
    double strip[NEURON_STRIP_ELEMENTS];

    for (size_t i = 0; i < width; i += 1) {
        into[i] = real_start(fold);
    }
    do {
        if (reduction->reduces_rows) {
            fold_real_row(reduction, fold, shift[0], into);
        } else {
            load_reals(&reduction->call->inputs[0], reduction->position + offset, width, strip);
            fold_reals(fold, strip, width, shift, into);
        }
    } while (advance(&reduction->reduced, &reduction->position));
}

static void
fold_all_wholes(struct reduction *reduction, enum fold fold, int64_t offset, size_t width,
                int64_t *into)
{
    const struct neuron_tensor_view *input = &reduction->call->inputs[0];
    int64_t strip[NEURON_STRIP_ELEMENTS];

    for (size_t i = 0; i < width; i += 1) {
        into[i] = whole_start(fold);
    }
    do {
        if (reduction->reduces_rows) {
            fold_whole_row(reduction, fold, into);
        } else {
            neuron_strip_load_whole(
                input->type, neuron_element(input, reduction->position + offset), 1, width, strip);
            fold_wholes(fold, strip, width, into);
        }
    } while (advance(&reduction->reduced, &reduction->position));
}

static enum fold
fold_of(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_REDUCE_PROD:
        return MULTIPLY;
    case NEURON_OPERATOR_REDUCE_MIN:
        return SMALLEST;
    case NEURON_OPERATOR_REDUCE_MAX:
        return LARGEST;
    case NEURON_OPERATOR_REDUCE_L1:
        return ADD_ABSOLUTE;
    case NEURON_OPERATOR_REDUCE_L2:
    case NEURON_OPERATOR_REDUCE_SUM_SQUARE:
        return ADD_SQUARE;
    case NEURON_OPERATOR_REDUCE_LOG_SUM_EXP:
        return ADD_EXPONENTIAL;
    default:
        return ADD;
    }
}

/* What is done to the folded numbers in the end. */
static void
finish_reals(const struct reduction *reduction, const double *shift, size_t width, double *results)
{
    enum neuron_operator kind = reduction->call->kind;

    for (size_t i = 0; i < width; i += 1) {
        if (kind == NEURON_OPERATOR_REDUCE_MEAN) {
            results[i] /= (double)reduction->reduced_count;
        } else if (kind == NEURON_OPERATOR_REDUCE_L2) {
            results[i] = sqrt(results[i]);
        } else if (kind == NEURON_OPERATOR_REDUCE_LOG_SUM) {
            results[i] = log(results[i]);
        } else if (kind == NEURON_OPERATOR_REDUCE_LOG_SUM_EXP) {
            results[i] = log(results[i]) + shift[i];
        }
    }
}

static void
reduce_reals(struct reduction *reduction, int64_t offset, size_t width, void *to)
{
    enum fold fold = fold_of(reduction->call->kind);
    double results[NEURON_STRIP_ELEMENTS];
    double shift[NEURON_STRIP_ELEMENTS] = {0.0};

    if (fold == ADD_EXPONENTIAL) {
        fold_all_reals(reduction, LARGEST, offset, width, shift, results);
        for (size_t i = 0; i < width; i += 1) {
            shift[i] = isfinite(results[i]) ? results[i] : 0.0;
        }
    }
    fold_all_reals(reduction, fold, offset, width, shift, results);
    finish_reals(reduction, shift, width, results);
    neuron_strip_store_real(reduction->call->output.type, to, width, results);
}

static void
reduce_wholes(struct reduction *reduction, int64_t offset, size_t width, void *to)
{
    int64_t results[NEURON_STRIP_ELEMENTS];

    fold_all_wholes(reduction, fold_of(reduction->call->kind), offset, width, results);
    for (size_t i = 0; i < width && reduction->call->kind == NEURON_OPERATOR_REDUCE_MEAN; i += 1) {
        results[i] /= reduction->reduced_count;
    }
    neuron_strip_store_whole(reduction->call->output.type, to, width, results);
}

/* Says whether whole numbers are reduced as such, and not by way of roots and logarithms. */
static bool
stays_whole(const struct neuron_kernel_call *call)
{
    return !neuron_type_is_real(call->output.type) && call->kind != NEURON_OPERATOR_REDUCE_L2 &&
           call->kind != NEURON_OPERATOR_REDUCE_LOG_SUM &&
           call->kind != NEURON_OPERATOR_REDUCE_LOG_SUM_EXP;
}

/* Reduces nothing at all: the input has no elements. */
static void
fill_empty(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *output = &call->output;
    struct reduction reduction = {.call = call};
    int64_t count = neuron_dims_product(output, 0, output->rank);
    double real = real_start(fold_of(call->kind));
    const double shift = 0.0;

    finish_reals(&reduction, &shift, 1, &real);
    for (int64_t i = 0; i < count && !neuron_view_is_empty(output); i += 1) {
        neuron_strip_store_real(output->type, neuron_output_element(output, i), 1, &real);
    }
}

/* Makes `width` results side by side, a strip at a time. */
static void
reduce_row(struct reduction *reduction, bool is_whole, int64_t width, int64_t first)
{
    for (int64_t offset = 0; offset < width; offset += NEURON_STRIP_ELEMENTS) {
        int64_t left = width - offset;
        size_t count = left < NEURON_STRIP_ELEMENTS ? (size_t)left : NEURON_STRIP_ELEMENTS;
        void *to = neuron_output_element(&reduction->call->output, first + offset);

        if (is_whole) {
            reduce_wholes(reduction, offset, count, to);
        } else {
            reduce_reals(reduction, offset, count, to);
        }
    }
}

enum neuron_status
neuron_kernel_reduce(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct reduction reduction = {.call = call};
    bool is_whole = stays_whole(call);
    int64_t results = 0;

    (void)error;
    if (neuron_view_is_empty(&call->inputs[0])) {
        fill_empty(call);
        return NEURON_OK;
    }
    find_loops(&reduction);
    int64_t width = reduction.reduces_rows ? 1 : reduction.row;
    do {
        reduce_row(&reduction, is_whole, width, results);
        results += width;
    } while (advance(&reduction.kept, &reduction.position));
    return NEURON_OK;
}
