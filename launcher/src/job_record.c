/* SPDX-License-Identifier: Apache-2.0 */
#include "job_record.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/record_file.h"

#include "core_file.h"
#include "job_report.h"
#include "job_start.h"
#include "last_lines.h"
#include "output_tail.h"
#include "wall_time.h"

enum {
    RECORD_VERSION = 1,
    LINE_DEPTH = 3, /* an object a rank: a line each */
    COMMAND_BYTES = 128 * 1024
};

/* What all parts of a report are made of. */
struct record {
    const struct neuron_job *job;
    const struct neuron_job_record_end *end;
    struct neuron_json_text *text;
    char host[HOST_NAME_MAX + 1];
};

static void
add_wall_time(const struct record *record, const char *name, uint64_t wall_ms)
{
    char formatted[NEURON_WALL_TIME_BYTES] = "";

    neuron_json_text_add_string(record->text, name, neuron_wall_time_format(wall_ms, formatted));
}

/* A moment of the job's clock. */
static void
add_moment(const struct record *record, const char *name, uint64_t moment_ms)
{
    add_wall_time(record, name, record->end->wall_now_ms - (record->end->now_ms - moment_ms));
}

static void
add_seconds(const struct record *record, const char *name, uint64_t span_ms)
{
    neuron_json_text_add_decimal(record->text, name, (double)span_ms / 1000, 3);
}

static void
add_cpu_time(const struct record *record, const char *name, struct timeval time)
{
    neuron_json_text_add_decimal(record->text, name,
                                 (double)time.tv_sec + (double)time.tv_usec / 1e6, 6);
}

static void
add_signal(const struct record *record, int signal_number)
{
    char name[24] = "";

    neuron_json_text_add_string(
        record->text, "signal",
        signal_number == 0 ? NULL : neuron_signal_name(signal_number, name, sizeof(name)));
}

/* Our own command line, as the kernel has it; a very long one is cut. */
static void
add_command(const struct record *record)
{
    char words[COMMAND_BYTES];
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t length = file == NULL ? 0 : fread(words, 1, sizeof(words) - 1, file);

    if (file != NULL) {
        (void)fclose(file);
    }
    words[length] = '\0';
    neuron_json_text_open_array(record->text, "command");
    for (size_t i = 0; i < length; i += 1) {
        if (i == 0 || words[i - 1] == '\0') {
            neuron_json_text_add_string(record->text, NULL, words + i);
        }
    }
    neuron_json_text_close_array(record->text);
}

static const char *
name_cause(enum neuron_stop_cause cause)
{
    switch (cause) {
    case NEURON_STOP_NONE:
        break;
    case NEURON_STOP_RANK_FAILED:
        return "rank_failed";
    case NEURON_STOP_SIGNAL:
        return "signal";
    case NEURON_STOP_TIMED_OUT:
        return "timed_out";
    case NEURON_STOP_OUTPUT_FAILED:
        return "output_failed";
    case NEURON_STOP_START_FAILED:
        return "start_failed";
    }
    return "success";
}

static void
add_end_of_job(const struct record *record)
{
    const struct neuron_job *job = record->job;

    add_moment(record, "started", job->started_ms);
    add_moment(record, "ended", record->end->now_ms);
    add_seconds(record, "elapsed_s", record->end->now_ms - job->started_ms);
    neuron_json_text_add_signed(record->text, "exit_code", record->end->exit_code);
    neuron_json_text_add_string(record->text, "cause", name_cause(job->order.cause));
    neuron_json_text_add_string(record->text, "cause_text",
                                job->end_text[0] == '\0' ? NULL : job->end_text);
    if (job->order.cause == NEURON_STOP_RANK_FAILED) {
        neuron_json_text_add_unsigned(record->text, "failed_rank",
                                      (uint64_t)(job->failed - job->ranks->ranks));
    } else {
        neuron_json_text_add_null(record->text, "failed_rank");
    }
    add_signal(record, job->order.cause == NEURON_STOP_SIGNAL ? job->order.signal_number : 0);
}

