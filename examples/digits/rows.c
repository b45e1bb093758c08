/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array_file.h"

enum { CSV_SIDE = 8, CSV_PIXEL_COUNT = CSV_SIDE * CSV_SIDE, CSV_PIXEL_MOST = 16 };

const float *
digits_rows_image(const struct digits_rows *rows, size_t row)
{
    return rows->images + row * rows->image_side * rows->image_side;
}

static int64_t
label_at(const struct digits_array *array, size_t index)
{
    if (array->type == DIGITS_UINT8) {
        return ((const uint8_t *)array->elements)[index];
    }
    return ((const int64_t *)array->elements)[index];
}

/* Copies the labels; stops at the first that is no digit, and returns how many it copied. */
static size_t
copy_labels(const struct digits_array *array, uint8_t *labels)
{
    size_t copied = 0;

    while (copied < array->element_count) {
        int64_t label = label_at(array, copied);
        if (label < 0 || label >= DIGITS_CLASS_COUNT) {
            break;
        }
        labels[copied] = (uint8_t)label;
        copied += 1;
    }
    return copied;
}

bool
digits_labels_load(const char *path, uint8_t **labels, size_t *label_count,
                   struct digits_error *error)
{
    struct digits_array array = {.elements = NULL};
    uint8_t *made = NULL;
    bool is_loaded = false;

    if (!digits_array_file_load(path, &array, error)) {
        return false;
    }
    if (array.rank != 1 || array.type == DIGITS_FLOAT32) {
        digits_error_set(error, "%s: labels are int64 or uint8 of one dimension", path);
        goto done;
    }
    made = malloc(array.element_count + 1);
    if (made == NULL) {
        digits_error_set(error, "cannot read %s: out of memory", path);
        goto done;
    }
    size_t copied = copy_labels(&array, made);
    if (copied < array.element_count) {
        digits_error_set(error, "%s: label %zu is %lld, expected 0 to 9", path, copied,
                         (long long)label_at(&array, copied));
        goto done;
    }
    *labels = made;
    *label_count = copied;
    made = NULL;
    is_loaded = true;
done:
    free(made);
    digits_array_clear(&array);
    return is_loaded;
}

static bool
check_images(const char *path, const struct digits_array *array, struct digits_error *error)
{
    if (array->type != DIGITS_FLOAT32 || array->rank != 4 || array->dims[1] != 1 ||
        array->dims[2] != array->dims[3]) {
        digits_error_set(error, "%s: images are float32 [rows,1,side,side]", path);
        return false;
    }
    if (array->dims[2] < DIGITS_IMAGE_SIDE_LEAST || array->dims[2] > DIGITS_IMAGE_SIDE_MOST) {
        digits_error_set(error, "%s: images have a side of %zu, expected %d to %d", path,
                         array->dims[2], DIGITS_IMAGE_SIDE_LEAST, DIGITS_IMAGE_SIDE_MOST);
        return false;
    }
    return true;
}

bool
digits_rows_load_arrays(const char *images_path, const char *labels_path, struct digits_rows *rows,
                        struct digits_error *error)
{
    struct digits_array images = {.elements = NULL};
    uint8_t *labels = NULL;
    size_t label_count = 0;

    if (!digits_array_file_load(images_path, &images, error) ||
        !check_images(images_path, &images, error) ||
        !digits_labels_load(labels_path, &labels, &label_count, error)) {
        goto failed;
    }
    if (label_count != images.dims[0]) {
        digits_error_set(error, "%s has %zu labels for the %zu images of %s", labels_path,
                         label_count, images.dims[0], images_path);
        goto failed;
    }
    *rows = (struct digits_rows){.row_count = label_count,
                                 .image_side = (uint32_t)images.dims[2],
                                 .images = images.elements,
                                 .labels = labels};
    return true;
failed:
    free(labels);
    digits_array_clear(&images);
    return false;
}

/* Reads a number from 0 to `most` and the character behind it; -1 when something else stands. */
static int
parse_cell(const char **position, int most, char behind)
{
    int value = 0;
    const char *first = *position;
    const char *c = first;

    while (*c >= '0' && *c <= '9' && value <= most) {
        value = value * 10 + (*c - '0');
        c += 1;
    }
    if (c == first || value > most || *c != behind) {
        return -1;
    }
    *position = c + 1;
    return value;
}

static bool
parse_csv_line(const char *line, float *image, uint8_t *label)
{
    for (int i = 0; i < CSV_PIXEL_COUNT; i += 1) {
        int pixel = parse_cell(&line, CSV_PIXEL_MOST, ',');
        if (pixel < 0) {
            return false;
        }
        image[i] = (float)pixel / (float)CSV_PIXEL_MOST;
    }
    int digit = parse_cell(&line, DIGITS_CLASS_COUNT - 1, '\0');
    *label = (uint8_t)digit;
    return digit >= 0;
}

/* Makes room for one more row, doubling when it is full. */
static bool
reserve_row(struct digits_rows *rows, size_t *room)
{
    if (rows->row_count < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 1024 : *room * 2;
    if (wanted > SIZE_MAX / (CSV_PIXEL_COUNT * sizeof(float))) {
        return false;
    }
    float *images = realloc(rows->images, wanted * CSV_PIXEL_COUNT * sizeof(float));
    if (images == NULL) {
        return false;
    }
    rows->images = images;
    uint8_t *labels = realloc(rows->labels, wanted);
    if (labels == NULL) {
        return false;
    }
    rows->labels = labels;
    *room = wanted;
    return true;
}

static bool
read_csv(const char *path, FILE *stream, struct digits_rows *rows, struct digits_error *error)
{
    char line[512]; /* 65 cells of at most two characters take 200 */
    size_t room = 0;

    while (fgets(line, sizeof(line), stream) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!reserve_row(rows, &room)) {
            digits_error_set(error, "cannot read %s: out of memory", path);
            return false;
        }
        float *image = rows->images + rows->row_count * CSV_PIXEL_COUNT;
        if (!parse_csv_line(line, image, &rows->labels[rows->row_count])) {
            digits_error_set(error, "%s:%zu: expected 64 pixels from 0 to 16, then the digit", path,
                             rows->row_count + 1);
            return false;
        }
        rows->row_count += 1;
    }
    if (ferror(stream) != 0) {
        digits_error_set_system(error, "cannot read", path);
        return false;
    }
    if (rows->row_count == 0) {
        digits_error_set(error, "%s: has no rows", path);
        return false;
    }
    return true;
}

bool
digits_rows_load_csv(const char *path, struct digits_rows *rows, struct digits_error *error)
{
    struct digits_rows loaded = {.image_side = CSV_SIDE};
    FILE *stream = fopen(path, "r");

    if (stream == NULL) {
        digits_error_set_system(error, "cannot read", path);
        return false;
    }
    bool is_loaded = read_csv(path, stream, &loaded, error);
    fclose(stream);
    if (!is_loaded) {
        digits_rows_clear(&loaded);
        return false;
    }
    *rows = loaded;
    return true;
}

void
digits_rows_clear(struct digits_rows *rows)
{
    free(rows->images);
    free(rows->labels);
    *rows = (struct digits_rows){.row_count = 0};
}
