/* SPDX-License-Identifier: Apache-2.0 */
/* The C library has no names for these calls, and libnuma would be one more library to load. */
#include "memory_policy.h"

#include <errno.h>
#include <limits.h>
#include <linux/mempolicy.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    NODE_LIMIT = 1024, /* of the kernel */
    WORD_BITS = sizeof(unsigned long) * CHAR_BIT
};

enum neuron_memory_policy
neuron_memory_policy_read(void)
{
    int mode = 0;

    if (syscall(SYS_get_mempolicy, &mode, NULL, 0UL, NULL, 0UL) != 0) {
        return NEURON_MEMORY_POLICY_UNAVAILABLE;
    }
    return mode == MPOL_DEFAULT ? NEURON_MEMORY_POLICY_OURS : NEURON_MEMORY_POLICY_CHOSEN;
}

bool
neuron_memory_policy_prefer(uint32_t node)
{
    unsigned long nodes[NODE_LIMIT / WORD_BITS] = {0};

    if (node >= NODE_LIMIT) {
        errno = EINVAL;
        return false;
    }
    nodes[node / WORD_BITS] = 1UL << (node % WORD_BITS);
    /* The kernel takes one off the count of bits. */
    return syscall(SYS_set_mempolicy, MPOL_PREFERRED, nodes, NODE_LIMIT + 1UL) == 0;
}
