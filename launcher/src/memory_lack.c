/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_lack.h"

enum neuron_memory_lack
neuron_memory_lack_tell(const struct neuron_memory_kills *before,
                        const struct neuron_memory_kills *after)
{
    if (before->group != UINT64_MAX && after->group != UINT64_MAX) {
        return after->group > before->group ? NEURON_MEMORY_GROUP_LACKS : NEURON_MEMORY_ENOUGH;
    }
    if (before->machine == UINT64_MAX || after->machine == UINT64_MAX) {
        return NEURON_MEMORY_ENOUGH;
    }
    return after->machine > before->machine ? NEURON_MEMORY_MACHINE_LACKS : NEURON_MEMORY_ENOUGH;
}
