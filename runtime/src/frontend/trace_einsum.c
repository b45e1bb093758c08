/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terms are multiplied from the left, each pair by one matrix product: what both have and the
 * result wants is its batch, what both have and nobody wants any more is what it sums over. Labels
 * are the letters, and small numbers for the dimensions of "...", counted from its end.
 */
#include "neuron/trace_einsum.h"

#include <ctype.h>
#include <string.h>

#include "frontend/trace_body.h"
#include "frontend/trace_part.h"

enum { LABELS = 128, TERMS = 8 };

/* A value and the names of its dimensions. */
struct term {
    struct neuron_value value;
    uint32_t rank;
    unsigned char labels[NEURON_RANK_LIMIT];
};

struct einsum {
    struct neuron_trace *trace;
    struct term terms[TERMS];
    uint32_t term_count;
    struct term result;    /* without a value */
    uint32_t uses[LABELS]; /* in terms that are not multiplied yet, and in the result */
    uint32_t dots;         /* dimensions of "..." */
};

static void
refuse(struct einsum *einsum, const char *why)
{
    if (einsum->trace->status == NEURON_OK) {
        (void)neuron_trace_fail(
            einsum->trace,
            NEURON_FAIL(&einsum->trace->error, NEURON_INVALID_ARGUMENT, "einsum: %s", why));
    }
}

static bool
add_label(struct term *term, unsigned char label)
{
    if (term->rank == NEURON_RANK_LIMIT) {
        return false;
    }
    term->labels[term->rank] = label;
    term->rank += 1;
    return true;
}

/* The labels of "..." where it stands for so many dimensions. */
static bool
add_dots(struct term *term, uint32_t dots)
{
    bool is_good = true;

    for (uint32_t i = dots; is_good && i > 0; i -= 1) {
        is_good = add_label(term, (unsigned char)i);
    }
    return is_good;
}

/* Reads the labels of a term up to a comma, an arrow or the end; `dots` is how many dimensions
   "..." stands for. Returns NULL for what does not parse. */
static const char *
parse_term(const char *text, uint32_t dots, struct term *term)
{
    bool has_dots = false;
    bool is_good = true;

    for (; is_good && *text != '\0' && *text != ',' && *text != '-'; text += 1) {
        if (strncmp(text, "...", 3) == 0 && !has_dots) {
            has_dots = true;
            text += 2;
            is_good = add_dots(term, dots);
        } else if (*text != ' ') {
            is_good = isalpha((unsigned char)*text) != 0 && add_label(term, (unsigned char)*text);
        }
    }
    return is_good ? text : NULL;
}

/* Reads one operand, whose rank tells how many dimensions its "..." has. */
static const char *
parse_operand(struct einsum *einsum, const char *text, struct neuron_value value)
{
    uint32_t rank = neuron_value_shape(einsum->trace, value).rank;
    struct term *term = &einsum->terms[einsum->term_count];
    struct term letters = {.rank = 0};
    size_t length = strcspn(text, ",-");
    const char *dots = strstr(text, "...");
    const char *end = parse_term(text, 0, &letters);
    uint32_t count = end != NULL && rank >= letters.rank ? rank - letters.rank : 0;

    if (end == NULL || dots == NULL || dots >= text + length) {
        count = 0;
    }
    end = end == NULL ? NULL : parse_term(text, count, term);
    if (end == NULL || term->rank != rank) {
        refuse(einsum, "a term does not parse, or has not as many letters as its operand "
                       "dimensions");
        return NULL;
    }
    term->value = value;
    einsum->term_count += 1;
    einsum->dots = count > einsum->dots ? count : einsum->dots;
    return end;
}

static void
count_uses(struct einsum *einsum, const struct term *term)
{
    for (uint32_t i = 0; i < term->rank; i += 1) {
        einsum->uses[term->labels[i]] += 1;
    }
}

/* The result of an equation without an arrow. */
static void
make_up_result(struct einsum *einsum)
{
    for (uint32_t i = einsum->dots; i > 0; i -= 1) {
        (void)add_label(&einsum->result, (unsigned char)i);
    }
    for (uint32_t label = 'A'; label < LABELS; label += 1) {
        if (einsum->uses[label] == 1 && !add_label(&einsum->result, (unsigned char)label)) {
            refuse(einsum, "the result has too many dimensions");
        }
    }
}

/* Each letter of the result once, and in some term. */
static void
check_result(struct einsum *einsum)
{
    uint32_t seen[LABELS] = {0};

    for (uint32_t i = 0; i < einsum->result.rank; i += 1) {
        unsigned char label = einsum->result.labels[i];

        seen[label] += 1;
        if (seen[label] > 1 || einsum->uses[label] == 0) {
            refuse(einsum, "a letter of the result is there twice, or in no term");
        }
    }
}

