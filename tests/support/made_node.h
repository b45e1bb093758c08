/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at a machine (node/node_watch.h) that nobody took: processes with what a test says. */
#ifndef NEURON_TESTS_MADE_NODE_H
#define NEURON_TESTS_MADE_NODE_H

#include "node/node_watch.h"

/*
 * Adds a process to a sample: of user "ana", with a lease of the kind NEURON_CORE_LEASE_USE, below
 * no other, its pid as tag, started at 2026-11-20 23:10:05, asleep, without a runtime. The test
 * changes what it wants otherwise; neuron_node_sample_clear() frees all.
 * no other, its pid as tag, started at 2026-11-20 23:10:05 UTC, without a runtime. The test changes
 * what it wants otherwise; neuron_node_sample_clear() frees all.
 *
 * cores  "0-3,6"; "" for none.
 *
 * Returns the process, which lives until the next one is added. Fails the test when it cannot.
 */
struct neuron_node_process *
made_process(struct neuron_node_sample *sample, pid_t pid, const char *cores, const char *command);

/*
 * Adds a runtime to a process, on its cores, made one second ago, of the version "1.2.3", with
 * nothing counted, no module and no memory. Returns what was read of it, which lives until the next
 * one is added.
 */
struct neuron_counter_sample *
made_runtime(struct neuron_node_process *process);

#endif
