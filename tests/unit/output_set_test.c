/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs that are cut, ordered, and broken off at random are the ones that are saved whole. */
#include "output_place.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "neuron/npz.h"

static void
any_cut_in_any_order_gives_the_same_npy_files(void **state)
{
    struct output_place *place = *state;
    const char *scores = output_place_name(place, "scores=s.npy");
    const char *label = output_place_name(place, "label=l.npy");
    struct neuron_tensor_view views[OUTPUT_PLACE_OUTPUTS];
    struct neuron_error error = {0};
    char whole[TEST_PATH_BYTES];

    output_place_views(place, (struct neuron_row_range){.count = OUTPUT_PLACE_ROWS}, views);
    for (uint64_t seed = 0; seed < 5; seed += 1) {
        output_place_make(place, seed);
        test_folder_path(&place->folder, "whole.npy", whole);
        assert_ok(neuron_npy_save(&views[0], whole, &error), &error);
        output_place_check_same(scores, whole);
        assert_ok(neuron_npy_save(&views[1], whole, &error), &error);
        output_place_check_same(label, whole);
        assert_int_equal(test_folder_file_count(&place->folder), 3);
    }
}

static void
any_cut_in_any_order_gives_the_same_npz_file(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.npz");
    struct neuron_npz_entry entries[OUTPUT_PLACE_OUTPUTS];
    struct neuron_tensor_view views[OUTPUT_PLACE_OUTPUTS];
    struct neuron_error error = {0};
    char whole[TEST_PATH_BYTES];

    test_folder_path(&place->folder, "whole.npz", whole);
    output_place_views(place, (struct neuron_row_range){.count = OUTPUT_PLACE_ROWS}, views);
    for (uint32_t i = 0; i < OUTPUT_PLACE_OUTPUTS; i += 1) {
        entries[i] = (struct neuron_npz_entry){.name = place->specs[i].name, .tensor = views[i]};
    }
    assert_ok(neuron_npz_save(entries, OUTPUT_PLACE_OUTPUTS, whole, &error), &error);
    for (uint64_t seed = 0; seed < 5; seed += 1) {
        output_place_make(place, seed);
        output_place_check_same(all, whole);
        assert_int_equal(test_folder_file_count(&place->folder), 2);
    }
}

static void
no_rows_make_whole_files(void **state)
{
    struct output_place *place = *state;
    const char *scores = output_place_name(place, "scores=s.npz");
    const char *label = output_place_name(place, "label=l.csv");
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};

    place->plan.rows = 0;
    output_place_make(place, 0);
    assert_ok(neuron_npz_load(scores, &npz, &error), &error);
    assert_int_equal(neuron_npz_array_shape(npz, 0).dims[0], 0);
    neuron_npz_destroy(npz);
    char *text = output_place_read(label);
    assert_string_equal(text, "label\n");
    free(text);
}

static void
sums_are_those_of_what_is_on_disk(void **state)
{
    struct output_place *place = *state;
    struct neuron_piece_sum sums[OUTPUT_PLACE_OUTPUTS] = {{0}};
    struct neuron_error error = {0};
    int64_t labels[3] = {0};

    output_place_name(place, "all.npz");
    struct neuron_output_set *set = output_place_plan(place);
    assert_true(neuron_output_set_wants_crc32(set, 0));
    assert_int_equal(neuron_output_set_row_bytes(set), 32);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 7);
    for (size_t i = 0; i < place->end.piece_count; i += 1) {
        assert_ok(neuron_output_set_sum(set, place->pieces[i].rows, sums, &error), &error);
        for (uint32_t k = 0; k < OUTPUT_PLACE_OUTPUTS; k += 1) {
            assert_int_equal(sums[k].xxh3, place->sums[i][k].xxh3);
            assert_int_equal(sums[k].crc32, place->sums[i][k].crc32);
        }
    }
    const struct neuron_row_range rows = {.first = 10, .count = 3};
    assert_ok(neuron_output_set_read(set, 1, rows, labels, &error), &error);
    assert_memory_equal(labels, place->labels + 10, sizeof(labels));
    assert_int_equal(sums[1].crc32 != 0, 1);
    neuron_output_set_destroy(set);
}

