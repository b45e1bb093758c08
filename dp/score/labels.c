/* SPDX-License-Identifier: Apache-2.0 */
#include "score/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "score/label_match.h"
#include "score/positioned_io.h"

enum { PIECE_BYTES = 1024 * 1024, HEAD_BYTES = NEURON_NPY_HEADER_LIMIT_BYTES + 16 };

struct neuron_labels {
    const struct neuron_output_plan *plan;
    const char *path; /* in the options */
    int file;
    struct neuron_npy_description description;
    uint32_t output;
    struct neuron_label_fit fit;
    uint64_t first; /* the label of the job's first row */
};

/* Takes the name of an output off, where there is one. */
static uint32_t
split_name(const struct neuron_output_plan *plan, const char **path)
{
    const char *mark = strchr(*path, '=');

    for (uint32_t i = 0; mark != NULL && i < plan->output_count; i += 1) {
        const char *name = plan->outputs[i].name;

        if (strlen(name) == (size_t)(mark - *path) &&
            strncmp(name, *path, (size_t)(mark - *path)) == 0) {
            *path = mark + 1;
            return i;
        }
    }
    return plan->output_count;
}

static enum neuron_status
fail_read(const struct neuron_labels *labels, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", labels->path,
                       reason == 0 ? "it is shorter than it was" : strerrordesc_np(reason));
}

