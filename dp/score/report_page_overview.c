/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "neuron/readable_text.h"

#include "score/report_page.h"

enum { LONG_VALUE = 9 /* letters that fit a tile in large type */ };

void
neuron_report_page_print_text(FILE *stream, const char *text)
{
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c += 1) {
        bool is_control = (unsigned char)*c < ' ' || *c == '\x7F';

        if (strchr("<>&\"'`", *c) != NULL) {
            (void)fprintf(stream, "&#%d;", *c);
        } else {
            (void)fputc(is_control && *c != '\n' ? ' ' : *c, stream);
        }
    }
}

/* How the job is over: in words, and in what colour. */
static const char *
end_class(enum neuron_score_end end)
{
    return end == NEURON_SCORE_COMPLETE               ? "good"
           : end == NEURON_SCORE_COMPLETE_WITH_ERRORS ? "warn"
                                                      : "bad";
}

static const char *
end_words(enum neuron_score_end end)
{
    switch (end) {
    case NEURON_SCORE_COMPLETE:
        return "complete";
    case NEURON_SCORE_COMPLETE_WITH_ERRORS:
        return "complete, but rows failed";
    case NEURON_SCORE_FAILED:
        return "failed";
    case NEURON_SCORE_BUDGET_SPENT:
        return "too many rows failed";
    case NEURON_SCORE_BROKEN:
        return "broken off; run again to go on";
    case NEURON_SCORE_INTERRUPTED:
        return "interrupted; run again to go on";
    }
    return "";
}

static void
print_header(const struct neuron_report_page *page, FILE *stream)
{
    const struct neuron_score_report *report = page->report;
    time_t start = (time_t)(report->start_ns / 1000000000);
    struct tm parts = {0};
    char when[64] = "";

    if (gmtime_r(&start, &parts) != NULL) {
        (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &parts);
    }
    (void)fputs("<header><div><h1>", stream);
    neuron_report_page_print_text(stream, report->options->outputs.items[0].value);
    (void)fputs("</h1><p class=\"under\">scored with ", stream);
    neuron_report_page_print_text(stream, report->options->model_path);
    (void)fprintf(stream, ", started %s</p>", when);
    if (report->end_text != NULL && report->end_text[0] != '\0') {
        (void)fputs("<p class=\"under\">", stream);
        neuron_report_page_print_text(stream, report->end_text);
        (void)fputs("</p>", stream);
    }
    (void)fprintf(stream,
                  "</div><span class=\"end %s\">%s</span>"
                  "<button id=\"theme\" title=\"light or dark\">light / dark</button></header>\n",
                  end_class(report->end), end_words(report->end));
}

/* A figure; both texts are our own. */
static void
print_tile(FILE *stream, const char *name, const char *value, const char *under)
{
    (void)fprintf(stream, "<div><dt>%s</dt><dd%s>%s</dd><dd class=\"note\">%s</dd></div>\n", name,
                  strlen(value) > LONG_VALUE ? " class=\"long\"" : "", value, under);
}

static uint32_t
count_hosts(const struct neuron_score_report *report)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        uint32_t j = 0;

        while (j < i && strcmp(report->ranks[j].host, report->ranks[i].host) != 0) {
            j += 1;
        }
        count += j == i ? 1 : 0;
    }
    return count;
}

static void
print_row_tiles(const struct neuron_report_page *page, FILE *stream)
{
    const struct neuron_score_report *report = page->report;
    const struct neuron_score_summary *summary = page->summary;
    char under[128] = "";

    if (report->done_rows < report->rows) {
        (void)snprintf(under, sizeof(under), "of %s", neuron_count_text(report->rows).text);
    } else if (report->rows_before > 0) {
        (void)snprintf(under, sizeof(under), "%s done before",
                       neuron_count_text(report->rows_before).text);
    }
    print_tile(stream, "rows", neuron_count_text(report->done_rows).text, under);
    (void)snprintf(under, sizeof(under), "%s steady",
                   neuron_rate_text(summary->steady_rows_per_s).text);
    print_tile(stream, "rows/s", neuron_rate_text(summary->rows_per_s).text, under);
    (void)snprintf(under, sizeof(under), "%s leases", neuron_count_text(report->chunk_count).text);
    print_tile(stream, "time", neuron_seconds_text(summary->seconds).text, under);
    (void)snprintf(under, sizeof(under), "filled in");
    if (report->failure_count > 0) {
        print_tile(stream, "rows failed", neuron_count_text(report->failure_count).text, under);
    }
}

