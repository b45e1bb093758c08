/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report is written in three steps: begin, by the thread that submits the call; notes, by those
 * that run chunks; end, by one that knows that all notes are made. Only the notes meet each other.
 * Each takes a place among the events that no other has, and adds to sums that are atomic. Nothing
 * is read before the end, which is ordered behind the notes by how the call ends, so that relaxed
 * order is enough for all of them.
 */
#include "call_report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "time_span.h"
#include "timeline.h"

enum { CACHE_LINE_BYTES = 64 };

/* What is noted of a share, on a cache line that other cores do not write. */
struct share_sums {
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t chunk_count;
    _Atomic uint64_t row_count;
    _Atomic uint64_t run_ns;
    _Atomic uint64_t copy_ns;
    _Atomic uint64_t copied_bytes;
};

/* What notes read stands on another cache line than what they write. */
struct neuron_data_parallel_report {
    alignas(CACHE_LINE_BYTES) struct neuron_data_parallel_event *events;
    struct share_sums *sums; /* one for each share */
    uint64_t event_room;
    uint32_t share_room;
    uint32_t share_count;

    alignas(CACHE_LINE_BYTES) _Atomic uint64_t noted_count; /* may pass the room */
    struct neuron_data_parallel_share *shares;              /* filled by the end */
    struct neuron_time_span *spans;                         /* scratch, one for each event */
    uint64_t event_count;                                   /* known by the end */
    uint64_t begin_ns;
    uint64_t duration_ns;
    bool is_ended; /* there is a call to read of */
};

/* Takes memory that begins a cache line, and ends one. Returns NULL when there is none. */
static void *
allocate_lines(uint64_t count, size_t size_bytes)
{
    size_t bytes = 0;

    if (__builtin_mul_overflow(count, size_bytes, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)CACHE_LINE_BYTES - 1, &bytes)) {
        return NULL;
    }
    return aligned_alloc(CACHE_LINE_BYTES, bytes - bytes % CACHE_LINE_BYTES);
}

/* Makes room for shares. The report is unchanged on failure. */
static enum neuron_status
grow_shares(struct neuron_data_parallel_report *report, uint32_t share_count,
            struct neuron_error *error)
{
    size_t room = share_count > 0 ? share_count : 1;

    if (report->shares != NULL && room <= report->share_room) {
        return NEURON_OK;
    }
    struct neuron_data_parallel_share *shares = calloc(room, sizeof(*shares));
    struct share_sums *sums = allocate_lines(room, sizeof(*sums));

    if (shares == NULL || sums == NULL) {
        free(shares);
        free(sums);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory for a report of %" PRIu32 " replicas", share_count);
    }
    free(report->shares);
    free(report->sums);
    report->shares = shares;
    report->sums = sums;
    report->share_room = (uint32_t)room;
    return NEURON_OK;
}

/* Makes room for events. The report is unchanged on failure. */
static enum neuron_status
grow_events(struct neuron_data_parallel_report *report, uint64_t event_count,
            struct neuron_error *error)
{
    if (event_count <= report->event_room) {
        return NEURON_OK;
    }
    struct neuron_data_parallel_event *events = allocate_lines(event_count, sizeof(*events));
    struct neuron_time_span *spans =
        events != NULL ? allocate_lines(event_count, sizeof(*spans)) : NULL;

    if (spans == NULL) {
        free(events);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory for a report of %" PRIu64
                           " chunks; use larger chunks, or no report",
                           event_count);
    }
    free(report->events);
    free(report->spans);
    report->events = events;
    report->spans = spans;
    report->event_room = event_count;
    return NEURON_OK;
}

enum neuron_status
neuron_call_report_create(uint32_t share_count, struct neuron_data_parallel_report **report,
                          struct neuron_error *error)
{
    struct neuron_data_parallel_report *made = allocate_lines(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a report");
    }
    *made = (struct neuron_data_parallel_report){.share_count = share_count};
    atomic_init(&made->noted_count, 0);

