/* SPDX-License-Identifier: Apache-2.0 */
/* When each core worked for a lease, from reports that are made up. */
#include "check.h"

#include <stdlib.h>

#include "score/lease_spans.h"

enum { SHARES = 70, EVENT_LIMIT = 2 * SHARES, FIRST_CORE = 100 };

static struct neuron_data_parallel_event events[EVENT_LIMIT];
static struct neuron_data_parallel_share shares[SHARES];
static uint64_t event_count;

/* The linker makes the names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
uint64_t
__wrap_neuron_data_parallel_report_event_count(const struct neuron_data_parallel_report *report);
const struct neuron_data_parallel_event *
__wrap_neuron_data_parallel_report_event(const struct neuron_data_parallel_report *report,
                                         uint64_t index);
const struct neuron_data_parallel_share *
__wrap_neuron_data_parallel_report_share(const struct neuron_data_parallel_report *report,
                                         uint32_t index);

uint64_t
__wrap_neuron_data_parallel_report_event_count(const struct neuron_data_parallel_report *report)
{
    (void)report;
    return event_count;
}

const struct neuron_data_parallel_event *
__wrap_neuron_data_parallel_report_event(const struct neuron_data_parallel_report *report,
                                         uint64_t index)
{
    (void)report;
    return &events[index];
}

const struct neuron_data_parallel_share *
__wrap_neuron_data_parallel_report_share(const struct neuron_data_parallel_report *report,
                                         uint32_t index)
{
    (void)report;
    return &shares[index];
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

/* A call without chunks yet; each has 10 rows. */
static void
begin_call(void)
{
    event_count = 0;
    for (uint32_t i = 0; i < SHARES; i += 1) {
        shares[i] = (struct neuron_data_parallel_share){.nc = i, .core = FIRST_CORE + i};
    }
}

static void
add_event(uint32_t share, int64_t first_row, uint64_t begin_ns, uint64_t end_ns)
{
    events[event_count] = (struct neuron_data_parallel_event){.share = share,
                                                              .first_row = first_row,
                                                              .row_count = 10,
                                                              .begin_ns = begin_ns,
                                                              .end_ns = end_ns};
    event_count += 1;
}

static void
a_core_has_one_span_over_all_its_chunks(void **state)
{
    struct neuron_lease_spans spans = {.count = 0};

    (void)state;
    begin_call();
    add_event(1, 10, 5, 20);
    add_event(1, 20, 20, 35);
    add_event(0, 0, 7, 30);
    neuron_lease_spans_add(&spans, NULL, 1000);
    begin_call();
    add_event(0, 0, 1, 9);
    neuron_lease_spans_add(&spans, NULL, 2000);
    assert_int_equal(spans.count, 2);
    assert_int_equal(spans.items[0].nc, 1);
    assert_int_equal(spans.items[0].core, FIRST_CORE + 1);
    assert_int_equal(spans.items[0].begin_ns, 1005);
    assert_int_equal(spans.items[0].end_ns, 1035);
    assert_int_equal(spans.items[0].rows, 20);
    assert_int_equal(spans.items[1].nc, 0);
    assert_int_equal(spans.items[1].begin_ns, 1007);
    assert_int_equal(spans.items[1].end_ns, 2009);
    assert_int_equal(spans.items[1].rows, 20);
}

static void
of_more_cores_than_fit_the_first_ones_stay(void **state)
{
    struct neuron_lease_spans spans = {.count = 0};

    (void)state;
    begin_call();
    for (uint32_t i = 0; i < SHARES; i += 1) {
        add_event(i, INT64_C(10) * i, i, i + 1);
    }
    for (uint32_t i = 0; i < SHARES; i += 1) {
        add_event(i, INT64_C(10) * (SHARES + i), SHARES + i, SHARES + i + 1);
    }
    neuron_lease_spans_add(&spans, NULL, 1);
    assert_int_equal(spans.count, NEURON_LEASE_SPAN_LIMIT);
    for (uint32_t i = 0; i < spans.count; i += 1) {
        assert_int_equal(spans.items[i].nc, i);
        assert_int_equal(spans.items[i].rows, 20);
    }
}

static void
the_core_of_the_first_rows_is_known(void **state)
{
    (void)state;
    begin_call();
    assert_true(neuron_lease_spans_first_nc(NULL) == UINT32_MAX);
    add_event(2, 10, 0, 1);
    assert_true(neuron_lease_spans_first_nc(NULL) == UINT32_MAX);
    add_event(5, 0, 0, 1);
    assert_int_equal(neuron_lease_spans_first_nc(NULL), 5);
}

static void
spans_are_copied(void **state)
{
    struct neuron_lease_spans spans = {.count = 0};
    struct neuron_lease_span *items = NULL;
    uint32_t count = 77;

    (void)state;
    neuron_lease_spans_take(&spans, &items, &count);
    assert_null(items);
    assert_int_equal(count, 0);
    begin_call();
    add_event(3, 0, 4, 6);
    neuron_lease_spans_add(&spans, NULL, 10);
    neuron_lease_spans_take(&spans, &items, &count);
    assert_int_equal(count, 1);
    assert_int_equal(items[0].begin_ns, 14);
    assert_true(items != spans.items);
    free(items);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_has_one_span_over_all_its_chunks),
        cmocka_unit_test(of_more_cores_than_fit_the_first_ones_stay),
        cmocka_unit_test(the_core_of_the_first_rows_is_known),
        cmocka_unit_test(spans_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
