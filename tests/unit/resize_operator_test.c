/* SPDX-License-Identifier: Apache-2.0 */
/* Resized tensors, against the numbers of ONNX's own examples and such as are easily seen. */
#include "neuron/trace_resize.h"

#include <string.h>

#include "check.h"
#include "neuron/trace_elementwise.h"
#include "traced_run.h"

/* What to resize how. */
struct resizing {
    int64_t dims[4];
    struct neuron_resize_options options;
    enum neuron_type type; /* NEURON_NO_TYPE for float32, else cast to it and back */
};

static float sixteen[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const struct neuron_tensor_view square = {
    .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 4, 4}, .data = sixteen};
static const struct neuron_tensor_view corner = {
    .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 2, 2}, .data = (float[]){1, 2, 3, 4}};

/* The second input, if there is one, is the region. */
static enum neuron_status
resize(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct resizing *resizing = user;
    struct neuron_value input = x[0];
    struct neuron_value region = {0};

    if (resizing->type != NEURON_NO_TYPE) {
        input = neuron_cast(trace, input, resizing->type);
    }
    if (resizing->options.coordinates == NEURON_RESIZE_CROP) {
        region = x[1];
    }
    y[0] = neuron_resize(trace, input, region, resizing->dims, &resizing->options);
    if (resizing->type != NEURON_NO_TYPE) {
        y[0] = neuron_cast(trace, y[0], NEURON_FLOAT32);
    }
    return neuron_trace_status(trace);
}

static void
expect_resized(void **state, struct resizing resizing, const struct neuron_tensor_view *inputs,
               uint32_t input_count, const float *expected)
{
    float results[64] = {0};
    struct neuron_tensor_view output = inputs[0];
    size_t count = 1;

    memcpy(output.shape, resizing.dims, sizeof(resizing.dims));
    output.data = results;
    for (int i = 0; i < 4; i += 1) {
        count *= (size_t)resizing.dims[i];
    }
    assert_true(count <= 64);
    run_traced(*state, resize, &resizing, inputs, input_count, &output);
    expect_numbers(results, expected, count, 1e-5);
}

static void
images_grow_smoothly(void **state)
{
    static const float expected[16] = {1,    1.25F, 1.75F, 2,    1.5F, 1.75F, 2.25F, 2.5F,
                                       2.5F, 2.75F, 3.25F, 3.5F, 3,    3.25F, 3.75F, 4};
    struct resizing resizing = {.dims = {1, 1, 4, 4}, .options = {.method = NEURON_RESIZE_LINEAR}};

    expect_resized(state, resizing, &corner, 1, expected);
    resizing.options.scales[2] = 2.0F;
    resizing.options.scales[3] = 2.0F;
    expect_resized(state, resizing, &corner, 1, expected);
    resizing.options.coordinates = NEURON_RESIZE_PYTORCH_HALF_PIXEL; /* by our own kernel */
    expect_resized(state, resizing, &corner, 1, expected);
    resizing.options.coordinates = NEURON_RESIZE_HALF_PIXEL_SYMMETRIC;
    expect_resized(state, resizing, &corner, 1, expected);
    resizing.options.coordinates = NEURON_RESIZE_HALF_PIXEL;
    resizing.type = NEURON_FLOAT64;
    expect_resized(state, resizing, &corner, 1, expected);
    resizing.type = NEURON_FLOAT16;
    expect_resized(state, resizing, &corner, 1, expected);
}

static void
corners_stay_corners(void **state)
{
    static const float expected[9] = {1, 1.5F, 2, 2, 2.5F, 3, 3, 3.5F, 4};
    const struct resizing resizing = {
        .dims = {1, 1, 3, 3},
        .options = {.method = NEURON_RESIZE_LINEAR, .coordinates = NEURON_RESIZE_ALIGN_CORNERS}};
    const struct resizing single = {
        .dims = {1, 1, 1, 1},
        .options = {.method = NEURON_RESIZE_LINEAR, .coordinates = NEURON_RESIZE_ALIGN_CORNERS}};

    expect_resized(state, resizing, &corner, 1, expected);
    expect_resized(state, single, &corner, 1, expected);
}

