/* SPDX-License-Identifier: Apache-2.0 */
/* Why and how a job is being stopped. Decides on signals, sends none: values to values. */
#ifndef NEURON_LAUNCHER_STOP_ORDER_H
#define NEURON_LAUNCHER_STOP_ORDER_H

#include <stdint.h>

/* What ended the job. The first cause counts. */
enum neuron_stop_cause {
    NEURON_STOP_NONE = 0,      /* runs, or ended by itself */
    NEURON_STOP_RANK_FAILED,   /* exit code other than 0, or killed */
    NEURON_STOP_SIGNAL,        /* neuronrun was asked to stop */
    NEURON_STOP_TIMED_OUT,     /* --timeout */
    NEURON_STOP_OUTPUT_FAILED, /* nobody reads our standard output, or it is full */
    NEURON_STOP_START_FAILED   /* a rank could not be started */
};

enum { NEURON_STOP_COPY_MS = 200 }; /* the same signal within this time is the same request */

/* A zeroed one, with `grace_ms` set, is an order for nothing yet. */
struct neuron_stop_order {
    uint64_t grace_ms;
    enum neuron_stop_cause cause;
    int signal_number;    /* with NEURON_STOP_SIGNAL: the first one */
    uint64_t asked_at_ms; /* when the last signal asked */
    int asked_by;         /* the last signal that asked */
    uint64_t kill_at_ms;  /* when the grace ends; UINT64_MAX after SIGKILL was ordered */
};

/*
 * Asks for a stop that no signal demands. Returns the signal to send to all ranks: SIGTERM, or 0
 * when they are being stopped already.
 */
int
neuron_stop_order_ask(struct neuron_stop_order *order, enum neuron_stop_cause cause,
                      uint64_t now_ms);

/*
 * Asks for a stop as a signal demands. Returns what to send: the signal itself the first time,
 * SIGKILL when it comes while ranks are being stopped by an earlier one, or 0. A signal sent to a
 * whole process group reaches us twice, so a copy within NEURON_STOP_COPY_MS changes nothing.
 */
int
neuron_stop_order_ask_by_signal(struct neuron_stop_order *order, int signal_number,
                                uint64_t now_ms);

/* Returns SIGKILL, once, when the grace has ended, else 0. */
int
neuron_stop_order_tick(struct neuron_stop_order *order, uint64_t now_ms);

/* Orders SIGKILL now; returns it, or 0 when it was ordered before. */
int
neuron_stop_order_hurry(struct neuron_stop_order *order);

/* When neuron_stop_order_tick() has something to say; UINT64_MAX for never. */
uint64_t
neuron_stop_order_deadline(const struct neuron_stop_order *order);

#endif
