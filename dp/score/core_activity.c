/* SPDX-License-Identifier: Apache-2.0 */
#include "score/core_activity.h"

#include <stdlib.h>
#include <string.h>

static int64_t
time_of(uint64_t time_ns)
{
    return time_ns < INT64_MAX ? (int64_t)time_ns : INT64_MAX;
}

static int64_t
earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static int64_t
later(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* The time of a span that lies in a stretch; may have no length. */
static struct neuron_time_stretch
clip(struct neuron_time_stretch span, struct neuron_time_stretch stretch)
{
    struct neuron_time_stretch clipped = {later(span.begin_ns, stretch.begin_ns),
                                          earlier(span.end_ns, stretch.end_ns)};

    clipped.end_ns = later(clipped.begin_ns, clipped.end_ns);
    return clipped;
}

static double
length_of(struct neuron_time_stretch stretch)
{
    return (double)stretch.end_ns - (double)stretch.begin_ns;
}

static int
compare(uint64_t left, uint64_t right)
{
    return left < right ? -1 : left > right;
}

static int
compare_spans(const void *left, const void *right)
{
    const struct neuron_core_span *a = left;
    const struct neuron_core_span *b = right;
    int order = compare(a->rank, b->rank);

    if (order == 0) {
        order = compare(a->nc, b->nc);
    }
    if (order == 0) {
        order = a->time.begin_ns < b->time.begin_ns ? -1 : a->time.begin_ns > b->time.begin_ns;
    }
    return order != 0 ? order : compare(a->rows, b->rows);
}

/* How long a lane is busy in a stretch: what overlaps counts once. */
static uint64_t
measure_lane(const struct neuron_core_activity *activity, const struct neuron_core_lane *lane,
             struct neuron_time_stretch stretch)
{
    int64_t busy_until_ns = stretch.begin_ns;
    uint64_t busy_ns = 0;

    for (size_t i = 0; i < lane->span_count; i += 1) {
        struct neuron_time_stretch time = clip(activity->spans[lane->first_span + i].time, stretch);
        int64_t begin_ns = later(time.begin_ns, busy_until_ns);

        if (time.end_ns > begin_ns) {
            busy_ns += (uint64_t)(time.end_ns - begin_ns);
            busy_until_ns = time.end_ns;
        }
    }
    return busy_ns;
}

/* Takes over the spans of a report, and sorts them. */
static void
sort_spans(const struct neuron_score_report *report, struct neuron_core_activity *activity)
{
    for (size_t i = 0; i < report->span_count; i += 1) {
        const struct neuron_lease_span *span = &report->spans[i].span;
        int64_t begin_ns = time_of(span->begin_ns);

        activity->spans[i] = (struct neuron_core_span){
            .time = {begin_ns, later(begin_ns, time_of(span->end_ns))},
            .rows = span->rows,
            .rank = report->spans[i].rank,
            .nc = span->nc,
            .core = span->core,
        };
    }
    activity->span_count = report->span_count;
    if (activity->span_count > 1) {
        qsort(activity->spans, activity->span_count, sizeof(*activity->spans), compare_spans);
    }
}

/* Finds where the spans of each lane begin. */
static void
find_lanes(struct neuron_core_activity *activity)
{
    const struct neuron_time_stretch always = {0, INT64_MAX};
    struct neuron_core_lane *lane = NULL;

    for (size_t i = 0; i < activity->span_count; i += 1) {
        const struct neuron_core_span *span = &activity->spans[i];

        if (lane == NULL || lane->rank != span->rank || lane->nc != span->nc) {
            lane = &activity->lanes[activity->lane_count];
            *lane = (struct neuron_core_lane){
                .rank = span->rank, .nc = span->nc, .core = span->core, .first_span = i};
            activity->lane_count += 1;
        }
        lane->span_count += 1;
        lane->rows += span->rows;
        activity->rows += span->rows;
    }
    for (size_t i = 0; i < activity->lane_count; i += 1) {
        activity->lanes[i].busy_ns = measure_lane(activity, &activity->lanes[i], always);
        activity->busy_ns += activity->lanes[i].busy_ns;
    }
}

enum neuron_status
neuron_core_activity_create(const struct neuron_score_report *report,
                            struct neuron_core_activity *activity, struct neuron_error *error)
{
    size_t count = report->span_count > 0 ? report->span_count : 1;

    *activity = (struct neuron_core_activity){.spans = calloc(count, sizeof(*activity->spans)),
                                              .lanes = calloc(count, sizeof(*activity->lanes))};
    if (activity->spans == NULL || activity->lanes == NULL) {
        neuron_core_activity_destroy(activity);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory for a report with %zu pieces of work", count);
    }
    sort_spans(report, activity);
    find_lanes(activity);
    return NEURON_OK;
}

uint64_t
neuron_core_activity_busy_ns(const struct neuron_core_activity *activity,
                             struct neuron_time_stretch stretch)
{
    uint64_t busy_ns = 0;

    for (size_t i = 0; i < activity->lane_count; i += 1) {
        busy_ns += measure_lane(activity, &activity->lanes[i], stretch);
    }
    return busy_ns;
}

/* The part of a span's rows that is done in a stretch. One without length is done at its time. */
static double
rows_in(const struct neuron_core_span *span, struct neuron_time_stretch stretch)
{
    double length = length_of(span->time);

    if (length > 0.0) {
        return (double)span->rows * (length_of(clip(span->time, stretch)) / length);
    }
    return span->time.begin_ns >= stretch.begin_ns && span->time.begin_ns < stretch.end_ns
               ? (double)span->rows
               : 0.0;
}

double
neuron_core_activity_rows(const struct neuron_core_activity *activity,
                          struct neuron_time_stretch stretch)
{
    double rows = 0.0;

    for (size_t i = 0; i < activity->span_count; i += 1) {
        rows += rows_in(&activity->spans[i], stretch);
    }
    return rows;
}

/* One of the bins of a stretch. */
static struct neuron_time_stretch
bin_at(struct neuron_time_stretch stretch, size_t bin, size_t bin_count)
{
    double width = length_of(stretch) / (double)bin_count;

    return (struct neuron_time_stretch){
        stretch.begin_ns + (int64_t)(width * (double)bin),
        bin + 1 == bin_count ? stretch.end_ns
                             : stretch.begin_ns + (int64_t)(width * (double)(bin + 1))};
}

/* The first and the last bin that a time may lie in. */
static void
find_bins(struct neuron_time_stretch time, struct neuron_time_stretch stretch, size_t bin_count,
          size_t *first, size_t *last)
{
    double width = length_of(stretch) / (double)bin_count;
    struct neuron_time_stretch clipped = clip(time, stretch);
    double from = width > 0.0 ? (double)(clipped.begin_ns - stretch.begin_ns) / width : 0.0;
    double to = width > 0.0 ? (double)(clipped.end_ns - stretch.begin_ns) / width : 0.0;
    size_t limit = bin_count - 1;

    /* One more at either side, for what was rounded. */
    *first = from >= 1.0 ? (size_t)from - 1 : 0;
    *first = *first < limit ? *first : limit;
    *last = to < (double)limit ? (size_t)to + 1 : limit;
    *last = *last < limit ? *last : limit;
}

void
neuron_core_activity_bin_rows(const struct neuron_core_activity *activity,
                              struct neuron_time_stretch stretch, double *rows, size_t bin_count)
{
    for (size_t bin = 0; bin < bin_count; bin += 1) {
        rows[bin] = 0.0;
    }
    for (size_t i = 0; bin_count > 0 && i < activity->span_count; i += 1) {
        const struct neuron_core_span *span = &activity->spans[i];
        size_t first = 0;
        size_t last = 0;

        find_bins(span->time, stretch, bin_count, &first, &last);
        for (size_t bin = first; bin <= last; bin += 1) {
            rows[bin] += rows_in(span, bin_at(stretch, bin, bin_count));
        }
    }
}

/* Adds the time of a piece to the bins that it lies in, as a share of each. */
static void
add_shares(struct neuron_time_stretch time, struct neuron_time_stretch stretch, double *shares,
           size_t bin_count)
{
    size_t first = 0;
    size_t last = 0;

    find_bins(time, stretch, bin_count, &first, &last);
    for (size_t bin = first; bin <= last; bin += 1) {
        struct neuron_time_stretch part = bin_at(stretch, bin, bin_count);
        double length = length_of(part);

        shares[bin] += length > 0.0 ? length_of(clip(time, part)) / length : 0.0;
    }
}

void
neuron_core_activity_bin_lane(const struct neuron_core_activity *activity, size_t lane,
                              struct neuron_time_stretch stretch, double *shares, size_t bin_count)
{
    const struct neuron_core_lane *chosen = &activity->lanes[lane];
    int64_t busy_until_ns = stretch.begin_ns;

    for (size_t bin = 0; bin < bin_count; bin += 1) {
        shares[bin] = 0.0;
    }
    for (size_t i = 0; bin_count > 0 && i < chosen->span_count; i += 1) {
        struct neuron_time_stretch time =
            clip(activity->spans[chosen->first_span + i].time, stretch);

        time.begin_ns = later(time.begin_ns, busy_until_ns);
        if (time.end_ns > time.begin_ns) {
            add_shares(time, stretch, shares, bin_count);
            busy_until_ns = time.end_ns;
        }
    }
    for (size_t bin = 0; bin < bin_count; bin += 1) {
        shares[bin] = shares[bin] < 1.0 ? shares[bin] : 1.0;
    }
}

void
neuron_core_activity_destroy(struct neuron_core_activity *activity)
{
    free(activity->spans);
    free(activity->lanes);
    *activity = (struct neuron_core_activity){0};
}
