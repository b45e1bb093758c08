/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "time_span.h"

static void
spans_that_overlap_or_touch_become_one(void **state)
{
    struct neuron_time_span spans[] = {{50, 60}, {0, 10}, {5, 20}, {20, 30}, {6, 7}};

    (void)state;
    assert_int_equal(neuron_time_spans_merge(spans, 5), 2);
    assert_int_equal(spans[0].begin_ns, 0);
    assert_int_equal(spans[0].end_ns, 30);
    assert_int_equal(spans[1].begin_ns, 50);
    assert_int_equal(spans[1].end_ns, 60);
}

static void
spans_in_order_keep_their_gaps(void **state)
{
    struct neuron_time_span spans[] = {{0, 10}, {11, 20}, {30, UINT64_MAX}};

    (void)state;
    assert_int_equal(neuron_time_spans_merge(spans, 3), 3);
    assert_int_equal(spans[0].end_ns, 10);
    assert_int_equal(spans[1].begin_ns, 11);
    assert_int_equal(spans[2].end_ns, UINT64_MAX);
}

static void
empty_spans_vanish(void **state)
{
    struct neuron_time_span spans[] = {{7, 7}, {3, 3}, {4, 5}, {5, 5}};

    (void)state;
    assert_int_equal(neuron_time_spans_merge(spans, 0), 0);
    assert_int_equal(neuron_time_spans_merge(spans, 1), 0);
    assert_int_equal(neuron_time_spans_merge(spans, 4), 1);
    assert_int_equal(spans[0].begin_ns, 4);
    assert_int_equal(spans[0].end_ns, 5);
}

static void
a_span_that_ends_before_its_begin_counts_as_empty(void **state)
{
    struct neuron_time_span spans[] = {{9, 3}, {1, 2}};

    (void)state;
    assert_int_equal(neuron_time_spans_merge(spans, 2), 1);
    assert_int_equal(spans[0].begin_ns, 1);
}

static void
windows_are_covered_in_part(void **state)
{
    static const struct neuron_time_span spans[] = {{10, 20}, {25, 45}};
    static const struct {
        struct neuron_time_span window;
        uint64_t covered_ns;
    } cases[] = {
        {{0, 10}, 0},  {{0, 12}, 2},   {{12, 15}, 3}, {{15, 30}, 10},
        {{20, 25}, 0}, {{30, 40}, 10}, {{40, 90}, 5}, {{45, 90}, 0},
    };
    size_t next = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        assert_int_equal(neuron_time_spans_within(spans, 2, cases[i].window, &next),
                         cases[i].covered_ns);
    }
    assert_int_equal(next, 2);
}

static void
windows_that_overlap_see_a_span_again(void **state)
{
    static const struct neuron_time_span span = {10, 20};
    size_t next = 0;

    (void)state;
    assert_int_equal(neuron_time_spans_within(&span, 1, (struct neuron_time_span){0, 15}, &next),
                     5);
    assert_int_equal(neuron_time_spans_within(&span, 1, (struct neuron_time_span){5, 30}, &next),
                     10);
    assert_int_equal(neuron_time_spans_within(&span, 0, (struct neuron_time_span){5, 30}, &next),
                     0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_that_overlap_or_touch_become_one),
        cmocka_unit_test(spans_in_order_keep_their_gaps),
        cmocka_unit_test(empty_spans_vanish),
        cmocka_unit_test(a_span_that_ends_before_its_begin_counts_as_empty),
        cmocka_unit_test(windows_are_covered_in_part),
        cmocka_unit_test(windows_that_overlap_see_a_span_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
