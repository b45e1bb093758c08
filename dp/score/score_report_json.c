/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "neuron/json_text.h"
#include "neuron/record_file.h"

#include "score/core_activity.h"
#include "score/errors_file.h"
#include "score/score_report.h"
#include "score/score_summary.h"

enum {
    FORMAT_VERSION = 1,
    LINE_DEPTH = 2,
    LISTED_LIMIT = 1000, /* the other failures are in OUTPUT.errors.jsonl */
    RATE_DECIMALS = 1,
    SHARE_DECIMALS = 4,
    SECOND_DECIMALS = 6,
    LINE_BYTES = 512
};

static const double ns_per_s = 1e9;
static const double ns_per_ms = 1e6;

static void
add_seconds(struct neuron_json_text *text, const char *name, double time_ns)
{
    neuron_json_text_add_decimal(text, name, time_ns / ns_per_s, SECOND_DECIMALS);
}

static void
add_files(struct neuron_json_text *text, const char *name, const struct neuron_named_list *files)
{
    neuron_json_text_open_array(text, name);
    for (uint32_t i = 0; i < files->count; i += 1) {
        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_string(text, "name", files->items[i].name);
        neuron_json_text_add_string(text, "path", files->items[i].value);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

/* The lines of the fingerprint, one string each. */
static void
add_fingerprint(struct neuron_json_text *text, const char *fingerprint)
{
    neuron_json_text_open_array(text, "fingerprint");
    while (fingerprint != NULL && *fingerprint != '\0') {
        char line[LINE_BYTES] = "";
        size_t length = strcspn(fingerprint, "\n");
        size_t kept = length < sizeof(line) ? length : sizeof(line) - 1;

        memcpy(line, fingerprint, kept);
        neuron_json_text_add_string(text, NULL, line);
        fingerprint += length + (fingerprint[length] == '\n' ? 1 : 0);
    }
    neuron_json_text_close_array(text);
}

static void
add_job(struct neuron_json_text *text, const struct neuron_score_report *report)
{
    neuron_json_text_add_unsigned(text, "format", FORMAT_VERSION);
    neuron_json_text_add_string(text, "version", report->version);
    neuron_json_text_add_string(text, "end", neuron_score_end_name(report->end));
    neuron_json_text_add_string(text, "text", report->end_text);
    neuron_json_text_add_string(text, "model", report->options->model_path);
    neuron_json_text_add_string(text, "weights", report->options->weights_path);
    add_files(text, "inputs", &report->options->inputs);
    add_files(text, "outputs", &report->options->outputs);
    add_fingerprint(text, report->fingerprint);
}

static void
add_rows(struct neuron_json_text *text, const struct neuron_score_report *report,
         const struct neuron_score_summary *summary)
{
    neuron_json_text_open_object(text, "rows");
    neuron_json_text_add_unsigned(text, "all", report->rows);
    neuron_json_text_add_unsigned(text, "done_before", report->rows_before);
    neuron_json_text_add_unsigned(text, "done", report->done_rows);
    neuron_json_text_add_unsigned(text, "failed", report->failure_count);
    neuron_json_text_close_object(text);
    neuron_json_text_open_object(text, "rows_per_s");
    neuron_json_text_add_decimal(text, "job", summary->rows_per_s, RATE_DECIMALS);
    neuron_json_text_add_decimal(text, "steady", summary->steady_rows_per_s, RATE_DECIMALS);
    neuron_json_text_add_decimal(text, "core", summary->core_rows_per_s, RATE_DECIMALS);
    neuron_json_text_close_object(text);
}

static void
add_times(struct neuron_json_text *text, const struct neuron_score_report *report,
          const struct neuron_score_summary *summary)
{
    add_seconds(text, "start", (double)report->start_ns);
    neuron_json_text_add_decimal(text, "seconds", summary->seconds, SECOND_DECIMALS);
    neuron_json_text_open_object(text, "phases");
    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        const struct neuron_time_stretch *phase = &summary->phases[i];

        add_seconds(text, neuron_score_phase_name((enum neuron_score_phase)i),
                    (double)phase->end_ns - (double)phase->begin_ns);
    }
    neuron_json_text_close_object(text);
    neuron_json_text_open_object(text, "chunk_ms");
    neuron_json_text_add_decimal(text, "mean", summary->chunk_mean_ns / ns_per_ms, 3);
    for (unsigned i = 0; i < NEURON_PERCENTILE_COUNT; i += 1) {
        neuron_json_text_add_decimal(text,
                                     neuron_score_percentile_name((enum neuron_score_percentile)i),
                                     (double)summary->chunk_ns[i] / ns_per_ms, 3);
    }
    neuron_json_text_close_object(text);
}

static void
add_use(struct neuron_json_text *text, const struct neuron_score_report *report,
        const struct neuron_score_summary *summary)
{
    neuron_json_text_add_unsigned(text, "cores", summary->core_count);
    neuron_json_text_open_object(text, "efficiency");
    neuron_json_text_add_decimal(text, "job", summary->efficiency, SHARE_DECIMALS);
    neuron_json_text_add_decimal(text, "steady", summary->steady_efficiency, SHARE_DECIMALS);
    neuron_json_text_close_object(text);
    neuron_json_text_add_decimal(text, "imbalance", summary->imbalance, SHARE_DECIMALS);
    neuron_json_text_open_object(text, "bytes");
    neuron_json_text_add_unsigned(text, "input_row", report->input_row_bytes);
    neuron_json_text_add_unsigned(text, "output_row", report->output_row_bytes);
    neuron_json_text_add_unsigned(text, "read", summary->read_bytes);
    neuron_json_text_add_unsigned(text, "written", summary->written_bytes);
    neuron_json_text_add_unsigned(text, "peak_memory", summary->peak_memory_bytes);
    neuron_json_text_close_object(text);
    neuron_json_text_open_object(text, "leases");
    neuron_json_text_add_unsigned(text, "done", report->chunk_count);
    neuron_json_text_add_unsigned(text, "lost", report->lost_lease_count);
    neuron_json_text_add_unsigned(text, "copies", report->copy_count);
    neuron_json_text_add_unsigned(text, "audits", report->audit_count);
    neuron_json_text_add_unsigned(text, "audit_differences", report->audit_difference_count);
    neuron_json_text_close_object(text);
}

/* What was compared with --labels; null for what was not. */
static void
add_label(struct neuron_json_text *text, const char *name, double value)
{
    if (value >= 0.0) {
        neuron_json_text_add_decimal(text, name, value, SECOND_DECIMALS);
    } else {
        neuron_json_text_add_null(text, name);
    }
}

static void
add_labels(struct neuron_json_text *text, const struct neuron_score_report *report)
{
    neuron_json_text_open_object(text, "labels");
    add_label(text, "accuracy", report->accuracy);
    add_label(text, "mean_absolute_error", report->mean_absolute_error);
    add_label(text, "mean_squared_error",
              report->mean_absolute_error >= 0.0 ? report->mean_squared_error : -1.0);
    neuron_json_text_close_object(text);
}

static void
add_rank(struct neuron_json_text *text, const struct neuron_report_rank *rank)
{
    const struct neuron_rank_counters *counters = &rank->counters;

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "rank", rank->rank);
    neuron_json_text_add_string(text, "host", rank->host);
    neuron_json_text_add_signed(text, "pid", rank->pid);
    neuron_json_text_add_string(text, "cores", rank->cores);
    neuron_json_text_add_unsigned(text, "core_count", rank->core_count);
    neuron_json_text_add_unsigned(text, "rows", counters->rows);
    neuron_json_text_add_decimal(text, "rows_per_s", neuron_report_rank_rows_per_s(rank),
                                 RATE_DECIMALS);
    add_seconds(text, "started", (double)rank->start_ns);
    add_seconds(text, "joined", (double)rank->joined_ns);
    add_seconds(text, "last_done", (double)rank->last_done_ns);
    add_seconds(text, "load_s", (double)counters->load_ns);
    add_seconds(text, "warm_up_s", (double)counters->warm_ns);
    add_seconds(text, "run_s", (double)counters->run_ns);
    add_seconds(text, "wait_s", (double)counters->wait_ns);
    add_seconds(text, "write_s", (double)counters->write_ns);
    add_seconds(text, "sync_s", (double)counters->sync_ns);
    neuron_json_text_add_unsigned(text, "read_bytes", counters->read_bytes);
    neuron_json_text_add_unsigned(text, "written_bytes", counters->written_bytes);
    neuron_json_text_add_unsigned(text, "peak_memory_bytes", counters->peak_memory_bytes);
    neuron_json_text_add_unsigned(text, "leases", rank->lease_count);
    neuron_json_text_add_unsigned(text, "losses", rank->loss_count);
    neuron_json_text_close_object(text);
}

