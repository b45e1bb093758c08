/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the page of a report. */
#ifndef NEURON_SCORE_REPORT_PAGE_H
#define NEURON_SCORE_REPORT_PAGE_H

#include <stdio.h>

#include "neuron/status.h"
#include "score/core_activity.h"
#include "score/score_report.h"
#include "score/score_summary.h"

/* What the page is of. All of it is borrowed. */
struct neuron_report_page {
    const struct neuron_score_report *report;
    const struct neuron_core_activity *activity;
    const struct neuron_score_summary *summary;
};

/* Prints a text so that no byte of it can be markup, in a page or in a quoted attribute. */
void
neuron_report_page_print_text(FILE *stream, const char *text);

/* What the job was and how it ended, the figures, the phases. */
void
neuron_report_page_print_overview(const struct neuron_report_page *page, FILE *stream);

/* The tables of ranks and of rows that failed, and what the results were made from. */
void
neuron_report_page_print_tables(const struct neuron_report_page *page, FILE *stream);

/*
 * What the charts are drawn from, as JSON in which no "<" stands. Of many pieces of work only what
 * share of a time the cores were busy in is told, so that a page of a long job stays small.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_report_page_print_data(const struct neuron_report_page *page, FILE *stream,
                              struct neuron_error *error);

/* The style and the script: page/report.css, page/report.js. */
extern const char neuron_report_page_style[];
extern const char neuron_report_page_script[];

#endif
