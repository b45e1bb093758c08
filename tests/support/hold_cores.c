/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that owns cores, as its environment says, until its standard input ends:
 *
 *   hold_cores [WORD...]
 *
 * Prints "ready" once it has them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/runtime.h"

int
main(void)
{
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};

    if (neuron_runtime_create(NULL, &runtime, &error) != NEURON_OK) {
        (void)fprintf(stderr, "hold_cores: %s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)puts("ready");
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
    neuron_runtime_destroy(runtime);
    return EXIT_SUCCESS;
}
