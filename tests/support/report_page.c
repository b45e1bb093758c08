/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what is said of a job that never was, for tests of pages and metrics:
 *
 *   report_page html|json|metrics FILE RANKS CORES LEASES [FAILURES [TEXT]]
 *
 * with that many cores a rank and leases a core. TEXT stands wherever text from outside does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_report.h"

enum { NUMBER_LIMIT = 100000 };

static uint32_t
number_of(const char *text)
{
    unsigned long number = strtoul(text, NULL, 10);

    return number < NUMBER_LIMIT ? (uint32_t)number : NUMBER_LIMIT;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_error error = {0};

    if (argument_count < 6) {
        (void)fprintf(stderr, "usage: report_page html|json|metrics FILE RANKS CORES LEASES "
                              "[FAILURES [TEXT]]\n");
        return 2;
    }
    const struct made_job job = {
        .rank_count = number_of(arguments[3]),
        .cores_per_rank = number_of(arguments[4]),
        .leases_per_core = number_of(arguments[5]),
        .failure_count = argument_count > 6 ? number_of(arguments[6]) : 0,
        .text = argument_count > 7 ? arguments[7] : NULL,
    };
    struct made_report *made = made_report_create(&job);
    const char *path = arguments[2];
    enum neuron_status status =
        strcmp(arguments[1], "html") == 0
            ? neuron_score_report_write_html(&made->report, path, &error)
        : strcmp(arguments[1], "json") == 0
            ? neuron_score_report_write_json(&made->report, path, &error)
            : neuron_score_report_write_metrics(&made->report, path, &error);
    made_report_destroy(made);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "report_page: %s\n", error.text);
    }
    return status == NEURON_OK ? 0 : 1;
}
