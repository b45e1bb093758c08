/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/memory_kills.h"

#include <limits.h>
#include <stdio.h>

#include "cores/control_groups.h"

enum { PATH_BYTES = 2 * PATH_MAX + 32 };

static const char word[] = "oom_kill";

static uint64_t
read_group(const struct neuron_control_group *group)
{
    char path[PATH_BYTES] = "";

    (void)snprintf(path, sizeof(path), "%s/%s", group->folder,
                   group->is_version_2 ? "memory.events" : "memory.oom_control");
    return neuron_control_group_read_word(path, word);
}

struct neuron_memory_kills
neuron_memory_kills_read(const char *root)
{
    char path[PATH_BYTES] = "";

    (void)snprintf(path, sizeof(path), "%s/proc/vmstat", root);
    return (struct neuron_memory_kills){
        .group = neuron_control_groups_own(root, "memory", read_group),
        .machine = neuron_control_group_read_word(path, word),
    };
}
