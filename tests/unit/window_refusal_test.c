/* SPDX-License-Identifier: Apache-2.0 */
/* Windows, resizes and normalizations that no engine could run; most come from damaged files. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "graph/operator.h"
#include "graph/resize_mode.h"
#include "tensor_text.h"

/* Infers an operator over shapes given as text. */
static enum neuron_status
infer(enum neuron_operator kind, const struct neuron_attributes *attributes, const char *inputs,
      struct neuron_tensor_shape *output, struct neuron_error *error)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT];
    struct neuron_tensor_shape shapes[TENSOR_TEXT_LIMIT];
    uint32_t count = parse_tensors(inputs, views);

    for (uint32_t i = 0; i < count; i += 1) {
        shapes[i] = neuron_tensor_view_shape(&views[i]);
    }
    return neuron_operator_infer(kind, attributes, shapes, count, output, error);
}

static void
expect_refused(enum neuron_operator kind, struct neuron_attributes attributes, const char *inputs,
               const char *text)
{
    struct neuron_tensor_shape output = {0};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, infer(kind, &attributes, inputs, &output, &error),
                  &error);
    assert_contains(error.text, text);
}

static void
expect_shape(enum neuron_operator kind, struct neuron_attributes attributes, const char *inputs,
             const char *expected)
{
    struct neuron_tensor_shape output = {0};
    struct neuron_error error = {0};
    char text[80] = "";

    assert_ok(infer(kind, &attributes, inputs, &output, &error), &error);
    assert_string_equal(neuron_tensor_shape_format(&output, text, sizeof(text)), expected);
}

static struct neuron_attributes
plain(void)
{
    return (struct neuron_attributes){.groups = 1,
                                      .kernel = {2, 2, 2},
                                      .strides = {1, 1, 1},
                                      .dilations = {1, 1, 1},
                                      .alpha = 2.0F};
}

static void
convolutions_without_channels_or_of_too_many_dimensions_are_refused(void **state)
{
    (void)state;
    expect_refused(NEURON_OPERATOR_CONV, plain(), "[3,8] [4,3]", "1 to 3 dimensions");
    expect_refused(NEURON_OPERATOR_CONV, plain(), "[1,1,2,2,2,2] [1,1,2,2,2,2]", "1 to 3");
    expect_refused(NEURON_OPERATOR_CONV, plain(), "[1,3,8] [4,3,3,3]", "same rank");
    expect_refused(NEURON_OPERATOR_CONV, plain(), "[1,3,8] float64[4,3,3]", "types differ");
    expect_refused(NEURON_OPERATOR_CONV, plain(), "int32[1,3,8] int32[4,3,3]", "takes float32");
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, plain(), "[1,3,8] [4,3,3]", "channels");
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, plain(), "[1,3,8] [3,4,3] [3]", "bias");
}

static void
transpositions_without_an_extent_are_refused(void **state)
{
    struct neuron_attributes absurd = plain();

    (void)state;
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, plain(), "[1,3,8] [3,4,3]", "below 1");
    absurd.dims[0] = -5;
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, absurd, "[1,3,8] [3,4,3]", "below 1");
    absurd.dims[0] = INT64_MAX;
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, absurd, "[1,3,8] [3,4,3]", "too large");
    absurd.dims[0] = 8;
    absurd.groups = 0;
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, absurd, "[1,3,8] [3,4,3]", "0 groups");
    absurd.groups = 1;
    absurd.strides[0] = 0;
    expect_refused(NEURON_OPERATOR_CONV_TRANSPOSE, absurd, "[1,3,8] [3,4,3]", "stride 0");
}

static void
windows_that_see_padding_alone_are_refused(void **state)
{
    static const enum neuron_operator pools[] = {
        NEURON_OPERATOR_MAX_POOL, NEURON_OPERATOR_MAX_POOL_INDICES, NEURON_OPERATOR_AVERAGE_POOL,
        NEURON_OPERATOR_LP_POOL};
    struct neuron_attributes before = plain();
    struct neuron_attributes behind = plain();
    struct neuron_attributes between = plain();

    (void)state;
    before.pads[0] = 2;
    behind.pads[1] = 2;
    between.dilations[0] = 5;
    between.pads[0] = 3;
    between.pads[1] = 3;
    for (size_t i = 0; i < 4; i += 1) {
        expect_refused(pools[i], before, "[1,1,4]", "smaller than the window");
        expect_refused(pools[i], behind, "[1,1,4]", "smaller than the window");
        expect_refused(pools[i], between, "[1,1,4]", "smaller than the window");
    }
    /* A stride that leaves the padding out makes it harmless. */
    behind.strides[0] = 2;
    behind.pads[1] = 1;
    expect_shape(NEURON_OPERATOR_MAX_POOL, behind, "[1,1,4]", "float32[1,1,2]");
}

static void
pools_of_absurd_numbers_are_refused(void **state)
{
    struct neuron_attributes huge = plain();
    struct neuron_attributes still = plain();

    (void)state;
    for (int i = 0; i < 3; i += 1) {
        huge.kernel[i] = UINT32_MAX;
        huge.pads[i] = UINT32_MAX - 1;
        huge.pads[3 + i] = UINT32_MAX - 1;
    }
    expect_refused(NEURON_OPERATOR_MAX_POOL, huge, "[1,1,2,2,2]", "too large");
    still.strides[0] = 0;
    expect_refused(NEURON_OPERATOR_MAX_POOL, still, "[1,1,4]", "stride 0");
    expect_refused(NEURON_OPERATOR_MAX_POOL, plain(), "[1,4]", "1 to 3 dimensions");
    expect_refused(NEURON_OPERATOR_AVERAGE_POOL, plain(), "int8[1,1,4]", "takes float32");
    still = plain();
    still.alpha = NAN;
    expect_refused(NEURON_OPERATOR_LP_POOL, still, "[1,1,4]", "power");
    still.alpha = 0.5F;
    expect_refused(NEURON_OPERATOR_LP_POOL, still, "[1,1,4]", "power");
}

