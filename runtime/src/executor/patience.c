/* SPDX-License-Identifier: Apache-2.0 */
#include "executor/patience.h"

#include <sched.h>

#include "neuron/clock.h"

uint32_t
neuron_patience_ns(const struct neuron_patience *patience)
{
    uint32_t poll_ns = atomic_load_explicit(&patience->poll_ns, memory_order_relaxed);

    return poll_ns < NEURON_PATIENCE_LEAST_NS ? NEURON_PATIENCE_LEAST_NS : poll_ns;
}

void
neuron_patience_learn(struct neuron_patience *patience, uint64_t waited_ns)
{
    uint32_t poll_ns = neuron_patience_ns(patience);
    uint64_t wanted_ns = 2 * waited_ns;

    if (waited_ns > NEURON_PATIENCE_MOST_NS) {
        wanted_ns = NEURON_PATIENCE_LEAST_NS;
    } else if (wanted_ns > NEURON_PATIENCE_MOST_NS) {
        wanted_ns = NEURON_PATIENCE_MOST_NS;
    }
    if (wanted_ns >= poll_ns) {
        poll_ns = (uint32_t)wanted_ns;
    } else {
        poll_ns -= poll_ns / 8;
    }
    /* Relaxed, and lost when two waits end at once: it is an estimate that guards nothing. */
    atomic_store_explicit(&patience->poll_ns, poll_ns, memory_order_relaxed);
}

struct neuron_wait
neuron_wait_begin(const struct neuron_patience *patience)
{
    uint64_t now_ns = neuron_clock_ns();

    return (struct neuron_wait){.begin_ns = now_ns,
                                .poll_end_ns = now_ns + neuron_patience_ns(patience)};
}

bool
neuron_wait_yield(const struct neuron_wait *wait)
{
    (void)sched_yield();
    return neuron_clock_ns() < wait->poll_end_ns;
}

void
neuron_wait_end(const struct neuron_wait *wait, struct neuron_patience *patience)
{
    neuron_patience_learn(patience, neuron_clock_ns() - wait->begin_ns);
}
