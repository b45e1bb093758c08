/* SPDX-License-Identifier: Apache-2.0 */
/* digits-convert: turns a CSV of digits into arrays. */
#include <stdlib.h>

#include "array_file.h"
#include "command_line.h"
#include "rows.h"

static const char usage[] =
    "usage: digits-convert --csv FILE --images FILE --labels FILE\n"
    "\n"
    "Turns lines of 64 pixels from 0 to 16 and the digit into images, float32 [N,1,8,8] in 0..1,\n"
    "and labels, int64 [N], in .npy files.\n"
    "\n"
    "  --csv FILE     what to read\n"
    "  --images FILE  where the images go\n"
    "  --labels FILE  where the labels go\n";

struct conversion_job {
    const char *csv_path, *images_path, *labels_path;
};

static bool
save_images(const char *path, const struct digits_rows *rows, struct digits_error *error)
{
    struct digits_array images = {
        .type = DIGITS_FLOAT32,
        .rank = 4,
        .dims = {rows->row_count, 1, rows->image_side, rows->image_side},
        .element_count = rows->row_count * rows->image_side * rows->image_side,
        .elements = rows->images,
    };

    return digits_array_file_save(path, &images, error);
}

static bool
save_labels(const char *path, const struct digits_rows *rows, struct digits_error *error)
{
    int64_t *wide = calloc(rows->row_count + 1, sizeof(*wide));
    struct digits_array labels = {.type = DIGITS_INT64,
                                  .rank = 1,
                                  .dims = {rows->row_count},
                                  .element_count = rows->row_count,
                                  .elements = wide};

    if (wide == NULL) {
        digits_error_set(error, "out of memory for %zu labels", rows->row_count);
        return false;
    }
    for (size_t row = 0; row < rows->row_count; row += 1) {
        wide[row] = rows->labels[row];
    }
    bool is_saved = digits_array_file_save(path, &labels, error);
    free(wide);
    return is_saved;
}

static bool
run(const struct conversion_job *job, struct digits_error *error)
{
    struct digits_rows rows = {.row_count = 0};

    if (!digits_rows_load_csv(job->csv_path, &rows, error)) {
        return false;
    }
    bool is_done =
        save_images(job->images_path, &rows, error) && save_labels(job->labels_path, &rows, error);
    digits_rows_clear(&rows);
    return is_done;
}

int
main(int argc, char **argv)
{
    struct conversion_job job = {.csv_path = NULL};
    const struct digits_option options[] = {
        {.name = "--csv", .text = &job.csv_path, .is_required = true},
        {.name = "--images", .text = &job.images_path, .is_required = true},
        {.name = "--labels", .text = &job.labels_path, .is_required = true},
    };
    const struct digits_command_line line = {"digits-convert", usage, options,
                                             sizeof(options) / sizeof(options[0])};
    struct digits_error error = {.text = ""};

    enum digits_request request = digits_command_line_parse(&line, argc, argv, &error);
    if (request != DIGITS_RUN) {
        return digits_command_line_end(&line, request, &error);
    }
    if (!run(&job, &error)) {
        return digits_command_line_fail(&line, &error);
    }
    return DIGITS_EXIT_DONE;
}
