/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a run that failed in a way that somebody looks for, as files. */
#ifndef NEURON_NRT_INPUT_DUMP_H
#define NEURON_NRT_INPUT_DUMP_H

#include "nrt/libnrt.h"

enum { LIBNRT_DUMP_LIMIT = 64 }; /* dumps between an nrt_init() and the next one */

/*
 * Takes over what the environment wants. What has no meaning is logged, and nothing is dumped; so
 * is a folder that nothing can be written to now.
 *
 * status  the number of the status to look for; NULL for none.
 * folder  where the folders of dumps go; NULL for the working folder.
 *
 * One thread at a time.
 */
void
libnrt_input_dump_configure(const char *status, const char *folder);

/*
 * Writes the inputs of a run that ended with this status, if it is the one. The folder of a dump,
 * input_dump_<random>_h_nn_<number of the run>, is complete when it has this name. Where that
 * fails, one line says so, and nothing is left. After LIBNRT_DUMP_LIMIT dumps one line says that no
 * more are written.
 *
 * Any thread that has entered, also an executor's.
 */
void
libnrt_input_dump(const char *call, const struct libnrt_binding *binding, NRT_STATUS status);

#endif
