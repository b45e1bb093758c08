/* SPDX-License-Identifier: Apache-2.0 */
#include "score/score_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 16 };

struct neuron_score_thread {
    pthread_t thread;
    neuron_score_thread_fn *run;
    void *argument;
    char name[NAME_BYTES];
};

static void *
run_thread(void *argument)
{
    struct neuron_score_thread *thread = argument;

    (void)pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->argument);
    return NULL;
}

enum neuron_status
neuron_score_thread_start(const char *name, neuron_score_thread_fn *run, void *argument,
                          struct neuron_score_thread **thread, struct neuron_error *error)
{
    struct neuron_score_thread *made = calloc(1, sizeof(*made));
    sigset_t all;
    sigset_t before;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a thread");
    }
    made->run = run;
    made->argument = argument;
    (void)snprintf(made->name, sizeof(made->name), "%s", name);
    (void)sigfillset(&all);
    /* A lost page is told to the thread that touches it. */
    (void)sigdelset(&all, SIGBUS);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&made->thread, NULL, run_thread, made);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        free(made);
        return NEURON_FAIL(error, NEURON_SYSTEM, "a thread cannot be started: %s; see 'ulimit -u'",
                           strerrordesc_np(failure));
    }
    *thread = made;
    return NEURON_OK;
}

void
neuron_score_thread_join(struct neuron_score_thread *thread)
{
    if (thread == NULL) {
        return;
    }
    (void)pthread_join(thread->thread, NULL);
    free(thread);
}
