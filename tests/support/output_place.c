/* SPDX-License-Identifier: Apache-2.0 */
#include "output_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random_numbers.h"
#include "score/output_sums.h"

enum { SCORE_VALUES = 6 };

/* The linker makes the name.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__wrap_neuron_column_reader_next(struct neuron_column_reader *reader,
                                 struct neuron_column_text *texts, struct neuron_error *error);

enum neuron_status
__wrap_neuron_column_reader_next(struct neuron_column_reader *reader,
                                 struct neuron_column_text *texts, struct neuron_error *error)
{
    if (reader->row == reader->row_count) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the columns end");
    }
    memcpy(texts, reader->texts + (size_t)reader->row * reader->column_count,
           reader->column_count * sizeof(*texts));
    reader->row += 1;
    return NEURON_OK;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static void
fill_values(struct output_place *place)
{
    place->scores = calloc((size_t)OUTPUT_PLACE_ROWS * SCORE_VALUES, sizeof(float));
    place->labels = calloc(OUTPUT_PLACE_ROWS, sizeof(int64_t));
    assert_non_null(place->scores);
    assert_non_null(place->labels);
    for (int i = 0; i < OUTPUT_PLACE_ROWS * SCORE_VALUES; i += 1) {
        place->scores[i] = (float)i * 0.25F - 3.0F;
    }
    for (int i = 0; i < OUTPUT_PLACE_ROWS; i += 1) {
        place->labels[i] = i * INT64_C(1000000007) - 5;
    }
}

int
output_place_set_up(void **state)
{
    struct output_place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    test_folder_create(&place->folder);
    place->specs[0] =
        (struct neuron_tensor_spec){"scores", {NEURON_FLOAT32, 3, {4, 2, SCORE_VALUES / 2}}};
    place->specs[1] = (struct neuron_tensor_spec){"label", {NEURON_INT64, 1, {4}}};
    place->options.outputs.items = place->items;
    place->options.end_row = UINT64_MAX;
    place->plan = (struct neuron_output_plan){.model_path = "m.neff",
                                              .outputs = place->specs,
                                              .output_count = OUTPUT_PLACE_OUTPUTS,
                                              .rows = OUTPUT_PLACE_ROWS,
                                              .options = &place->options};
    fill_values(place);
    *state = place;
    return 0;
}

int
output_place_tear_down(void **state)
{
    struct output_place *place = *state;

    test_folder_destroy(&place->folder);
    free(place->scores);
    free(place->labels);
    free(place);
    return 0;
}

const char *
output_place_name(struct output_place *place, const char *text)
{
    uint32_t index = place->options.outputs.count;
    const char *mark = strchr(text, '=');
    static const char *const names[] = {"scores", "label", "other"};

    test_folder_path(&place->folder, mark == NULL ? text : mark + 1, place->paths[index]);
    place->items[index] = (struct neuron_named_text){.value = place->paths[index]};
    for (size_t i = 0; mark != NULL && i < 3; i += 1) {
        if (strncmp(names[i], text, (size_t)(mark - text)) == 0) {
            place->items[index].name = names[i];
        }
    }
    place->options.outputs.count = index + 1;
    return place->paths[index];
}

struct neuron_output_set *
output_place_plan(struct output_place *place)
{
    struct neuron_output_set *set = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_output_set_plan(&place->plan, &set, &error), &error);
    return set;
}

void
output_place_views(const struct output_place *place, struct neuron_row_range rows,
                   struct neuron_tensor_view views[OUTPUT_PLACE_OUTPUTS])
{
    for (uint32_t i = 0; i < OUTPUT_PLACE_OUTPUTS; i += 1) {
        struct neuron_tensor_shape shape = place->specs[i].shape;

        shape.dims[0] = (int64_t)rows.count;
        views[i] = neuron_tensor_view_of(
            &shape, i == 0 ? (void *)(place->scores + rows.first * SCORE_VALUES)
                           : (void *)(place->labels + rows.first));
    }
}

/* Cuts the rows; returns the number of pieces. */
static size_t
cut_rows(struct output_place *place, uint64_t *seed)
{
    uint64_t first = 0;
    size_t count = 0;

    while (first < place->plan.rows) {
        uint64_t left = place->plan.rows - first;
        uint64_t rows = 1 + random_below(seed, 60);

        rows = rows > left || count == OUTPUT_PLACE_PIECES - 1 ? left : rows;
        place->pieces[count] = (struct neuron_output_piece){.rows = {.first = first, .count = rows},
                                                            .sums = place->sums[count]};
        first += rows;
        count += 1;
    }
    return count;
}

void
output_place_write_piece(struct neuron_output_set *set, struct neuron_row_range rows,
                         const struct neuron_tensor_view *views, struct neuron_piece_sum *sums)
{
    struct neuron_output_sums *running = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_output_sums_create(set, &running, &error), &error);
    assert_ok(neuron_output_set_write_block(set, rows, views, running, &error), &error);
    neuron_output_sums_read(running, sums);
    neuron_output_sums_destroy(running);
}

void
output_place_write(struct output_place *place, struct neuron_output_set *set, uint64_t seed)
{
    size_t order[OUTPUT_PLACE_PIECES] = {0};
    size_t count = cut_rows(place, &seed);

    for (size_t i = 0; i < count; i += 1) {
        size_t other = random_below(&seed, (uint32_t)(i + 1));

        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i < count; i += 1) {
        const struct neuron_output_piece *piece = &place->pieces[order[i]];
        struct neuron_tensor_view views[OUTPUT_PLACE_OUTPUTS];

        output_place_views(place, piece->rows, views);
        output_place_write_piece(set, piece->rows, views, place->sums[order[i]]);
    }
    place->end = (struct neuron_output_end){.pieces = place->pieces, .piece_count = count};
}

void
output_place_make(struct output_place *place, uint64_t seed)
{
    struct neuron_output_set *set = output_place_plan(place);
    struct neuron_error error = {0};

    assert_ok(neuron_output_set_reserve(set, NULL, &error), &error);
    output_place_write(place, set, seed);
    assert_ok(neuron_output_set_complete(set, &place->end, &error), &error);
    assert_ok(neuron_output_set_publish(set, &error), &error);
    assert_true(neuron_output_set_is_published(set));
    neuron_output_set_destroy(set);
}

bool
output_place_exists(const char *path)
{
    struct stat status = {0};

    return lstat(path, &status) == 0;
}

char *
output_place_read(const char *path)
{
    struct stat status = {0};
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    assert_int_equal(stat(path, &status), 0);
    size_t length = (size_t)status.st_size;
    char *text = calloc(length + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return text;
}

void
output_place_check_same(const char *left, const char *right)
{
    struct stat left_status = {0};
    struct stat right_status = {0};
    char *left_bytes = output_place_read(left);
    char *right_bytes = output_place_read(right);

    assert_int_equal(stat(left, &left_status), 0);
    assert_int_equal(stat(right, &right_status), 0);
    assert_int_equal(left_status.st_size, right_status.st_size);
    assert_memory_equal(left_bytes, right_bytes, (size_t)left_status.st_size);
    free(left_bytes);
    free(right_bytes);
}
