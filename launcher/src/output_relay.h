/* SPDX-License-Identifier: Apache-2.0 */
/* Passes on what ranks print, in whole lines. */
#ifndef NEURON_LAUNCHER_OUTPUT_RELAY_H
#define NEURON_LAUNCHER_OUTPUT_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "output_lines.h"

struct neuron_output_relay;

enum neuron_output_stream { NEURON_OUTPUT_STDOUT = 0, NEURON_OUTPUT_STDERR = 1 };

enum { NEURON_OUTPUT_POLL_COUNT = 2 /* descriptors to wait for */ };

/*
 * Makes a relay for the output of some ranks, to descriptors 1 and 2.
 *
 * relay  receives a new relay, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM.
 */
enum neuron_status
neuron_output_relay_create(uint32_t rank_count, enum neuron_output_tags tags,
                           struct neuron_output_relay **relay, struct neuron_error *error);

/*
 * Relays from one pipe of a rank until its end.
 *
 * pipe  the reading end, non-blocking. The relay's after success.
 *
 * Returns NEURON_SYSTEM.
 */
enum neuron_status
neuron_output_relay_add(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream, int pipe, struct neuron_error *error);

/* Says what to wait for, in NEURON_OUTPUT_POLL_COUNT entries. */
void
neuron_output_relay_prepare(const struct neuron_output_relay *relay, struct pollfd *waits);

/* The moment at which neuron_output_relay_run() is due without any event; UINT64_MAX for none. */
uint64_t
neuron_output_relay_deadline(const struct neuron_output_relay *relay);

/* Relays what can be relayed without waiting. */
void
neuron_output_relay_run(struct neuron_output_relay *relay, uint64_t now_ms);

/* Adds a line of our own to the error stream. */
void
neuron_output_relay_say(struct neuron_output_relay *relay, const char *text);

/*
 * Tells that no process is left that could write: what the pipes hold now is all that comes.
 */
void
neuron_output_relay_finish(struct neuron_output_relay *relay);

/* Says whether every pipe has ended and everything is written. */
bool
neuron_output_relay_is_done(const struct neuron_output_relay *relay);

/* The errno of a failed write to the standard output, or 0. */
int
neuron_output_relay_failure(const struct neuron_output_relay *relay);

/* Destroys a relay and closes its pipes. Accepts NULL. */
void
neuron_output_relay_destroy(struct neuron_output_relay *relay);

#endif
