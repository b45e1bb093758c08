/* SPDX-License-Identifier: Apache-2.0 */
#include "executor/pinned_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/executor.h"

struct neuron_pinned_thread {
    pthread_t thread;
    neuron_thread_run_fn *run;
    void *argument;
};

/* What starter and thread share until the start is over. The starter owns it. */
struct start {
    const struct neuron_pinned_thread_options *options;
    struct neuron_pinned_thread *thread;
    struct neuron_core_set *core;
    struct neuron_completion *prepared;
    enum neuron_status status; /* written by the thread before it counts `prepared` down */
    struct neuron_error error;
};

/* The kernel takes no longer names. */
static void
name_own_thread(const char *name)
{
    char cut[16] = "";

    (void)snprintf(cut, sizeof(cut), "%.15s", name);
    (void)pthread_setname_np(pthread_self(), cut);
}

static void *
run_thread(void *argument)
{
    struct start *start = argument;
    const struct neuron_pinned_thread_options *options = start->options;
    const struct neuron_pinned_thread *thread = start->thread;
    enum neuron_status status =
        neuron_topology_bind_thread(options->topology, start->core, &start->error);

    name_own_thread(options->name);
    if (status == NEURON_OK) {
        status = options->prepare(options->argument, &start->error);
    }
    start->status = status;
    /* The last touch of what belongs to the start; on failure the thread itself may go, too. */
    neuron_completion_count_down(start->prepared);
    if (status == NEURON_OK) {
        thread->run(thread->argument);
    }
    return NULL;
}

/*
 * Starts a thread that no signal of the program is delivered to, but those that the thread itself
 * causes: blocked, these would end the program without a word. Returns 0, or why it failed.
 */
static int
create_thread_without_signals(struct start *start)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i += 1) {
        (void)sigdelset(&all, own[i]);
    }
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&start->thread->thread, NULL, run_thread, start);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

/* Starts the thread and waits until it is prepared. */
static enum neuron_status
run_start(struct start *start, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_core_set_create(start->options->core, 1, &start->core, error);

    if (status == NEURON_OK) {
        status = neuron_completion_create(&start->prepared, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    neuron_completion_arm(start->prepared, 1);
    int failure = create_thread_without_signals(start);
    if (failure != 0) {
        neuron_completion_count_down(start->prepared);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot start the thread %s: %s",
                           start->options->name, strerrordesc_np(failure));
    }
    neuron_completion_wait(start->prepared);
    if (start->status != NEURON_OK) {
        (void)pthread_join(start->thread->thread, NULL);
        if (error != NULL) {
            *error = start->error;
        }
    }
    return start->status;
}

enum neuron_status
neuron_pinned_thread_start(const struct neuron_pinned_thread_options *options,
                           struct neuron_pinned_thread **thread, struct neuron_error *error)
{
    struct neuron_pinned_thread *created = calloc(1, sizeof(*created));
    struct start start = {.options = options, .thread = created};

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the thread %s",
                           options->name);
    }
    created->run = options->run;
    created->argument = options->argument;
    enum neuron_status status = run_start(&start, error);
    neuron_completion_destroy(start.prepared);
    neuron_core_set_destroy(start.core);
    if (status != NEURON_OK) {
        free(created);
        return status;
    }
    *thread = created;
    return NEURON_OK;
}

void
neuron_pinned_thread_stop(struct neuron_pinned_thread *thread)
{
    if (thread == NULL) {
        return;
    }
    (void)pthread_join(thread->thread, NULL);
    free(thread);
}
