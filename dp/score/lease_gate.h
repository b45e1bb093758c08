/* SPDX-License-Identifier: Apache-2.0 */
/* Who may talk to a lease server: ZeroMQ asks over a socket inside the process (ZAP). */
#ifndef NEURON_SCORE_LEASE_GATE_H
#define NEURON_SCORE_LEASE_GATE_H

#include <stdbool.h>

#include "neuron/secret_key.h"

/* Makes a new socket the one that is asked. It has to be there before anybody can connect: where
   there is none, ZeroMQ lets everybody in. False with the reason in zmq_errno(). */
bool
neuron_lease_gate_open(void *gate);

/* Answers all questions that have come: who has proved to have this key may come in. */
void
neuron_lease_gate_answer(void *gate, const unsigned char allowed[NEURON_SECRET_KEY_BYTES]);

#endif