static enum neuron_status
read_header(struct neuron_labels *labels, struct neuron_error *error)
{
    struct stat status = {0};
    struct neuron_error reason = {.text = ""};

    labels->file = open(labels->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (labels->file < 0 || fstat(labels->file, &status) != 0) {
        return fail_read(labels, errno, error);
    }
    if (!S_ISREG(status.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; name an npy file", labels->path);
    }
    size_t head_bytes = status.st_size < HEAD_BYTES ? (size_t)status.st_size : HEAD_BYTES;
    unsigned char *head = malloc(HEAD_BYTES);
    if (head == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to read %s", labels->path);
    }
    if (!neuron_read_at(labels->file, head, head_bytes, 0)) {
        int failure = errno;

        free(head);
        return fail_read(labels, failure, error);
    }
    enum neuron_status parsed =
        neuron_npy_parse(head, (size_t)status.st_size, &labels->description, &reason);
    free(head);
    return parsed == NEURON_OK ? NEURON_OK
                               : NEURON_FAIL(error, parsed, "%s: %s", labels->path, reason.text);
}

static enum neuron_status
refuse_shapes(const struct neuron_labels *labels, uint32_t output, struct neuron_error *error)
{
    const struct neuron_tensor_spec *spec = &labels->plan->outputs[output];
    char have[80] = "";
    char result[80] = "";

    return NEURON_FAIL(
        error, NEURON_INVALID_ARGUMENT,
        "%s holds %s, which are no labels of output %.40s, %s a run; give whole "
        "numbers for classes, or floats of its shape",
        labels->path, neuron_tensor_shape_format(&labels->description.shape, have, sizeof(have)),
        spec->name, neuron_tensor_shape_format(&spec->shape, result, sizeof(result)));
}

/* Finds the output that the labels belong to: the one that was named, or the only one they fit. */
static enum neuron_status
find_output(struct neuron_labels *labels, uint32_t named, struct neuron_error *error)
{
    const struct neuron_output_plan *plan = labels->plan;
    uint32_t fit_count = 0;

    for (uint32_t i = 0; i < plan->output_count; i += 1) {
        struct neuron_label_fit fit = {.kind = NEURON_LABEL_CLASS};

        if ((named == plan->output_count || named == i) &&
            neuron_label_fit_find(&plan->outputs[i].shape, &labels->description.shape, &fit)) {
            labels->output = i;
            labels->fit = fit;
            fit_count += 1;
        }
    }
    if (fit_count == 0) {
        return refuse_shapes(labels, named < plan->output_count ? named : 0, error);
    }
    if (fit_count > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s fits %u outputs; say which, as in --labels %.40s=%s", labels->path,
                           fit_count, plan->outputs[labels->output].name, labels->path);
    }
    return NEURON_OK;
}

/* Labels are those of the job's rows, or of all rows of the input. */
static enum neuron_status
find_first(struct neuron_labels *labels, struct neuron_error *error)
{
    const struct neuron_score_options *options = labels->plan->options;
    uint64_t count = (uint64_t)labels->description.shape.dims[0];
    uint64_t rows = labels->plan->rows;
    bool is_part = options->first_row > 0 || options->end_row != UINT64_MAX;

    if (count == rows) {
        labels->first = 0;
        return NEURON_OK;
    }
    if (is_part && count > rows && options->first_row <= count - rows) {
        labels->first = options->first_row;
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s has %llu labels for %llu rows; give one a row", labels->path,
                       (unsigned long long)count, (unsigned long long)rows);
}

static size_t
label_row_bytes(const struct neuron_labels *labels)
{
    return labels->fit.label_values * neuron_type_size_bytes(labels->fit.label_type);
}

static enum neuron_status
read_labels(const struct neuron_labels *labels, struct neuron_row_range rows, void *bytes,
            struct neuron_error *error)
{
    size_t row_bytes = label_row_bytes(labels);
    uint64_t offset =
        labels->description.payload_offset_bytes + (labels->first + rows.first) * row_bytes;

    return neuron_read_at(labels->file, bytes, (size_t)rows.count * row_bytes, offset)
               ? NEURON_OK
               : fail_read(labels, errno, error);
}

/* The rows that are looked at together, from one on. */
static struct neuron_row_range
next_rows(const struct neuron_labels *labels, uint64_t first, size_t row_bytes)
{
    uint64_t limit = PIECE_BYTES / (row_bytes + 1) + 1;
    uint64_t left = labels->plan->rows - first;

    return (struct neuron_row_range){.first = first, .count = left < limit ? left : limit};
}

/* Checks some classes in memory. */
static enum neuron_status
check_classes(const struct neuron_labels *labels, struct neuron_row_range rows,
              const unsigned char *bytes, struct neuron_error *error)
{
    size_t row_bytes = label_row_bytes(labels);

    for (uint64_t i = 0; i < rows.count; i += 1) {
        int64_t label = neuron_label_whole(labels->fit.label_type, bytes + i * row_bytes);

        if (label < 0 || (uint64_t)label >= labels->fit.result_values) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s: label %llu is %lld, and output %.40s has classes 0 to %zu",
                               labels->path, (unsigned long long)(labels->first + rows.first + i),
                               (long long)label, labels->plan->outputs[labels->output].name,
                               labels->fit.result_values - 1);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_all_classes(const struct neuron_labels *labels, struct neuron_error *error)
{
    size_t row_bytes = label_row_bytes(labels);
    enum neuron_status status = NEURON_OK;
    unsigned char *bytes = NULL;

    if (labels->fit.kind != NEURON_LABEL_CLASS) {
        return NEURON_OK;
    }
    bytes = malloc(PIECE_BYTES + row_bytes);
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to read %s", labels->path);
    }
    for (uint64_t first = 0; status == NEURON_OK && first < labels->plan->rows;) {
        struct neuron_row_range rows = next_rows(labels, first, row_bytes);

        status = read_labels(labels, rows, bytes, error);
        if (status == NEURON_OK) {
            status = check_classes(labels, rows, bytes, error);
        }
        first += rows.count;
    }
    free(bytes);
    return status;
}

enum neuron_status
neuron_labels_open(const struct neuron_output_plan *plan, struct neuron_labels **labels,
                   struct neuron_error *error)
{
    struct neuron_labels *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for labels");
    }
    *made = (struct neuron_labels){.plan = plan, .path = plan->options->labels_path, .file = -1};
    uint32_t named = split_name(plan, &made->path);
    enum neuron_status status = read_header(made, error);
    if (status == NEURON_OK) {
        status = find_output(made, named, error);
    }
    if (status == NEURON_OK) {
        status = find_first(made, error);
    }
    if (status == NEURON_OK) {
        status = check_all_classes(made, error);
    }
    if (status != NEURON_OK) {
        neuron_labels_destroy(made);
        return status;
    }
    *labels = made;
    return NEURON_OK;
}

/* Room for a piece of both. */
struct compared {
    unsigned char *results;
    unsigned char *labels;
    size_t failure; /* the next one that may be in the piece */
};

