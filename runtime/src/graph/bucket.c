/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/bucket.h"

#include <string.h>

#include "graph/batch_inputs.h"

/* A dimension of an input, and how many times it an output has. */
struct source {
    uint32_t input;
    uint32_t dim;
    int64_t factor; /* 0 for none */
};

static const struct neuron_tensor_spec *
input_of(const struct neuron_buckets *buckets, uint32_t bucket, uint32_t input)
{
    return &buckets->graphs[bucket]->inputs[input].spec;
}

static const struct neuron_tensor_spec *
output_of(const struct neuron_buckets *buckets, uint32_t bucket, uint32_t output)
{
    return &buckets->graphs[bucket]->outputs[output].spec;
}

uint64_t
neuron_bucket_elements(const struct neuron_graph *graph)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        size_t count = 0;

        (void)neuron_tensor_shape_element_count(&graph->inputs[i].spec.shape, &count);
        sum = sum > UINT64_MAX - count ? UINT64_MAX : sum + count;
    }
    return sum;
}

/* Says whether two dimensions of inputs have equal extents in every bucket. */
static bool
are_alike(const struct neuron_buckets *buckets, const struct source *left,
          const struct source *right)
{
    for (uint32_t i = 0; i < buckets->count; i += 1) {
        if (input_of(buckets, i, left->input)->shape.dims[left->dim] !=
            input_of(buckets, i, right->input)->shape.dims[right->dim]) {
            return false;
        }
    }
    return true;
}

bool
neuron_buckets_input_varies(const struct neuron_buckets *buckets, uint32_t input, uint32_t dim)
{
    int64_t first = input_of(buckets, 0, input)->shape.dims[dim];

    for (uint32_t i = 1; i < buckets->count; i += 1) {
        if (input_of(buckets, i, input)->shape.dims[dim] != first) {
            return true;
        }
    }
    return false;
}

static bool
output_varies(const struct neuron_buckets *buckets, uint32_t output, uint32_t dim)
{
    int64_t first = output_of(buckets, 0, output)->shape.dims[dim];

    for (uint32_t i = 1; i < buckets->count; i += 1) {
        if (output_of(buckets, i, output)->shape.dims[dim] != first) {
            return true;
        }
    }
    return false;
}

/* How many times a dimension of an input an output's is, the same in every bucket; 0 for not. */
static int64_t
find_factor(const struct neuron_buckets *buckets, const struct source *source, uint32_t output,
            uint32_t dim)
{
    int64_t factor = 0;

    for (uint32_t i = 0; i < buckets->count; i += 1) {
        int64_t given = input_of(buckets, i, source->input)->shape.dims[source->dim];
        int64_t made = output_of(buckets, i, output)->shape.dims[dim];

        if (given <= 0 || made <= 0 || made % given != 0 || (i > 0 && made / given != factor)) {
            return 0;
        }
        factor = made / given;
    }
    return factor;
}

/* Before the first dimension of all. */
static const struct source before_first = {.input = 0, .dim = UINT32_MAX};

/* Goes on to the next dimension of an input that differs between buckets; false when there is none
   left. */
static bool
next_varying(const struct neuron_buckets *buckets, struct source *source)
{
    const struct neuron_graph *first = buckets->graphs[0];

    source->dim += 1; /* to 0 from before the first */
    while (source->input < first->input_count) {
        if (source->dim >= first->inputs[source->input].spec.shape.rank) {
            source->input += 1;
            source->dim = 0;
        } else if (neuron_buckets_input_varies(buckets, source->input, source->dim)) {
            return true;
        } else {
            source->dim += 1;
        }
    }
    return false;
}

/* Finds what a dimension of an output that differs belongs to. The smallest factor counts: it is
   the dimension itself, where there is one. */
static struct source
find_source(const struct neuron_buckets *buckets, uint32_t output, uint32_t dim)
{
    struct source found = {.factor = 0};
    struct source source = before_first;

    while (next_varying(buckets, &source)) {
        source.factor = find_factor(buckets, &source, output, dim);
        if (source.factor > 0 && (found.factor == 0 || source.factor < found.factor)) {
            found = source;
        }
    }
    return found;
}

static enum neuron_status
check_ports(const struct neuron_graph_port *ports, const struct neuron_graph_port *others,
            uint32_t count, const char *role, struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *left = &ports[i].spec;
        const struct neuron_tensor_spec *right = &others[i].spec;

        if (strcmp(left->name, right->name) != 0 || left->shape.type != right->shape.type ||
            left->shape.rank != right->shape.rank || ports[i].is_shared != others[i].is_shared) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "buckets differ in more than extents: %s %.60s of one is %.60s of "
                               "another, or has another type or number of dimensions",
                               role, left->name, right->name);
        }
    }
    return NEURON_OK;
}

