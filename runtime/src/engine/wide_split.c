/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wide_split.h"

#include <string.h>

#include "engine/wide_worth.h"

enum { NO_DIMENSION = -1 };

/* The places of the arguments in a part. */
enum { SOURCE, WEIGHTS, BIAS, DESTINATION };

/* A kernel that is to be cut. */
struct splitting {
    const struct neuron_plan *plan;
    const_dnnl_primitive_desc_t description;
    const_dnnl_primitive_attr_t attributes;
    uint32_t part_count;
    bool has_bias;
    dnnl_memory_desc_t layouts[NEURON_WIDE_ARGUMENT_LIMIT]; /* of the whole */
};

/* How large the blocks of a dimension are. */
static int64_t
block_of(const dnnl_memory_desc_t *layout, int dimension)
{
    const dnnl_blocking_desc_t *blocking = &layout->format_desc.blocking;
    int64_t block = 1;

    for (int i = 0; i < blocking->inner_nblks; i += 1) {
        block *= blocking->inner_idxs[i] == dimension ? blocking->inner_blks[i] : 1;
    }
    return block;
}

bool
neuron_wide_cut_layout(const dnnl_memory_desc_t *whole, int dimension, int64_t begin, int64_t end,
                       dnnl_memory_desc_t *part, size_t *offset)
{
    const dnnl_dim_t *strides = whole->format_desc.blocking.strides;
    int64_t block = block_of(whole, dimension);

    if (whole->format_kind != dnnl_blocked || whole->offset0 != 0 || whole->extra.flags != 0 ||
        begin % block != 0 || (end % block != 0 && end != whole->dims[dimension])) {
        return false;
    }
    int64_t blocks = (end - begin + block - 1) / block;
    *part = *whole;
    part->dims[dimension] = end - begin;
    part->padded_dims[dimension] = blocks * block;
    for (int i = 0; i < whole->ndims; i += 1) {
        if (i == dimension || strides[i] < strides[dimension]) {
            continue;
        }
        if (whole->padded_dims[i] != 1) {
            return false;
        }
        part->format_desc.blocking.strides[i] = strides[dimension] * blocks;
    }
    *offset = (size_t)(begin / block * strides[dimension]) * dnnl_data_type_size(whole->data_type);
    return true;
}

/* Which piece of a dimension is a core's: blocks are dealt out as equally as can be. */
static bool
find_piece(const struct splitting *splitting, const dnnl_memory_desc_t *layout, int dimension,
           uint32_t core, int64_t piece[2])
{
    int64_t block = block_of(layout, dimension);
    int64_t extent = layout->dims[dimension];
    int64_t blocks = (extent + block - 1) / block;

    if (blocks < splitting->part_count) {
        return false;
    }
    piece[0] = blocks * core / splitting->part_count * block;
    piece[1] = blocks * (core + 1) / splitting->part_count * block;
    piece[1] = piece[1] < extent ? piece[1] : extent;
    return true;
}

/* Cuts an argument along a dimension, or leaves it whole. */
static bool
cut_argument(const struct splitting *splitting, struct neuron_wide_part *part, int argument,
             int dimension, const int64_t piece[2])
{
    part->layouts[argument] = splitting->layouts[argument];
    part->offsets[argument] = 0;
    return dimension == NO_DIMENSION ||
           neuron_wide_cut_layout(&splitting->layouts[argument], dimension, piece[0], piece[1],
                                  &part->layouts[argument], &part->offsets[argument]);
}

/* Describes the part, of the operation that its layouts were filled into. */
static bool
describe_part(const struct splitting *splitting, const_dnnl_op_desc_t operation,
              struct neuron_wide_part *part)
{
    const char *whole = "";
    const char *own = "";

    if (dnnl_primitive_desc_create(&part->description, operation, splitting->attributes,
                                   splitting->plan->engine, NULL) != dnnl_success) {
        part->description = NULL;
        return false;
    }
    /* Another kernel may take the layouts as well, and be many times slower on them. */
    (void)dnnl_primitive_desc_query(splitting->description, dnnl_query_impl_info_str, 0, &whole);
    (void)dnnl_primitive_desc_query(part->description, dnnl_query_impl_info_str, 0, &own);
    return strcmp(whole, own) == 0 && strncmp(own, "ref", strlen("ref")) != 0;
}

/* The outermost dimension of a result that is more than 1. */
static int
find_outermost(const dnnl_memory_desc_t *layout)
{
    int dimension = 0;

    while (dimension + 1 < layout->ndims && layout->dims[dimension] == 1) {
        dimension += 1;
    }
    return dimension;
}

/* The dimension to cut an argument of a product along, that is not the same for all of it. */
static int
own_dimension(const struct splitting *splitting, int argument, int dimension)
{
    return splitting->layouts[argument].dims[dimension] == 1 ? NO_DIMENSION : dimension;
}

