/* SPDX-License-Identifier: Apache-2.0 */
#include "score/score_summary.h"

#include <stdlib.h>
#include <string.h>

static const double ns_per_s = 1e9;

static double
seconds_of(struct neuron_time_stretch stretch)
{
    return ((double)stretch.end_ns - (double)stretch.begin_ns) / ns_per_s;
}

static double
ratio(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

/* When the last thing happened that is known of. */
static int64_t
find_end(const struct neuron_score_report *report, const struct neuron_core_activity *activity)
{
    int64_t end_ns = report->end_ns;

    if (end_ns == 0) {
        end_ns = report->start_ns;
        end_ns = report->last_done_ns > end_ns ? report->last_done_ns : end_ns;
        for (size_t i = 0; i < activity->span_count; i += 1) {
            int64_t span_end_ns = activity->spans[i].time.end_ns;

            end_ns = span_end_ns > end_ns ? span_end_ns : end_ns;
        }
    }
    return end_ns > report->start_ns ? end_ns : report->start_ns;
}

/* When the first rank began to load: it joins before or after that. 0 where none has joined. */
static int64_t
find_load(const struct neuron_score_report *report)
{
    const struct neuron_report_rank *first = NULL;

    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        const struct neuron_report_rank *rank = &report->ranks[i];

        if (rank->joined_ns > 0 && (first == NULL || rank->joined_ns < first->joined_ns)) {
            first = rank;
        }
    }
    if (first == NULL) {
        return 0;
    }
    int64_t load_ns = first->counters.load_ns < INT64_MAX ? (int64_t)first->counters.load_ns : 0;
    int64_t begin_ns =
        report->first_lease_ns > load_ns ? report->first_lease_ns - load_ns : first->joined_ns;
    return begin_ns < first->joined_ns ? begin_ns : first->joined_ns;
}

/* Each phase ends where the next one begins; one whose end was not reached lasts to the end. */
static void
find_phases(const struct neuron_score_report *report, struct neuron_score_summary *summary)
{
    const int64_t ends_ns[NEURON_PHASE_COUNT] = {
        [NEURON_PHASE_LAUNCH] = find_load(report),
        [NEURON_PHASE_LOAD] = report->first_lease_ns,
        [NEURON_PHASE_WARM_UP] = report->first_done_ns,
        [NEURON_PHASE_STEADY] = report->tail_ns,
        [NEURON_PHASE_TAIL] = report->last_done_ns,
        [NEURON_PHASE_COMMIT] = summary->time.end_ns,
    };
    int64_t begin_ns = summary->time.begin_ns;

    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        int64_t end_ns = ends_ns[i];

        if (end_ns == 0 || end_ns > summary->time.end_ns) {
            end_ns = summary->time.end_ns;
        }
        end_ns = end_ns > begin_ns ? end_ns : begin_ns;
        summary->phases[i] = (struct neuron_time_stretch){begin_ns, end_ns};
        begin_ns = end_ns;
    }
}

static void
add_ranks(const struct neuron_score_report *report, struct neuron_score_summary *summary)
{
    uint64_t longest_ns = 0;
    double sum_ns = 0.0;
    uint32_t working = 0;

    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        const struct neuron_rank_counters *counters = &report->ranks[i].counters;

        summary->core_count += report->ranks[i].core_count;
        summary->read_bytes += counters->read_bytes;
        summary->written_bytes += counters->written_bytes;
        if (counters->peak_memory_bytes > summary->peak_memory_bytes) {
            summary->peak_memory_bytes = counters->peak_memory_bytes;
        }
        longest_ns = counters->run_ns > longest_ns ? counters->run_ns : longest_ns;
        sum_ns += (double)counters->run_ns;
        working += 1;
    }
    summary->imbalance = ratio((double)longest_ns * working, sum_ns);
}

/* Spans that were dropped count like those that are there. */
static void
add_rates(const struct neuron_score_report *report, const struct neuron_core_activity *activity,
          struct neuron_score_summary *summary)
{
    struct neuron_time_stretch steady = summary->phases[NEURON_PHASE_STEADY];
    struct neuron_time_stretch work = {summary->phases[NEURON_PHASE_WARM_UP].begin_ns,
                                       summary->phases[NEURON_PHASE_TAIL].end_ns};
    double rows = (double)summary->rows;
    double scale = report->dropped_spans > 0 ? ratio(rows, (double)activity->rows) : 1.0;
    double cores = (double)summary->core_count;

