/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/json_text.h"

#include "score/report_page.h"

enum {
    RATE_BINS = 240,
    SPAN_LIMIT = 20000,   /* more are told as shares of time */
    SHARE_LIMIT = 400000, /* of all lanes together */
    LEAST_SHARE_BINS = 60,
    MOST_SHARE_BINS = 600,
    TIME_BINS = 48
};

static const double ns_per_s = 1e9;
static const double ns_per_us = 1e3;

/* Seconds since the start of the job. */
static double
since_start(const struct neuron_report_page *page, int64_t time_ns)
{
    return ((double)time_ns - (double)page->summary->time.begin_ns) / ns_per_s;
}

static void
add_phases(const struct neuron_report_page *page, struct neuron_json_text *text)
{
    neuron_json_text_open_array(text, "phases");
    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        const struct neuron_time_stretch *phase = &page->summary->phases[i];

        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_string(text, "name",
                                    neuron_score_phase_name((enum neuron_score_phase)i));
        neuron_json_text_add_decimal(text, "from", since_start(page, phase->begin_ns), 6);
        neuron_json_text_add_decimal(text, "to", since_start(page, phase->end_ns), 6);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

static void
add_rates(const struct neuron_report_page *page, struct neuron_json_text *text)
{
    double rows[RATE_BINS] = {0.0};
    double width_s = page->summary->seconds / RATE_BINS;

    neuron_core_activity_bin_rows(page->activity, page->summary->time, rows, RATE_BINS);
    neuron_json_text_open_array(text, "rates");
    for (unsigned i = 0; width_s > 0.0 && i < RATE_BINS; i += 1) {
        neuron_json_text_add_decimal(text, NULL, rows[i] / width_s, 1);
    }
    neuron_json_text_close_array(text);
}

/* Three numbers a span: microseconds since the start, microseconds, rows. */
static void
add_spans(const struct neuron_report_page *page, const struct neuron_core_lane *lane,
          struct neuron_json_text *text)
{
    neuron_json_text_open_array(text, "spans");
    for (size_t i = 0; i < lane->span_count; i += 1) {
        const struct neuron_core_span *span = &page->activity->spans[lane->first_span + i];
        double length_ns = (double)span->time.end_ns - (double)span->time.begin_ns;

        neuron_json_text_add_decimal(text, NULL, since_start(page, span->time.begin_ns) * 1e6, 0);
        neuron_json_text_add_decimal(text, NULL, length_ns / ns_per_us, 0);
        neuron_json_text_add_unsigned(text, NULL, span->rows);
    }
    neuron_json_text_close_array(text);
}

/* How busy the lane was in each of some equal times, a letter each. */
static void
add_shares(const struct neuron_report_page *page, size_t lane, size_t bin_count,
           struct neuron_json_text *text)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    double shares[MOST_SHARE_BINS] = {0.0};
    char word[MOST_SHARE_BINS + 1] = "";
    const size_t most = sizeof(letters) - 2;

    neuron_core_activity_bin_lane(page->activity, lane, page->summary->time, shares, bin_count);
    for (size_t i = 0; i < bin_count; i += 1) {
        /* What is not idle is seen, however short. */
        double step = ceil(shares[i] * (double)most - 1e-9);

        word[i] = letters[step > 0.0 ? (size_t)step : 0];
    }
    neuron_json_text_add_string(text, "shares", word);
}

static const char *
host_of(const struct neuron_score_report *report, uint32_t rank)
{
    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        if (report->ranks[i].rank == rank) {
            return report->ranks[i].host;
        }
    }
    return "";
}

