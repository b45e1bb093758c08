/* SPDX-License-Identifier: Apache-2.0 */
/* Work that keeps its executor busy until the test lets it go on. */
#ifndef NEURON_TESTS_GATE_H
#define NEURON_TESTS_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "neuron/executor.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_reached;
    bool is_open;
    bool is_left;
    struct neuron_request request;
};

/* Lets the executor stand at the gate, after what was submitted to it before. */
void
gate_close(struct gate *gate, struct neuron_executor *executor);

/* Waits until the executor stands there. */
void
gate_await_arrival(struct gate *gate);

/* Lets the executor go on, and waits until it has left; the gate's memory is the caller's again. */
void
gate_open(struct gate *gate);

#endif
