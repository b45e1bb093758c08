/* SPDX-License-Identifier: Apache-2.0 */
/* Passes on what ranks print, in whole lines. */
#ifndef NEURON_LAUNCHER_OUTPUT_RELAY_H
#define NEURON_LAUNCHER_OUTPUT_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "output_files.h"
#include "output_prefix.h"

struct neuron_output_relay;

enum { NEURON_OUTPUT_POLL_COUNT = 2 /* descriptors to wait for */ };

/*
 * Makes a relay for the output of some ranks, to descriptors 1 and 2.
 *
 * style  of each line. Colours are shown by a terminal alone.
 * relay  receives a new relay, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM.
 */
enum neuron_status
neuron_output_relay_create(uint32_t rank_count, const struct neuron_output_style *style,
                           struct neuron_output_relay **relay, struct neuron_error *error);

/*
 * Writes all output to files as well, from here on (output_files.h). A second call does nothing.
 *
 * Returns as neuron_output_files_create().
 */
enum neuron_status
neuron_output_relay_open_files(struct neuron_output_relay *relay, const char *directory,
                               struct neuron_error *error);

/*
 * Relays from one pipe of a rank until its end. After neuron_output_relay_finish() this begins a
 * new round, for a rank that was started again.
 *
 * pipe  the reading end, non-blocking. The relay's after success.
 *
 * Returns NEURON_SYSTEM.
 */
enum neuron_status
neuron_output_relay_add(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream, int pipe, struct neuron_error *error);

/*
 * Announces a stream of a rank that comes without a pipe, by neuron_output_relay_put(). The relay
 * is not done before neuron_output_relay_end(). Once for each stream.
 */
void
neuron_output_relay_begin(struct neuron_output_relay *relay, uint32_t rank,
                          enum neuron_output_stream stream);

/*
 * Takes bytes of a stream that was begun, as if they were read from a pipe. Call it after the
 * neuron_output_relay_run() of the same turn of the loop, which writes what is left of before.
 *
 * Returns how many bytes were taken, from the first on. Fewer than all, or none, mean that our own
 * output has to be written first: keep the rest, and read no more from where it came, so that its
 * sender waits, too. There is room again when a descriptor of neuron_output_relay_prepare() is
 * ready and neuron_output_relay_run() has been called: no other wait is needed. Ranks whose streams
 * share a connection wait for each other; so do both streams of a rank then.
 */
size_t
neuron_output_relay_put(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream, const char *bytes, size_t size_bytes);

/* Ends a stream that was begun: an unfinished line is passed on. Nothing where it has ended. */
void
neuron_output_relay_end(struct neuron_output_relay *relay, uint32_t rank,
                        enum neuron_output_stream stream);

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
 * Tells that no process is left that could write: what the pipes hold now is all that comes, and
 * streams without a pipe have ended.
 */
void
neuron_output_relay_finish(struct neuron_output_relay *relay);

/* Says whether every pipe has ended and everything is written. */
bool
neuron_output_relay_is_done(const struct neuron_output_relay *relay);

/*
 * The errno of a failed write to our standard output or error, or 0. What was meant for a stream
 * that failed is dropped; the rest goes on.
 */
int
neuron_output_relay_failure(const struct neuron_output_relay *relay);

/*
 * Tells of output that is lost: on our own streams, or in a file.
 *
 * Returns NEURON_SYSTEM, with a text that names the stream or file; NEURON_OK where all is well.
 */
enum neuron_status
neuron_output_relay_check(const struct neuron_output_relay *relay, struct neuron_error *error);

/*
 * Writes the last lines of a rank's standard error, and a null byte after them: at most 2 KiB are
 * kept. A rank that writes to our own output directly leaves none.
 *
 * text  size_bytes of it, at least 1.
 *
 * Returns the length of the text; 0 where the rank has written nothing.
 */
size_t
neuron_output_relay_last_errors(const struct neuron_output_relay *relay, uint32_t rank, char *text,
                                size_t size_bytes);

/* Destroys a relay and closes its pipes. Accepts NULL. */
void
neuron_output_relay_destroy(struct neuron_output_relay *relay);

#endif
