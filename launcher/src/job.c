/* SPDX-License-Identifier: Apache-2.0 */
/* A job: one attempt, and others after failures (job_attempt.c), on one loop (job_loop.c). */
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exit_report.h"
#include "guardian.h"
#include "job_attempt.h"
#include "job_body.h"
#include "job_record.h"
#include "job_report.h"
#include "job_start.h"

static void
destroy_job(struct neuron_job *job)
{
    neuron_input_relay_close(&job->input);
    neuron_output_relay_destroy(job->relay);
    neuron_rank_table_destroy(job->ranks);
    neuron_restart_list_clear(&job->restarts);
    if (job->signals >= 0) {
        (void)close(job->signals);
    }
}

static enum neuron_status
create_job(struct neuron_job *job, struct neuron_error *error)
{
    uint32_t rank_count = job->request.plan->placement->rank_count;
    const struct neuron_output_style style = neuron_job_output_style(job->request.line);
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    job->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (job->signals < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot watch for signals: %s",
                           strerrordesc_np(errno));
    }
    neuron_job_raise_file_limit(rank_count, &job->request.files);
    enum neuron_status status = neuron_rank_table_create(rank_count, &job->ranks, error);
    if (status == NEURON_OK) {
        status = neuron_output_relay_create(rank_count, &style, &job->relay, error);
    }
    return status;
}

/* Tells of lines that the job log lacks. Returns the exit code of the job. */
static int
check_log(const struct neuron_job *job, int code)
{
    struct neuron_error error = {0};

    if (job->request.log == NULL ||
        neuron_job_log_file_check(job->request.log, &error) == NEURON_OK) {
        return code;
    }
    neuron_job_say(job->relay, error.text);
    return code == 0 ? NEURON_EXIT_OWN_ERROR : code;
}

/* Writes the report where one is wanted. Returns the exit code of the job. */
static int
write_record(const struct neuron_job *job, int code)
{
    struct neuron_error error = {0};

    if (job->request.line->report_path == NULL ||
        neuron_job_record_write(job, code, &error) == NEURON_OK) {
        return code;
    }
    neuron_job_say(job->relay, error.text);
    return code == 0 ? NEURON_EXIT_OWN_ERROR : code;
}

int
neuron_job_run(const struct neuron_job_request *request)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t timeout_ms = request->line->timeout_ms;
    struct neuron_job job = {
        .request = *request,
        .order.grace_ms = request->line->grace_ms,
        .signals = -1,
        .guardian = getppid(),
        .started_ms = now_ms,
        .timeout_at_ms = timeout_ms == 0 ? UINT64_MAX : now_ms + timeout_ms,
        .reaped_at_ms = now_ms,
        .reap_at_ms = UINT64_MAX,
        .restart_at_ms = UINT64_MAX,
    };
    int code = NEURON_EXIT_OWN_ERROR;

    if (create_job(&job, &job.error) != NEURON_OK) {
        (void)fprintf(stderr, "neuronrun: %s\n", job.error.text);
        goto done;
    }
    do {
        neuron_job_attempt(&job);
    } while (neuron_job_prepare_restart(&job));
    code = write_record(&job, check_log(&job, neuron_job_report_end(&job)));
    neuron_output_relay_run(job.relay, neuron_job_now_ms());
done:
    destroy_job(&job);
    return code;
}
