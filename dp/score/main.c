/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "score/command_line.h"
#include "score/dry_run.h"
#include "score/path_check.h"
#include "score/rank_identity.h"
#include "score/score_job.h"
#include "score/verify_run.h"

enum {
    EXIT_USAGE = 2,
    EXIT_ROWS_FAILED = 3,  /* complete, but for rows that are listed */
    EXIT_BUDGET_SPENT = 4, /* more rows failed than are allowed */
    EXIT_BROKEN_OFF = 5,   /* by something around it: run it again to go on */
    EXIT_SIGNAL = 128
};

static volatile sig_atomic_t stop_signal = 0;

static void
note_signal(int signal)
{
    /* The lease server's thread reads it, too. */
    __atomic_store_n(&stop_signal, signal, __ATOMIC_RELAXED);
}

/* A mapped file that another process cuts off cannot be read on, and nothing can be undone here. */
static void
end_after_lost_page(int signal)
{
    static const char line[] = "neuron-score: the model or an input cannot be read on: it became "
                               "shorter, or its disk failed; run it again to go on when it is "
                               "whole\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

    (void)signal;
    (void)written;
    _exit(EXIT_BROKEN_OFF);
}

static void
handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct sigaction before = {0};

    /* What whoever started us wants ignored stays so: nohup, and shells for background jobs. */
    if (sigaction(signal, NULL, &before) != 0 || before.sa_handler != SIG_IGN) {
        (void)sigaction(signal, &action, NULL);
    }
}

static void
handle_signals(void)
{
    /* A second signal of the kind ends the program at once. */
    handle(SIGINT, note_signal, (int)SA_RESETHAND);
    handle(SIGTERM, note_signal, (int)SA_RESETHAND);
    handle(SIGHUP, note_signal, (int)SA_RESETHAND);
    handle(SIGBUS, end_after_lost_page, 0);
    /* Both are reported by the call that fails. */
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0);
}

static int
report_failure(const struct neuron_error *error, int exit_status)
{
    (void)fprintf(stderr, "neuron-score: %s\n", error->text);
    return exit_status;
}

