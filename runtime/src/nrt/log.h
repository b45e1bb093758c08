/* SPDX-License-Identifier: Apache-2.0 */
/* The log of libnrt: one line per event, written by one call. */
#ifndef NEURON_NRT_LOG_H
#define NEURON_NRT_LOG_H

#include <stdbool.h>

#include "neuron/status.h"
#include "nrt/log_options.h"

/*
 * Until nrt_init() has read the environment, errors go to stderr. Any thread may log, also with
 * locks held: a line is put together on the stack, and takes no lock unless it goes to syslog. What
 * a forked child of a process that has initialized the runtime would write there goes to stderr.
 */

/*
 * Takes over what the environment asks for. Files are opened for appending; where that fails, the
 * component's lines go to stderr, and one line says so. One thread at a time.
 */
void
libnrt_log_configure(const struct libnrt_log_options *options);

/* Says whether a line would be written, for who would have to put much together for it. */
bool
libnrt_log_is_on(enum libnrt_level level, const char *call);

/* Writes a line of level WARN at any level but QUIET: what everybody is to know. */
void
libnrt_log_notice(const char *call, const char *text, ...) NEURON_PRINTF(2, 3);

/*
 * Writes a line where the level of the call's component asks for it.
 *
 * call  the name of the public call.
 * text  one sentence, and fields as "name=value". Control characters are escaped.
 */
void
libnrt_log(enum libnrt_level level, const char *call, const char *text, ...) NEURON_PRINTF(3, 4);

#endif
