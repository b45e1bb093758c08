/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "part_place.h"
#include "score/part_file.h"

static void
a_single_rank_makes_the_output(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_ok(part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_true(outcome.is_complete);
    assert_int_equal(outcome.core_count, 2);
    assert_int_equal(outcome.start_ns, 1000);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
ranks_that_never_meet_make_one_output(void **state)
{
    const struct part_place *place = *state;
    static const uint32_t order[] = {2, 0, 3, 1};

    for (uint32_t i = 0; i < 4; i += 1) {
        struct neuron_rank_identity identity = part_place_identity("job", order[i], 4);
        struct neuron_part_outcome outcome = {0};
        struct neuron_error error = {0};

        assert_ok(part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
        assert_int_equal(outcome.is_complete, i == 3);
        assert_int_equal(part_place_exists(place->output), i == 3);
        assert_int_equal(outcome.core_count, 2 * (i + 1));
        assert_int_equal(outcome.start_ns, i < 2 ? 1000 - 2 + 0 : 1000 - 3);
    }
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
no_rows_make_an_empty_output(void **state)
{
    const struct part_place *place = *state;

    for (uint32_t rank = 0; rank < 3; rank += 1) {
        struct neuron_rank_identity identity = part_place_identity("job", rank, 3);
        struct neuron_part_outcome outcome = {0};
        struct neuron_error error = {0};

        assert_ok(part_place_run_rank(place, &identity, 0, &outcome, &error), &error);
    }
    part_place_check_output(place, 0);
}

static void
an_earlier_output_stays_until_the_new_one_is_complete(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity first = part_place_identity("job", 0, 2);
    struct neuron_rank_identity second = part_place_identity("job", 1, 2);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};
    struct stat status = {0};

    part_place_put_file(place->output, "old", 3);
    assert_ok(part_place_run_rank(place, &first, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_int_equal(stat(place->output, &status), 0);
    assert_int_equal(status.st_size, 3);
    assert_ok(part_place_run_rank(place, &second, PART_PLACE_ROWS, &outcome, &error), &error);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
a_rank_removes_no_file_that_is_not_its_own(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_plan plan = part_place_plan(place, &identity, PART_PLACE_ROWS);
    struct neuron_part_file *part = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_part_file_join(&plan, &part, &error), &error);
    assert_int_equal(unlink(place->part), 0);
    part_place_put_file(place->part, "theirs", 6);
    neuron_part_file_abandon(part);
    assert_true(part_place_exists(place->part));
    neuron_part_file_destroy(part);
}

static void
a_rank_that_never_joined_removes_the_file_of_its_job_only(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 2);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    neuron_part_file_abandon_job(place->part, "job");
    assert_ok(part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    neuron_part_file_abandon_job(place->part, "other");
    assert_true(part_place_exists(place->part));
    neuron_part_file_abandon_job(place->part, "job");
    assert_false(part_place_exists(place->part));
}

static void
leftovers_are_overwritten_and_other_files_are_not(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    part_place_put_file(place->part, "my notes", 8);
    assert_status(NEURON_INVALID_ARGUMENT,
                  part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_contains(error.text, "no unfinished output");
    assert_true(part_place_exists(place->part));
    part_place_put_file(place->part, part_place_header, sizeof(part_place_header));
    assert_ok(part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
a_link_in_the_way_is_not_followed(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(symlink("y.npy", place->part), 0);
    assert_status(NEURON_SYSTEM,
                  part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_false(part_place_exists(place->output));
}

static void
an_output_without_room_is_refused_and_leaves_nothing(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    const struct rlimit small = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    struct rlimit before = {0};
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum neuron_status status = part_place_run_rank(place, &identity, 1000000, &outcome, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, NEURON_SYSTEM);
    assert_contains(error.text, "needs 4000328 bytes");
    assert_false(part_place_exists(place->part));
}

static void
a_stop_ends_the_wait_before_the_file_is_made(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_plan plan = part_place_plan(place, &identity, PART_PLACE_ROWS);
    const volatile sig_atomic_t stop_signal = SIGTERM;
    struct neuron_part_file *part = NULL;
    struct neuron_error error = {0};

    plan.stop_signal = &stop_signal;
    assert_status(NEURON_CANCELLED, neuron_part_file_join(&plan, &part, &error), &error);
    assert_null(part);
    assert_false(part_place_exists(place->part));
}

static void
a_size_that_no_file_has_is_refused(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 1);
    struct neuron_part_plan plan = part_place_plan(place, &identity, PART_PLACE_ROWS);
    struct neuron_part_file *part = NULL;
    struct neuron_error error = {0};

    plan.payload_bytes = UINT64_MAX - 10;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_part_file_join(&plan, &part, &error), &error);
    assert_false(part_place_exists(place->part));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_single_rank_makes_the_output, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(ranks_that_never_meet_make_one_output, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(no_rows_make_an_empty_output, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(an_earlier_output_stays_until_the_new_one_is_complete,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_removes_no_file_that_is_not_its_own,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_that_never_joined_removes_the_file_of_its_job_only,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(leftovers_are_overwritten_and_other_files_are_not,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_link_in_the_way_is_not_followed, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(an_output_without_room_is_refused_and_leaves_nothing,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_stop_ends_the_wait_before_the_file_is_made,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_size_that_no_file_has_is_refused, part_place_set_up,
                                        part_place_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
