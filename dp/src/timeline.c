/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "time_axis.h"

enum {
    LINE_LIMIT = 32,   /* replicas that all have a line of their own */
    FIRST_LINES = 8,   /* of more: the first ones, */
    EXTREME_LINES = 4, /* the idlest, and the busiest */
    CHOSEN_LIMIT = FIRST_LINES + 2 * EXTREME_LINES,
    LABEL_BYTES = 64,
    TIME_COLUMNS = 8
};

/* What was done in one column's time, by one replica or several. */
struct column {
    uint64_t busy_ns; /* a chunk was in flight */
    uint64_t run_ns;  /* one was in the program */
};

/* What the lines have in common. */
struct layout {
    const struct neuron_timeline *timeline;
    FILE *stream;
    struct neuron_time_unit unit;
    uint32_t width; /* columns of the chart */
    int label_width;
    int nc_width;
    int core_width;
    int chunk_width;
    int row_width;
};

/* Replicas that have a line of their own although not all have. */
struct choice {
    uint32_t shares[CHOSEN_LIMIT];
    uint32_t count;
};

static int
digits_of(uint64_t number)
{
    int digits = 1;

    for (; number >= 10; number /= 10) {
        digits += 1;
    }
    return digits;
}

static int
larger(int a, int b)
{
    return a > b ? a : b;
}

static struct layout
lay_out(const struct neuron_timeline *timeline, uint32_t width, FILE *stream)
{
    struct layout layout = {.timeline = timeline,
                            .stream = stream,
                            .unit = neuron_time_unit_of(timeline->duration_ns),
                            .width = width,
                            .nc_width = 1,
                            .core_width = 1,
                            .chunk_width = (int)sizeof("  chunks") - 1,
                            .row_width = (int)sizeof("  rows") - 1};

    if (layout.width < NEURON_TIMELINE_LEAST_WIDTH) {
        layout.width = NEURON_TIMELINE_LEAST_WIDTH;
    }
    if (layout.width > NEURON_TIMELINE_MOST_WIDTH) {
        layout.width = NEURON_TIMELINE_MOST_WIDTH;
    }
    for (uint32_t i = 0; i < timeline->share_count; i += 1) {
        const struct neuron_data_parallel_share *share = &timeline->shares[i];

        layout.nc_width = larger(layout.nc_width, digits_of(share->nc));
        layout.core_width = larger(layout.core_width, digits_of(share->core));
        layout.chunk_width = larger(layout.chunk_width, digits_of(share->chunk_count) + 2);
        layout.row_width = larger(layout.row_width, digits_of(share->row_count) + 2);
    }
    layout.label_width = (int)sizeof("nc: core ") - 1 + layout.nc_width + layout.core_width;
    if (timeline->share_count > LINE_LIMIT) {
        layout.label_width = larger(layout.label_width, (int)sizeof("mean of  others") - 1 +
                                                            digits_of(timeline->share_count));
    }
    return layout;
}

/* The time of a column: of a call of fewer nanoseconds than columns, the one that it lies in. */
static struct neuron_time_span
column_window(const struct layout *layout, uint32_t column)
{
    uint64_t quotient = layout->timeline->duration_ns / layout->width;
    uint64_t remainder = layout->timeline->duration_ns % layout->width;
    struct neuron_time_span window = {
        .begin_ns = quotient * column + remainder * column / layout->width,
        .end_ns = quotient * (column + 1) + remainder * (column + 1) / layout->width};

    if (window.end_ns == window.begin_ns) {
        window.end_ns += 1;
    }
    return window;
}

