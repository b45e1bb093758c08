/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_report.h"
#include "score/slowest_block.h"

static const struct neuron_rank_identity only_rank = {.rank = 0, .world_size = 1};
static const struct neuron_call_share cores[] = {{0, 8}, {1, 9}};

/* How many more reports are made before there is no memory. */
static int reports_left = 0;

/* The linker puts this in place of the call that needs a whole DataParallel object; it gives the
   names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__wrap_neuron_data_parallel_report_create(const struct neuron_data_parallel *parallel,
                                          struct neuron_data_parallel_report **report,
                                          struct neuron_error *error);

enum neuron_status
__wrap_neuron_data_parallel_report_create(const struct neuron_data_parallel *parallel,
                                          struct neuron_data_parallel_report **report,
                                          struct neuron_error *error)
{
    (void)parallel;
    if (reports_left == 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a report");
    }
    reports_left -= 1;
    return neuron_call_report_create(2, report, error);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static struct neuron_slowest_block *
create(void)
{
    struct neuron_slowest_block *slowest = NULL;
    struct neuron_error error = {0};

    reports_left = 1;
    assert_ok(neuron_slowest_block_create(NULL, &slowest, &error), &error);
    return slowest;
}

/* Scores 10 rows as one block, which takes a while of the first core. */
static void
score(struct neuron_slowest_block *slowest, uint64_t first_row, uint64_t duration_ns)
{
    struct neuron_data_parallel_report *report = NULL;
    const struct neuron_data_parallel_event event = {
        .row_count = 10, .ran_ns = duration_ns, .end_ns = duration_ns};
    const struct neuron_row_range rows = {.first = first_row, .count = 10};
    struct neuron_error error = {0};

    assert_ok(neuron_call_report_create(2, &report, &error), &error);
    assert_ok(neuron_call_report_begin(report, cores, 2, 1, 0, &error), &error);
    neuron_call_report_note(report, &event, 0);
    neuron_call_report_end(report, duration_ns);
    neuron_slowest_block_offer(slowest, &report, &rows);
    /* The offered one, or the one that came for it. */
    neuron_data_parallel_report_destroy(report);
}

/* Checks how what is printed of it begins, and destroys it. */
static void
assert_printed(struct neuron_slowest_block *slowest, const struct neuron_rank_identity *identity,
               const char *expected)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    neuron_slowest_block_print(slowest, identity, stream);
    assert_int_equal(fclose(stream), 0);
    assert_true(size_bytes >= strlen(expected));
    assert_memory_equal(text, expected, strlen(expected));
    free(text);
    neuron_slowest_block_destroy(slowest);
}

#define AXIS "|0       10      20      30      40      50      60      70  "
#define HALF "##############################"
#define IDLE ".............................."

static void
the_block_that_took_longest_is_printed(void **state)
{
    struct neuron_slowest_block *slowest = create();

    (void)state;
    score(slowest, 0, 50);
    score(slowest, 10, 75);
    score(slowest, 20, 60);
    score(slowest, 30, 10);
    assert_printed(slowest, &only_rank,
                   "neuron-score: block 2 of 4, the slowest: rows 10-19\n"
                   "2 replicas, 1 chunk, 10 rows in 75 ns: 50% busy, 0 bytes copied\n"
                   "         ns " AXIS "|  busy  chunks  rows     run    copy    wait\n"
                   "nc:0 core 8 |" HALF HALF "|  100%       1    10      75       0       0\n"
                   "nc:1 core 9 |" IDLE IDLE "|    0%       0     0       0       0      75\n"
                   "# run, = copy, . idle: what took most of a column\n");
}

static void
of_equal_blocks_the_first_is_printed(void **state)
{
    struct neuron_slowest_block *slowest = create();

    (void)state;
    score(slowest, 0, 7);
    score(slowest, 10, 7);
    assert_printed(slowest, &only_rank, "neuron-score: block 1 of 2, the slowest: rows 0-9\n");
}

static void
a_block_that_took_no_time_is_one(void **state)
{
    struct neuron_slowest_block *slowest = create();

    (void)state;
    score(slowest, 40, 0);
    assert_printed(slowest, &only_rank, "neuron-score: block 1 of 1, the slowest: rows 40-49\n");
}

static void
one_of_several_ranks_says_which_it_is(void **state)
{
    static const struct neuron_rank_identity identity = {.rank = 3, .world_size = 4};
    struct neuron_slowest_block *slowest = create();

    (void)state;
    score(slowest, 0, 7);
    assert_printed(slowest, &identity, "neuron-score: rank 3: block 1 of 1, the slowest: ");
    assert_printed(create(), &identity,
                   "neuron-score: rank 3: no timeline, as there were no rows\n");
}

static void
without_rows_there_is_no_chart(void **state)
{
    (void)state;
    assert_printed(create(), &only_rank, "neuron-score: no timeline, as there were no rows\n");
    neuron_slowest_block_destroy(NULL);
}

static void
without_memory_none_is_made(void **state)
{
    struct neuron_slowest_block *slowest = NULL;
    struct neuron_error error = {0};

    (void)state;
    reports_left = 0;
    assert_status(NEURON_OUT_OF_MEMORY, neuron_slowest_block_create(NULL, &slowest, &error),
                  &error);
    assert_null(slowest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_block_that_took_longest_is_printed),
        cmocka_unit_test(of_equal_blocks_the_first_is_printed),
        cmocka_unit_test(a_block_that_took_no_time_is_one),
        cmocka_unit_test(one_of_several_ranks_says_which_it_is),
        cmocka_unit_test(without_rows_there_is_no_chart),
        cmocka_unit_test(without_memory_none_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
