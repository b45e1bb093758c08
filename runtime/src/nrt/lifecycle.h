/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls that come at any time ask about the state of the process. */
#ifndef NEURON_NRT_LIFECYCLE_H
#define NEURON_NRT_LIFECYCLE_H

#include <stdbool.h>

#include "nrt/libnrt.h"

/*
 * Says whether this process was forked from one that had the runtime initialized, or was about to
 * initialize or close it. Any thread; takes no lock.
 */
bool
libnrt_is_forked_child(void);

/*
 * Says whether this process was forked from one that has ever initialized the runtime: locks of the
 * C library may be held by threads that it does not have. Any thread; takes no lock.
 */
bool
libnrt_has_inherited(void);

/* Logs that this is a forked child, and returns NRT_UNINITIALIZED. */
NRT_STATUS
libnrt_refuse_child(const char *call);

/* libnrt_enter() for who can go on without: says nothing, and returns false where it fails. */
bool
libnrt_try_enter(void);

#endif
