/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/metric_label.h"
#include "neuron/record_file.h"

#include "score/score_report.h"
#include "score/score_summary.h"

enum { BUCKET_COUNT = 14 };

static const double ns_per_s = 1e9;

/* Upper bounds of what leases take, in seconds; a last bucket holds the rest. */
static const double bucket_ends_s[BUCKET_COUNT] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                   0.25,  0.5,    1.0,   2.5,  5.0,   10.0, 30.0};

/* Metrics of several jobs lie in one folder: what tells them apart stands at each. */
struct page {
    FILE *stream;
    const struct neuron_score_report *report;
    bool has_failed; /* for want of memory */
};

/* A metric of a rank. */
struct rank_metric {
    const char *name;
    const char *type;
    const char *help;
    double (*value)(const struct neuron_report_rank *rank);
};

static void
print_label(struct page *page, const char *value)
{
    if (!neuron_metric_label_print(page->stream, value)) {
        page->has_failed = true;
    }
}

static void
print_head(const struct page *page, const char *name, const char *type, const char *help)
{
    (void)fprintf(page->stream, "# HELP neuron_score_%s %s\n# TYPE neuron_score_%s %s\n", name,
                  help, name, type);
}

/* The name of a metric and the label that all have; more labels, and "}", may follow. */
static void
print_name(struct page *page, const char *name)
{
    (void)fprintf(page->stream, "neuron_score_%s{output=", name);
    print_label(page, page->report->options->outputs.items[0].value);
}

static void
print_value(struct page *page, const char *name, const char *type, const char *help, double value)
{
    print_head(page, name, type, help);
    print_name(page, name);
    (void)fprintf(page->stream, "} %.17g\n", value);
}

static void
print_job(struct page *page)
{
    const struct neuron_score_report *report = page->report;

    print_head(page, "info", "gauge", "What is scored, always 1.");
    print_name(page, "info");
    (void)fputs(",model=", page->stream);
    print_label(page, report->options->model_path);
    (void)fputs(",version=", page->stream);
    print_label(page, report->version);
    (void)fputs("} 1\n", page->stream);
    print_value(page, "start_time_seconds", "gauge", "When the job started, since the epoch.",
                (double)report->start_ns / ns_per_s);
    print_value(page, "end_time_seconds", "gauge", "When the job ended, since the epoch; 0 before.",
                (double)report->end_ns / ns_per_s);
    print_value(page, "rows", "gauge", "Rows of the job.", (double)report->rows);
    print_value(page, "rows_done_before", "gauge", "Rows that earlier runs of the job have done.",
                (double)report->rows_before);
    print_value(page, "rows_done", "gauge", "Rows that are done, those of earlier runs included.",
                (double)report->done_rows);
    print_value(page, "rows_failed", "gauge", "Rows that were given up and filled in.",
                (double)report->failure_count);
}

static void
print_leases(struct page *page)
{
    const struct neuron_score_report *report = page->report;

    print_value(page, "leases_lost_total", "counter", "Leases of ranks that died or fell silent.",
                (double)report->lost_lease_count);
    print_value(page, "lease_copies_total", "counter", "Leases that were given twice at the end.",
                (double)report->copy_count);
    print_value(page, "audits_total", "counter", "Leases that were scored again and compared.",
                (double)report->audit_count);
    print_value(page, "audit_differences_total", "counter", "Audits whose results differed.",
                (double)report->audit_difference_count);
}

/* What leases took, as a histogram. */
static void
print_chunks(struct page *page)
{
    const struct neuron_score_report *report = page->report;
    uint64_t counts[BUCKET_COUNT + 1] = {0};
    uint64_t count = 0;
    double sum_s = 0.0;

    for (size_t i = 0; i < report->chunk_count; i += 1) {
        double time_s = (double)report->chunk_ns[i] / ns_per_s;
        unsigned bucket = 0;

        while (bucket < BUCKET_COUNT && time_s > bucket_ends_s[bucket]) {
            bucket += 1;
        }
        counts[bucket] += 1;
        sum_s += time_s;
    }
    print_head(page, "lease_seconds", "histogram", "What leases took, from submission to results.");
    for (unsigned i = 0; i <= BUCKET_COUNT; i += 1) {
        count += counts[i];
        print_name(page, "lease_seconds_bucket");
        if (i < BUCKET_COUNT) {
            (void)fprintf(page->stream, ",le=\"%g\"} %" PRIu64 "\n", bucket_ends_s[i], count);
        } else {
            (void)fprintf(page->stream, ",le=\"+Inf\"} %" PRIu64 "\n", count);
        }
    }
    print_name(page, "lease_seconds_sum");
    (void)fprintf(page->stream, "} %.17g\n", sum_s);
    print_name(page, "lease_seconds_count");
    (void)fprintf(page->stream, "} %" PRIu64 "\n", count);
}

