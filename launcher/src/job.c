/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread, one loop. It waits for: signals, ends of ranks, what ranks print, room where that
 * goes, and the terminal. A job goes through two phases. While ranks run, a failure, a signal, the
 * time-out or a closed output stops them. When all have ended, whatever they left behind is killed,
 * and the output that the pipes still hold is written, however slow its reader is.
 */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "descendants.h"
#include "exit_report.h"
#include "guardian.h"
#include "job_report.h"
#include "job_start.h"
#include "output_relay.h"
#include "rank_table.h"
#include "stop_order.h"
#include "terminal_input.h"

enum {
    WAIT_SIGNALS,
    WAIT_RANKS,
    WAIT_TERMINAL,
    WAIT_OUTPUT,
    WAIT_COUNT = WAIT_OUTPUT + NEURON_OUTPUT_POLL_COUNT
};

enum { REAP_INTERVAL_MS = 1000 /* at most so often are orphans looked for */ };

struct job {
    const struct neuron_job_request *request;
    struct neuron_rank_table *ranks;
    struct neuron_output_relay *relay;
    struct neuron_terminal_input input;
    struct neuron_stop_order order;
    struct neuron_error error; /* with NEURON_STOP_START_FAILED */
    const struct neuron_rank *failed;
    uint32_t stopped_count; /* ranks that were stopped because of it */
    int signals;
    pid_t guardian;
    uint64_t timeout_at_ms;
    uint64_t reaped_at_ms; /* when orphans were last looked for */
    uint64_t reap_at_ms;   /* when to look again */
    bool is_draining;      /* no rank is left */
    uint64_t drain_until_ms;
};

static void
signal_ranks(const struct job *job, int signal_number)
{
    if (signal_number != 0) {
        neuron_rank_table_signal(job->ranks, signal_number);
        /* A stopped process gets a signal only once it goes on. */
        neuron_rank_table_signal(job->ranks, SIGCONT);
    }
}

static void
stop_job(struct job *job, enum neuron_stop_cause cause)
{
    signal_ranks(job, neuron_stop_order_ask(&job->order, cause, neuron_job_now_ms()));
}

static void
stop_by_signal(struct job *job, int signal_number)
{
    signal_ranks(job,
                 neuron_stop_order_ask_by_signal(&job->order, signal_number, neuron_job_now_ms()));
    if (getppid() != job->guardian) {
        /* Whoever killed the guardian wants an end now. */
        signal_ranks(job, neuron_stop_order_hurry(&job->order));
    }
    if (job->is_draining) {
        job->drain_until_ms = 0;
    }
}

static void
take_signal(struct job *job, int signal_number)
{
    switch (signal_number) {
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
    case SIGQUIT:
        stop_by_signal(job, signal_number);
        break;
    case SIGCHLD:
        job->reap_at_ms = job->reaped_at_ms + REAP_INTERVAL_MS;
        break;
    case SIGTSTP:
        neuron_rank_table_signal(job->ranks, SIGTSTP);
        (void)raise(SIGSTOP);
        break;
    case SIGCONT:
        neuron_terminal_input_resume(&job->input);
        neuron_rank_table_signal(job->ranks, SIGCONT);
        break;
    default:
        neuron_rank_table_signal(job->ranks, signal_number);
        break;
    }
}

static void
take_signals(struct job *job)
{
    struct signalfd_siginfo taken = {0};

    while (read(job->signals, &taken, sizeof(taken)) == (ssize_t)sizeof(taken)) {
        take_signal(job, (int)taken.ssi_signo);
    }
}

/* Takes in all ranks that have ended. The first that failed by itself is the cause. */
static void
take_ends(struct job *job)
{
    const struct neuron_rank *rank = NULL;

    while ((rank = neuron_rank_table_next_ended(job->ranks, neuron_job_now_ms())) != NULL) {
        bool is_failed = rank->wait_status != 0;

        if (is_failed && job->failed == NULL && job->order.cause == NEURON_STOP_NONE) {
            job->failed = rank;
        }
    }
    if (job->failed != NULL && job->order.cause == NEURON_STOP_NONE) {
        job->stopped_count = job->ranks->running_count;
        stop_job(job, NEURON_STOP_RANK_FAILED);
    }
}

static void
take_time(struct job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    if (now_ms >= job->timeout_at_ms) {
        job->timeout_at_ms = UINT64_MAX;
        stop_job(job, NEURON_STOP_TIMED_OUT);
    }
    signal_ranks(job, neuron_stop_order_tick(&job->order, now_ms));
    if (now_ms >= job->reap_at_ms) {
        job->reap_at_ms = UINT64_MAX;
        job->reaped_at_ms = now_ms;
        neuron_descendants_reap(neuron_rank_table_has, job->ranks);
    }
    if (neuron_output_relay_failure(job->relay) != 0) {
        stop_job(job, NEURON_STOP_OUTPUT_FAILED);
    }
}