    summary->seconds = seconds_of(summary->time);
    summary->rows_per_s = ratio(rows, summary->seconds);
    summary->steady_rows_per_s =
        ratio(scale * neuron_core_activity_rows(activity, steady), seconds_of(steady));
    if (summary->steady_rows_per_s <= 0.0) {
        summary->steady_rows_per_s = ratio(rows, seconds_of(work));
    }
    summary->core_rows_per_s = ratio((double)activity->rows, (double)activity->busy_ns / ns_per_s);
    summary->efficiency =
        ratio(scale * (double)activity->busy_ns / ns_per_s, cores * summary->seconds);
    summary->steady_efficiency =
        ratio(scale * (double)neuron_core_activity_busy_ns(activity, steady) / ns_per_s,
              cores * seconds_of(steady));
}

static int
compare_times(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

/* Of n sorted numbers the smallest that so many of a thousand are not above. */
static uint64_t
percentile_of(const uint64_t *sorted, size_t count, unsigned thousandths)
{
    size_t position = (size_t)((double)count * thousandths / 1000.0 + 0.999999);

    position = position > 0 ? position - 1 : 0;
    return sorted[position < count ? position : count - 1];
}

static enum neuron_status
add_percentiles(const struct neuron_score_report *report, struct neuron_score_summary *summary,
                struct neuron_error *error)
{
    static const unsigned thousandths[NEURON_PERCENTILE_COUNT] = {500, 900, 950, 990, 999, 1000};
    size_t count = report->chunk_count;
    double sum_ns = 0.0;

    if (count == 0) {
        return NEURON_OK;
    }
    uint64_t *sorted = calloc(count, sizeof(*sorted));
    if (sorted == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the times of %zu leases",
                           count);
    }
    memcpy(sorted, report->chunk_ns, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_times);
    for (unsigned i = 0; i < NEURON_PERCENTILE_COUNT; i += 1) {
        summary->chunk_ns[i] = percentile_of(sorted, count, thousandths[i]);
    }
    for (size_t i = 0; i < count; i += 1) {
        sum_ns += (double)sorted[i];
    }
    summary->chunk_mean_ns = sum_ns / (double)count;
    free(sorted);
    return NEURON_OK;
}

enum neuron_status
neuron_score_summary_find(const struct neuron_score_report *report,
                          const struct neuron_core_activity *activity,
                          struct neuron_score_summary *summary, struct neuron_error *error)
{
    *summary = (struct neuron_score_summary){
        .time = {report->start_ns, find_end(report, activity)},
        .rows =
            report->done_rows > report->rows_before ? report->done_rows - report->rows_before : 0,
    };
    find_phases(report, summary);
    add_ranks(report, summary);
    add_rates(report, activity, summary);
    return add_percentiles(report, summary, error);
}

const char *
neuron_score_phase_name(enum neuron_score_phase phase)
{
    static const char *const names[NEURON_PHASE_COUNT] = {"launch", "load", "warm_up",
                                                          "steady", "tail", "commit"};

    return names[phase];
}

const char *
neuron_score_percentile_name(enum neuron_score_percentile percentile)
{
    static const char *const names[NEURON_PERCENTILE_COUNT] = {"p50", "p90",   "p95",
                                                               "p99", "p99.9", "max"};

    return names[percentile];
}

const char *
neuron_score_end_name(enum neuron_score_end end)
{
    switch (end) {
    case NEURON_SCORE_COMPLETE:
        return "complete";
    case NEURON_SCORE_COMPLETE_WITH_ERRORS:
        return "complete_with_errors";
    case NEURON_SCORE_FAILED:
        return "failed";
    case NEURON_SCORE_BUDGET_SPENT:
        return "budget_spent";
    case NEURON_SCORE_BROKEN:
        return "broken";
    case NEURON_SCORE_INTERRUPTED:
        return "interrupted";
    }
    return "unknown";
}

double
neuron_report_rank_rows_per_s(const struct neuron_report_rank *rank)
{
    const struct neuron_time_stretch time = {rank->joined_ns, rank->last_done_ns};

    return ratio((double)rank->counters.rows, seconds_of(time));
}
