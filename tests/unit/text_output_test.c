/* SPDX-License-Identifier: Apache-2.0 */
#include "output_place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/text_output.h"

static const struct neuron_column_text texts[] = {
    {"a,b", 3, false},       {"\"x\\n\\u00e9\"", 11, true},
    {"two \"2\"", 7, false}, {"{\"k\":[1,2]}", 11, true},
    {"", 0, false},          {"null", 4, true},
};

/* Makes an output of three rows, and checks its text. */
static void
expect_text(struct output_place *place, const char *path, const char *expected)
{
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_error error = {0};
    struct neuron_column_reader columns = {.texts = texts, .column_count = 2, .row_count = 3};

    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 1);
    place->end.columns = place->options.join_key != NULL ? &columns : NULL;
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    assert_int_not_equal(neuron_output_set_text_sum(set), 0);
    assert_ok(neuron_output_set_publish(set, &error), &error);
    assert_true(neuron_output_set_is_published(set));
    assert_int_equal(test_folder_file_count(&place->folder), 1);
    char *text = output_place_read(path);
    assert_string_equal(text, expected);
    free(text);
    neuron_output_set_destroy(set);
}

static void
set_up_columns(struct output_place *place)
{
    static const char *passed = "name, full";

    place->plan.rows = 3;
    place->options.join_key = "id";
    place->options.passthrough = &passed;
    place->options.passthrough_count = 1;
}

static void
csv_has_a_line_of_names_and_a_line_a_row(void **state)
{
    struct output_place *place = *state;
    const char *path = output_place_name(place, "all.csv");

    place->plan.rows = 3;
    place->scores[1] = NAN;
    place->scores[2] = -INFINITY;
    place->scores[3] = 0.1F;
    expect_text(place, path,
                "scores_0,scores_1,scores_2,scores_3,scores_4,scores_5,label\n"
                "-3,nan,-inf,0.1,-2,-1.75,-5\n"
                "-1.5,-1.25,-1,-0.75,-0.5,-0.25,1000000002\n"
                "0,0.25,0.5,0.75,1,1.25,2000000009\n");
}

static void
jsonl_has_arrays_of_the_shape_of_the_output(void **state)
{
    struct output_place *place = *state;
    const char *path = output_place_name(place, "all.jsonl");

    place->plan.rows = 3;
    place->scores[1] = NAN;
    place->scores[2] = -INFINITY;
    expect_text(place, path,
                "{\"scores\":[[-3,null,null],[-2.25,-2,-1.75]],\"label\":-5}\n"
                "{\"scores\":[[-1.5,-1.25,-1],[-0.75,-0.5,-0.25]],\"label\":1000000002}\n"
                "{\"scores\":[[0,0.25,0.5],[0.75,1,1.25]],\"label\":2000000009}\n");
}

/* Has the place write one output of one float a row. */
static void
write_floats(struct output_place *place, struct neuron_output_set *set)
{
    float values[3] = {0.5F, 1.0F, 3.0F};
    const struct neuron_tensor_view view = {NEURON_FLOAT32, 1, {3}, values};
    struct neuron_error error = {0};

    place->pieces[0] = (struct neuron_output_piece){.rows = {0, 3}, .sums = place->sums[0]};
    place->end = (struct neuron_output_end){.pieces = place->pieces, .piece_count = 1};
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write_piece(set, place->pieces[0].rows, &view, place->sums[0]);
}

static void
columns_pass_through_to_csv(void **state)
{
    struct output_place *place = *state;
    struct neuron_error error = {0};
    struct neuron_column_reader columns = {.texts = texts, .column_count = 2, .row_count = 3};
    const char *path = output_place_name(place, "all.csv");

    set_up_columns(place);
    place->plan.outputs = &place->specs[1];
    place->plan.output_count = 1;
    place->specs[1].shape.type = NEURON_FLOAT32;
    struct neuron_output_set *set = output_place_plan(place);
    write_floats(place, set);
    place->end.columns = &columns;
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    assert_ok(neuron_output_set_publish(set, &error), &error);
    char *text = output_place_read(path);
    assert_string_equal(text, "id,\"name, full\",label\n"
                              "\"a,b\",\"x\n\xC3\xA9\",0.5\n"
                              "\"two \"\"2\"\"\",\"{\"\"k\"\":[1,2]}\",1\n"
                              ",,3\n");
    free(text);
    neuron_output_set_destroy(set);
}

static void
columns_pass_through_to_jsonl(void **state)
{
    struct output_place *place = *state;
    const char *path = output_place_name(place, "all.jsonl");

    set_up_columns(place);
    place->specs[0].shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 3, {4, 0, 3}};
    expect_text(place, path,
                "{\"id\":\"a,b\",\"name, full\":\"x\\n\\u00e9\",\"scores\":[],\"label\":-5}\n"
                "{\"id\":\"two \\\"2\\\"\",\"name, full\":{\"k\":[1,2]},\"scores\":[],"
                "\"label\":1000000002}\n"
                "{\"id\":\"\",\"name, full\":null,\"scores\":[],\"label\":2000000009}\n");
}

static void
columns_that_cannot_be_read_leave_no_text(void **state)
{
    struct output_place *place = *state;
    struct neuron_error error = {0};
    struct neuron_column_reader columns = {.texts = texts, .column_count = 2, .row_count = 2};

    set_up_columns(place);
    output_place_name(place, "all.csv");
    struct neuron_output_set *set = output_place_plan(place);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 1);
    place->end.columns = &columns;
    assert_status(NEURON_SYSTEM, neuron_output_set_complete(set, &place->end, &error), &error);
    assert_contains(error.text, "the columns end");
    assert_int_equal(test_folder_file_count(&place->folder), 1);
    assert_status(NEURON_PEER_LOST, neuron_output_set_publish(set, &error), &error);
    columns = (struct neuron_column_reader){.texts = texts, .column_count = 2, .row_count = 3};
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    assert_ok(neuron_output_set_publish(set, &error), &error);
    neuron_output_set_destroy(set);
}

static void
a_signal_ends_it(void **state)
{
    struct output_place *place = *state;
    const volatile sig_atomic_t stop = 1;
    struct neuron_error error = {0};

    output_place_name(place, "all.csv");
    struct neuron_output_set *set = output_place_plan(place);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 1);
    place->end.stop_signal = &stop;
    assert_status(NEURON_CANCELLED, neuron_output_set_complete(set, &place->end, &error), &error);
    assert_contains(error.text, "run it again to go on");
    assert_int_equal(test_folder_file_count(&place->folder), 1);
    neuron_output_set_destroy(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_has_a_line_of_names_and_a_line_a_row,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(jsonl_has_arrays_of_the_shape_of_the_output,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(columns_pass_through_to_csv, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(columns_pass_through_to_jsonl, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(columns_that_cannot_be_read_leave_no_text,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(a_signal_ends_it, output_place_set_up,
                                        output_place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
