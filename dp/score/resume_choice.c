/* SPDX-License-Identifier: Apache-2.0 */
#include "score/resume_choice.h"

static enum neuron_status
choose_without_job(const struct neuron_resume_finding *finding, enum neuron_resume_choice *choice,
                   struct neuron_error *error)
{
    if (finding->wish == NEURON_RESUME_REQUIRE) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: there is no unfinished job to go on with; leave --resume require "
                           "out to start one",
                           finding->output_path);
    }
    *choice = NEURON_RESUME_START;
    return NEURON_OK;
}

static enum neuron_status
choose_after_end(const struct neuron_resume_finding *finding, enum neuron_resume_choice *choice,
                 struct neuron_error *error)
{
    bool is_this = finding->difference[0] == '\0' && finding->is_published;

    if (is_this && finding->wish != NEURON_RESUME_NEVER) {
        *choice = NEURON_RESUME_DONE;
        return NEURON_OK;
    }
    return choose_without_job(finding, choice, error);
}

static enum neuron_status
choose_unfinished(const struct neuron_resume_finding *finding, enum neuron_resume_choice *choice,
                  struct neuron_error *error)
{
    if (finding->wish == NEURON_RESUME_NEVER) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: an unfinished job is there, with %llu of %llu rows done; give "
                           "--restart to throw it away, or --resume auto to go on",
                           finding->output_path, (unsigned long long)finding->done_rows,
                           (unsigned long long)finding->rows);
    }
    if (finding->difference[0] != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: the unfinished job there is another one: %s; give --restart to "
                           "throw its rows away",
                           finding->output_path, finding->difference);
    }
    if (finding->state == NEURON_JOURNAL_SEALED) {
        *choice = NEURON_RESUME_FINISH;
        return NEURON_OK;
    }
    if (!finding->has_parts) {
        return choose_without_job(finding, choice, error);
    }
    *choice = NEURON_RESUME_GO_ON;
    return NEURON_OK;
}

enum neuron_status
neuron_resume_choose(const struct neuron_resume_finding *finding, enum neuron_resume_choice *choice,
                     struct neuron_error *error)
{
    if (finding->wish == NEURON_RESUME_RESTART) {
        *choice = NEURON_RESUME_START;
        return NEURON_OK;
    }
    switch (finding->state) {
    case NEURON_JOURNAL_OPEN:
    case NEURON_JOURNAL_SEALED:
        return choose_unfinished(finding, choice, error);
    case NEURON_JOURNAL_ENDED:
        return choose_after_end(finding, choice, error);
    case NEURON_JOURNAL_ABSENT:
        break;
    }
    return choose_without_job(finding, choice, error);
}