static bool
split_product(const struct splitting *splitting, uint32_t core, struct neuron_wide_part *part)
{
    const dnnl_memory_desc_t *result = &splitting->layouts[DESTINATION];
    int dimension = find_outermost(result);
    bool is_column = dimension == result->ndims - 1;
    bool is_row = dimension == result->ndims - 2;
    const dnnl_matmul_desc_t *whole = NULL;
    int64_t piece[2] = {0, 0};

    /* Weights may be in larger blocks than the result: their pieces are everybody's. */
    if (!find_piece(splitting, is_column ? &splitting->layouts[WEIGHTS] : result, dimension, core,
                    piece) ||
        !cut_argument(splitting, part, SOURCE,
                      is_column ? NO_DIMENSION : own_dimension(splitting, SOURCE, dimension),
                      piece) ||
        !cut_argument(splitting, part, WEIGHTS,
                      is_row ? NO_DIMENSION : own_dimension(splitting, WEIGHTS, dimension),
                      piece) ||
        !cut_argument(splitting, part, BIAS,
                      splitting->has_bias ? own_dimension(splitting, BIAS, dimension)
                                          : NO_DIMENSION,
                      piece) ||
        !cut_argument(splitting, part, DESTINATION, dimension, piece) ||
        dnnl_primitive_desc_query(splitting->description, dnnl_query_matmul_d, 0, &whole) !=
            dnnl_success) {
        return false;
    }
    dnnl_matmul_desc_t operation = *whole;
    operation.src_desc = part->layouts[SOURCE];
    operation.weights_desc = part->layouts[WEIGHTS];
    operation.bias_desc = splitting->has_bias ? part->layouts[BIAS] : operation.bias_desc;
    operation.dst_desc = part->layouts[DESTINATION];
    return describe_part(splitting, &operation, part);
}

/* Describes a part of a convolution, whose window is in the operation. */
static bool
describe_convolution(const struct splitting *splitting, dnnl_convolution_desc_t *operation,
                     struct neuron_wide_part *part)
{
    operation->src_desc = part->layouts[SOURCE];
    operation->weights_desc = part->layouts[WEIGHTS];
    operation->bias_desc = splitting->has_bias ? part->layouts[BIAS] : operation->bias_desc;
    operation->dst_desc = part->layouts[DESTINATION];
    return describe_part(splitting, operation, part);
}

static bool
split_images(const struct splitting *splitting, dnnl_convolution_desc_t operation, uint32_t core,
             struct neuron_wide_part *part)
{
    int64_t piece[2] = {0, 0};

    return find_piece(splitting, &splitting->layouts[DESTINATION], 0, core, piece) &&
           cut_argument(splitting, part, SOURCE, 0, piece) &&
           cut_argument(splitting, part, WEIGHTS, NO_DIMENSION, piece) &&
           cut_argument(splitting, part, BIAS, NO_DIMENSION, piece) &&
           cut_argument(splitting, part, DESTINATION, 0, piece) &&
           describe_convolution(splitting, &operation, part);
}

/* Cuts along the first direction that the window moves in: a part reads what its rows need. */
static bool
split_rows(const struct splitting *splitting, dnnl_convolution_desc_t operation, uint32_t core,
           struct neuron_wide_part *part)
{
    enum { ROWS = 2 };
    const dnnl_memory_desc_t *source = &splitting->layouts[SOURCE];
    const dnnl_memory_desc_t *weights = &splitting->layouts[WEIGHTS];
    int64_t kernel = weights->dims[weights->ndims - (source->ndims - ROWS)];
    int64_t window = (kernel - 1) * (operation.dilates[0] + 1) + 1;
    int64_t piece[2] = {0, 0};

    if (!find_piece(splitting, &splitting->layouts[DESTINATION], ROWS, core, piece)) {
        return false;
    }
    int64_t first = piece[0] * operation.strides[0] - operation.padding[0][0];
    int64_t end = (piece[1] - 1) * operation.strides[0] - operation.padding[0][0] + window;
    const int64_t read[2] = {first < 0 ? 0 : first,
                             end > source->dims[ROWS] ? source->dims[ROWS] : end};
    operation.padding[0][0] = read[0] - first;
    operation.padding[1][0] = end - read[1];
    return read[0] < read[1] && cut_argument(splitting, part, SOURCE, ROWS, read) &&
           cut_argument(splitting, part, WEIGHTS, NO_DIMENSION, piece) &&
           cut_argument(splitting, part, BIAS, NO_DIMENSION, piece) &&
           cut_argument(splitting, part, DESTINATION, ROWS, piece) &&
           describe_convolution(splitting, &operation, part);
}

