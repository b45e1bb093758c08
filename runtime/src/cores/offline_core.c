/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/offline_core.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 512, LIST_BYTES = 4096 };

/* The CPUs that are online, a set which the caller destroys; NULL where the kernel does not say. */
static struct neuron_core_set *
read_online_cpus(const char *root)
{
    char path[PATH_BYTES] = "";
    char list[LIST_BYTES] = "";
    struct neuron_core_set *cpus = NULL;

    if (snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/online", root) >=
        (int)sizeof(path)) {
        return NULL;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    size_t length = fread(list, 1, sizeof(list) - 1, file);
    (void)fclose(file);
    list[length] = '\0';
    list[strcspn(list, "\n")] = '\0';
    /* The kernel writes CPUs as we write cores. A list cut off by our limit tells nothing. */
    if (length == sizeof(list) - 1 || neuron_core_set_parse(list, &cpus, NULL) != NEURON_OK) {
        return NULL;
    }
    return cpus;
}

uint32_t
neuron_offline_core_find(const struct neuron_topology *topology,
                         const struct neuron_core_set *cores, const char *root)
{
    struct neuron_core_set *online = read_online_cpus(root);
    uint32_t found = NEURON_NO_CORE;

    if (online == NULL) {
        return NEURON_NO_CORE;
    }
    for (uint32_t core = 0; core < neuron_topology_core_count(topology); core += 1) {
        if (neuron_core_set_contains(cores, core) &&
            !neuron_core_set_contains(online, neuron_topology_cpu_of(topology, core))) {
            found = core;
            break;
        }
    }
    neuron_core_set_destroy(online);
    return found;
}
