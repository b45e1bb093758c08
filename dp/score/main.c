/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "score/command_line.h"
#include "score/rank_identity.h"
#include "score/score_job.h"

enum { EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

static volatile sig_atomic_t stop_signal = 0;

static void
note_signal(int signal)
{
    stop_signal = signal;
}

/* A mapped file that another process cuts off cannot be read on, and nothing can be undone here. */
static void
end_after_lost_page(int signal)
{
    static const char line[] = "neuron-score: the model or the input became shorter while it was "
                               "read; score again when it is complete\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

    (void)signal;
    (void)written;
    _exit(EXIT_FAILURE);
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

static int
score(const struct neuron_score_options *options, int64_t start_ns)
{
    struct neuron_error error = {0};
    struct neuron_rank_identity identity = {0};
    const struct neuron_score_job job = {.options = options,
                                         .identity = &identity,
                                         .start_ns = start_ns,
                                         .stop_signal = &stop_signal};

    warn_of_group_sizes();
    enum neuron_status status = neuron_rank_identity_read(environ, &identity, &error);
    if (status == NEURON_OK) {
        status = neuron_score_job_run(&job, &error);
    }
    if (status == NEURON_OK) {
        return EXIT_SUCCESS;
    }
    return report_failure(&error, stop_signal != 0 ? EXIT_SIGNAL + stop_signal : EXIT_FAILURE);
}

int
main(int argument_count, char **arguments)
{
    struct neuron_error error = {0};
    struct neuron_score_options options = {0};
    struct timespec start = {0};
    int exit_status = EXIT_SUCCESS;

    (void)clock_gettime(CLOCK_REALTIME, &start);
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
        exit_status = score(&options, (int64_t)start.tv_sec * 1000000000 + (int64_t)start.tv_nsec);
        break;
    }
    neuron_score_options_destroy(&options);
    return exit_status;
}