static void
sums_of_outputs_in_files_of_different_kinds_agree_with_the_disk(void **state)
{
    struct output_place *place = *state;
    struct neuron_piece_sum sums[OUTPUT_PLACE_OUTPUTS] = {{0}};
    struct neuron_error error = {0};

    output_place_name(place, "scores=a.npz");
    output_place_name(place, "label=b.npy");
    struct neuron_output_set *set = output_place_plan(place);
    assert_true(neuron_output_set_wants_crc32(set, 0));
    assert_false(neuron_output_set_wants_crc32(set, 1));
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 3);
    for (size_t i = 0; i < place->end.piece_count; i += 1) {
        assert_ok(neuron_output_set_sum(set, place->pieces[i].rows, sums, &error), &error);
        assert_memory_equal(&sums[0].xxh3, &place->sums[i][0].xxh3, sizeof(sums[0].xxh3));
        assert_int_equal(sums[0].crc32, place->sums[i][0].crc32);
        assert_int_equal(sums[1].xxh3, place->sums[i][1].xxh3);
        assert_int_equal(sums[1].crc32, 0);
        assert_int_equal(place->sums[i][1].crc32, 0);
    }
    neuron_output_set_destroy(set);
}

static void
a_job_goes_on_with_the_part_files_that_are_there(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.npz");
    struct neuron_error error = {0};
    char whole[TEST_PATH_BYTES];

    output_place_make(place, 3);
    test_folder_path(&place->folder, "whole.npz", whole);
    assert_int_equal(rename(all, whole), 0);
    struct neuron_output_set *first = output_place_plan(place);
    struct neuron_output_set *second = output_place_plan(place);
    assert_status(NEURON_PEER_LOST, neuron_output_set_open(second, &error), &error);
    assert_contains(error.text, "all.npz.part is not there");
    assert_ok(neuron_output_set_reserve(first, NULL, &error), &error);
    assert_ok(neuron_output_set_open(second, &error), &error);
    output_place_write(place, second, 4);
    assert_ok(neuron_output_set_sync(second, &error), &error);
    assert_ok(neuron_output_set_complete(first, &place->end, &error), &error);
    assert_false(neuron_output_set_is_published(first));
    assert_ok(neuron_output_set_complete(first, &place->end, &error), &error);
    assert_ok(neuron_output_set_publish(second, &error), &error);
    assert_ok(neuron_output_set_publish(first, &error), &error);
    output_place_check_same(all, whole);
    neuron_output_set_destroy(first);
    neuron_output_set_destroy(second);
}

/* Two files: whichever of the renames a death comes before, the next call does the rest. */
static void
publishing_goes_on_after_a_death_between_two_renames(void **state)
{
    struct output_place *place = *state;
    const char *scores = output_place_name(place, "scores=s.npy");
    const char *label = output_place_name(place, "label=l.jsonl");
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_error error = {0};
    char part[TEST_PATH_BYTES];

    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 4);
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    test_folder_path(&place->folder, "s.npy.part", part);
    assert_int_equal(rename(part, scores), 0);
    assert_false(neuron_output_set_is_published(set));
    assert_ok(neuron_output_set_publish(set, &error), &error);
    assert_true(neuron_output_set_is_published(set));
    assert_ok(neuron_output_set_publish(set, &error), &error);
    assert_int_equal(test_folder_file_count(&place->folder), 2);
    assert_int_equal(unlink(label), 0);
    assert_status(NEURON_PEER_LOST, neuron_output_set_publish(set, &error), &error);
    assert_contains(error.text, "l.jsonl");
    assert_status(NEURON_OK, neuron_output_set_open_published(set, &error), &error);
    assert_int_equal(truncate(scores, 100), 0);
    assert_status(NEURON_PEER_LOST, neuron_output_set_open_published(set, &error), &error);
    neuron_output_set_destroy(set);
}