static int
show(const char *text)
{
    if (fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
        (void)fprintf(stderr, "neuron-score: standard output cannot be written: %s\n",
                      strerrordesc_np(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* The runtime does as it says; nobody should start to rely on that. */
static void
warn_of_group_sizes(void)
{
    const char *sizes = getenv("NEURONCORE_GROUP_SIZES"); /* NOLINT(concurrency-mt-unsafe) */

    if (sizes != NULL && sizes[0] != '\0') {
        (void)fputs("neuron-score: NEURONCORE_GROUP_SIZES is deprecated; set NEURON_RT_NUM_CORES "
                    "or NEURON_RT_VISIBLE_CORES\n",
                    stderr);
    }
}

/* How the job is over, as an exit status. */
static int
exit_status_of(enum neuron_score_end end)
{
    switch (end) {
    case NEURON_SCORE_COMPLETE:
        return EXIT_SUCCESS;
    case NEURON_SCORE_COMPLETE_WITH_ERRORS:
        return EXIT_ROWS_FAILED;
    case NEURON_SCORE_BUDGET_SPENT:
        return EXIT_BUDGET_SPENT;
    case NEURON_SCORE_BROKEN:
        return EXIT_BROKEN_OFF;
    case NEURON_SCORE_INTERRUPTED:
        return EXIT_SIGNAL + (stop_signal != 0 ? (int)stop_signal : SIGTERM);
    case NEURON_SCORE_FAILED:
        break;
    }
    return EXIT_FAILURE;
}

/* The lines for an end without an error of this process: of several ranks the leader says why.
 */
static void
tell_end(const struct neuron_score_outcome *outcome)
{
    if (!outcome->is_lead || outcome->end <= NEURON_SCORE_COMPLETE_WITH_ERRORS) {
        return;
    }
    if (outcome->end == NEURON_SCORE_INTERRUPTED) {
        (void)fprintf(stderr,
                      "neuron-score: stopped by a signal, %llu rows are done; run it again "
                      "to go on\n",
                      (unsigned long long)outcome->done_rows);
        return;
    }
    (void)fprintf(stderr, "neuron-score: %s\n", outcome->text);
}

static enum neuron_status
run_request(const struct neuron_score_job *job, struct neuron_score_outcome *outcome,
            struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    switch (job->options->request) {
    case NEURON_SCORE_SHOW_PLAN:
        status = neuron_dry_run(job, error);
        break;
    case NEURON_SCORE_VERIFY:
        status = job->identity->rank == 0 ? neuron_verify_run(job->options, job->stop_signal, error)
                                          : NEURON_OK;
        break;
    case NEURON_SCORE_FILE:
    case NEURON_SCORE_SHOW_HELP:
    case NEURON_SCORE_SHOW_VERSION:
        return neuron_score_job_run(job, outcome, error);
    }
    if (status != NEURON_OK) {
        bool is_lasting =
            job->options->request == NEURON_SCORE_VERIFY || !neuron_paths_are_usable(job->options);

        outcome->end = is_lasting ? NEURON_SCORE_FAILED : neuron_score_end_for(status);
    }
    return status;
}

static int
score(const struct neuron_score_options *options, int64_t start_ns)
{
    struct neuron_error error = {0};
    struct neuron_rank_identity identity = {0};
    struct neuron_score_outcome outcome = {.end = NEURON_SCORE_COMPLETE};
    const struct neuron_score_job job = {.options = options,
                                         .identity = &identity,
                                         .version = NEURON_VERSION,
                                         .start_ns = start_ns,
                                         .stop_signal = &stop_signal};

    warn_of_group_sizes();
    enum neuron_status status = neuron_rank_identity_read(environ, &identity, &error);
    if (status != NEURON_OK) {
        return report_failure(&error, EXIT_FAILURE);
    }
    status = run_request(&job, &outcome, &error);
    if (status == NEURON_OK) {
        tell_end(&outcome);
        /* The rank that leads tells how the job is over; others that hear of it have nothing to
         * add, and a launcher that saw them fail would break the leader off. */
        return outcome.is_lead || stop_signal != 0 ? exit_status_of(outcome.end) : EXIT_SUCCESS;
    }
    /* Whatever a signal cut off is no failure of its own; the first rank says so for all. */
    if (status == NEURON_CANCELLED && stop_signal != 0 && identity.rank != 0) {
        return EXIT_SIGNAL + (int)stop_signal;
    }
    return report_failure(&error, stop_signal != 0 ? EXIT_SIGNAL + (int)stop_signal
                                                   : exit_status_of(outcome.end));
}

/* A file that is opened must not become standard output because that was closed. */
static void
fill_standard_files(void)
{
    int file = open("/dev/null", O_RDWR);

    while (file >= 0 && file <= STDERR_FILENO) {
        file = open("/dev/null", O_RDWR);
    }
    if (file > STDERR_FILENO) {
        (void)close(file);
    }
}

int
main(int argument_count, char **arguments)
{
    struct neuron_error error = {0};
    struct neuron_score_options options = {0};
    struct timespec start = {0};
    int exit_status = EXIT_SUCCESS;

    (void)clock_gettime(CLOCK_REALTIME, &start);
    fill_standard_files();
    handle_signals();
    enum neuron_status status =
        neuron_score_options_parse(argument_count, arguments, &options, &error);
    if (status != NEURON_OK) {
        return report_failure(&error, status == NEURON_INVALID_SYNTAX ? EXIT_USAGE : EXIT_FAILURE);
    }
    switch (options.request) {
    case NEURON_SCORE_SHOW_HELP:
        exit_status = show(neuron_score_help);
        break;
    case NEURON_SCORE_SHOW_VERSION:
        exit_status = show("neuron-score " NEURON_VERSION "\n");
        break;
    case NEURON_SCORE_FILE:
    case NEURON_SCORE_SHOW_PLAN:
    case NEURON_SCORE_VERIFY:
        exit_status = score(&options, (int64_t)start.tv_sec * 1000000000 + (int64_t)start.tv_nsec);
        break;
    }
    neuron_score_options_destroy(&options);
    return exit_status;
}
