/* SPDX-License-Identifier: Apache-2.0 */
/* The barest way to hand work to pinned threads with ZeroMQ, to compare dispatch with. */
#ifndef NEURON_BENCH_BARE_HANDOVER_H
#define NEURON_BENCH_BARE_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Each thread takes addresses from an inproc PUSH/PULL pair of its own, one message an address, and
 * works on them. The sender waits for the count of all of them to reach 0.
 */
struct bare_handover;

struct bare_handover_options {
    const int *cpus; /* one a thread; borrowed for the start; NULL leaves them unbound */
    uint32_t thread_count;
    bool polls; /* both sides yield for some time before they block; else they block at once */
    void (*work)(void *item);
};

/* Starts the threads. Says on stderr what failed, and returns NULL. */
struct bare_handover *
bare_handover_start(const struct bare_handover_options *options);

/* Deals so many items of so many bytes out to the threads in turn, and waits for them. */
bool
bare_handover_run(struct bare_handover *handover, void *items, uint32_t item_count,
                  uint32_t item_bytes);

/* Ends the threads. Accepts NULL. */
void
bare_handover_stop(struct bare_handover *handover);

#endif