static uint64_t
earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static int
milliseconds_to_wait(const struct job *job)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t next_ms = earlier(neuron_output_relay_deadline(job->relay),
                               job->is_draining ? job->drain_until_ms : UINT64_MAX);

    if (!job->is_draining) {
        next_ms = earlier(next_ms, neuron_stop_order_deadline(&job->order));
        next_ms = earlier(next_ms, earlier(job->timeout_at_ms, job->reap_at_ms));
    }
    if (next_ms == UINT64_MAX) {
        return -1;
    }
    uint64_t left_ms = next_ms > now_ms ? next_ms - now_ms : 0;
    return (int)earlier(left_ms, INT32_MAX);
}

/* Waits for what comes next, and takes it in: ends before signals, signals before times. */
static void
run_once(struct job *job)
{
    struct pollfd waits[WAIT_COUNT] = {
        [WAIT_SIGNALS] = {.fd = job->signals, .events = POLLIN},
        [WAIT_RANKS] = {.fd = job->is_draining ? -1 : job->ranks->ended, .events = POLLIN},
        [WAIT_TERMINAL] = neuron_terminal_input_prepare(&job->input),
    };

    neuron_output_relay_prepare(job->relay, &waits[WAIT_OUTPUT]);
    if (poll(waits, WAIT_COUNT, milliseconds_to_wait(job)) < 0) {
        return;
    }
    if (waits[WAIT_RANKS].revents != 0) {
        take_ends(job);
    }
    if (waits[WAIT_SIGNALS].revents != 0) {
        take_signals(job);
    }
    neuron_terminal_input_run(&job->input, waits[WAIT_TERMINAL].revents);
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    if (!job->is_draining) {
        take_time(job);
    }
}

static bool
has_drained(const struct job *job)
{
    return neuron_output_relay_is_done(job->relay) ||
           neuron_output_relay_failure(job->relay) != 0 ||
           neuron_job_now_ms() >= job->drain_until_ms;
}

/* Writes the rest of the output. Someone who stopped the job does not wait for it without end. */
static void
drain_output(struct job *job)
{
    bool is_hurried =
        job->order.cause == NEURON_STOP_SIGNAL || job->order.cause == NEURON_STOP_TIMED_OUT;

    job->is_draining = true;
    job->drain_until_ms = is_hurried ? neuron_job_now_ms() + job->order.grace_ms : UINT64_MAX;
    neuron_output_relay_finish(job->relay);
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    while (!has_drained(job)) {
        run_once(job);
    }
    if (neuron_output_relay_failure(job->relay) != 0) {
        stop_job(job, NEURON_STOP_OUTPUT_FAILED);
    }
}

static int
report_end(const struct job *job)
{
    const struct neuron_job_outcome outcome = {
        .request = job->request,
        .order = &job->order,
        .ranks = job->ranks,
        .failed = job->failed,
        .stopped_count = job->stopped_count,
        .error = &job->error,
        .relay = job->relay,
    };

    return neuron_job_report_end(&outcome);
}

static void
destroy_job(struct job *job)
{
    neuron_terminal_input_close(&job->input);
    neuron_output_relay_destroy(job->relay);
    neuron_rank_table_destroy(job->ranks);
    if (job->signals >= 0) {
        (void)close(job->signals);
    }
}

static enum neuron_status
create_job(struct job *job, struct neuron_error *error)
{
    uint32_t rank_count = job->request->plan->placement->rank_count;
    enum neuron_output_tags tags =
        job->request->line->tags_output ? NEURON_OUTPUT_TAGGED : NEURON_OUTPUT_PLAIN;
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    job->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (job->signals < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot watch for signals: %s",
                           strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_rank_table_create(rank_count, &job->ranks, error);
    if (status == NEURON_OK) {
        status = neuron_output_relay_create(rank_count, tags, &job->relay, error);
    }
    return status;
}

int
neuron_job_run(const struct neuron_job_request *request)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t timeout_ms = request->line->timeout_ms;
    struct job job = {
        .request = request,
        .input.pipe = -1,
        .order.grace_ms = request->line->grace_ms,
        .signals = -1,
        .guardian = getppid(),
        .timeout_at_ms = timeout_ms == 0 ? UINT64_MAX : now_ms + timeout_ms,
        .reaped_at_ms = now_ms,
        .reap_at_ms = UINT64_MAX,
    };
    int code = NEURON_EXIT_OWN_ERROR;

    if (create_job(&job, &job.error) != NEURON_OK) {
        (void)fprintf(stderr, "neuronrun: %s\n", job.error.text);
        goto done;
    }
    if (neuron_job_start_ranks(request, job.ranks, job.relay, &job.input, &job.error) !=
        NEURON_OK) {
        stop_job(&job, NEURON_STOP_START_FAILED);
    }
    if (request->line->verbosity == NEURON_LAUNCH_VERBOSE) {
        neuron_job_report_start(job.ranks, job.relay);
    }
    while (job.ranks->running_count > 0) {
        run_once(&job);
    }
    uint32_t left_count = neuron_descendants_kill();
    drain_output(&job);
    code = report_end(&job);
    if (left_count > 0) {
        neuron_job_say(job.relay, "some processes of the job do not end, although killed");
    }
    neuron_output_relay_run(job.relay, neuron_job_now_ms());
done:
    destroy_job(&job);
    return code;
}
