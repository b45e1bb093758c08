/* SPDX-License-Identifier: Apache-2.0 */
/* Who a process is: what tells two processes with the same pid apart, and what a person knows. */
#ifndef NEURON_CORES_PROCESS_IDENTITY_H
#define NEURON_CORES_PROCESS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The clock ticks since boot at which a process started; 0 when it cannot be read. */
uint64_t
neuron_process_start_ticks(pid_t pid);

/*
 * Writes "pid 4242 (python serve.py) since 2026-11-20 23:10:05" for the error of somebody whom that
 * process is in the way of; less where the kernel does not tell. Returns the text.
 *
 * pid  0 for a process that this one cannot see, in another container.
 */
const char *
neuron_process_describe(pid_t pid, char *text, size_t size_bytes);

#endif
