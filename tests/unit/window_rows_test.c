/* SPDX-License-Identifier: Apache-2.0 */
/* Which windows keep the rows of a batch apart. */
#include "check.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "neuron/trace_normalization.h"
#include "neuron/trace_resize.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"

static const struct neuron_tensor_view images = {
    .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 4, 6, 6}};

static enum neuron_status
check_rows(neuron_trace_fn *function, struct neuron_error *error)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = &images, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;

    assert_ok(neuron_trace(function, &signature, NULL, &graph, error), error);
    enum neuron_status status = neuron_graph_check_batchable(graph, error);
    neuron_graph_destroy(graph);
    return status;
}

static enum neuron_status
enlarge(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    const struct neuron_pool_options pool = {.kernel = {2, 2}};
    struct neuron_value weights = sample_constant(trace, 4, 3, 2, 2);
    struct neuron_value none = {0};

    (void)user;
    y[0] = neuron_conv_transpose(trace, x[0], weights, none, NULL);
    y[0] = neuron_lp_pool(trace, neuron_lrn(trace, y[0], 3, 1e-4F, 0.75F, 1.0F), 2.0F, &pool);
    y[0] = neuron_standardize(trace, y[0], 1, 1e-5F);
    y[0] = neuron_resize(trace, y[0], none, (const int64_t[]){2, 3, 9, 4}, NULL);
    return neuron_trace_status(trace);
}

static void
what_works_within_a_row_keeps_rows(void **state)
{
    struct neuron_error error = {0};

    (void)state;
    assert_ok(check_rows(enlarge, &error), &error);
}

static enum neuron_status
count(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_pool_options pool = {.kernel = {2, 2}};

    (void)user;
    y[0] = neuron_max_pool_indices(trace, x[0], &pool);
    return neuron_trace_status(trace);
}

static enum neuron_status
crop(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_resize_options options = {.coordinates = NEURON_RESIZE_CROP};
    struct neuron_value none = {0};

    (void)user;
    y[0] = neuron_resize(trace, x[0], none, images.shape, &options);
    return neuron_trace_status(trace);
}

static enum neuron_status
repeat(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_resize_options options = {.scales = {1.2F}};
    struct neuron_value none = {0};

    (void)user;
    y[0] = neuron_resize(trace, x[0], none, images.shape, &options);
    return neuron_trace_status(trace);
}

static enum neuron_status
standardize_batch(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *user)
{
    (void)user;
    y[0] = neuron_mean_variance_norm(trace, x[0], 1U << 0 | 1U << 2 | 1U << 3);
    return neuron_trace_status(trace);
}

static void
what_looks_across_the_batch_mixes_rows(void **state)
{
    static neuron_trace_fn *const functions[] = {count, crop, repeat, standardize_batch};

    (void)state;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i += 1) {
        struct neuron_error error = {0};

        assert_status(NEURON_UNSUPPORTED_MODEL, check_rows(functions[i], &error), &error);
        assert_contains(error.text, "mixes the rows");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_works_within_a_row_keeps_rows),
        cmocka_unit_test(what_looks_across_the_batch_mixes_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
