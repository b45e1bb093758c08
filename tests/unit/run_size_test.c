/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/run_size.h"

#include "check.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"
#include "neuron/trace_reduce.h"
#include "sample_graph.h"

static enum neuron_status
trace_sum(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *unused)
{
    (void)unused;
    y[0] = neuron_add(trace, x[0], x[0]);
    return neuron_trace_status(trace);
}

/* A small result of a large intermediate one. */
static enum neuron_status
trace_peak(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *unused)
{
    const int64_t times[] = {1, 1, 1, INT64_C(1) << 40};
    struct neuron_value large = neuron_tile(trace, x[0], times);

    (void)unused;
    y[0] = neuron_reduce_sum(trace, large, NULL);
    return neuron_trace_status(trace);
}

/* Fails unless the graph of such an input is refused with the text, or taken. */
static void
expect(neuron_trace_fn *function, int64_t n, int64_t columns, const char *refusal)
{
    struct neuron_graph *graph = trace_sample(function, n, 1, 1, columns);
    struct neuron_error error = {0};

    if (refusal == NULL) {
        assert_ok(neuron_run_size_check(graph, &error), &error);
    } else {
        assert_status(NEURON_INVALID_ARGUMENT, neuron_run_size_check(graph, &error), &error);
        assert_contains(error.text, refusal);
        assert_contains(error.text, "smaller batch");
    }
    neuron_graph_destroy(graph);
}

static void
what_some_machine_can_have_is_taken(void **state)
{
    (void)state;
    expect(trace_sum, 1, 1, NULL);
    expect(trace_sum, INT64_C(1) << 30, 1 << 10, NULL);
    expect(trace_sum, INT64_C(1) << 34, 1 << 10, NULL);
    expect(trace_peak, 8, 1, NULL);
}

static void
tensors_beyond_all_addresses_are_refused(void **state)
{
    (void)state;
    expect(trace_sum, (INT64_C(1) << 34) + 1, 1 << 10, "at least 131072 GB");
    expect(trace_sum, INT64_C(1) << 50, 1 << 9, "at least");
    expect(trace_peak, 64, 1, "at least 262144 GB");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_some_machine_can_have_is_taken),
        cmocka_unit_test(tensors_beyond_all_addresses_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
