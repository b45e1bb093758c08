/* SPDX-License-Identifier: Apache-2.0 */
#include "stop_order.h"

#include <signal.h>

int
neuron_stop_order_ask(struct neuron_stop_order *order, enum neuron_stop_cause cause,
                      uint64_t now_ms)
{
    if (order->cause != NEURON_STOP_NONE) {
        return 0;
    }
    order->cause = cause;
    order->kill_at_ms = now_ms + order->grace_ms;
    return SIGTERM;
}

int
neuron_stop_order_ask_by_signal(struct neuron_stop_order *order, int signal_number, uint64_t now_ms)
{
    if (order->asked_by == signal_number && now_ms - order->asked_at_ms < NEURON_STOP_COPY_MS) {
        return 0;
    }
    int is_first_signal = order->asked_by == 0;
    order->asked_by = signal_number;
    order->asked_at_ms = now_ms;
    if (order->cause == NEURON_STOP_NONE) {
        order->signal_number = signal_number;
        (void)neuron_stop_order_ask(order, NEURON_STOP_SIGNAL, now_ms);
        return signal_number;
    }
    /* Ranks that are stopped for another reason have not heard of this one yet. */
    return is_first_signal && order->kill_at_ms != UINT64_MAX ? signal_number
                                                              : neuron_stop_order_hurry(order);
}

int
neuron_stop_order_tick(struct neuron_stop_order *order, uint64_t now_ms)
{
    if (order->cause == NEURON_STOP_NONE || now_ms < order->kill_at_ms) {
        return 0;
    }
    return neuron_stop_order_hurry(order);
}

int
neuron_stop_order_hurry(struct neuron_stop_order *order)
{
    if (order->kill_at_ms == UINT64_MAX) {
        return 0;
    }
    order->kill_at_ms = UINT64_MAX;
    return SIGKILL;
}

uint64_t
neuron_stop_order_deadline(const struct neuron_stop_order *order)
{
    return order->cause == NEURON_STOP_NONE ? UINT64_MAX : order->kill_at_ms;
}