static void
unpooling_into_too_little_is_refused(void **state)
{
    struct neuron_attributes fits = {.starts = {1, 1, 4}, .dims = {1, 1, 5}};
    struct neuron_attributes small = {.starts = {1, 1, 4}, .dims = {1, 1, 3}};

    (void)state;
    expect_shape(NEURON_OPERATOR_MAX_UNPOOL, fits, "[1,1,2] int64[1,1,2]", "float32[1,1,5]");
    expect_refused(NEURON_OPERATOR_MAX_UNPOOL, small, "[1,1,2] int64[1,1,2]", "fit into");
    expect_refused(NEURON_OPERATOR_MAX_UNPOOL, fits, "[1,1,2] int32[1,1,2]", "int64 index");
    expect_refused(NEURON_OPERATOR_MAX_UNPOOL, fits, "[1,1,2] int64[1,1,3]", "int64 index");
    fits.starts[1] = 0;
    expect_refused(NEURON_OPERATOR_MAX_UNPOOL, fits, "[1,1,2] int64[1,1,2]", "fit into");
}

static void
neighbours_without_channels_are_refused(void **state)
{
    (void)state;
    expect_refused(NEURON_OPERATOR_LRN, (struct neuron_attributes){.kernel = {0}}, "[1,2,3]",
                   "size");
    expect_refused(NEURON_OPERATOR_LRN, (struct neuron_attributes){.kernel = {UINT32_MAX}},
                   "[1,2,3]", "size");
    expect_refused(NEURON_OPERATOR_LRN, (struct neuron_attributes){.kernel = {3}}, "[3]",
                   "channels");
}

static void
resizes_whose_scales_do_not_go_with_them_are_refused(void **state)
{
    struct neuron_attributes attributes = {.dims = {1, 4}};
    static const float scales[] = {-1.0F, NAN, INFINITY, 5.0F, 0.25F, 1e-30F};

    (void)state;
    expect_shape(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "float32[1,4]");
    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i += 1) {
        attributes.scales[1] = scales[i];
        expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "scales");
    }
    attributes.scales[1] = 0.0F;
    attributes.dims[1] = 0;
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "scales");
    attributes.dims[1] = INT64_MAX;
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[2,2]", "");
}

static void
resizes_of_no_mode_are_refused(void **state)
{
    struct neuron_attributes attributes = {.dims = {1, 4}};
    const struct neuron_resize_mode linear = {.method = NEURON_RESIZE_LINEAR};
    const struct neuron_resize_mode none = {.method = (enum neuron_resize_method)7};
    const struct neuron_resize_mode crop = {.coordinates = NEURON_RESIZE_CROP};
    const struct neuron_resize_mode smooth = {.coordinates = NEURON_RESIZE_CROP, .antialias = true};

    (void)state;
    attributes.mode = UINT32_MAX;
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "no such mode");
    attributes.mode = neuron_resize_mode_encode(&none);
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "no such mode");
    attributes.mode = 6U << 2;
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "no such mode");
    attributes.mode = neuron_resize_mode_encode(&linear);
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "bool[1,2]", "bool");
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2] [4]", "region");
    attributes.mode = neuron_resize_mode_encode(&smooth);
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2]", "smooth");
    attributes.mode = neuron_resize_mode_encode(&crop);
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2] [3]", "region");
    expect_refused(NEURON_OPERATOR_RESIZE, attributes, "[1,2] int64[4]", "region");
    expect_shape(NEURON_OPERATOR_RESIZE, attributes, "[1,2] [4]", "float32[1,4]");
}

static void
layer_norms_of_no_mode_or_axis_are_refused(void **state)
{
    (void)state;
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.axis = 2}, "[2,3]",
                   "no axis 2");
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.axis = -1}, "[2,3]",
                   "no axis -1");
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.epsilon = NAN}, "[2,3]",
                   "epsilon");
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.mode = 3}, "[2,3]",
                   "mode");
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.axis = 1, .mode = 1},
                   "[2,3] [3]", "mode");
    expect_refused(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.axis = 1}, "[2,3] [2]",
                   "shape of the normalized");
    expect_shape(NEURON_OPERATOR_LAYER_NORM, (struct neuron_attributes){.axis = 1, .mode = 1},
                 "[2,3,4]", "float32[2,1,1]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_without_channels_or_of_too_many_dimensions_are_refused),
        cmocka_unit_test(transpositions_without_an_extent_are_refused),
        cmocka_unit_test(windows_that_see_padding_alone_are_refused),
        cmocka_unit_test(pools_of_absurd_numbers_are_refused),
        cmocka_unit_test(unpooling_into_too_little_is_refused),
        cmocka_unit_test(neighbours_without_channels_are_refused),
        cmocka_unit_test(resizes_whose_scales_do_not_go_with_them_are_refused),
        cmocka_unit_test(resizes_of_no_mode_are_refused),
        cmocka_unit_test(layer_norms_of_no_mode_or_axis_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
