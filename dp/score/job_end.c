/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "score/errors_file.h"
#include "score/labels.h"
#include "score/mask_file.h"
#include "score/real_clock.h"

static enum neuron_status
complete_outputs(const struct neuron_job_end *end, struct neuron_error *error)
{
    struct neuron_column_reader *columns = NULL;

    enum neuron_status status = neuron_job_files_open_columns(end->files, &columns, error);
    if (status == NEURON_OK) {
        const struct neuron_output_end finish = {.pieces = end->books->pieces,
                                                 .piece_count = end->books->piece_count,
                                                 .columns = columns,
                                                 .stop_signal = end->stop_signal};

        status = neuron_output_set_complete(end->files->outputs, &finish, error);
    }
    neuron_column_reader_destroy(columns);
    return status;
}

static enum neuron_status
write_errors(const struct neuron_job_end *end, struct neuron_error *error)
{
    const struct neuron_errors_file file = {
        .path = end->files->errors_path,
        .failures = end->books->failures.items,
        .failure_count = end->books->failures.count,
        .first_row = end->files->options->first_row,
        .inputs = neuron_scored_program_inputs(end->files->program),
        .input_count = neuron_scored_program_input_count(end->files->program)};

    return neuron_errors_file_write(&file, error);
}

static enum neuron_status
write_mask(const struct neuron_job_end *end, struct neuron_error *error)
{
    const char *path = end->files->options->mask_path;

    return path == NULL ? NEURON_OK
                        : neuron_mask_file_write(path, end->files->rows, end->books->failures.items,
                                                 end->books->failures.count, error);
}

static enum neuron_status
compare_labels(const struct neuron_job_end *end, struct neuron_error *error)
{
    struct neuron_label_result *result = end->labels;

    if (end->files->labels == NULL) {
        return NEURON_OK;
    }
    const struct neuron_labeled_results results = {.set = end->files->outputs,
                                                   .failures = end->books->failures.items,
                                                   .failure_count = end->books->failures.count,
                                                   .stop_signal = end->stop_signal};
    enum neuron_status status = neuron_labels_compare(end->files->labels, &results, result, error);
    if (status == NEURON_OK) {
        end->report->accuracy = result->accuracy;
        end->report->mean_absolute_error = result->mean_absolute_error;
        end->report->mean_squared_error = result->mean_squared_error;
    }
    return status;
}

/* Reports come last: the outputs are worth more than what is said about them. */
static enum neuron_status
write_reports(const struct neuron_job_end *end, struct neuron_error *error)
{
    const struct neuron_score_options *options = end->files->options;
    enum neuron_status status = NEURON_OK;

    end->report->end_ns = (int64_t)neuron_real_ns();
    if (options->report_path != NULL) {
        status = neuron_score_report_write_json(end->report, options->report_path, error);
    }
    if (status == NEURON_OK && options->report_html_path != NULL) {
        status = neuron_score_report_write_html(end->report, options->report_html_path, error);
    }
    return status;
}

/* What somebody has removed cannot be put in place, now or ever: the next run starts anew. */
static enum neuron_status
publish(const struct neuron_job_end *end, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status = neuron_output_set_publish(end->files->outputs, &reason);

    if (status == NEURON_PEER_LOST) {
        neuron_journal_discard(end->journal);
        return NEURON_FAIL(error, NEURON_SYSTEM, "%.180s; run it again to score all rows anew",
                           reason.text);
    }
    return status == NEURON_OK ? NEURON_OK : NEURON_FAIL(error, status, "%s", reason.text);
}

/* Until the seal nothing final has changed; behind it everything may be done again. */
static enum neuron_status
seal_and_publish(const struct neuron_job_end *end, struct neuron_error *error)
{
    enum neuron_status status = neuron_journal_add_seal(
        end->journal, neuron_output_set_text_sum(end->files->outputs), error);

    if (status == NEURON_OK) {
        status = neuron_journal_flush(end->journal, NEURON_JOURNAL_TO_DISK, error);
    }
    if (status == NEURON_OK) {
        status = publish(end, error);
    }
    if (status == NEURON_OK) {
        status = neuron_journal_add_end(end->journal, error);
    }
    return status == NEURON_OK ? neuron_journal_flush(end->journal, NEURON_JOURNAL_TO_DISK, error)
                               : status;
}

static enum neuron_status
put_in_place(const struct neuron_job_end *end, struct neuron_error *error)
{
    bool is_sealed = neuron_journal_contents(end->journal)->state == NEURON_JOURNAL_SEALED;
    enum neuron_status status = is_sealed ? NEURON_OK : complete_outputs(end, error);

    /* The rows of a text file are gone once it is in place. */
    if (status == NEURON_OK && !is_sealed) {
        status = compare_labels(end, error);
    }
    if (status == NEURON_OK) {
        status = write_errors(end, error);
    }
    if (status == NEURON_OK) {
        status = write_mask(end, error);
    }
    return status == NEURON_OK ? seal_and_publish(end, error) : status;
}

/* What a run asks for that the one before did not. */
static enum neuron_status
add_to_done(const struct neuron_job_end *end, struct neuron_error *error)
{
    enum neuron_status status = write_mask(end, error);

    if (status != NEURON_OK || end->files->labels == NULL) {
        return status;
    }
    status = neuron_output_set_open_published(end->files->outputs, error);
    if (status != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: all rows were done before, and text is not compared with labels "
                           "afterwards; give --restart to score them again",
                           neuron_output_set_path(end->files->outputs));
    }
    return compare_labels(end, error);
}

enum neuron_status
neuron_job_end_complete(const struct neuron_job_end *end, struct neuron_error *error)
{
    neuron_desk_books_sort(end->books);
    enum neuron_status status = end->was_done ? add_to_done(end, error) : put_in_place(end, error);
    return status == NEURON_OK ? write_reports(end, error) : status;
}

enum neuron_status
neuron_job_end_unfinished(const struct neuron_job_end *end, struct neuron_error *error)
{
    neuron_desk_books_sort(end->books);
    enum neuron_status status =
        end->books->failures.count > 0 ? write_errors(end, error) : NEURON_OK;
    return status == NEURON_OK ? write_reports(end, error) : status;
}