/* Cores, and what share of the time of the job they worked. */
static void
add_core_list(struct neuron_json_text *text, const struct neuron_core_activity *activity,
              const struct neuron_score_summary *summary)
{
    neuron_json_text_open_array(text, "core_list");
    for (size_t i = 0; i < activity->lane_count; i += 1) {
        const struct neuron_core_lane *lane = &activity->lanes[i];

        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "rank", lane->rank);
        neuron_json_text_add_unsigned(text, "nc", lane->nc);
        neuron_json_text_add_unsigned(text, "core", lane->core);
        neuron_json_text_add_unsigned(text, "rows", lane->rows);
        add_seconds(text, "run_s", (double)lane->busy_ns);
        neuron_json_text_add_decimal(
            text, "busy",
            summary->seconds > 0.0 ? (double)lane->busy_ns / ns_per_s / summary->seconds : 0.0,
            SHARE_DECIMALS);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

static void
add_failures(struct neuron_json_text *text, const struct neuron_score_report *report)
{
    neuron_json_text_open_array(text, "failures");
    for (uint64_t i = 0; i < report->failure_count && i < LISTED_LIMIT; i += 1) {
        const struct neuron_row_failure *failure = &report->failures[i];

        neuron_json_text_open_object(text, NULL);
        neuron_json_text_add_unsigned(text, "row", failure->row);
        neuron_json_text_add_string(text, "stage", neuron_bad_stage_name(failure->stage));
        neuron_json_text_add_unsigned(text, "input", failure->input);
        neuron_json_text_add_unsigned(text, "attempts", failure->attempts);
        neuron_json_text_add_string(text, "reason", failure->reason);
        neuron_json_text_close_object(text);
    }
    neuron_json_text_close_array(text);
}

static void
add_report(struct neuron_json_text *text, const struct neuron_score_report *report,
           const struct neuron_core_activity *activity, const struct neuron_score_summary *summary)
{
    neuron_json_text_open_object(text, NULL);
    add_job(text, report);
    add_rows(text, report, summary);
    add_times(text, report, summary);
    add_use(text, report, summary);
    add_labels(text, report);
    neuron_json_text_open_array(text, "ranks");
    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        add_rank(text, &report->ranks[i]);
    }
    neuron_json_text_close_array(text);
    add_core_list(text, activity, summary);
    neuron_json_text_add_unsigned(text, "dropped_spans", report->dropped_spans);
    add_failures(text, report);
    neuron_json_text_close_object(text);
}

enum neuron_status
neuron_score_report_write_json(const struct neuron_score_report *report, const char *path,
                               struct neuron_error *error)
{
    struct neuron_core_activity activity = {0};
    struct neuron_score_summary summary = {0};
    struct neuron_json_text text = {.line_depth = LINE_DEPTH};

    enum neuron_status status = neuron_core_activity_create(report, &activity, error);
    if (status == NEURON_OK) {
        status = neuron_score_summary_find(report, &activity, &summary, error);
    }
    if (status == NEURON_OK) {
        add_report(&text, report, &activity, &summary);
        status = neuron_json_text_finish(&text, error);
    }
    if (status == NEURON_OK) {
        status = neuron_record_file_write(path, text.bytes, text.length, error);
    }
    neuron_json_text_destroy(&text);
    neuron_core_activity_destroy(&activity);
    return status;
}