/* The first event of a share, or of one behind it. */
static uint64_t
find_events(const struct neuron_timeline *timeline, uint32_t share)
{
    uint64_t first = 0;
    uint64_t end = timeline->event_count;

    while (first < end) {
        uint64_t middle = first + (end - first) / 2;

        if (timeline->events[middle].share < share) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

/* Adds what a replica did to the columns. */
static void
add_share(const struct layout *layout, uint32_t share, struct column *columns)
{
    const struct neuron_timeline *timeline = layout->timeline;
    uint64_t first = find_events(timeline, share);
    size_t count = (size_t)(find_events(timeline, share + 1) - first);
    const struct neuron_data_parallel_event *events = timeline->events + first;
    size_t next = 0;

    for (size_t i = 0; i < count; i += 1) {
        timeline->scratch[i] = (struct neuron_time_span){events[i].begin_ns, events[i].end_ns};
    }
    size_t merged = neuron_time_spans_merge(timeline->scratch, count);
    for (uint32_t i = 0; i < layout->width; i += 1) {
        columns[i].busy_ns +=
            neuron_time_spans_within(timeline->scratch, merged, column_window(layout, i), &next);
    }
    for (size_t i = 0; i < count; i += 1) {
        timeline->scratch[i] = (struct neuron_time_span){events[i].run_ns, events[i].ran_ns};
    }
    merged = neuron_time_spans_merge(timeline->scratch, count);
    next = 0;
    for (uint32_t i = 0; i < layout->width; i += 1) {
        columns[i].run_ns +=
            neuron_time_spans_within(timeline->scratch, merged, column_window(layout, i), &next);
    }
}

/* How much of the time of `share_count` replicas was not idle, rounded down: 100 is no gap. */
static unsigned
busy_percent(uint64_t duration_ns, double wait_ns, uint32_t share_count)
{
    double whole_ns = (double)duration_ns * (double)share_count;

    return whole_ns > 0.0 && wait_ns < whole_ns
               ? (unsigned)(100.0 * (whole_ns - wait_ns) / whole_ns)
               : 0;
}

static void
print_time(const struct layout *layout, uint64_t time_ns)
{
    (void)fprintf(layout->stream, "%*.*f", TIME_COLUMNS, layout->unit.decimals,
                  (double)time_ns / (double)layout->unit.ns);
}

/* Prints the line of one replica, or of the mean of several. */
static void
print_line(const struct layout *layout, const char *label,
           const struct neuron_data_parallel_share *share, const struct column *columns,
           uint32_t share_count)
{
    uint64_t duration_ns = layout->timeline->duration_ns;

    (void)fprintf(layout->stream, "%-*s |", layout->label_width, label);
    for (uint32_t i = 0; i < layout->width; i += 1) {
        const struct neuron_time_span window = column_window(layout, i);
        uint64_t idle_ns = (window.end_ns - window.begin_ns) * share_count - columns[i].busy_ns;
        char mark = columns[i].run_ns >= columns[i].busy_ns - columns[i].run_ns ? '#' : '=';

        (void)fputc(idle_ns > columns[i].busy_ns ? '.' : mark, layout->stream);
    }
    (void)fprintf(layout->stream, "|  %3u%%%*" PRIu64 "%*" PRIu64,
                  busy_percent(duration_ns, (double)share->wait_ns, 1), layout->chunk_width,
                  share->chunk_count, layout->row_width, share->row_count);
    print_time(layout, share->run_ns);
    print_time(layout, share->copy_ns);
    print_time(layout, share->wait_ns);
    (void)fputc('\n', layout->stream);
}

static void
print_share(const struct layout *layout, uint32_t index)
{
    const struct neuron_data_parallel_share *share = &layout->timeline->shares[index];
    struct column columns[NEURON_TIMELINE_MOST_WIDTH] = {{0}};
    char label[LABEL_BYTES] = "";

    (void)snprintf(label, sizeof(label), "nc:%-*" PRIu32 " core %" PRIu32, layout->nc_width,
                   share->nc, share->core);
    add_share(layout, index, columns);
    print_line(layout, label, share, columns, 1);
}

static bool
is_chosen(const struct choice *choice, uint32_t share)
{
    for (uint32_t i = 0; i < choice->count; i += 1) {
        if (choice->shares[i] == share) {
            return true;
        }
    }
    return false;
}

/* Chooses of those left over the one that was idle longest, or shortest, and prints it. */
static void
print_extreme(const struct layout *layout, bool is_idlest, struct choice *choice)
{
    const struct neuron_timeline *timeline = layout->timeline;
    uint32_t extreme = UINT32_MAX;

    for (uint32_t i = 0; i < timeline->share_count; i += 1) {
        uint64_t wait_ns = timeline->shares[i].wait_ns;

        if (is_chosen(choice, i)) {
            continue;
        }
        if (extreme == UINT32_MAX || (is_idlest ? wait_ns > timeline->shares[extreme].wait_ns
                                                : wait_ns < timeline->shares[extreme].wait_ns)) {
            extreme = i;
        }
    }
    assert(extreme != UINT32_MAX && choice->count < CHOSEN_LIMIT);
    choice->shares[choice->count] = extreme;
    choice->count += 1;
    print_share(layout, extreme);
}

/* A sum over replicas, as what one of them has, rounded to the nearest. */
static uint64_t
mean_of(uint64_t sum, uint32_t share_count)
{
    if (share_count == 0) {
        return 0;
    }
    return sum / share_count + (sum % share_count > (share_count - 1) / 2);
}

/* Prints the mean of the replicas that have no line. */
static void
print_mean(const struct layout *layout, const struct choice *choice)
{
    const struct neuron_timeline *timeline = layout->timeline;
    uint32_t count = timeline->share_count - choice->count;
    struct neuron_data_parallel_share mean = {0};
    struct column columns[NEURON_TIMELINE_MOST_WIDTH] = {{0}};
    char label[LABEL_BYTES] = "";

    for (uint32_t i = 0; i < timeline->share_count; i += 1) {
        const struct neuron_data_parallel_share *share = &timeline->shares[i];

        if (!is_chosen(choice, i)) {
            mean.chunk_count += share->chunk_count;
            mean.row_count += share->row_count;
            mean.run_ns += share->run_ns;
            mean.copy_ns += share->copy_ns;
            mean.wait_ns += share->wait_ns;
            add_share(layout, i, columns);
        }
    }
    mean.chunk_count = mean_of(mean.chunk_count, count);
    mean.row_count = mean_of(mean.row_count, count);
    mean.run_ns = mean_of(mean.run_ns, count);
    mean.copy_ns = mean_of(mean.copy_ns, count);
    mean.wait_ns = mean_of(mean.wait_ns, count);
    (void)snprintf(label, sizeof(label), "mean of %" PRIu32 " others", count);
    print_line(layout, label, &mean, columns, count);
}

/* Prints lines of those that tell most, where there are too many to read. */
static void
print_folded(const struct layout *layout)
{
    struct choice choice = {.count = FIRST_LINES};

    for (uint32_t i = 0; i < FIRST_LINES; i += 1) {
        choice.shares[i] = i;
        print_share(layout, i);
    }
    (void)fputs("the idlest of the others:\n", layout->stream);
    for (uint32_t i = 0; i < EXTREME_LINES; i += 1) {
        print_extreme(layout, true, &choice);
    }
    (void)fputs("the busiest of the others:\n", layout->stream);
    for (uint32_t i = 0; i < EXTREME_LINES; i += 1) {
        print_extreme(layout, false, &choice);
    }
    print_mean(layout, &choice);
}

static const char *
plural_end(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* Prints what holds for the whole call. */
static void
print_title(const struct layout *layout)
{
    const struct neuron_timeline *timeline = layout->timeline;
    uint64_t chunks = 0;
    uint64_t rows = 0;
    uint64_t copied_bytes = 0;
    double wait_ns = 0.0;

    for (uint32_t i = 0; i < timeline->share_count; i += 1) {
        chunks += timeline->shares[i].chunk_count;
        rows += timeline->shares[i].row_count;
        copied_bytes += timeline->shares[i].copied_bytes;
        wait_ns += (double)timeline->shares[i].wait_ns;
    }
    (void)fprintf(layout->stream,
                  "%" PRIu32 " replica%s, %" PRIu64 " chunk%s, %" PRIu64 " row%s in %.*f %s: %u%% "
                  "busy, %" PRIu64 " byte%s copied\n",
                  timeline->share_count, plural_end(timeline->share_count), chunks,
                  plural_end(chunks), rows, plural_end(rows), layout->unit.decimals,
                  (double)timeline->duration_ns / (double)layout->unit.ns, layout->unit.name,
                  busy_percent(timeline->duration_ns, wait_ns, timeline->share_count), copied_bytes,
                  plural_end(copied_bytes));
}

void
neuron_timeline_print(const struct neuron_timeline *timeline, uint32_t width, FILE *stream)
{
    const struct layout layout = lay_out(timeline, width, stream);
    char axis[NEURON_TIMELINE_MOST_WIDTH + 1] = "";

    print_title(&layout);
    neuron_time_axis_format(timeline->duration_ns, layout.width, axis);
    (void)fprintf(stream, "%*s |%s|  busy%*s%*s%*s%*s%*s\n", layout.label_width, layout.unit.name,
                  axis, layout.chunk_width, "chunks", layout.row_width, "rows", TIME_COLUMNS, "run",
                  TIME_COLUMNS, "copy", TIME_COLUMNS, "wait");
    if (timeline->share_count > LINE_LIMIT) {
        print_folded(&layout);
    } else {
        for (uint32_t i = 0; i < timeline->share_count; i += 1) {
            print_share(&layout, i);
        }
    }
    (void)fputs("# run, = copy, . idle: what took most of a column\n", stream);
}