static void
pieces_that_are_not_all_rows_complete_nothing(void **state)
{
    struct output_place *place = *state;
    struct neuron_error error = {0};

    output_place_name(place, "all.npz");
    struct neuron_output_set *set = output_place_plan(place);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 4);
    place->end.piece_count -= 1;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_output_set_complete(set, &place->end, &error),
                  &error);
    assert_contains(error.text, "is not complete");
    neuron_output_set_discard(set);
    assert_int_equal(test_folder_file_count(&place->folder), 0);
    neuron_output_set_destroy(set);
}

static void
part_files_are_made_anew_and_not_overwritten(void **state)
{
    struct output_place *place = *state;
    struct neuron_output_set *set = NULL;
    struct neuron_error error = {0};
    struct stat status = {0};
    char part[TEST_PATH_BYTES];
    char victim[TEST_PATH_BYTES];

    output_place_name(place, "all.npz");
    set = output_place_plan(place);
    test_file_put(test_folder_path(&place->folder, "victim", victim), "mine", 4);
    test_folder_path(&place->folder, "all.npz.part", part);
    assert_int_equal(symlink(victim, part), 0);
    assert_status(NEURON_SYSTEM, neuron_output_set_open(set, &error), &error);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    assert_int_equal(lstat(part, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal((uint64_t)status.st_size, neuron_output_set_size_bytes(set));
    assert_int_equal(stat(victim, &status), 0);
    assert_int_equal(status.st_size, 4);
    assert_int_equal(truncate(part, 10), 0);
    assert_status(NEURON_PEER_LOST, neuron_output_set_open(set, &error), &error);
    assert_contains(error.text, "has 10 bytes");
    neuron_output_set_destroy(set);
}

static void
a_reservation_that_fails_leaves_nothing(void **state)
{
    struct output_place *place = *state;
    const volatile sig_atomic_t stop = 1;
    const struct rlimit small = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    struct rlimit before = {0};
    struct neuron_error error = {0};

    output_place_name(place, "scores=s.npy");
    output_place_name(place, "label=l.npy");
    struct neuron_output_set *set = output_place_plan(place);
    assert_status(NEURON_CANCELLED, neuron_output_set_reserve(set, &stop, &error), &error);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum neuron_status status = neuron_output_set_reserve(set, NULL, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_status(NEURON_SYSTEM, status, &error);
    assert_contains(error.text, "bytes, more than files may have here; see 'ulimit -f'");
    assert_int_equal(test_folder_file_count(&place->folder), 0);
    neuron_output_set_destroy(set);
}

static void
names_that_belong_to_something_else_are_refused(void **state)
{
    struct output_place *place = *state;
    const char *all = output_place_name(place, "all.csv");
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_error error = {0};
    struct stat input = {0};
    char path[TEST_PATH_BYTES];

    assert_ok(neuron_output_set_check(set, &input, "the input", &error), &error);
    test_file_put(test_folder_path(&place->folder, "all.csv.text.part", path), "x", 1);
    assert_int_equal(stat(path, &input), 0);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_set_check(set, &input, "the input", &error), &error);
    assert_contains(error.text, "all.csv.text.part would replace the input");
    assert_int_equal(mkdir(all, 0700), 0);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_set_check(set, &input, "the input", &error), &error);
    assert_contains(error.text, "is a folder");
    assert_int_equal(rmdir(all), 0);
    assert_int_equal(mkfifo(all, 0700), 0);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_set_check(set, &input, "the input", &error), &error);
    assert_contains(error.text, "no regular file");
    neuron_output_set_destroy(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_cut_in_any_order_gives_the_same_npy_files,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(any_cut_in_any_order_gives_the_same_npz_file,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(no_rows_make_whole_files, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(sums_are_those_of_what_is_on_disk, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(
            sums_of_outputs_in_files_of_different_kinds_agree_with_the_disk, output_place_set_up,
            output_place_tear_down),
        cmocka_unit_test_setup_teardown(a_job_goes_on_with_the_part_files_that_are_there,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(publishing_goes_on_after_a_death_between_two_renames,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(pieces_that_are_not_all_rows_complete_nothing,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(part_files_are_made_anew_and_not_overwritten,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(a_reservation_that_fails_leaves_nothing,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(names_that_belong_to_something_else_are_refused,
                                        output_place_set_up, output_place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
