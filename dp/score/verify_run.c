/* SPDX-License-Identifier: Apache-2.0 */
#include "score/verify_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "score/report.h"
#include "score/scored_program.h"
#include "score/verify.h"

/* What --verify holds. */
struct verification {
    struct neuron_scored_program *program;
    struct neuron_output_plan plan;
    struct neuron_output_set *set;
    struct neuron_journal *journal;
    char *journal_path;
};

static enum neuron_status
plan_outputs(struct verification *verification, const struct neuron_score_options *options,
             uint64_t rows, struct neuron_error *error)
{
    verification->plan = (struct neuron_output_plan){
        .model_path = options->model_path,
        .outputs = neuron_scored_program_outputs(verification->program),
        .output_count = neuron_scored_program_output_count(verification->program),
        .rows = rows,
        .options = options};
    neuron_output_set_destroy(verification->set);
    verification->set = NULL;
    return neuron_output_set_plan(&verification->plan, &verification->set, error);
}

/* The journal is named after the first output, and knows how many rows there are. */
static enum neuron_status
open_journal(struct verification *verification, const struct neuron_score_options *options,
             struct neuron_error *error)
{
    enum neuron_status status = plan_outputs(verification, options, 0, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (asprintf(&verification->journal_path, "%s.journal",
                 neuron_output_set_path(verification->set)) < 0) {
        verification->journal_path = NULL;
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the name of a file");
    }
    status = neuron_journal_read(verification->journal_path, &verification->journal, error);
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_journal_contents *contents = neuron_journal_contents(verification->journal);
    if (contents->output_count != verification->plan.output_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is of a job with %u outputs, and %s has %u; name the model that it "
                           "was scored with",
                           verification->journal_path, contents->output_count, options->model_path,
                           verification->plan.output_count);
    }
    return plan_outputs(verification, options, contents->rows, error);
}

static enum neuron_status
compare(const struct verification *verification, const struct neuron_score_options *options,
        const volatile sig_atomic_t *stop_signal, struct neuron_error *error)
{
    const struct neuron_journal_contents *contents = neuron_journal_contents(verification->journal);
    const struct neuron_verify_plan plan = {
        .set = verification->set,
        .contents = contents,
        .text_sum = contents->text_sum != 0 ? &contents->text_sum : NULL,
        .stop_signal = stop_signal};
    struct neuron_verify_result result = {0};
    char text[NEURON_VERIFY_TEXT_BYTES] = "";
    char line[NEURON_VERIFY_TEXT_BYTES + 4096] = "";

    enum neuron_status status = neuron_verify_outputs(&plan, &result, error);
    if (status != NEURON_OK) {
        return status;
    }
    (void)neuron_verify_format(&result, text);
    if (!neuron_verify_is_same(&result)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: %s",
                           neuron_output_set_path(verification->set), text);
    }
    (void)snprintf(line, sizeof(line), "%.4000s: %s", neuron_output_set_path(verification->set),
                   text);
    return options->is_quiet ? NEURON_OK : neuron_report_print(line, error);
}

enum neuron_status
neuron_verify_run(const struct neuron_score_options *options,
                  const volatile sig_atomic_t *stop_signal, struct neuron_error *error)
{
    struct verification verification = {0};

    enum neuron_status status = neuron_scored_program_load(options, &verification.program, error);
    if (status == NEURON_OK) {
        status = open_journal(&verification, options, error);
    }
    if (status == NEURON_OK) {
        status = compare(&verification, options, stop_signal, error);
    }
    neuron_journal_destroy(verification.journal);
    neuron_output_set_destroy(verification.set);
    neuron_scored_program_destroy(verification.program);
    free(verification.journal_path);
    return status;
}