static bool
split_channels(const struct splitting *splitting, dnnl_convolution_desc_t operation, uint32_t core,
               struct neuron_wide_part *part)
{
    const dnnl_memory_desc_t *weights = &splitting->layouts[WEIGHTS];
    bool has_groups = weights->ndims != splitting->layouts[SOURCE].ndims;
    int64_t piece[2] = {0, 0};

    /* Weights may be in larger blocks than the result: their pieces are everybody's. */
    return !has_groups && find_piece(splitting, weights, 0, core, piece) &&
           cut_argument(splitting, part, SOURCE, NO_DIMENSION, piece) &&
           cut_argument(splitting, part, WEIGHTS, 0, piece) &&
           cut_argument(splitting, part, BIAS, splitting->has_bias ? 0 : NO_DIMENSION, piece) &&
           cut_argument(splitting, part, DESTINATION, 1, piece) &&
           describe_convolution(splitting, &operation, part);
}

typedef bool
split_convolution_fn(const struct splitting *splitting, dnnl_convolution_desc_t operation,
                     uint32_t core, struct neuron_wide_part *part);

/* Makes the parts of a convolution in one way, or none. */
static bool
split_convolution(const struct splitting *splitting, split_convolution_fn *split,
                  struct neuron_wide_part *parts)
{
    const dnnl_convolution_desc_t *whole = NULL;
    bool is_split = dnnl_primitive_desc_query(splitting->description, dnnl_query_convolution_d, 0,
                                              &whole) == dnnl_success;

    for (uint32_t i = 0; is_split && i < splitting->part_count; i += 1) {
        is_split = split(splitting, *whole, i, &parts[i]);
    }
    if (!is_split) {
        neuron_wide_parts_destroy(parts, splitting->part_count);
    }
    return is_split;
}

static bool
split_products(const struct splitting *splitting, struct neuron_wide_part *parts)
{
    bool is_split = true;

    for (uint32_t i = 0; is_split && i < splitting->part_count; i += 1) {
        is_split = split_product(splitting, i, &parts[i]);
    }
    if (!is_split) {
        neuron_wide_parts_destroy(parts, splitting->part_count);
    }
    return is_split;
}

/* Finds the layouts of the arguments, which are to be in this order. */
static bool
find_layouts(struct splitting *splitting, const struct neuron_step_argument *arguments,
             uint32_t argument_count)
{
    static const int names[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
    static const dnnl_query_t queries[] = {dnnl_query_src_md, dnnl_query_weights_md,
                                           dnnl_query_weights_md, dnnl_query_dst_md};
    static const int indices[] = {0, 0, 1, 0};

    splitting->has_bias = argument_count == NEURON_WIDE_ARGUMENT_LIMIT;
    if (argument_count + 1 < NEURON_WIDE_ARGUMENT_LIMIT ||
        argument_count > NEURON_WIDE_ARGUMENT_LIMIT) {
        return false;
    }
    for (uint32_t i = 0; i < argument_count; i += 1) {
        uint32_t place = i + (i >= BIAS && !splitting->has_bias ? 1 : 0);
        const dnnl_memory_desc_t *layout =
            dnnl_primitive_desc_query_md(splitting->description, queries[place], indices[place]);

        if (arguments[i].name != names[place] || layout == NULL) {
            return false;
        }
        splitting->layouts[place] = *layout;
    }
    return true;
}

bool
neuron_wide_split(const struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
                  const struct neuron_step_argument *arguments, uint32_t argument_count,
                  struct neuron_wide_part *parts, uint32_t part_count)
{
    struct splitting splitting = {
        .plan = lowering->plan, .description = description, .part_count = part_count};
    dnnl_primitive_kind_t kind = dnnl_undefined_primitive;

    if (!neuron_wide_is_worth_it(lowering->plan->graph, lowering->node) ||
        dnnl_primitive_desc_query(description, dnnl_query_primitive_kind, 0, &kind) !=
            dnnl_success ||
        dnnl_primitive_desc_get_attr(description, &splitting.attributes) != dnnl_success ||
        !find_layouts(&splitting, arguments, argument_count)) {
        return false;
    }
    if (kind == dnnl_matmul) {
        return split_products(&splitting, parts);
    }
    return kind == dnnl_convolution && (split_convolution(&splitting, split_images, parts) ||
                                        split_convolution(&splitting, split_rows, parts) ||
                                        split_convolution(&splitting, split_channels, parts));
}

void
neuron_wide_parts_destroy(struct neuron_wide_part *parts, uint32_t part_count)
{
    for (uint32_t i = 0; i < part_count; i += 1) {
        (void)dnnl_primitive_desc_destroy(parts[i].description);
        parts[i].description = NULL;
    }
}
