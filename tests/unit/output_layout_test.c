/* SPDX-License-Identifier: Apache-2.0 */
#include "score/output_layout.h"

#include "output_place.h"

static void
endings_decide_the_kinds(void **state)
{
    struct output_place *place = *state;
    struct neuron_output_layout layout = {0};
    struct neuron_error error = {0};

    output_place_name(place, "label=l.dat");
    output_place_name(place, "rest.npz");
    assert_ok(neuron_output_layout_create(&place->plan, &layout, &error), &error);
    assert_int_equal(layout.file_count, 2);
    assert_int_equal(layout.files[0].kind, NEURON_OUTPUT_NPY);
    assert_int_equal(layout.files[1].kind, NEURON_OUTPUT_NPZ);
    assert_int_equal(layout.files[1].output_count, 1);
    assert_int_equal(layout.places[0].file, 1);
    assert_int_equal(layout.places[1].file, 0);
    assert_int_equal(layout.places[1].offset, 128);
    assert_int_equal(layout.files[0].size_bytes, 128 + 8 * OUTPUT_PLACE_ROWS);
    assert_int_equal(layout.row_bytes, 32);
    neuron_output_layout_destroy(&layout);
}

static void
text_files_hold_one_output_behind_the_other(void **state)
{
    struct output_place *place = *state;
    struct neuron_output_layout layout = {0};
    struct neuron_error error = {0};

    place->plan.rows = 3;
    place->options.join_key = "id";
    output_place_name(place, "all.jsonl");
    assert_ok(neuron_output_layout_create(&place->plan, &layout, &error), &error);
    assert_int_equal(layout.files[0].kind, NEURON_OUTPUT_JSONL);
    assert_contains(layout.files[0].text_path, "all.jsonl.text.part");
    assert_int_equal(layout.places[1].offset, 128);
    assert_int_equal(layout.size_bytes, 128 + 24);
    assert_int_equal(neuron_output_frame_count(&layout.files[0]), 0);
    neuron_output_layout_destroy(&layout);
}

/* Refuses the outputs that are named; takes them back. */
static void
expect_refusal(struct output_place *place, const char *text)
{
    struct neuron_output_layout layout = {0};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_layout_create(&place->plan, &layout, &error), &error);
    assert_contains(error.text, text);
    assert_null(layout.files);
    place->options.outputs.count = 0;
}

static void
outputs_without_a_file_are_refused(void **state)
{
    struct output_place *place = *state;

    expect_refusal(place, "m.neff: there is no output to write");
    output_place_name(place, "scores=s.npy");
    expect_refusal(place, "output label of m.neff has no file; give --output label=FILE too");
    output_place_name(place, "all.npy");
    expect_refusal(place, "can hold one output, and m.neff has 2 (scores, label)");
    output_place_name(place, "all.parquet");
    expect_refusal(place, "name an .npz, .csv or .jsonl file");
}

static void
files_without_an_output_are_refused(void **state)
{
    struct output_place *place = *state;

    output_place_name(place, "other=o.npy");
    expect_refusal(place, "m.neff has no output 'other'; it has: scores, label");
    output_place_name(place, "scores=a.npy");
    output_place_name(place, "scores=b.npy");
    expect_refusal(place, "name it once");
    output_place_name(place, "a.npz");
    output_place_name(place, "b.npz");
    expect_refusal(place, "are both to take all outputs");
    output_place_name(place, "scores=a.npy");
    output_place_name(place, "label=b.npy");
    output_place_name(place, "rest.npz");
    expect_refusal(place, "no output is left for");
}

static void
names_that_clash_are_refused(void **state)
{
    struct output_place *place = *state;

    output_place_name(place, "scores=a.npy");
    output_place_name(place, "label=a.npy");
    expect_refusal(place, "would both write");
    output_place_name(place, "scores=a.npy");
    output_place_name(place, "label=a.npy.part");
    expect_refusal(place, "a.npy.part; give them other names");
    output_place_name(place, "scores=a.csv");
    output_place_name(place, "label=a.csv.text");
    expect_refusal(place, "a.csv.text.part; give them other names");
    output_place_name(place, "folder/");
    expect_refusal(place, "names no file");
}

static void
columns_go_into_one_file_of_text(void **state)
{
    struct output_place *place = *state;
    const char *names[] = {"age"};

    output_place_name(place, "scores=a.csv");
    output_place_name(place, "label=b.jsonl");
    expect_refusal(place, "are both text");
    place->options.passthrough = names;
    place->options.passthrough_count = 1;
    output_place_name(place, "all.npz");
    expect_refusal(place, "cannot hold the columns of --passthrough");
    names[0] = "label";
    output_place_name(place, "all.csv");
    expect_refusal(place, "'label' is a column of the input and an output");
}

static void
more_bytes_than_a_file_may_have_are_refused(void **state)
{
    struct output_place *place = *state;

    place->plan.rows = UINT64_C(1) << 60;
    output_place_name(place, "all.npz");
    expect_refusal(place, "score fewer rows");
    place->plan.rows = UINT64_MAX;
    output_place_name(place, "all.csv");
    expect_refusal(place, "score fewer rows");
    place->plan.rows = 1;
    place->specs[1].shape.rank = 0;
    output_place_name(place, "all.csv");
    expect_refusal(place, "output label of m.neff has no rows");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(endings_decide_the_kinds, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(text_files_hold_one_output_behind_the_other,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(outputs_without_a_file_are_refused, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(files_without_an_output_are_refused, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(names_that_clash_are_refused, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(columns_go_into_one_file_of_text, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(more_bytes_than_a_file_may_have_are_refused,
                                        output_place_set_up, output_place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
