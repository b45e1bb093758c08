/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the process that started this one, run by run. */
#ifndef NEURON_EXECUTOR_SERVICE_H
#define NEURON_EXECUTOR_SERVICE_H

#include "neuron/status.h"

#include "hosted_program.h"
#include "process_channel.h"

/*
 * Tells the other end whether the program was loaded, and then runs it as ordered until STOP.
 *
 * program  NULL where it could not be loaded: then `status` and `load_error` say why.
 *
 * Returns NEURON_OK after a STOP, or NEURON_SYSTEM or NEURON_INVALID_ARGUMENT when the wire broke,
 * or something came that is no order. A run may then still be under way.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_service_run(struct neuron_process_channel *channel, struct neuron_hosted_program *program,
                   enum neuron_status status, const struct neuron_error *load_error,
                   struct neuron_error *error);

#endif