/* Reads all operands, with a comma between any two. */
static const char *
parse_operands(struct einsum *einsum, const char *text, const struct neuron_value *inputs,
               uint32_t count)
{
    for (uint32_t i = 0; text != NULL && i < count; i += 1) {
        text = parse_operand(einsum, text, inputs[i]);
        if (text != NULL && i + 1 < count) {
            text = *text == ',' ? text + 1 : NULL;
        }
    }
    return text;
}

static void
parse(struct einsum *einsum, const char *text, const struct neuron_value *inputs, uint32_t count)
{
    text = parse_operands(einsum, text, inputs, count);
    for (uint32_t i = 0; i < einsum->term_count; i += 1) {
        count_uses(einsum, &einsum->terms[i]);
    }
    if (text != NULL && *text == '\0') {
        make_up_result(einsum);
    } else if (text != NULL && strncmp(text, "->", 2) == 0) {
        text = parse_term(text + 2, einsum->dots, &einsum->result);
    } else {
        text = NULL;
    }
    if (text == NULL || *text != '\0') {
        refuse(einsum, "the equation does not parse, or has not as many terms as operands");
    }
    check_result(einsum);
    count_uses(einsum, &einsum->result);
}

/* The place of a label in a term; its rank where it has none. */
static uint32_t
find_label(const struct term *term, unsigned char label)
{
    uint32_t place = 0;

    while (place < term->rank && term->labels[place] != label) {
        place += 1;
    }
    return place;
}

/* Puts the dimensions of a term into the order of these labels, all of which it has. */
static void
arrange(struct einsum *einsum, struct term *term, const unsigned char *labels)
{
    uint32_t order[NEURON_RANK_LIMIT] = {0};
    bool moves = false;

    for (uint32_t i = 0; i < term->rank; i += 1) {
        order[i] = find_label(term, labels[i]);
        moves = moves || order[i] != i;
    }
    if (moves) {
        term->value = neuron_transpose(einsum->trace, term->value, order);
        memcpy(term->labels, labels, term->rank);
    }
}

/* Makes one dimension of two of the same label: every n+1st element of both as one. */
static void
take_diagonal(struct einsum *einsum, struct term *term, uint32_t first, uint32_t second)
{
    struct neuron_tensor_shape shape = neuron_value_shape(einsum->trace, term->value);
    struct neuron_attributes attributes = {.rank = term->rank - 1};
    uint32_t order[NEURON_RANK_LIMIT] = {0};
    int64_t extent = shape.dims[first];
    uint32_t count = 0;

    if (extent != shape.dims[second]) {
        refuse(einsum, "a letter stands for dimensions of two sizes");
        return;
    }
    for (uint32_t i = 0; i < term->rank; i += 1) {
        if (i != first && i != second) {
            attributes.dims[count] = shape.dims[i];
            attributes.steps[count] = 1;
            order[count] = i;
            count += 1;
        }
    }
    unsigned char label = term->labels[first];
    for (uint32_t i = 0; i < count; i += 1) {
        term->labels[i] = term->labels[order[i]];
    }
    term->labels[count] = label;
    term->rank = count + 1;
    order[count] = first;
    order[count + 1] = second;
    term->value = neuron_transpose(einsum->trace, term->value, order);
    attributes.dims[count] = extent * extent;
    term->value = neuron_reshape(einsum->trace, term->value, attributes.dims, count + 1);
    attributes.dims[count] = extent;
    attributes.steps[count] = extent + 1;
    term->value =
        neuron_trace_record(einsum->trace, NEURON_OPERATOR_SLICE, &attributes, &term->value, 1);
    einsum->uses[label] -= 1;
}

/* Takes the diagonals of a term, and sums over what only it has. */
static void
settle_term(struct einsum *einsum, struct term *term)
{
    uint32_t axes = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < term->rank && einsum->trace->status == NEURON_OK; i += 1) {
        uint32_t first = find_label(term, term->labels[i]);

        if (first != i) {
            take_diagonal(einsum, term, first, i);
            i = UINT32_MAX; /* from the front again */
        }
    }
    for (uint32_t i = 0; i < term->rank; i += 1) {
        if (einsum->uses[term->labels[i]] == 1) {
            axes |= 1U << i;
        } else {
            term->labels[kept] = term->labels[i];
            kept += 1;
        }
    }
    term->rank = kept;
    if (axes != 0) {
        term->value = neuron_trace_reduce(einsum->trace, NEURON_OPERATOR_REDUCE_SUM, term->value,
                                          axes, false);
    }
}

/* The dimensions of a product by what becomes of them. */
struct pair {
    struct term batch;
    struct term left;
    struct term right;
    struct term summed;
};

static void
append(struct term *to, const struct term *from)
{
    memcpy(to->labels + to->rank, from->labels, from->rank);
    to->rank += from->rank;
}

