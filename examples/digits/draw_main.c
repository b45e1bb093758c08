/* SPDX-License-Identifier: Apache-2.0 */
/* digits-draw: draws labelled images of digits. */
#include <stdlib.h>

#include "array_file.h"
#include "command_line.h"
#include "drawing.h"
#include "random.h"
#include "rows.h"

static const char usage[] =
    "usage: digits-draw --images FILE --labels FILE [--rows N] [--seed S]\n"
    "\n"
    "Draws digits: images as float32 [N,1,16,16] in 0..1, and labels as int64 [N], in .npy files.\n"
    "A seed draws the same rows on every machine, and the first rows of N are those of fewer.\n"
    "\n"
    "  --images FILE  where the images go\n"
    "  --labels FILE  where the labels go\n"
    "  --rows N       how many to draw (1000)\n"
    "  --seed S       which ones to draw (1)\n";

enum { BLOCK_ROWS = 256, PIXEL_COUNT = DIGITS_DRAWN_SIDE * DIGITS_DRAWN_SIDE };

struct block {
    float images[BLOCK_ROWS][PIXEL_COUNT];
    int64_t labels[BLOCK_ROWS];
};

struct drawing_job {
    const char *images_path, *labels_path;
    uint64_t row_count, seed;
    struct digits_output_file *images, *labels;
    struct block *block;
};

static bool
open_files(struct drawing_job *job, struct digits_error *error)
{
    struct digits_array images = {
        .type = DIGITS_FLOAT32,
        .rank = 4,
        .dims = {job->row_count, 1, DIGITS_DRAWN_SIDE, DIGITS_DRAWN_SIDE}};
    struct digits_array labels = {.type = DIGITS_INT64, .rank = 1, .dims = {job->row_count}};

    job->block = malloc(sizeof(*job->block));
    if (job->block == NULL) {
        digits_error_set(error, "out of memory for a block of %d rows", BLOCK_ROWS);
        return false;
    }
    return digits_array_file_create(job->images_path, &images, &job->images, error) &&
           digits_array_file_create(job->labels_path, &labels, &job->labels, error);
}

/* Draws a block of rows and writes it. Each row has a random sequence of its own. */
static bool
draw_block(struct drawing_job *job, uint64_t first_row, struct digits_error *error)
{
    uint64_t rows_left = job->row_count - first_row;
    size_t rows = rows_left < BLOCK_ROWS ? (size_t)rows_left : BLOCK_ROWS;
    struct block *block = job->block;

    for (size_t i = 0; i < rows; i += 1) {
        struct digits_random random;
        digits_random_start(&random, job->seed, first_row + i);
        uint32_t digit = digits_random_below(&random, DIGITS_CLASS_COUNT);
        digits_draw(&random, digit, block->images[i]);
        block->labels[i] = digit;
    }
    return digits_output_file_write(job->images, block->images, rows * sizeof(block->images[0]),
                                    error) &&
           digits_output_file_write(job->labels, block->labels, rows * sizeof(block->labels[0]),
                                    error);
}

static bool
draw_rows(struct drawing_job *job, struct digits_error *error)
{
    bool is_drawn = open_files(job, error);

    for (uint64_t row = 0; is_drawn && row < job->row_count; row += BLOCK_ROWS) {
        is_drawn = draw_block(job, row, error);
    }
    is_drawn = is_drawn && digits_output_file_complete(job->images, error) &&
               digits_output_file_complete(job->labels, error);
    digits_output_file_destroy(job->images);
    digits_output_file_destroy(job->labels);
    free(job->block);
    return is_drawn;
}

int
main(int argc, char **argv)
{
    struct drawing_job job = {.row_count = 1000, .seed = 1};
    const struct digits_option options[] = {
        {.name = "--images", .text = &job.images_path, .is_required = true},
        {.name = "--labels", .text = &job.labels_path, .is_required = true},
        {.name = "--rows", .number = &job.row_count, .number_least = 1, .number_most = 1000000000},
        {.name = "--seed", .number = &job.seed, .number_most = UINT64_MAX},
    };
    const struct digits_command_line line = {"digits-draw", usage, options,
                                             sizeof(options) / sizeof(options[0])};
    struct digits_error error = {.text = ""};

    enum digits_request request = digits_command_line_parse(&line, argc, argv, &error);
    if (request != DIGITS_RUN) {
        return digits_command_line_end(&line, request, &error);
    }
    if (!draw_rows(&job, &error)) {
        return digits_command_line_fail(&line, &error);
    }
    return DIGITS_EXIT_DONE;
}
