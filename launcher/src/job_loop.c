/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread, one loop. It waits for: signals, ends of ranks, what ranks print, room where that
 * goes, the terminal, and times.
 */
#include "job_loop.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descendants.h"
#include "job_mpi.h"
#include "job_report.h"
#include "job_start.h"
#include "wall_time.h"

enum {
    WAIT_SIGNALS,
    WAIT_RANKS,
    WAIT_TERMINAL,
    WAIT_MPI,
    WAIT_OUTPUT,
    WAIT_COUNT = WAIT_OUTPUT + NEURON_OUTPUT_POLL_COUNT
};

enum { REAP_INTERVAL_MS = 1000 /* at most so often are orphans looked for */ };

static void
signal_ranks(const struct neuron_job *job, int signal_number)
{
    if (signal_number != 0) {
        neuron_rank_table_signal(job->ranks, signal_number);
        /* A stopped process gets a signal only once it goes on. */
        neuron_rank_table_signal(job->ranks, SIGCONT);
    }
}

void
neuron_job_stop(struct neuron_job *job, enum neuron_stop_cause cause)
{
    signal_ranks(job, neuron_stop_order_ask(&job->order, cause, neuron_job_now_ms()));
}

static void
stop_by_signal(struct neuron_job *job, int signal_number)
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
take_signal(struct neuron_job *job, int signal_number)
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
        neuron_input_relay_resume(&job->input);
        neuron_rank_table_signal(job->ranks, SIGCONT);
        break;
    default:
        neuron_rank_table_signal(job->ranks, signal_number);
        break;
    }
}

static void
take_signals(struct neuron_job *job)
{
    struct signalfd_siginfo taken = {0};

    while (read(job->signals, &taken, sizeof(taken)) == (ssize_t)sizeof(taken)) {
        take_signal(job, (int)taken.ssi_signo);
    }
}

/* A failure that nothing else caused. The first one is the cause of what follows. */
static void
take_failure(struct neuron_job *job, struct neuron_rank *rank)
{
    job->failed_count += 1;
    job->failed = job->failed == NULL ? rank : job->failed;
    const struct neuron_exit_report report = neuron_job_rank_report(job, rank);
    if (neuron_exit_report_code(&report) == NEURON_EXIT_SIGNAL_BASE + SIGKILL) {
        const struct neuron_memory_kills kills = neuron_memory_kills_read("");

        job->lack = neuron_memory_lack_tell(&job->kills, &kills);
    }
    neuron_job_report_failure(job, rank);
}

/* Says whether a failure ends the attempt at once: --on-failure, or a program that never ran. */
static bool
failure_stops(const struct neuron_job *job)
{
    return job->request.line->on_failure == NEURON_LAUNCH_ABORT || job->ranks->running_count == 0 ||
           job->failed->failure.step != NEURON_PROCESS_STARTED;
}

/*
 * Adds a rank that has ended to the job log. One that was stopped counts as killed by the signal
 * whatever its code: it may have left out some of its work.
 */
static void
log_end(const struct neuron_job *job, const struct neuron_rank *rank)
{
    const struct neuron_exit_report report = neuron_job_rank_report(job, rank);
    uint64_t age_ms = neuron_job_now_ms() - rank->started_ms;
    struct neuron_job_log_entry entry = {
        .rank = report.rank,
        .started_ms = neuron_wall_time_now_ms() - age_ms,
        .elapsed_ms = report.elapsed_ms,
    };

    if (job->request.log == NULL) {
        return;
    }
    if (WIFSIGNALED(rank->wait_status)) {
        entry.signal_number = WTERMSIG(rank->wait_status);
    } else {
        entry.exit_code = neuron_exit_report_code(&report);
    }
    if (rank->is_stopped && entry.exit_code == 0 && entry.signal_number == 0) {
        entry.signal_number = SIGTERM;
    }
    neuron_job_log_file_add(job->request.log, &entry);
}

/* Takes in all ranks that have ended. */
static void
take_ends(struct neuron_job *job)
{
    struct neuron_rank *rank = NULL;

    while ((rank = neuron_rank_table_next_ended(job->ranks, neuron_job_now_ms())) != NULL) {
        rank->is_stopped = job->order.cause != NEURON_STOP_NONE;
        if (neuron_job_has_failed(job, rank) && !rank->is_stopped) {
            take_failure(job, rank);
        }
        log_end(job, rank);
    }
    if (job->failed != NULL && job->order.cause == NEURON_STOP_NONE && failure_stops(job)) {
        job->stopped_count = job->ranks->running_count;
        neuron_job_stop(job, NEURON_STOP_RANK_FAILED);
    }
}

static void
take_time(struct neuron_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    if (now_ms >= job->timeout_at_ms) {
        job->timeout_at_ms = UINT64_MAX;
        job->is_timed_out = true;
        neuron_job_stop(job, NEURON_STOP_TIMED_OUT);
    }
    if (now_ms >= neuron_mpi_world_deadline(job->request.world)) {
        neuron_job_take_mpi(job);
    }
    signal_ranks(job, neuron_stop_order_tick(&job->order, now_ms));
    if (now_ms >= job->reap_at_ms) {
        job->reap_at_ms = UINT64_MAX;
        job->reaped_at_ms = now_ms;
        neuron_descendants_reap(neuron_rank_table_has, job->ranks);
    }
    if (neuron_output_relay_check(job->relay, NULL) != NEURON_OK) {
        neuron_job_stop(job, NEURON_STOP_OUTPUT_FAILED);
    }
}

static uint64_t
earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static int
milliseconds_to_wait(const struct neuron_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t next_ms = earlier(neuron_output_relay_deadline(job->relay),
                               job->is_draining ? job->drain_until_ms : job->restart_at_ms);

    if (!job->is_draining) {
        next_ms = earlier(next_ms, neuron_stop_order_deadline(&job->order));
        next_ms = earlier(next_ms, earlier(job->timeout_at_ms, job->reap_at_ms));
        next_ms = earlier(next_ms, neuron_mpi_world_deadline(job->request.world));
    }
    if (next_ms == UINT64_MAX) {
        return -1;
    }
    uint64_t left_ms = next_ms > now_ms ? next_ms - now_ms : 0;
    return (int)earlier(left_ms, INT32_MAX);
}

void
neuron_job_loop_once(struct neuron_job *job)
{
    struct pollfd waits[WAIT_COUNT] = {
        [WAIT_SIGNALS] = {.fd = job->signals, .events = POLLIN},
        [WAIT_RANKS] = {.fd = job->is_draining ? -1 : job->ranks->ended, .events = POLLIN},
        [WAIT_TERMINAL] = neuron_input_relay_prepare(&job->input),
        [WAIT_MPI] = neuron_mpi_world_prepare(job->request.world),
    };

    neuron_output_relay_prepare(job->relay, &waits[WAIT_OUTPUT]);
    if (poll(waits, WAIT_COUNT, milliseconds_to_wait(job)) < 0) {
        return;
    }
    if (waits[WAIT_RANKS].revents != 0) {
        take_ends(job);
    }
    if (waits[WAIT_MPI].revents != 0) {
        neuron_job_take_mpi(job);
    }
    if (waits[WAIT_SIGNALS].revents != 0) {
        take_signals(job);
    }
    neuron_input_relay_run(&job->input, waits[WAIT_TERMINAL].revents);
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    if (!job->is_draining) {
        take_time(job);
    }
}
