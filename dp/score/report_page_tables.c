/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "neuron/readable_text.h"

#include "score/errors_file.h"
#include "score/report_page.h"

enum { COLOUR_COUNT = 8, LISTED_LIMIT = 200 };

static const double ns_per_s = 1e9;

/* A cell that sorts by its number. */
static void
print_cell(FILE *stream, double value, const char *text)
{
    (void)fprintf(stream, "<td data-value=\"%.9g\">%s</td>", value, text);
}

static void
print_time_cell(FILE *stream, uint64_t time_ns)
{
    double seconds = (double)time_ns / ns_per_s;

    print_cell(stream, seconds, neuron_seconds_text(seconds).text);
}

static void
print_bytes_cell(FILE *stream, uint64_t size_bytes)
{
    print_cell(stream, (double)size_bytes, neuron_bytes_text(size_bytes).text);
}

static void
print_text_cell(FILE *stream, const char *text, const char *class)
{
    (void)fprintf(stream, "<td class=\"%s\">", class);
    neuron_report_page_print_text(stream, text);
    (void)fputs("</td>", stream);
}

/* What share of its time since it joined a rank ran the model. */
static double
busy_share(const struct neuron_report_rank *rank)
{
    double seconds = (double)(rank->last_done_ns - rank->joined_ns) / ns_per_s;
    double share = seconds > 0.0 ? (double)rank->counters.run_ns / ns_per_s / seconds : 0.0;

    return share < 1.0 ? share : 1.0;
}

static void
print_rank(const struct neuron_report_rank *rank, FILE *stream)
{
    const struct neuron_rank_counters *counters = &rank->counters;
    double share = busy_share(rank);

    (void)fprintf(stream,
                  "<tr><td class=\"text\" data-value=\"%" PRIu32 "\"><i class=\"key k%" PRIu32
                  "\"></i>%" PRIu32 "</td>",
                  rank->rank, rank->rank % COLOUR_COUNT, rank->rank);
    print_text_cell(stream, rank->host, "text");
    print_text_cell(stream, rank->cores, "text");
    print_cell(stream, (double)counters->rows, neuron_count_text(counters->rows).text);
    double rate = neuron_report_rank_rows_per_s(rank);
    print_cell(stream, rate, neuron_rate_text(rate).text);
    (void)fprintf(stream,
                  "<td data-value=\"%.4f\"><span class=\"busy\"><i style=\"--share:%.4f\"></i>"
                  "</span>%s</td>",
                  share, share, neuron_share_text(share).text);
    print_time_cell(stream, counters->load_ns);
    print_time_cell(stream, counters->wait_ns);
    print_time_cell(stream, counters->write_ns);
    print_time_cell(stream, counters->sync_ns);
    print_bytes_cell(stream, counters->read_bytes);
    print_bytes_cell(stream, counters->written_bytes);
    print_bytes_cell(stream, counters->peak_memory_bytes);
    print_cell(stream, (double)rank->lease_count, neuron_count_text(rank->lease_count).text);
    print_cell(stream, (double)rank->loss_count, neuron_count_text(rank->loss_count).text);
    (void)fputs("</tr>\n", stream);
}

static void
print_ranks(const struct neuron_score_report *report, FILE *stream)
{
    (void)fputs("<section><div class=\"head\"><h2>Ranks</h2><p>a click on a column sorts</p></div>"
                "<div class=\"scroll\"><table class=\"sorts\" id=\"ranks\"><thead><tr>"
                "<th class=\"text\">rank</th><th class=\"text\">host</th>"
                "<th class=\"text\">cores</th><th>rows</th><th>rows/s</th><th>busy</th>"
                "<th>load</th><th>wait</th><th>write</th><th>sync</th><th>read</th>"
                "<th>written</th><th>memory</th><th>leases</th><th>lost</th></tr></thead><tbody>\n",
                stream);
    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        print_rank(&report->ranks[i], stream);
    }
    (void)fputs("</tbody></table></div></section>\n", stream);
}