static void
print_use_tiles(const struct neuron_report_page *page, FILE *stream)
{
    const struct neuron_score_report *report = page->report;
    const struct neuron_score_summary *summary = page->summary;
    uint32_t hosts = count_hosts(report);
    char value[64] = "";
    char under[128] = "";

    (void)snprintf(under, sizeof(under), "%" PRIu32 " rank%s on %" PRIu32 " host%s",
                   report->rank_count, report->rank_count == 1 ? "" : "s", hosts,
                   hosts == 1 ? "" : "s");
    print_tile(stream, "cores", neuron_count_text(summary->core_count).text, under);
    (void)snprintf(under, sizeof(under), "%s steady",
                   neuron_share_text(summary->steady_efficiency).text);
    print_tile(stream, "efficiency", neuron_share_text(summary->efficiency).text, under);
    (void)snprintf(value, sizeof(value), "%.3f", summary->imbalance);
    print_tile(stream, "imbalance", value, "longest / mean");
    (void)snprintf(under, sizeof(under), "%s written",
                   neuron_bytes_text(summary->written_bytes).text);
    print_tile(stream, "read", neuron_bytes_text(summary->read_bytes).text, under);
    print_tile(stream, "peak memory", neuron_bytes_text(summary->peak_memory_bytes).text,
               "of a rank");
    if (report->accuracy >= 0.0) {
        print_tile(stream, "accuracy", neuron_share_text(report->accuracy).text, "of the labels");
    }
    if (report->mean_absolute_error >= 0.0) {
        (void)snprintf(value, sizeof(value), "%.4g", report->mean_absolute_error);
        (void)snprintf(under, sizeof(under), "squared %.4g", report->mean_squared_error);
        print_tile(stream, "mean error", value, under);
    }
}

static void
print_phases(const struct neuron_report_page *page, FILE *stream)
{
    static const char *const names[NEURON_PHASE_COUNT] = {"launch", "load", "warm-up",
                                                          "steady", "tail", "commit"};
    const struct neuron_score_summary *summary = page->summary;

    (void)fputs("<section><div class=\"head\"><h2>Phases</h2></div><div class=\"phases\">", stream);
    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        double length = (double)(summary->phases[i].end_ns - summary->phases[i].begin_ns);

        if (length > 0.0) {
            (void)fprintf(stream, "<i class=\"p%u\" style=\"flex:%.0f\"></i>", i, length / 1e3);
        }
    }
    (void)fputs("</div><ul class=\"keys\">", stream);
    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        double seconds = (double)(summary->phases[i].end_ns - summary->phases[i].begin_ns) / 1e9;
        double share = summary->seconds > 0.0 ? seconds / summary->seconds : 0.0;

        (void)fprintf(stream, "<li><i class=\"key p%u\"></i>%s <b>%s</b> %s</li>", i, names[i],
                      neuron_seconds_text(seconds).text, neuron_share_text(share).text);
    }
    (void)fputs("</ul></section>\n", stream);
}

void
neuron_report_page_print_overview(const struct neuron_report_page *page, FILE *stream)
{
    print_header(page, stream);
    (void)fputs("<dl class=\"tiles\">\n", stream);
    print_row_tiles(page, stream);
    print_use_tiles(page, stream);
    (void)fputs("</dl>\n", stream);
    print_phases(page, stream);
}