/* The bucket has what the first one has. */
static enum neuron_status
check_like_first(const struct neuron_buckets *buckets, uint32_t bucket, struct neuron_error *error)
{
    const struct neuron_graph *first = buckets->graphs[0];
    const struct neuron_graph *graph = buckets->graphs[bucket];

    if (first->input_count != graph->input_count || first->output_count != graph->output_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "buckets differ in more than extents: one has %u inputs and %u outputs, "
                           "another %u and %u",
                           first->input_count, first->output_count, graph->input_count,
                           graph->output_count);
    }
    enum neuron_status status =
        check_ports(first->inputs, graph->inputs, first->input_count, "input", error);
    return status == NEURON_OK
               ? check_ports(first->outputs, graph->outputs, first->output_count, "output", error)
               : status;
}

static bool
is_same_shape(const struct neuron_buckets *buckets, uint32_t left, uint32_t right)
{
    for (uint32_t i = 0; i < buckets->graphs[0]->input_count; i += 1) {
        if (!neuron_tensor_shape_equals(&input_of(buckets, left, i)->shape,
                                        &input_of(buckets, right, i)->shape)) {
            return false;
        }
    }
    return true;
}

/* No bucket is there twice, and those are larger that stand before. */
static enum neuron_status
check_order(const struct neuron_buckets *buckets, uint32_t bucket, struct neuron_error *error)
{
    for (uint32_t i = 0; i < bucket; i += 1) {
        if (is_same_shape(buckets, i, bucket)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "two buckets have the same shapes");
        }
    }
    if (bucket > 0 && neuron_bucket_elements(buckets->graphs[bucket - 1]) <
                          neuron_bucket_elements(buckets->graphs[bucket])) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a larger bucket stands behind a smaller one");
    }
    return NEURON_OK;
}

/* Finds a later dimension of the same input that is alike in every bucket. */
static bool
find_twin(const struct neuron_buckets *buckets, const struct source *source, struct source *twin)
{
    *twin = *source;
    while (next_varying(buckets, twin) && twin->input == source->input) {
        if (are_alike(buckets, source, twin)) {
            return true;
        }
    }
    return false;
}

