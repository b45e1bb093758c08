/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include "check.h"

static void
stand_at_gate(void *argument)
{
    struct gate *gate = argument;

    (void)pthread_mutex_lock(&gate->lock);
    gate->is_reached = true;
    (void)pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open) {
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    }
    gate->is_left = true;
    (void)pthread_cond_broadcast(&gate->changed);
    (void)pthread_mutex_unlock(&gate->lock);
}

void
gate_close(struct gate *gate, struct neuron_executor *executor)
{
    struct neuron_error error = {0};

    *gate = (struct gate){.request = {.work = stand_at_gate, .argument = gate}};
    (void)pthread_mutex_init(&gate->lock, NULL);
    (void)pthread_cond_init(&gate->changed, NULL);
    assert_ok(neuron_executor_submit(executor, &gate->request, &error), &error);
}

void
gate_await_arrival(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->lock);
    while (!gate->is_reached) {
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    }
    (void)pthread_mutex_unlock(&gate->lock);
}

void
gate_open(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    (void)pthread_cond_broadcast(&gate->changed);
    while (!gate->is_left) {
        (void)pthread_cond_wait(&gate->changed, &gate->lock);
    }
    (void)pthread_mutex_unlock(&gate->lock);
    (void)pthread_cond_destroy(&gate->changed);
    (void)pthread_mutex_destroy(&gate->lock);
}
