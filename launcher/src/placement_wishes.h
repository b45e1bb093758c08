/* SPDX-License-Identifier: Apache-2.0 */
/* How a user wants ranks to be placed, in the words of MPI launchers. */
#ifndef NEURON_LAUNCHER_PLACEMENT_WISHES_H
#define NEURON_LAUNCHER_PLACEMENT_WISHES_H

#include <stdbool.h>
#include <stdint.h>

/* A part of the machine. */
enum neuron_launch_object {
    NEURON_LAUNCH_BY_DEFAULT, /* the project's own cut: ranges that cross the fewest devices */
    NEURON_LAUNCH_BY_CORE,
    NEURON_LAUNCH_BY_L3,
    NEURON_LAUNCH_BY_NUMA,
    NEURON_LAUNCH_BY_PACKAGE,
    NEURON_LAUNCH_BY_NODE,
    NEURON_LAUNCH_BY_NONE /* only --bind-to */
};

struct neuron_placement_wishes {
    uint32_t ranks_per_device; /* --procs-per-device; 0 for no such wish */
    uint32_t cores_per_rank;   /* -c, PE=n; 0 for an even cut */
    bool is_uneven;
    bool oversubscribes;
    bool uses_threads;                 /* --smt: each hardware thread counts as a core */
    enum neuron_launch_object map_by;  /* in which parts ranks are laid out in turn */
    enum neuron_launch_object rank_by; /* in which order they are numbered */
    enum neuron_launch_object bind_to; /* what a rank's CPUs are widened to */
    const char *cpu_set;               /* --cpu-set: the cores to use; NULL for all */
};

#endif