/* How many elements the dimensions of some labels have in a term. */
static int64_t
extent_of(const struct einsum *einsum, const struct term *term, const struct term *labels)
{
    struct neuron_tensor_shape shape = neuron_value_shape(einsum->trace, term->value);
    int64_t extent = 1;

    for (uint32_t i = 0; i < labels->rank; i += 1) {
        extent *= shape.dims[find_label(term, labels->labels[i])];
    }
    return extent;
}

/* Sorts the labels of two terms, whose shared dimensions must be of one size. */
static struct pair
sort_labels(struct einsum *einsum, const struct term *left, const struct term *right)
{
    struct neuron_tensor_shape shape = neuron_value_shape(einsum->trace, left->value);
    struct neuron_tensor_shape other = neuron_value_shape(einsum->trace, right->value);
    struct pair pair = {.batch = {.rank = 0}};

    for (uint32_t i = 0; i < left->rank; i += 1) {
        unsigned char label = left->labels[i];
        uint32_t place = find_label(right, label);

        if (place == right->rank) {
            (void)add_label(&pair.left, label);
        } else if (shape.dims[i] != other.dims[place]) {
            refuse(einsum, "a letter stands for dimensions of two sizes");
        } else {
            (void)add_label(einsum->uses[label] > 2 ? &pair.batch : &pair.summed, label);
        }
    }
    for (uint32_t i = 0; i < right->rank; i += 1) {
        if (find_label(left, right->labels[i]) == left->rank) {
            (void)add_label(&pair.right, right->labels[i]);
        }
    }
    return pair;
}

/* How many elements one dimension of a product has, which one of both terms brings. */
static int64_t
find_extent(const struct einsum *einsum, const struct term *left, const struct term *right,
            unsigned char label)
{
    uint32_t place = find_label(left, label);

    return place < left->rank
               ? neuron_value_shape(einsum->trace, left->value).dims[place]
               : neuron_value_shape(einsum->trace, right->value).dims[find_label(right, label)];
}

/* Multiplies a term into the first. */
static void
multiply(struct einsum *einsum, struct term *left, struct term *right)
{
    struct neuron_trace *trace = einsum->trace;
    struct pair pair = sort_labels(einsum, left, right);
    int64_t batch = extent_of(einsum, left, &pair.batch);
    int64_t summed = extent_of(einsum, left, &pair.summed);
    const int64_t left_dims[3] = {batch, extent_of(einsum, left, &pair.left), summed};
    const int64_t right_dims[3] = {batch, summed, extent_of(einsum, right, &pair.right)};
    struct term sides[2] = {pair.batch, pair.batch};
    struct term product = {.rank = 0};
    int64_t dims[NEURON_RANK_LIMIT] = {0};

    if (trace->status != NEURON_OK ||
        pair.batch.rank + pair.left.rank + pair.right.rank > NEURON_RANK_LIMIT) {
        refuse(einsum, "a product on the way has too many dimensions");
        return;
    }
    append(&sides[0], &pair.left);
    append(&sides[0], &pair.summed);
    append(&sides[1], &pair.summed);
    append(&sides[1], &pair.right);
    append(&product, &pair.batch);
    append(&product, &pair.left);
    append(&product, &pair.right);
    for (uint32_t i = 0; i < product.rank; i += 1) {
        dims[i] = find_extent(einsum, left, right, product.labels[i]);
    }
    arrange(einsum, left, sides[0].labels);
    arrange(einsum, right, sides[1].labels);
    product.value = neuron_matmul(trace, neuron_reshape(trace, left->value, left_dims, 3),
                                  neuron_reshape(trace, right->value, right_dims, 3));
    product.value = neuron_reshape(trace, product.value, dims, product.rank);
    for (uint32_t i = 0; i < pair.batch.rank; i += 1) {
        einsum->uses[pair.batch.labels[i]] -= 1;
    }
    *left = product;
}

struct neuron_value
neuron_einsum(struct neuron_trace *trace, const char *equation, const struct neuron_value *inputs,
              uint32_t input_count)
{
    struct einsum einsum = {.trace = trace};

    if (input_count == 0 || input_count > TERMS) {
        refuse(&einsum, "it has no operands, or too many");
    }
    if (trace->status == NEURON_OK) {
        parse(&einsum, equation, inputs, input_count);
    }
    for (uint32_t i = 0; trace->status == NEURON_OK && i < input_count; i += 1) {
        settle_term(&einsum, &einsum.terms[i]);
    }
    for (uint32_t i = 1; trace->status == NEURON_OK && i < input_count; i += 1) {
        multiply(&einsum, &einsum.terms[0], &einsum.terms[i]);
    }
    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    arrange(&einsum, &einsum.terms[0], einsum.result.labels);
    return einsum.terms[0].value;
}
