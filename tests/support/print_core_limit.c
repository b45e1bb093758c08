/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how many cores this process may keep busy at once. */
#include "neuron/topology.h"

#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
    struct neuron_topology *topology = NULL;
    struct neuron_error error = {0};

    if (neuron_topology_create(&topology, &error) != NEURON_OK) {
        (void)fprintf(stderr, "print_core_limit: %s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)printf("%u\n", neuron_topology_core_limit(topology));
    neuron_topology_destroy(topology);
    return EXIT_SUCCESS;
}