static void
add_restarts(const struct record *record)
{
    neuron_json_text_open_array(record->text, "restarts");
    for (uint32_t i = 0; i < record->job->restarts.count; i += 1) {
        const struct neuron_restart *restart = &record->job->restarts.restarts[i];

        neuron_json_text_open_object(record->text, NULL);
        add_wall_time(record, "at", restart->at_ms);
        add_seconds(record, "delay_s", restart->delay_ms);
        if (restart->rank == NEURON_RESTART_NO_RANK) {
            neuron_json_text_add_null(record->text, "rank");
        } else {
            neuron_json_text_add_unsigned(record->text, "rank", restart->rank);
        }
        neuron_json_text_add_signed(record->text, "exit_code", restart->exit_code);
        neuron_json_text_add_string(record->text, "cause_text", restart->cause);
        neuron_json_text_close_object(record->text);
    }
    neuron_json_text_close_array(record->text);
}

/* What a rank wrote last to its standard error. */
static void
add_last_errors(const struct record *record, uint32_t rank)
{
    char errors[NEURON_OUTPUT_TAIL_BYTES + 1] = "";
    struct neuron_last_lines last = {.count = 0};

    (void)neuron_output_relay_last_errors(record->job->relay, rank, errors, sizeof(errors));
    neuron_last_lines_cut(errors, &last);
    neuron_json_text_open_array(record->text, "last_errors");
    for (uint32_t i = 0; i < last.count; i += 1) {
        neuron_json_text_add_string(record->text, NULL, last.lines[i]);
    }
    neuron_json_text_close_array(record->text);
}

/* How a rank ended, where it was started. */
static void
add_end_of_rank(const struct record *record, const struct neuron_rank *rank)
{
    const struct neuron_exit_report report = neuron_job_rank_report(record->job, rank);
    char path[PATH_MAX] = "";
    bool is_killed = WIFSIGNALED(rank->wait_status);
    bool has_file = neuron_core_file_find(&report, path, sizeof(path));

    neuron_json_text_open_object(record->text, "end");
    neuron_json_text_add_signed(record->text, "pid", rank->process);
    add_moment(record, "started", rank->started_ms);
    add_moment(record, "ended", rank->ended_ms);
    add_seconds(record, "elapsed_s", report.elapsed_ms);
    neuron_json_text_add_signed(record->text, "exit_code", neuron_exit_report_code(&report));
    add_signal(record, is_killed ? WTERMSIG(rank->wait_status) : 0);
    neuron_json_text_add_bool(record->text, "core_dumped",
                              is_killed && WCOREDUMP(rank->wait_status));
    neuron_json_text_add_string(record->text, "core_file", has_file ? path : NULL);
    neuron_json_text_add_bool(record->text, "out_of_memory",
                              report.lack != NEURON_MEMORY_ENOUGH && is_killed &&
                                  WTERMSIG(rank->wait_status) == SIGKILL);
    neuron_json_text_add_bool(record->text, "was_stopped", rank->is_stopped);
    neuron_json_text_add_bool(record->text, "program_ran",
                              rank->failure.step == NEURON_PROCESS_STARTED);
    add_last_errors(record, report.rank);
    neuron_json_text_add_unsigned(record->text, "peak_memory_bytes",
                                  (uint64_t)rank->usage.ru_maxrss * 1024);
    add_cpu_time(record, "user_s", rank->usage.ru_utime);
    add_cpu_time(record, "system_s", rank->usage.ru_stime);
    neuron_json_text_close_object(record->text);
}

/* Adds the numbers of a set as an array; none of NULL. */
static void
add_numbers(const struct record *record, const char *name, const struct neuron_core_set *numbers)
{
    neuron_json_text_open_array(record->text, name);
    for (uint32_t i = 0; numbers != NULL && i < neuron_core_set_count(numbers); i += 1) {
        neuron_json_text_add_unsigned(record->text, NULL, neuron_core_set_at(numbers, i));
    }
    neuron_json_text_close_array(record->text);
}