/* Says which element of a line of four is taken at six and at three places. */
static void
expect_nearest(void **state, enum neuron_resize_coordinates coordinates,
               enum neuron_resize_rounding rounding, const float *six, const float *three)
{
    struct neuron_tensor_view line = square;
    struct resizing resizing = {.dims = {1, 1, 1, 6},
                                .options = {.coordinates = coordinates, .rounding = rounding}};

    line.shape[2] = 1;
    expect_resized(state, resizing, &line, 1, six);
    resizing.dims[3] = 3;
    expect_resized(state, resizing, &line, 1, three);
    resizing.type = NEURON_INT64;
    expect_resized(state, resizing, &line, 1, three);
}

static void
nearest_elements_are_rounded_as_asked(void **state)
{
    /* At 0, 2/3, 4/3, 2, 8/3 and 10/3; at 0, 4/3 and 8/3. */
    expect_nearest(state, NEURON_RESIZE_ASYMMETRIC, NEURON_RESIZE_FLOOR,
                   (float[]){1, 1, 2, 3, 3, 4}, (float[]){1, 2, 3});
    expect_nearest(state, NEURON_RESIZE_ASYMMETRIC, NEURON_RESIZE_CEIL, (float[]){1, 2, 3, 3, 4, 4},
                   (float[]){1, 3, 4});
    /* At -1/6, 1/2, 7/6, 11/6, 5/2 and 19/6; at 1/6, 3/2 and 17/6. */
    expect_nearest(state, NEURON_RESIZE_HALF_PIXEL, NEURON_RESIZE_ROUND_PREFER_FLOOR,
                   (float[]){1, 1, 2, 3, 3, 4}, (float[]){1, 2, 4});
    expect_nearest(state, NEURON_RESIZE_HALF_PIXEL, NEURON_RESIZE_ROUND_PREFER_CEIL,
                   (float[]){1, 2, 2, 3, 4, 4}, (float[]){1, 3, 4});
}

static void
whole_factors_repeat_elements(void **state)
{
    static const float twice[16] = {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4};
    struct resizing resizing = {.dims = {1, 1, 4, 4}};

    expect_resized(state, resizing, &corner, 1, twice);
    resizing.type = NEURON_UINT8;
    expect_resized(state, resizing, &corner, 1, twice);
    resizing.type = NEURON_NO_TYPE;
    resizing.options.coordinates = NEURON_RESIZE_ASYMMETRIC;
    resizing.options.rounding = NEURON_RESIZE_FLOOR;
    resizing.options.scales[2] = 2.0F;
    expect_resized(state, resizing, &corner, 1, twice);
}

static void
cubic_is_that_of_onnx(void **state)
{
    static const float smaller[9] = {1.47119141F,  2.78125F,    4.08251953F,
                                     6.71142578F,  8.02148438F, 9.32275391F,
                                     11.91650391F, 13.2265625F, 14.52783203F};
    static const float inside[9] = {1.36812675F, 2.6695014F,   4.0133367F,   6.57362535F, 7.875F,
                                    9.2188353F,  11.94896657F, 13.25034122F, 14.59417652F};
    struct resizing resizing = {.dims = {1, 1, 3, 3},
                                .options = {.method = NEURON_RESIZE_CUBIC,
                                            .cubic = -0.75F,
                                            .scales = {1.0F, 1.0F, 0.8F, 0.8F}}};

    expect_resized(state, resizing, &square, 1, smaller);
    resizing.options.cubic = -0.5F;
    resizing.options.excludes_outside = true;
    expect_resized(state, resizing, &square, 1, inside);
}