/* Compares a piece, but for the rows that failed. */
static enum neuron_status
compare_piece(const struct neuron_labels *labels, const struct neuron_labeled_results *results,
              struct neuron_row_range rows, struct compared *compared,
              struct neuron_label_tally *tally, struct neuron_error *error)
{
    size_t result_bytes = neuron_output_set_tensor_row_bytes(results->set, labels->output);
    enum neuron_status status = read_labels(labels, rows, compared->labels, error);

    if (status == NEURON_OK) {
        status =
            neuron_output_set_read(results->set, labels->output, rows, compared->results, error);
    }
    for (uint64_t i = 0; status == NEURON_OK && i < rows.count; i += 1) {
        bool has_failed = compared->failure < results->failure_count &&
                          results->failures[compared->failure].row == rows.first + i;

        if (has_failed) {
            compared->failure += 1;
        } else {
            neuron_label_tally_row(&labels->fit, compared->results + i * result_bytes,
                                   compared->labels + i * label_row_bytes(labels), tally);
        }
    }
    return status;
}

static enum neuron_status
compare_all(const struct neuron_labels *labels, const struct neuron_labeled_results *results,
            struct compared *compared, struct neuron_label_tally *tally, struct neuron_error *error)
{
    size_t row_bytes =
        neuron_output_set_tensor_row_bytes(results->set, labels->output) + label_row_bytes(labels);
    enum neuron_status status = NEURON_OK;

    compared->results = malloc(PIECE_BYTES + row_bytes);
    compared->labels = malloc(PIECE_BYTES + row_bytes);
    if (compared->results == NULL || compared->labels == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to read %s", labels->path);
    }
    for (uint64_t first = 0; status == NEURON_OK && first < labels->plan->rows;) {
        struct neuron_row_range rows = next_rows(labels, first, row_bytes);

        if (results->stop_signal != NULL && *results->stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "stopped while comparing with %s",
                               labels->path);
        }
        status = compare_piece(labels, results, rows, compared, tally, error);
        first += rows.count;
    }
    return status;
}

enum neuron_status
neuron_labels_compare(const struct neuron_labels *labels,
                      const struct neuron_labeled_results *results,
                      struct neuron_label_result *result, struct neuron_error *error)
{
    struct neuron_label_tally tally = {0};
    struct compared compared = {0};
    enum neuron_status status = compare_all(labels, results, &compared, &tally, error);

    free(compared.results);
    free(compared.labels);
    if (status != NEURON_OK) {
        return status;
    }
    *result = (struct neuron_label_result){.row_count = tally.rows,
                                           .right_count = tally.right,
                                           .accuracy = -1.0,
                                           .mean_absolute_error = -1.0,
                                           .mean_squared_error = -1.0};
    if (labels->fit.kind != NEURON_LABEL_REAL && tally.rows > 0) {
        result->accuracy = (double)tally.right / (double)tally.rows;
    } else if (tally.values > 0) {
        result->mean_absolute_error = tally.absolute / (double)tally.values;
        result->mean_squared_error = tally.squared / (double)tally.values;
    }
    return NEURON_OK;
}

const char *
neuron_label_result_format(const struct neuron_label_result *result,
                           char text[NEURON_LABEL_TEXT_BYTES])
{
    unsigned long long rows = result->row_count;

    if (rows == 0) {
        (void)snprintf(text, NEURON_LABEL_TEXT_BYTES, "no row to compare with labels");
    } else if (result->accuracy >= 0.0) {
        (void)snprintf(text, NEURON_LABEL_TEXT_BYTES, "accuracy %.4f (%llu of %llu)",
                       result->accuracy, (unsigned long long)result->right_count, rows);
    } else {
        (void)snprintf(text, NEURON_LABEL_TEXT_BYTES,
                       "mean absolute error %.6g, mean squared error %.6g (%llu rows)",
                       result->mean_absolute_error, result->mean_squared_error, rows);
    }
    return text;
}

void
neuron_labels_destroy(struct neuron_labels *labels)
{
    if (labels == NULL) {
        return;
    }
    if (labels->file >= 0) {
        (void)close(labels->file);
    }
    free(labels);
}
