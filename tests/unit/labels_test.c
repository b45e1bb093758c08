/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the outputs of a place: "scores" is float32[rows,2,3], "label" int64[rows]. */
#include "score/labels.h"

#include "output_place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/npy.h"

/* Saves labels, and names them in the options. */
static void
save_labels(struct output_place *place, enum neuron_type type, int64_t rows, int64_t values,
            void *data)
{
    const struct neuron_tensor_view view = {
        .type = type, .rank = values > 0 ? 2 : 1, .shape = {rows, values}, .data = data};
    struct neuron_error error = {0};

    place->options.labels_path = test_folder_path(&place->folder, "labels.npy", place->paths[3]);
    assert_ok(neuron_npy_save(&view, place->paths[3], &error), &error);
}

/* Writes the output, and compares it with the labels, but for the failures. */
static struct neuron_label_result
compare(struct output_place *place, const struct neuron_row_failure *failures, size_t failure_count)
{
    struct neuron_output_set *set = NULL;
    struct neuron_labels *labels = NULL;
    struct neuron_label_result result = {0};
    struct neuron_error error = {0};

    output_place_name(place, "all.npz");
    set = output_place_plan(place);
    assert_ok(neuron_labels_open(&place->plan, &labels, &error), &error);
    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, 3);
    const struct neuron_labeled_results results = {
        .set = set, .failures = failures, .failure_count = failure_count};
    assert_ok(neuron_labels_compare(labels, &results, &result, &error), &error);
    neuron_labels_destroy(labels);
    neuron_output_set_destroy(set);
    return result;
}

/* The scores of a row grow, so that the last class wins. */
static void
classes_give_the_accuracy(void **state)
{
    struct output_place *place = *state;
    static const struct neuron_row_failure failures[] = {{.row = 0}, {.row = 500}};
    uint8_t labels[OUTPUT_PLACE_ROWS];
    char text[NEURON_LABEL_TEXT_BYTES];

    place->specs[0].shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 2, {4, 6}};
    for (int i = 0; i < OUTPUT_PLACE_ROWS; i += 1) {
        labels[i] = i % 4 == 0 ? 2 : 5;
    }
    place->scores[6 * 3 + 5] = NAN; /* then the one before it is the largest */
    save_labels(place, NEURON_UINT8, OUTPUT_PLACE_ROWS, 1, labels);
    char named[TEST_PATH_BYTES + 8];
    (void)snprintf(named, sizeof(named), "scores=%s", place->options.labels_path);
    place->options.labels_path = named;
    struct neuron_label_result result = compare(place, failures, 2);
    assert_int_equal(result.row_count, 998);
    assert_int_equal(result.right_count, 749);
    assert_true(result.mean_absolute_error < 0.0);
    assert_string_equal(neuron_label_result_format(&result, text), "accuracy 0.7505 (749 of 998)");
}

static void
whole_numbers_are_compared_as_they_are(void **state)
{
    struct output_place *place = *state;
    int64_t labels[OUTPUT_PLACE_ROWS];

    memcpy(labels, place->labels, sizeof(labels));
    labels[7] += 1;
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS, 0, labels);
    struct neuron_label_result result = compare(place, NULL, 0);
    assert_int_equal(result.right_count, OUTPUT_PLACE_ROWS - 1);
    assert_true(fabs(result.accuracy - 0.999) < 1e-12);
}

static void
floats_give_errors_over_all_values(void **state)
{
    struct output_place *place = *state;
    double *labels = calloc((size_t)OUTPUT_PLACE_ROWS * 6, sizeof(*labels));
    char text[NEURON_LABEL_TEXT_BYTES];

    assert_non_null(labels);
    for (int i = 0; i < OUTPUT_PLACE_ROWS * 6; i += 1) {
        labels[i] = (double)place->scores[i] + (i % 2 == 0 ? 1.0 : -3.0);
    }
    place->specs[0].shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 3, {4, 6, 1}};
    save_labels(place, NEURON_FLOAT64, OUTPUT_PLACE_ROWS, 6, labels);
    struct neuron_label_result result = compare(place, NULL, 0);
    assert_true(result.accuracy < 0.0);
    assert_string_equal(neuron_label_result_format(&result, text),
                        "mean absolute error 2, mean squared error 5 (1000 rows)");
    free(labels);
}