/* Two dimensions of one input that always are alike could not be told apart in an output. */
static enum neuron_status
check_told_apart(const struct neuron_buckets *buckets, struct neuron_error *error)
{
    struct source source = before_first;
    struct source twin = {.input = 0};

    while (next_varying(buckets, &source)) {
        if (find_twin(buckets, &source, &twin)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "dimensions %u and %u of input %.60s are alike in every bucket, so "
                               "that nothing tells them apart in an output; add a bucket where "
                               "they differ",
                               source.dim, twin.dim, input_of(buckets, 0, source.input)->name);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_output(const struct neuron_buckets *buckets, uint32_t output, struct neuron_error *error)
{
    const struct neuron_tensor_spec *spec = output_of(buckets, 0, output);

    for (uint32_t i = 0; i < spec->shape.rank; i += 1) {
        if (output_varies(buckets, output, i) && find_source(buckets, output, i).factor == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "dimension %u of output %.60s differs between buckets and is no "
                               "multiple of any of an input: what is to be cut off cannot be told; "
                               "compile one file for each shape",
                               i, spec->name);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_buckets_check(const struct neuron_buckets *buckets, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (buckets->count > NEURON_BUCKET_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%u buckets; there are up to %d",
                           buckets->count, NEURON_BUCKET_LIMIT);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < buckets->count; i += 1) {
        status = check_like_first(buckets, i, error);
        if (status == NEURON_OK) {
            status = check_order(buckets, i, error);
        }
    }
    if (status == NEURON_OK) {
        status = check_told_apart(buckets, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < buckets->graphs[0]->output_count; i += 1) {
        status = check_output(buckets, i, error);
    }
    return status;
}

/* Says whether a tensor fits into an input of a bucket: dimensions that never differ are as they
   are, others at most as large. */
static bool
input_fits(const struct neuron_buckets *buckets, uint32_t bucket, uint32_t input,
           const struct neuron_tensor_shape *shape)
{
    const struct neuron_tensor_shape *room = &input_of(buckets, bucket, input)->shape;

    if (shape->type != room->type || shape->rank != room->rank) {
        return false;
    }
    for (uint32_t i = 0; i < shape->rank; i += 1) {
        bool may_be_less = shape->dims[i] > 0 && neuron_buckets_input_varies(buckets, input, i);

        if (may_be_less ? shape->dims[i] > room->dims[i] : shape->dims[i] != room->dims[i]) {
            return false;
        }
    }
    return true;
}

/* The first input that does not fit into a bucket; the count of inputs when all do. */
static uint32_t
find_misfit(const struct neuron_buckets *buckets, uint32_t bucket,
            const struct neuron_tensor_shape *shapes)
{
    uint32_t input = 0;

    while (input < buckets->graphs[0]->input_count &&
           input_fits(buckets, bucket, input, &shapes[input])) {
        input += 1;
    }
    return input;
}

static enum neuron_status
refuse_misfit(const struct neuron_buckets *buckets, const struct neuron_tensor_shape *shapes,
              struct neuron_error *error)
{
    uint32_t input = find_misfit(buckets, 0, shapes);
    char given[80] = "";
    char largest[80] = "";

    /* It may fit into the largest in one input, and into another one in the next. */
    input = input == buckets->graphs[0]->input_count ? 0 : input;
    return NEURON_FAIL(
        error, NEURON_INVALID_ARGUMENT,
        "input %.40s is %s, and with the others fits no bucket; the largest takes %s",
        input_of(buckets, 0, input)->name,
        neuron_tensor_shape_format(&shapes[input], given, sizeof(given)),
        neuron_tensor_shape_format(&input_of(buckets, 0, input)->shape, largest, sizeof(largest)));
}

/* A dimension is given as those of inputs before it that it is one with. */
static enum neuron_status
check_alike(const struct neuron_buckets *buckets, const struct neuron_tensor_shape *shapes,
            const struct source *later, struct neuron_error *error)
{
    int64_t wanted = shapes[later->input].dims[later->dim];
    struct source source = before_first;

    while (next_varying(buckets, &source) && source.input < later->input) {
        int64_t given = shapes[source.input].dims[source.dim];

        if (given != wanted && are_alike(buckets, later, &source)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "dimension %u of input %.40s is %lld and dimension %u of input "
                               "%.40s is %lld; in all buckets they are alike",
                               source.dim, input_of(buckets, 0, source.input)->name,
                               (long long)given, later->dim,
                               input_of(buckets, 0, later->input)->name, (long long)wanted);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_given(const struct neuron_buckets *buckets, const struct neuron_tensor_shape *shapes,
            struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    struct source source = before_first;

    while (status == NEURON_OK && next_varying(buckets, &source)) {
        status = check_alike(buckets, shapes, &source, error);
    }
    return status;
}

/* The shape of an output of a bucket, cut to what belongs to inputs of these shapes. */
static struct neuron_tensor_shape
cut_output(const struct neuron_buckets *buckets, uint32_t bucket, uint32_t output,
           const struct neuron_tensor_shape *shapes)
{
    struct neuron_tensor_shape shape = output_of(buckets, bucket, output)->shape;

    for (uint32_t i = 0; i < shape.rank; i += 1) {
        if (output_varies(buckets, output, i)) {
            struct source source = find_source(buckets, output, i);

            shape.dims[i] = shapes[source.input].dims[source.dim] * source.factor;
        }
    }
    return shape;
}

enum neuron_status
neuron_buckets_choose(const struct neuron_buckets *buckets,
                      const struct neuron_tensor_shape *shapes, uint32_t *bucket,
                      struct neuron_tensor_shape *outputs, struct neuron_error *error)
{
    const struct neuron_graph *first = buckets->graphs[0];
    uint32_t chosen = buckets->count;

    while (chosen > 0 && find_misfit(buckets, chosen - 1, shapes) < first->input_count) {
        chosen -= 1;
    }
    if (chosen == 0) {
        return refuse_misfit(buckets, shapes, error);
    }
    enum neuron_status status = check_given(buckets, shapes, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < first->output_count; i += 1) {
        outputs[i] = cut_output(buckets, chosen - 1, i, shapes);
    }
    *bucket = chosen - 1;
    return NEURON_OK;
}

bool
neuron_buckets_padding_is_harmless(const struct neuron_buckets *buckets, uint32_t input,
                                   uint32_t dim)
{
    if (dim != 0 || buckets->graphs[0]->inputs[input].is_shared) {
        return false;
    }
    for (uint32_t i = 0; i < buckets->count; i += 1) {
        if (neuron_graph_check_batchable(buckets->graphs[i], NULL) != NEURON_OK) {
            return false;
        }
    }
    return true;
}
