/* SPDX-License-Identifier: Apache-2.0 */
/* Record locks far behind the end of a file: who decides about it, which ranks work on it. */
#ifndef NEURON_SCORE_FILE_LOCK_H
#define NEURON_SCORE_FILE_LOCK_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

/*
 * The kernel drops the locks of a process when it ends, of whatever cause, or when it closes any
 * descriptor of that file: a process opens it once. Locks hold between hosts on shared file
 * systems that pass them on, as NFS does.
 *
 * `name` stands for the file in error texts.
 */

/*
 * Waits until no other process decides about the file, and keeps the others out.
 *
 * stop_signal  set by the handler of a signal, which ends the wait. May be NULL.
 *
 * Returns NEURON_CANCELLED when it was told to stop, or NEURON_SYSTEM.
 * Blocks while another process decides; the longest decision reserves the file's space on disk.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_file_lock_enter(int file, const char *name, const volatile sig_atomic_t *stop_signal,
                       struct neuron_error *error);

/* Lets the others in again. */
void
neuron_file_lock_leave(int file);

/*
 * Claims the place of a rank until the file is closed. Done inside enter and leave, after the place
 * was seen to be free. Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_file_lock_claim_rank(int file, const char *name, uint32_t rank, struct neuron_error *error);

/*
 * Finds a live process, other than this one, that has the place of a rank. Returns its pid, 0 when
 * there is none, and -1 for one whose pid is not known here, as that of another host.
 */
pid_t
neuron_file_lock_find_holder(int file, uint32_t rank);

/* The same for the place of any rank. */
pid_t
neuron_file_lock_find_any_holder(int file);

#endif