static void
smoothing_is_that_of_onnx(void **state)
{
    static const float linear[4] = {2.875F, 4.5F, 9.375F, 11.0F};
    static const float cubic[4] = {2.5180721F, 4.2858863F, 9.589329F, 11.357142F};
    struct resizing resizing = {.dims = {1, 1, 2, 2},
                                .options = {.method = NEURON_RESIZE_LINEAR,
                                            .cubic = -0.75F,
                                            .antialias = true,
                                            .scales = {1.0F, 1.0F, 0.6F, 0.6F}}};

    expect_resized(state, resizing, &square, 1, linear);
    resizing.options.method = NEURON_RESIZE_CUBIC;
    expect_resized(state, resizing, &square, 1, cubic);
}

static void
regions_are_cut_out(void **state)
{
    static const float expected[9] = {7.6F, 7.9F, 8.2F, 8.8F, 9.1F, 9.4F, 10.0F, 10.3F, 10.6F};
    static const float outside[9] = {7.6F, 10, 10, 12.4F, 10, 10, 10, 10, 10};
    float region[8] = {0, 0, 0.4F, 0.6F, 1, 1, 0.6F, 0.8F};
    const struct neuron_tensor_view inputs[2] = {
        square, {.type = NEURON_FLOAT32, .rank = 1, .shape = {8}, .data = region}};
    const struct resizing resizing = {.dims = {1, 1, 3, 3},
                                      .options = {.method = NEURON_RESIZE_LINEAR,
                                                  .coordinates = NEURON_RESIZE_CROP,
                                                  .extrapolation = 10.0F}};

    expect_resized(state, resizing, inputs, 2, expected);
    region[6] = 1.2F;
    region[7] = 1.7F;
    expect_resized(state, resizing, inputs, 2, outside);
}

static void
regions_that_are_no_numbers_lie_outside(void **state)
{
    static const float outside[4] = {5, 5, 5, 5};
    float region[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    const struct neuron_tensor_view inputs[2] = {
        square, {.type = NEURON_FLOAT32, .rank = 1, .shape = {8}, .data = region}};
    struct resizing resizing = {
        .dims = {1, 1, 2, 2},
        .options = {.coordinates = NEURON_RESIZE_CROP, .extrapolation = 5.0F}};

    expect_resized(state, resizing, inputs, 2, (float[]){1, 4, 13, 16});
    memset(region, 0xFF, sizeof(region)); /* a NaN each */
    expect_resized(state, resizing, inputs, 2, outside);
    resizing.options.method = NEURON_RESIZE_LINEAR;
    expect_resized(state, resizing, inputs, 2, outside);
}

static void
bytes_stop_at_their_ends(void **state)
{
    /* Cubic interpolation shoots over an edge. */
    static const float expected[8] = {0, 0, 0, 0, 255, 255, 255, 255};
    const struct neuron_tensor_view edge = {.type = NEURON_FLOAT32,
                                            .rank = 4,
                                            .shape = {1, 1, 1, 8},
                                            .data = (float[]){0, 0, 0, 0, 255, 255, 255, 255}};
    const struct resizing same = {.dims = {1, 1, 1, 8}, .type = NEURON_UINT8};
    struct resizing wide = {.dims = {1, 1, 1, 16},
                            .options = {.method = NEURON_RESIZE_CUBIC, .cubic = -0.75F},
                            .type = NEURON_UINT8};
    float results[16] = {0};
    struct neuron_tensor_view output = edge;

    expect_resized(state, same, &edge, 1, expected);
    output.shape[3] = 16;
    output.data = results;
    run_traced(*state, resize, &wide, &edge, 1, &output);
    for (int i = 0; i < 16; i += 1) {
        assert_true(i < 7 ? results[i] == 0.0F : i == 7 || i == 8 || results[i] == 255.0F);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_grow_smoothly),
        cmocka_unit_test(corners_stay_corners),
        cmocka_unit_test(nearest_elements_are_rounded_as_asked),
        cmocka_unit_test(whole_factors_repeat_elements),
        cmocka_unit_test(cubic_is_that_of_onnx),
        cmocka_unit_test(smoothing_is_that_of_onnx),
        cmocka_unit_test(regions_are_cut_out),
        cmocka_unit_test(regions_that_are_no_numbers_lie_outside),
        cmocka_unit_test(bytes_stop_at_their_ends),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
