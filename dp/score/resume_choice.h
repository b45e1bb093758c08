/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a job that was found: a function from values to values. */
#ifndef NEURON_SCORE_RESUME_CHOICE_H
#define NEURON_SCORE_RESUME_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/journal.h"

enum neuron_resume_choice {
    NEURON_RESUME_START = 0,  /* a new job, in place of what is there */
    NEURON_RESUME_GO_ON = 1,  /* with the rows that are missing */
    NEURON_RESUME_FINISH = 2, /* all rows are done, and only the renames are missing */
    NEURON_RESUME_DONE = 3    /* all is done */
};

/* What was found. All of it is borrowed. */
struct neuron_resume_finding {
    enum neuron_score_resume wish;
    enum neuron_journal_state state;
    const char *difference;  /* of the fingerprints; empty for none */
    bool has_parts;          /* the part files are there, of the right size */
    bool is_published;       /* the outputs are */
    const char *output_path; /* for texts */
    uint64_t done_rows;
    uint64_t rows;
};

/*
 * Decides. A job that is unfinished is never thrown away unless --restart says so; one that is
 * finished gives way to another.
 *
 * choice  unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT with what differs and what to do.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_resume_choose(const struct neuron_resume_finding *finding, enum neuron_resume_choice *choice,
                     struct neuron_error *error);

#endif
