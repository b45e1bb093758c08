/* SPDX-License-Identifier: Apache-2.0 */
/* digits-check: compares scores with labels. */
#include <stdio.h>
#include <stdlib.h>

#include "array_file.h"
#include "command_line.h"
#include "rows.h"

static const char usage[] = "usage: digits-check --scores FILE --labels FILE [--at-least A]\n"
                            "\n"
                            "Says for how many rows the label has the highest score.\n"
                            "\n"
                            "  --scores FILE  float32 [N,10], .npy\n"
                            "  --labels FILE  int64 or uint8 [N], .npy\n"
                            "  --at-least A   exit with 1 when the accuracy is below A (0)\n";

struct checking_job {
    const char *scores_path, *labels_path;
    float accuracy_least;
};

static bool
check_scores(const char *path, const struct digits_array *scores, size_t label_count,
             struct digits_error *error)
{
    if (scores->type != DIGITS_FLOAT32 || scores->rank != 2 ||
        scores->dims[1] != DIGITS_CLASS_COUNT) {
        digits_error_set(error, "%s: scores are float32 [rows,%d]", path, DIGITS_CLASS_COUNT);
        return false;
    }
    if (scores->dims[0] != label_count || label_count == 0) {
        digits_error_set(error, "%s has %zu rows for %zu labels, expected as many, and one or more",
                         path, scores->dims[0], label_count);
        return false;
    }
    return true;
}

/* Whether the label's score is above all others. A NaN is above nothing, so it is never right. */
static bool
is_correct(const float *scores, uint8_t label)
{
    for (size_t class = 0; class < DIGITS_CLASS_COUNT; class += 1) {
        if (class != label && !(scores[label] > scores[class])) {
            return false;
        }
    }
    return true;
}

static bool
report_accuracy(const struct checking_job *job, const float *scores, const uint8_t *labels,
                size_t row_count, struct digits_error *error)
{
    size_t correct = 0;

    for (size_t row = 0; row < row_count; row += 1) {
        correct += is_correct(scores + row * DIGITS_CLASS_COUNT, labels[row]) ? 1 : 0;
    }
    double accuracy = (double)correct / (double)row_count;
    printf("accuracy %.4f (%zu of %zu rows)\n", accuracy, correct, row_count);
    if (accuracy < (double)job->accuracy_least) {
        digits_error_set(error, "the accuracy is below the %g asked for",
                         (double)job->accuracy_least);
        return false;
    }
    return true;
}

static bool
run(const struct checking_job *job, struct digits_error *error)
{
    struct digits_array scores = {.elements = NULL};
    uint8_t *labels = NULL;
    size_t label_count = 0;

    bool is_done = digits_array_file_load(job->scores_path, &scores, error) &&
                   digits_labels_load(job->labels_path, &labels, &label_count, error) &&
                   check_scores(job->scores_path, &scores, label_count, error) &&
                   report_accuracy(job, scores.elements, labels, label_count, error);
    free(labels);
    digits_array_clear(&scores);
    return is_done;
}

int
main(int argc, char **argv)
{
    struct checking_job job = {.accuracy_least = 0};
    const struct digits_option options[] = {
        {.name = "--scores", .text = &job.scores_path, .is_required = true},
        {.name = "--labels", .text = &job.labels_path, .is_required = true},
        {.name = "--at-least", .fraction = &job.accuracy_least, .fraction_most = 1.0f},
    };
    const struct digits_command_line line = {"digits-check", usage, options,
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
