/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process that died of SIGKILL was killed for lack of memory. */
#ifndef NEURON_LAUNCHER_MEMORY_LACK_H
#define NEURON_LAUNCHER_MEMORY_LACK_H

#include "neuron/memory_kills.h"

enum neuron_memory_lack {
    NEURON_MEMORY_ENOUGH = 0,
    NEURON_MEMORY_GROUP_LACKS,  /* the kernel killed somebody in our control group */
    NEURON_MEMORY_MACHINE_LACKS /* it killed somebody on this machine, whose groups tell nothing */
};

/*
 * Tells by the counts before and after. Where those of the control group are known, kills
 * elsewhere on the machine say nothing: each is counted in the group of its victim.
 */
enum neuron_memory_lack
neuron_memory_lack_tell(const struct neuron_memory_kills *before,
                        const struct neuron_memory_kills *after);

#endif