static void
print_times(const struct neuron_report_page *page, FILE *stream)
{
    const struct neuron_score_report *report = page->report;
    const struct neuron_score_summary *summary = page->summary;

    (void)fputs(
        "<section><div class=\"head\"><h2>Leases</h2><p>how long they took, from submission "
        "to results</p></div><div class=\"pair\"><div><div id=\"times\"></div></div>"
        "<ul class=\"keys\">",
        stream);
    (void)fprintf(stream, "<li>mean <b>%s</b></li>",
                  neuron_seconds_text(summary->chunk_mean_ns / ns_per_s).text);
    for (unsigned i = 0; i < NEURON_PERCENTILE_COUNT; i += 1) {
        (void)fprintf(stream, "<li>%s <b>%s</b></li>",
                      neuron_score_percentile_name((enum neuron_score_percentile)i),
                      neuron_seconds_text((double)summary->chunk_ns[i] / ns_per_s).text);
    }
    (void)fprintf(stream, "<li>lost <b>%s</b></li><li>run twice <b>%s</b></li>",
                  neuron_count_text(report->lost_lease_count).text,
                  neuron_count_text(report->copy_count).text);
    (void)fprintf(stream, "<li>audited <b>%s</b></li><li%s>different <b>%s</b></li>",
                  neuron_count_text(report->audit_count).text,
                  report->audit_difference_count > 0 ? " class=\"bad\"" : "",
                  neuron_count_text(report->audit_difference_count).text);
    (void)fputs("</ul></div></section>\n", stream);
}

static void
print_failures(const struct neuron_score_report *report, FILE *stream)
{
    if (report->failure_count == 0) {
        return;
    }
    (void)fputs("<section><div class=\"head\"><h2>Rows that failed</h2><p>", stream);
    if (report->failure_count > LISTED_LIMIT) {
        (void)fprintf(stream, "the first %d of %s; all are in ", LISTED_LIMIT,
                      neuron_count_text(report->failure_count).text);
    } else {
        (void)fputs("also in ", stream);
    }
    neuron_report_page_print_text(stream, report->options->outputs.items[0].value);
    (void)fputs(".errors.jsonl</p></div><div class=\"scroll\"><table id=\"failures\"><thead><tr>"
                "<th>row</th><th class=\"text\">stage</th><th>attempts</th>"
                "<th class=\"text\">reason</th></tr></thead><tbody>\n",
                stream);
    for (uint64_t i = 0; i < report->failure_count && i < LISTED_LIMIT; i += 1) {
        const struct neuron_row_failure *failure = &report->failures[i];

        (void)fprintf(stream, "<tr><td>%s</td><td class=\"text\">%s</td><td>%" PRIu32 "</td>",
                      neuron_count_text(failure->row).text, neuron_bad_stage_name(failure->stage),
                      failure->attempts);
        print_text_cell(stream, failure->reason, "text wide");
        (void)fputs("</tr>\n", stream);
    }
    (void)fputs("</tbody></table></div></section>\n", stream);
}

void
neuron_report_page_print_tables(const struct neuron_report_page *page, FILE *stream)
{
    const struct neuron_score_report *report = page->report;

    print_times(page, stream);
    print_ranks(report, stream);
    print_failures(report, stream);
    if (report->fingerprint != NULL && report->fingerprint[0] != '\0') {
        (void)fputs("<section><details><summary>What the results are made from</summary><pre>",
                    stream);
        neuron_report_page_print_text(stream, report->fingerprint);
        (void)fputs("</pre></details></section>\n", stream);
    }
    if (report->dropped_spans > 0) {
        (void)fprintf(stream,
                      "<p class=\"under\">%s further pieces of work were not kept; the charts lack "
                      "them.</p>\n",
                      neuron_count_text(report->dropped_spans).text);
    }
}
