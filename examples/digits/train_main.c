/* SPDX-License-Identifier: Apache-2.0 */
/* digits-train: trains the network, and writes its weights. */
#include <stdio.h>

#include "command_line.h"
#include "rows.h"
#include "trainer.h"
#include "weights.h"

static const char usage[] =
    "usage: digits-train --images FILE --labels FILE --weights FILE [option...]\n"
    "       digits-train --csv FILE --weights FILE [option...]\n"
    "\n"
    "Trains a small convolutional network on images of digits, on one core.\n"
    "\n"
    "  --images FILE        float32 [N,1,S,S] in 0..1, .npy\n"
    "  --labels FILE        int64 or uint8 [N], .npy\n"
    "  --csv FILE           instead: 64 pixels from 0 to 16 and the digit on each line\n"
    "  --weights FILE       where the weights go\n"
    "  --check-images FILE, --check-labels FILE, --check-csv FILE\n"
    "                       rows to measure on; without, the last tenth is held out\n"
    "  --epochs E           passes over the rows (12)\n"
    "  --seed S             of first weights, order and shifts (1)\n"
    "  --shift P            move each row up to P pixels each time it is seen (0)\n"
    "  --channels-1 C, --channels-2 C, --hidden H\n"
    "                       the sizes of the network (8, 16, 32)\n";

/* Where rows come from: two arrays, or one CSV. */
struct source {
    const char *images_path, *labels_path, *csv_path;
};

struct training_job {
    struct source rows, held_out;
    const char *weights_path;
    struct digits_training_options options;
    uint64_t channel_counts[2], hidden_count;
};

static bool
is_given(const struct source *source)
{
    return source->images_path != NULL || source->labels_path != NULL || source->csv_path != NULL;
}

/* Arrays come in pairs, and not together with a CSV. */
static bool
is_complete(const struct source *source)
{
    bool has_images = source->images_path != NULL;
    bool has_labels = source->labels_path != NULL;

    return has_images == has_labels && has_images != (source->csv_path != NULL);
}

static bool
load_source(const struct source *source, struct digits_rows *rows, struct digits_error *error)
{
    if (source->csv_path != NULL) {
        return digits_rows_load_csv(source->csv_path, rows, error);
    }
    return digits_rows_load_arrays(source->images_path, source->labels_path, rows, error);
}

/* Splits the last tenth of the rows off. The part borrows from the rows. */
static struct digits_rows
hold_out(struct digits_rows *rows)
{
    struct digits_rows part = *rows;

    part.row_count = rows->row_count / 10;
    rows->row_count -= part.row_count;
    part.images += rows->row_count * rows->image_side * rows->image_side;
    part.labels += rows->row_count;
    return part;
}

static void
print_epoch(const struct digits_epoch *epoch)
{
    printf("epoch %2llu  loss %.4f  accuracy %.4f  held out %.4f\n",
           (unsigned long long)epoch->number, epoch->mean_loss, epoch->training_accuracy,
           epoch->accuracy);
    fflush(stdout);
}

static bool
train(const struct training_job *job, const struct digits_rows *rows,
      const struct digits_rows *held_out, struct digits_error *error)
{
    struct digits_shape shape = {
        .image_side = rows->image_side,
        .channel_counts = {(uint32_t)job->channel_counts[0], (uint32_t)job->channel_counts[1]},
        .hidden_count = (uint32_t)job->hidden_count,
    };
    struct digits_weights weights = {.values = NULL};

    if (rows->row_count < DIGITS_TRAINING_ROWS_LEAST || rows->row_count > UINT32_MAX) {
        digits_error_set(error, "%zu rows to train on, expected %d or more", rows->row_count,
                         DIGITS_TRAINING_ROWS_LEAST);
        return false;
    }
    if (held_out->row_count > 0 && held_out->image_side != rows->image_side) {
        digits_error_set(error, "held-out images have a side of %u, the others of %u",
                         held_out->image_side, rows->image_side);
        return false;
    }
    bool is_done = digits_weights_create(&shape, &weights, error) &&
                   digits_train(&job->options, rows, held_out, &weights, print_epoch, error) &&
                   digits_weights_save(&weights, job->weights_path, error);
    digits_weights_clear(&weights);
    return is_done;
}

static bool
run(const struct training_job *job, struct digits_error *error)
{
    struct digits_rows rows = {.row_count = 0};
    struct digits_rows loaded_held_out = {.row_count = 0};
    bool is_done = false;

    if (load_source(&job->rows, &rows, error) &&
        (!is_given(&job->held_out) || load_source(&job->held_out, &loaded_held_out, error))) {
        struct digits_rows held_out = is_given(&job->held_out) ? loaded_held_out : hold_out(&rows);
        is_done = train(job, &rows, &held_out, error);
    }
    digits_rows_clear(&loaded_held_out);
    digits_rows_clear(&rows);
    return is_done;
}

int
main(int argc, char **argv)
{
    struct training_job job = {
        .options = {.epoch_count = 12, .seed = 1}, .channel_counts = {8, 16}, .hidden_count = 32};
    const struct digits_option options[] = {
        {.name = "--images", .text = &job.rows.images_path},
        {.name = "--labels", .text = &job.rows.labels_path},
        {.name = "--csv", .text = &job.rows.csv_path},
        {.name = "--weights", .text = &job.weights_path, .is_required = true},
        {.name = "--check-images", .text = &job.held_out.images_path},
        {.name = "--check-labels", .text = &job.held_out.labels_path},
        {.name = "--check-csv", .text = &job.held_out.csv_path},
        {.name = "--epochs",
         .number = &job.options.epoch_count,
         .number_least = 1,
         .number_most = 10000},
        {.name = "--seed", .number = &job.options.seed, .number_most = UINT64_MAX},
        {.name = "--shift", .fraction = &job.options.shift, .fraction_most = 2.0f},
        {.name = "--channels-1",
         .number = &job.channel_counts[0],
         .number_least = 1,
         .number_most = DIGITS_CHANNEL_COUNT_MOST},
        {.name = "--channels-2",
         .number = &job.channel_counts[1],
         .number_least = 1,
         .number_most = DIGITS_CHANNEL_COUNT_MOST},
        {.name = "--hidden",
         .number = &job.hidden_count,
         .number_least = 1,
         .number_most = DIGITS_HIDDEN_COUNT_MOST},
    };
    const struct digits_command_line line = {"digits-train", usage, options,
                                             sizeof(options) / sizeof(options[0])};
    struct digits_error error = {.text = ""};

    enum digits_request request = digits_command_line_parse(&line, argc, argv, &error);
    if (request == DIGITS_RUN &&
        (!is_complete(&job.rows) || (is_given(&job.held_out) && !is_complete(&job.held_out)))) {
        digits_error_set(&error, "rows come from a CSV, or else from images and labels");
        request = DIGITS_MISUSE;
    }
    if (request != DIGITS_RUN) {
        return digits_command_line_end(&line, request, &error);
    }
    if (!run(&job, &error)) {
        return digits_command_line_fail(&line, &error);
    }
    return DIGITS_EXIT_DONE;
}
