/* SPDX-License-Identifier: Apache-2.0 */
/* Claims the cores of a plan, and waits for those that others hold. */
#ifndef NEURON_LAUNCHER_LEASE_WAIT_H
#define NEURON_LAUNCHER_LEASE_WAIT_H

#include <stdint.h>

#include "launch_plan.h"

/*
 * Claims as neuron_launch_plan_claim(). Where cores are taken, tries again and again until there
 * are enough or the time is over; a line on the standard error stream says once who is waited for.
 * The signals of neuron_guardian_fill_signals() are blocked.
 *
 * wait_ms        0 to try once; NEURON_LAUNCH_WAIT_FOREVER.
 * signal_number  receives the signal that ended the wait, with NEURON_CANCELLED.
 *
 * Else returns as neuron_launch_plan_claim().
 */
enum neuron_status
neuron_lease_wait_claim(struct neuron_launch_plan *plan, uint64_t wait_ms, int *signal_number,
                        struct neuron_error *error);

#endif