/* The cores of a rank as numbers, and the devices that they are on. */
static enum neuron_status
add_cores(const struct record *record, uint32_t number, struct neuron_error *error)
{
    const struct neuron_launch_plan *plan = record->job->request.plan;
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_launch_plan_rank_cores(plan, number, &cores, error);
    uint32_t last = UINT32_MAX;

    if (status != NEURON_OK) {
        return status;
    }
    add_numbers(record, "cores", cores);
    neuron_json_text_open_array(record->text, "devices");
    for (uint32_t i = 0; i < neuron_core_set_count(cores); i += 1) {
        uint32_t device = neuron_topology_device_of(plan->topology, neuron_core_set_at(cores, i));

        if (device != last) {
            neuron_json_text_add_unsigned(record->text, NULL, device);
        }
        last = device;
    }
    neuron_json_text_close_array(record->text);
    neuron_core_set_destroy(cores);
    return NEURON_OK;
}

/* The same of a rank on another host, which has told them as texts; none before that. */
static enum neuron_status
add_far_cores(const struct record *record, const struct neuron_rank *rank,
              struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_core_set *devices = NULL;
    enum neuron_status status = NEURON_OK;

    if (rank->cores != NULL && rank->devices != NULL) {
        status = neuron_core_set_parse(rank->cores, &cores, error);
        if (status == NEURON_OK) {
            status = neuron_core_set_parse(rank->devices, &devices, error);
        }
    }
    add_numbers(record, "cores", cores);
    add_numbers(record, "devices", devices);
    neuron_core_set_destroy(cores);
    neuron_core_set_destroy(devices);
    return status;
}

static enum neuron_status
add_rank(const struct record *record, uint32_t number, struct neuron_error *error)
{
    const struct neuron_job_request *request = &record->job->request;
    const struct neuron_rank *rank = &record->job->ranks->ranks[number];
    char *const *arguments = neuron_command_line_program(request->line, number)->arguments;

    neuron_json_text_open_object(record->text, NULL);
    neuron_json_text_add_unsigned(record->text, "rank", number);
    neuron_json_text_add_string(record->text, "host",
                                rank->host == NULL ? record->host : rank->host);
    neuron_json_text_open_array(record->text, "program");
    for (size_t i = 0; arguments[i] != NULL; i += 1) {
        neuron_json_text_add_string(record->text, NULL, arguments[i]);
    }
    neuron_json_text_close_array(record->text);
    enum neuron_status status =
        rank->host == NULL ? add_cores(record, number, error) : add_far_cores(record, rank, error);
    neuron_json_text_add_bool(record->text, "is_left_out",
                              request->left_out != NULL && request->left_out[number]);
    if (rank->process > 0 && !rank->is_lost) {
        add_end_of_rank(record, rank);
    } else {
        neuron_json_text_add_null(record->text, "end");
    }
    neuron_json_text_close_object(record->text);
    return status;
}

enum neuron_status
neuron_job_record_format(const struct neuron_job *job, const struct neuron_job_record_end *end,
                         struct neuron_json_text *text, struct neuron_error *error)
{
    struct record record = {.job = job, .end = end, .text = text};
    enum neuron_status status = NEURON_OK;

    (void)gethostname(record.host, sizeof(record.host) - 1);
    text->line_depth = LINE_DEPTH;
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "version", RECORD_VERSION);
    add_command(&record);
    neuron_json_text_add_string(text, "host", record.host);
    neuron_json_text_add_signed(text, "pid", getpid());
    add_end_of_job(&record);
    add_restarts(&record);
    neuron_json_text_open_array(text, "ranks");
    for (uint32_t i = 0; status == NEURON_OK && i < job->ranks->rank_count; i += 1) {
        status = add_rank(&record, i, error);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
    return status == NEURON_OK ? neuron_json_text_finish(text, error) : status;
}

enum neuron_status
neuron_job_record_write(const struct neuron_job *job, int exit_code, struct neuron_error *error)
{
    struct neuron_json_text text = {0};
    const struct neuron_job_record_end end = {
        .exit_code = exit_code,
        .now_ms = neuron_job_now_ms(),
        .wall_now_ms = neuron_wall_time_now_ms(),
    };
    enum neuron_status status = neuron_job_record_format(job, &end, &text, error);

    if (status == NEURON_OK) {
        status = neuron_record_file_write(job->request.line->report_path, text.bytes, text.length,
                                          error);
    }
    neuron_json_text_destroy(&text);
    return status;
}