static double
alive_of(const struct neuron_report_rank *rank)
{
    return rank->is_alive ? 1.0 : 0.0;
}

static double
losses_of(const struct neuron_report_rank *rank)
{
    return (double)rank->loss_count;
}

static double
cores_of(const struct neuron_report_rank *rank)
{
    return (double)rank->core_count;
}

static double
running_of(const struct neuron_report_rank *rank)
{
    return (double)rank->running_rows;
}

static double
rows_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.rows;
}

static double
run_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.run_ns / ns_per_s;
}

static double
wait_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.wait_ns / ns_per_s;
}

static double
write_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.write_ns / ns_per_s;
}

static double
sync_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.sync_ns / ns_per_s;
}

static double
read_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.read_bytes;
}

static double
written_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.written_bytes;
}

static double
memory_of(const struct neuron_report_rank *rank)
{
    return (double)rank->counters.peak_memory_bytes;
}

static const struct rank_metric rank_metrics[] = {
    {"rank_alive", "gauge", "Whether the rank is there.", alive_of},
    {"rank_losses_total", "counter", "How often the rank died or fell silent.", losses_of},
    {"rank_cores", "gauge", "Cores of the rank.", cores_of},
    {"rank_running_rows", "gauge", "Rows of the leases that the rank has.", running_of},
    {"rank_rows_total", "counter", "Rows that the rank has done.", rows_of},
    {"rank_run_seconds_total", "counter", "Time in which the rank ran the model.", run_of},
    {"rank_wait_seconds_total", "counter", "Time in which the rank waited for leases.", wait_of},
    {"rank_write_seconds_total", "counter", "Time in which the rank wrote results.", write_of},
    {"rank_sync_seconds_total", "counter", "Time in which the rank synced files.", sync_of},
    {"rank_read_bytes_total", "counter", "Bytes that the rank has read.", read_of},
    {"rank_written_bytes_total", "counter", "Bytes that the rank has written.", written_of},
    {"rank_peak_memory_bytes", "gauge", "Most memory that the rank had resident.", memory_of},
};

static void
print_ranks(struct page *page)
{
    for (size_t i = 0; i < sizeof(rank_metrics) / sizeof(rank_metrics[0]); i += 1) {
        const struct rank_metric *metric = &rank_metrics[i];

        print_head(page, metric->name, metric->type, metric->help);
        for (uint32_t j = 0; j < page->report->rank_count; j += 1) {
            const struct neuron_report_rank *rank = &page->report->ranks[j];

            print_name(page, metric->name);
            (void)fprintf(page->stream, ",rank=\"%" PRIu32 "\",host=", rank->rank);
            print_label(page, rank->host);
            (void)fprintf(page->stream, "} %.17g\n", metric->value(rank));
        }
    }
}

enum neuron_status
neuron_score_report_write_metrics(const struct neuron_score_report *report, const char *path,
                                  struct neuron_error *error)
{
    struct page page = {.report = report};
    char *text = NULL;
    size_t length = 0;

    page.stream = open_memstream(&text, &length);
    if (page.stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %.150s", path);
    }
    print_job(&page);
    print_leases(&page);
    print_chunks(&page);
    print_ranks(&page);
    enum neuron_status status = NEURON_OK;
    page.has_failed = ferror(page.stream) != 0 || page.has_failed;
    if (fclose(page.stream) != 0 || page.has_failed) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %.150s", path);
    }
    if (status == NEURON_OK) {
        status = neuron_record_file_write(path, text, length, error);
    }
    free(text);
    return status;
}
