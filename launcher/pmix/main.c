/* SPDX-License-Identifier: Apache-2.0 */
/*
 * neuron-pmix-server: what Open MPI programs of one job find their world through. neuronrun starts
 * it, with a socket as the standard input and its own error output as the standard output, and
 * tells it of the ranks (pmix_message.h). It ends with neuronrun. In a process of its own, because
 * libpmix brings threads and much memory, which would make each rank's start slower.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "job_server.h"
#include "pmix_message.h"

enum { RANK_LIMIT = 65536, WAIT_COUNT = NEURON_JOB_SERVER_POLL_COUNT + 1 };

static const char out_of_memory[] = "out of memory";

static void
say(enum neuron_pmix_message_kind kind, const char *text)
{
    struct neuron_pmix_message message = {.kind = kind};

    neuron_pmix_message_set_text(&message, text);
    (void)neuron_pmix_message_send(STDIN_FILENO, &message);
}

/* Waits for a message. The end of neuronrun is ours. */
static void
await(struct neuron_pmix_message *message, enum neuron_pmix_message_kind kind)
{
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    enum neuron_pmix_receipt receipt = NEURON_PMIX_NOTHING;

    while (receipt == NEURON_PMIX_NOTHING) {
        (void)poll(&wait, 1, -1);
        receipt = neuron_pmix_message_receive(STDIN_FILENO, message);
    }
    if (receipt == NEURON_PMIX_ENDED || message->kind != kind) {
        _exit(EXIT_SUCCESS);
    }
}

/* Learns of the ranks. Returns NULL, or what is wrong. */
static const char *
receive_job(struct neuron_pmix_job *job)
{
    struct neuron_pmix_message message = {0};

    await(&message, NEURON_PMIX_JOB);
    if (message.rank == 0 || message.rank > RANK_LIMIT || message.code < 0) {
        return "a job of no possible size";
    }
    job->core_count = (uint32_t)message.code;
    job->cpus = calloc(message.rank, sizeof(*job->cpus));
    if (job->cpus == NULL) {
        return out_of_memory;
    }
    job->rank_count = message.rank;
    for (uint32_t i = 0; i < job->rank_count; i += 1) {
        await(&message, NEURON_PMIX_RANK);
        job->cpus[i] = strdup(message.text);
        if (job->cpus[i] == NULL) {
            return out_of_memory;
        }
    }
    return NULL;
}

static void
destroy_job(struct neuron_pmix_job *job)
{
    for (uint32_t i = 0; i < job->rank_count; i += 1) {
        free(job->cpus[i]);
    }
    free(job->cpus);
}

/* Tells the environment of the ranks, and that they may start. Returns NULL, or what is wrong. */
static const char *
send_variables(void)
{
    char **variables = neuron_job_server_variables();

    if (variables == NULL) {
        return "the library names no environment";
    }
    for (size_t i = 0; variables[i] != NULL; i += 1) {
        if (strlen(variables[i]) >= NEURON_PMIX_TEXT_BYTES) {
            return "the library names too large an environment";
        }
        say(NEURON_PMIX_VARIABLE, variables[i]);
    }
    say(NEURON_PMIX_READY, "");
    return NULL;
}

/* Serves until neuronrun ends, or wants an end. */
static void
serve(void)
{
    struct pollfd waits[WAIT_COUNT] = {{.fd = STDIN_FILENO, .events = POLLIN}};

    neuron_job_server_prepare(&waits[1]);
    do {
        (void)poll(waits, WAIT_COUNT, -1);
        neuron_job_server_run();
    } while (waits[0].revents == 0);
}

int
main(int argument_count, char **arguments)
{
    struct neuron_job_server_options options = {.socket = STDIN_FILENO};
    struct neuron_pmix_job job = {0};
    int kind = 0;
    socklen_t kind_bytes = sizeof(kind);

    if (argument_count != 3 ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &kind, &kind_bytes) != 0) {
        (void)fprintf(stderr, "neuron-pmix-server: neuronrun starts it itself, see docs/mpi.md\n");
        return EXIT_FAILURE;
    }
    (void)dup2(STDOUT_FILENO, STDERR_FILENO);
    (void)signal(SIGPIPE, SIG_IGN);
    options.folder = arguments[1];
    options.hurries_answers = strcmp(arguments[2], "hurry") == 0;
    const char *reason = neuron_job_server_start(&options);
    if (reason == NULL) {
        reason = receive_job(&job);
    }
    if (reason == NULL) {
        reason = neuron_job_server_register(&job);
    }
    destroy_job(&job);
    if (reason == NULL) {
        reason = send_variables();
    }
    if (reason != NULL) {
        say(NEURON_PMIX_REFUSED, reason);
    } else {
        serve();
    }
    /* The library's own end takes time, and may wait for ever for a thread that is stuck. */
    _exit(reason == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
}