static void
labels_of_all_rows_serve_a_part_of_them(void **state)
{
    struct output_place *place = *state;
    int64_t labels[OUTPUT_PLACE_ROWS + 20] = {0};
    struct neuron_label_result result = {0};

    memcpy(labels + 15, place->labels, OUTPUT_PLACE_ROWS * sizeof(*labels));
    place->options.first_row = 15;
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS + 20, 0, labels);
    result = compare(place, NULL, 0);
    assert_int_equal(result.right_count, OUTPUT_PLACE_ROWS);
    place->options.outputs.count = 0;
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS, 0, labels + 15);
    result = compare(place, NULL, 0);
    assert_int_equal(result.right_count, OUTPUT_PLACE_ROWS);
}

static void
no_rows_compare_to_nothing(void **state)
{
    struct output_place *place = *state;
    char text[NEURON_LABEL_TEXT_BYTES];

    place->plan.rows = 0;
    save_labels(place, NEURON_INT64, 0, 0, NULL);
    struct neuron_label_result result = compare(place, NULL, 0);
    assert_true(result.accuracy < 0.0);
    assert_string_equal(neuron_label_result_format(&result, text), "no row to compare with labels");
}

static void
expect_refusal(struct output_place *place, enum neuron_status status, const char *text)
{
    struct neuron_labels *labels = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_labels_open(&place->plan, &labels, &error), &error);
    assert_contains(error.text, text);
    assert_null(labels);
}

static void
labels_that_do_not_fit_are_refused_before_scoring(void **state)
{
    struct output_place *place = *state;
    int64_t labels[OUTPUT_PLACE_ROWS] = {0};
    float reals[OUTPUT_PLACE_ROWS] = {0};

    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS - 1, 0, labels);
    expect_refusal(place, NEURON_INVALID_ARGUMENT, "has 999 labels for 1000 rows");
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS / 2, 2, labels);
    expect_refusal(place, NEURON_INVALID_ARGUMENT, "holds int64[500,2], which are no labels of");
    place->plan.output_count = 1;
    save_labels(place, NEURON_FLOAT32, OUTPUT_PLACE_ROWS, 0, reals);
    expect_refusal(place, NEURON_INVALID_ARGUMENT, "output scores, float32[4,2,3] a run");
    place->specs[0].shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 2, {4, 6}};
    labels[77] = 6;
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS, 0, labels);
    expect_refusal(place, NEURON_INVALID_ARGUMENT,
                   "label 77 is 6, and output scores has classes 0 to 5");
    labels[77] = -1;
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS, 0, labels);
    expect_refusal(place, NEURON_INVALID_ARGUMENT, "label 77 is -1");
}

static void
labels_that_fit_several_outputs_need_a_name(void **state)
{
    struct output_place *place = *state;
    int64_t labels[OUTPUT_PLACE_ROWS] = {0};

    place->specs[0].shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 2, {4, 6}};
    save_labels(place, NEURON_INT64, OUTPUT_PLACE_ROWS, 0, labels);
    expect_refusal(place, NEURON_INVALID_ARGUMENT,
                   "fits 2 outputs; say which, as in --labels label=");
}

static void
files_that_are_no_arrays_are_refused(void **state)
{
    struct output_place *place = *state;
    char path[TEST_PATH_BYTES];

    place->options.labels_path = test_folder_path(&place->folder, "none.npy", path);
    expect_refusal(place, NEURON_SYSTEM, "none.npy cannot be read: No such file");
    place->options.labels_path = place->folder.path;
    expect_refusal(place, NEURON_INVALID_ARGUMENT, "is no regular file");
    place->options.labels_path = test_folder_path(&place->folder, "text.npy", path);
    test_file_put(path, "1,2,3", 5);
    expect_refusal(place, NEURON_INVALID_SYNTAX, "text.npy: ");
    test_file_put(path, "", 0);
    expect_refusal(place, NEURON_INVALID_SYNTAX, "text.npy: ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(classes_give_the_accuracy, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(whole_numbers_are_compared_as_they_are, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(floats_give_errors_over_all_values, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(labels_of_all_rows_serve_a_part_of_them,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(no_rows_compare_to_nothing, output_place_set_up,
                                        output_place_tear_down),
        cmocka_unit_test_setup_teardown(labels_that_do_not_fit_are_refused_before_scoring,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(labels_that_fit_several_outputs_need_a_name,
                                        output_place_set_up, output_place_tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_no_arrays_are_refused, output_place_set_up,
                                        output_place_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