    enum neuron_status status = grow_shares(made, share_count, error);

    if (status != NEURON_OK) {
        neuron_data_parallel_report_destroy(made);
        return status;
    }
    *report = made;
    return NEURON_OK;
}

enum neuron_status
neuron_call_report_begin(struct neuron_data_parallel_report *report,
                         const struct neuron_call_share *shares, uint32_t share_count,
                         uint64_t chunk_count, uint64_t begin_ns, struct neuron_error *error)
{
    uint64_t event_count = 0;

    if (__builtin_add_overflow(chunk_count, (uint64_t)share_count, &event_count)) {
        event_count = UINT64_MAX;
    }
    enum neuron_status status = grow_events(report, event_count, error);

    if (status == NEURON_OK) {
        status = grow_shares(report, share_count, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < share_count; i += 1) {
        report->shares[i] =
            (struct neuron_data_parallel_share){.nc = shares[i].nc, .core = shares[i].core};
        atomic_init(&report->sums[i].chunk_count, 0);
        atomic_init(&report->sums[i].row_count, 0);
        atomic_init(&report->sums[i].run_ns, 0);
        atomic_init(&report->sums[i].copy_ns, 0);
        atomic_init(&report->sums[i].copied_bytes, 0);
    }
    atomic_init(&report->noted_count, 0);
    report->event_count = 0;
    report->share_count = share_count;
    report->begin_ns = begin_ns;
    report->duration_ns = 0;
    report->is_ended = false;
    return NEURON_OK;
}

static uint64_t
later(uint64_t time_ns, uint64_t than_ns)
{
    return time_ns > than_ns ? time_ns : than_ns;
}

static void
add(_Atomic uint64_t *sum, uint64_t amount)
{
    (void)atomic_fetch_add_explicit(sum, amount, memory_order_relaxed);
}

void
neuron_call_report_note(struct neuron_data_parallel_report *report,
                        const struct neuron_data_parallel_event *event, uint64_t copied_bytes)
{
    struct neuron_data_parallel_event noted = *event;
    uint64_t place = atomic_fetch_add_explicit(&report->noted_count, 1, memory_order_relaxed);

    assert(event->share < report->share_count);
    noted.run_ns = later(noted.run_ns, noted.begin_ns);
    noted.ran_ns = later(noted.ran_ns, noted.run_ns);
    noted.end_ns = later(noted.end_ns, noted.ran_ns);
    if (place < report->event_room) {
        report->events[place] = noted;
    }
    struct share_sums *sums = &report->sums[noted.share];

    add(&sums->chunk_count, 1);
    add(&sums->row_count, (uint64_t)noted.row_count);
    add(&sums->run_ns, noted.ran_ns - noted.run_ns);
    add(&sums->copy_ns, noted.run_ns - noted.begin_ns + noted.end_ns - noted.ran_ns);
    add(&sums->copied_bytes, copied_bytes);
}

static int
compare_events(const void *left, const void *right)
{
    const struct neuron_data_parallel_event *a = left;
    const struct neuron_data_parallel_event *b = right;

    if (a->share != b->share) {
        return a->share < b->share ? -1 : 1;
    }
    if (a->begin_ns != b->begin_ns) {
        return a->begin_ns < b->begin_ns ? -1 : 1;
    }
    return (a->chunk > b->chunk) - (a->chunk < b->chunk);
}

/* Says how long a share's chunks, which are `count` events, took together: overlaps count once. */
static uint64_t
busy_time(struct neuron_data_parallel_report *report, uint64_t first, uint64_t count)
{
    const struct neuron_time_span whole = {.begin_ns = 0, .end_ns = report->duration_ns};
    size_t next = 0;

    for (uint64_t i = 0; i < count; i += 1) {
        report->spans[i] = (struct neuron_time_span){.begin_ns = report->events[first + i].begin_ns,
                                                     .end_ns = report->events[first + i].end_ns};
    }
    size_t merged = neuron_time_spans_merge(report->spans, (size_t)count);

    return neuron_time_spans_within(report->spans, merged, whole, &next);
}

/* Fills a share. Its events begin at `first`; returns where those of the next one do. */
static uint64_t
end_share(struct neuron_data_parallel_report *report, uint32_t index, uint64_t first)
{
    const struct share_sums *sums = &report->sums[index];
    struct neuron_data_parallel_share *share = &report->shares[index];
    uint64_t end = first;
    uint64_t kept_ns = 0;

    while (end < report->event_count && report->events[end].share == index) {
        kept_ns += report->events[end].end_ns - report->events[end].begin_ns;
        end += 1;
    }
    share->chunk_count = atomic_load_explicit(&sums->chunk_count, memory_order_relaxed);
    share->row_count = atomic_load_explicit(&sums->row_count, memory_order_relaxed);
    share->run_ns = atomic_load_explicit(&sums->run_ns, memory_order_relaxed);
    share->copy_ns = atomic_load_explicit(&sums->copy_ns, memory_order_relaxed);
    share->copied_bytes = atomic_load_explicit(&sums->copied_bytes, memory_order_relaxed);

    /* Chunks that found no room among the events overlap none, unless a replica has many cores. */
    uint64_t busy_ns =
        busy_time(report, first, end - first) + share->run_ns + share->copy_ns - kept_ns;

    share->wait_ns = busy_ns < report->duration_ns ? report->duration_ns - busy_ns : 0;
    return end;
}

void
neuron_call_report_end(struct neuron_data_parallel_report *report, uint64_t end_ns)
{
    uint64_t noted = atomic_load_explicit(&report->noted_count, memory_order_relaxed);
    uint64_t next = 0;

    report->duration_ns = end_ns > report->begin_ns ? end_ns - report->begin_ns : 0;
    report->event_count = noted < report->event_room ? noted : report->event_room;
    if (report->event_count > 0) {
        qsort(report->events, report->event_count, sizeof(*report->events), compare_events);
    }
    for (uint32_t i = 0; i < report->share_count; i += 1) {
        next = end_share(report, i, next);
    }
    report->is_ended = true;
}

enum neuron_status
neuron_data_parallel_report_create(const struct neuron_data_parallel *parallel,
                                   struct neuron_data_parallel_report **report,
                                   struct neuron_error *error)
{
    return neuron_call_report_create(neuron_data_parallel_replica_count(parallel), report, error);
}

uint64_t
neuron_data_parallel_report_duration_ns(const struct neuron_data_parallel_report *report)
{
    return report->duration_ns;
}

uint32_t
neuron_data_parallel_report_share_count(const struct neuron_data_parallel_report *report)
{
    return report->share_count;
}

const struct neuron_data_parallel_share *
neuron_data_parallel_report_share(const struct neuron_data_parallel_report *report, uint32_t index)
{
    assert(index < report->share_count);
    return &report->shares[index];
}

uint64_t
neuron_data_parallel_report_event_count(const struct neuron_data_parallel_report *report)
{
    return report->event_count;
}

const struct neuron_data_parallel_event *
neuron_data_parallel_report_event(const struct neuron_data_parallel_report *report, uint64_t index)
{
    assert(index < report->event_count);
    return &report->events[index];
}

void
neuron_data_parallel_report_print(const struct neuron_data_parallel_report *report, uint32_t width,
                                  FILE *stream)
{
    const struct neuron_timeline timeline = {.duration_ns = report->duration_ns,
                                             .shares = report->shares,
                                             .events = report->events,
                                             .scratch = report->spans,
                                             .event_count = report->event_count,
                                             .share_count = report->share_count};

    if (!report->is_ended) {
        (void)fputs("no call has ended with this report\n", stream);
        return;
    }
    neuron_timeline_print(&timeline, width, stream);
}

void
neuron_data_parallel_report_destroy(struct neuron_data_parallel_report *report)
{
    if (report == NULL) {
        return;
    }
    free(report->shares);
    free(report->sums);
    free(report->events);
    free(report->spans);
    free(report);
}