static void
add_lanes(const struct neuron_report_page *page, struct neuron_json_text *text)
{
    const struct neuron_core_activity *activity = page->activity;
    size_t count = activity->lane_count;
    size_t bin_count = count > 0 ? SHARE_LIMIT / count : 0;

    bin_count = bin_count < MOST_SHARE_BINS ? bin_count : MOST_SHARE_BINS;
    bin_count = bin_count > LEAST_SHARE_BINS ? bin_count : LEAST_SHARE_BINS;
    neuron_json_text_open_array(text, "lanes");
    for (size_t i = 0; i < count; i += 1) {
        const struct neuron_core_lane *lane = &activity->lanes[i];
        double busy_s = (double)lane->busy_ns / ns_per_s;

        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "rank", lane->rank);
        neuron_json_text_add_string(text, "host", host_of(page->report, lane->rank));
        neuron_json_text_add_unsigned(text, "core", lane->core);
        neuron_json_text_add_unsigned(text, "rows", lane->rows);
        neuron_json_text_add_decimal(
            text, "busy", page->summary->seconds > 0.0 ? busy_s / page->summary->seconds : 0.0, 4);
        if (activity->span_count <= SPAN_LIMIT) {
            add_spans(page, lane, text);
        } else {
            add_shares(page, i, bin_count, text);
        }
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

/* The shortest and the longest time, apart from each other and above 0. */
static void
find_limits(const struct neuron_score_report *report, double *low_s, double *high_s)
{
    *low_s = INFINITY;
    *high_s = 0.0;
    for (size_t i = 0; i < report->chunk_count; i += 1) {
        double time_s = fmax((double)report->chunk_ns[i] / ns_per_s, 1e-6);

        *low_s = fmin(*low_s, time_s);
        *high_s = fmax(*high_s, time_s);
    }
    if (report->chunk_count == 0) {
        *low_s = 1e-3;
        *high_s = 1.0;
    }
    if (*high_s < *low_s * 1.5) {
        *low_s /= 1.5;
        *high_s *= 1.5;
    }
}

/* What leases took, counted in bins that grow by the same factor. */
static void
add_times(const struct neuron_report_page *page, struct neuron_json_text *text)
{
    const struct neuron_score_report *report = page->report;
    uint64_t counts[TIME_BINS] = {0};
    double low_s = 0.0;
    double high_s = 0.0;

    find_limits(report, &low_s, &high_s);
    for (size_t i = 0; i < report->chunk_count; i += 1) {
        double time_s = fmax((double)report->chunk_ns[i] / ns_per_s, 1e-6);
        double bin = log(time_s / low_s) / log(high_s / low_s) * TIME_BINS;

        counts[bin < 0.0 ? 0 : bin < TIME_BINS ? (unsigned)bin : TIME_BINS - 1] += 1;
    }
    neuron_json_text_open_object(text, "chunks");
    neuron_json_text_add_decimal(text, "low", low_s, 9);
    neuron_json_text_add_decimal(text, "high", high_s, 9);
    neuron_json_text_open_array(text, "counts");
    for (unsigned i = 0; i < TIME_BINS; i += 1) {
        neuron_json_text_add_unsigned(text, NULL, counts[i]);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_open_array(text, "marks");
    for (unsigned i = 0; report->chunk_count > 0 && i < NEURON_PERCENTILE_100; i += 1) {
        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_string(text, "name",
                                    neuron_score_percentile_name((enum neuron_score_percentile)i));
        neuron_json_text_add_decimal(text, "value",
                                     fmax((double)page->summary->chunk_ns[i] / ns_per_s, 1e-6), 9);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
}

enum neuron_status
neuron_report_page_print_data(const struct neuron_report_page *page, FILE *stream,
                              struct neuron_error *error)
{
    struct neuron_json_text text = {0};

    neuron_json_text_open_object(&text, NULL);
    neuron_json_text_add_decimal(&text, "seconds", page->summary->seconds, 6);
    neuron_json_text_add_decimal(&text, "steady", page->summary->steady_rows_per_s, 1);
    add_phases(page, &text);
    add_rates(page, &text);
    add_times(page, &text);
    add_lanes(page, &text);
    neuron_json_text_close_object(&text);
    enum neuron_status status = neuron_json_text_finish(&text, error);
    /* These stand in strings alone, where an escape means the same. */
    for (size_t i = 0; status == NEURON_OK && i < text.length; i += 1) {
        if (strchr("<>&", text.bytes[i]) != NULL) {
            (void)fprintf(stream, "\\u%04x", (unsigned)text.bytes[i]);
        } else {
            (void)fputc(text.bytes[i], stream);
        }
    }
    neuron_json_text_destroy(&text);
    return status;
}
